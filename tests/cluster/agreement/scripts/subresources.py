"""status, scale, eviction, binding, token, ephemeral containers."""
from script import ABSENT, DECODED, JSON_PATCH, PATCHED, STRATEGIC_PATCH, Edit, Script, delete, get, newer, patch, post, put, quietly, refused_as
from scripts._objects import DEPLOYMENTS, JOBS, PODS, REPLICASETS, STATEFULSETS, deployment, made, waiting_pod, workload

D, P = DEPLOYMENTS + "/d", PODS + "/p"
WAITING = waiting_pod("x")["spec"]
PDB = "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"
ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts"
CONDITIONS = (("body/status/conditions", "the controller's turn"), ("body/status/conditions/**", "the same"), ("body/status/observedGeneration", "the same"))


def scale(replicas, name="d", **more):
    return made("autoscaling/v1", "Scale", name, {"spec": {"replicas": replicas}}, **more)


def eviction(name, options=None, **more):
    return made("policy/v1", "Eviction", name, {"deleteOptions": options} if options is not None else {}, **more)


def binding(name, target):
    return made("v1", "Binding", name, {"target": target})


def token(**spec):
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}

FILLED = "the namespace is filled in before the scale is checked, since 1.24"
TOKENS = ("a token", "a token for an audience", "a token without a spec")

SCRIPT = Script("subresources", [
    quietly(post("make d", DEPLOYMENTS, deployment("d", 0, {"paused": True}, template_spec=WAITING))),
    get("scale", D + "/scale", until={"spec.replicas": None}),
    put("set the scale", D + "/scale", scale(2)),
    get("the deployment is scaled", D, only=("spec.replicas", "metadata.generation")),
    put("scale below 0", D + "/scale", scale(-1)),
    put("scale with the old version", D + "/scale", scale(1, resourceVersion="1")),
    put("scale with another name", D + "/scale", scale(1, "e")),
    put("scale as another kind", D + "/scale", deployment("d", 1)),
    patch("merge patch of the scale", D + "/scale", {"spec": {"replicas": 3}}),
    patch("JSON patch of the scale", D + "/scale", [{"op": "replace", "path": "/spec/replicas", "value": 0}], JSON_PATCH),
    patch("strategic patch of the scale", D + "/scale", {"spec": {"replicas": 1}}, STRATEGIC_PATCH),
    patch("text for the number", D + "/scale", {"spec": {"replicas": "many"}}),
    delete("delete the scale", D + "/scale"),
    post("create a scale", D + "/scale", scale(1)),
    get("scale of nothing", DEPLOYMENTS + "/nothing/scale"),
    patch("scale of nothing patched", DEPLOYMENTS + "/nothing/scale", {"spec": {"replicas": 1}}),
    get("scale of a kind without", PODS + "/p/scale"),
    get("status", D + "/status", only=("kind", "metadata.name", "spec.replicas")),
    patch("the status only", D + "/status", {"status": {"conditions": [{"type": "Agree", "status": "True"}]}, "spec": {"replicas": 7}}, ignore=CONDITIONS),
    delete("delete the status", D + "/status"),
    post("create a status", D + "/status", deployment("d")),
    quietly(post("make r", REPLICASETS, workload("ReplicaSet", "r", 0))),
    get("scale of a replica set", REPLICASETS + "/r/scale"),
    quietly(post("make s", STATEFULSETS, workload("StatefulSet", "s", 0, {"serviceName": "s"}))),
    get("scale of a stateful set", STATEFULSETS + "/s/scale"),
    get("a subresource of no kind", D + "/nothing"),
    get("rollback is gone", D + "/rollback"),
    # Pods
    post("make p", PODS, waiting_pod("p", labels={"app": "p"}), remember={"p": ""}),
    get("status of a pod", P + "/status"),
    put("replace the status of a pod", P + "/status", Edit("p", {"status.message": "hello", "spec.nodeName": "elsewhere", "metadata.labels.x": "y"})),
    patch("a phase that is none", P + "/status", {"status": {"phase": "Nearly"}}),
    patch("a condition of a pod", P + "/status", {"status": {"conditions": [{"type": "Agree", "status": "True"}]}}, STRATEGIC_PATCH),
    post("bind", P + "/binding", binding("p", {"kind": "Node", "name": "agree-no-node"})),
    get("it is bound", P, only=("spec.nodeName", "status.conditions"), ignore=(("body/spec.nodeName", "compared below"),)),
    post("bind again", P + "/binding", binding("p", {"kind": "Node", "name": "agree-no-node"})),
    post("bind without a target", P + "/binding", binding("p", {})),
    post("bind to another kind", P + "/binding", binding("p", {"kind": "Pod", "name": "x"})),
    post("bind nothing", PODS + "/nothing/binding", binding("nothing", {"kind": "Node", "name": "x"})),
    get("no method on binding", P + "/binding"),
    post("bindings", "/api/v1/namespaces/{ns}/bindings", binding("p", {"kind": "Node", "name": "x"})),
    post("evict, dry run", P + "/eviction?dryRun=All", eviction("p")),
    post("evict with another name", P + "/eviction", eviction("q")),
    post("evict nothing", PODS + "/nothing/eviction", eviction("nothing")),
    post("evict as another kind", P + "/eviction", waiting_pod("p")),
    post("evict", P + "/eviction", eviction("p", {"gracePeriodSeconds": 0})),
    get("it was evicted", P, until=404),
    get("no method on eviction", P + "/eviction"),
    post("make g", PODS, waiting_pod("g", labels={"app": "g"})),
    post("make a budget", PDB, made("policy/v1", "PodDisruptionBudget", "g", {"spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "g"}}}})),
    get("the budget is observed", PDB + "/g", until={"status.observedGeneration": 1}),
    post("a pod that is not ready may go", PODS + "/g/eviction", eviction("g")),
    get("it went", PODS + "/g", until=404),
    # Tokens
    quietly(post("make an account", ACCOUNTS, made("v1", "ServiceAccount", "t"))),
    post("a token", ACCOUNTS + "/t/token", token(expirationSeconds=3600), ignore=(("body/status/token", "signed"), ("body/spec/audiences/*", "the cluster's"))),
    post("a token for an audience", ACCOUNTS + "/t/token", token(audiences=["agree"], expirationSeconds=600), ignore=(("body/status/token", "signed"),)),
    post("a token for too short a time", ACCOUNTS + "/t/token", token(expirationSeconds=10)),
    post("a token for too long a time", ACCOUNTS + "/t/token", token(expirationSeconds=1 << 33)),
    post("a token without a spec", ACCOUNTS + "/t/token", {}, ignore=(("body/status/token", "signed"), ("body/spec/audiences/*", "the cluster's"))),
    post("a token of nothing", ACCOUNTS + "/nothing/token", token()),
    post("a token bound to a pod that is not there", ACCOUNTS + "/t/token", token(boundObjectRef={"kind": "Pod", "apiVersion": "v1", "name": "nothing"})),
    post("a token bound to another kind", ACCOUNTS + "/t/token", token(boundObjectRef={"kind": "Node", "apiVersion": "v1", "name": "x"})),
    get("no method on token", ACCOUNTS + "/t/token"),
    get("status of a job that is not there", JOBS + "/nothing/status"),
], service_account=True, known={
    newer("status", FILLED): {"set the scale": 200, "scale with the old version": 409},
    newer("body/message", FILLED): {
        "set the scale": ABSENT, "scale below 0": 'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        "scale with the old version": 'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; please apply your changes to the latest version and try again'},
    newer("body/spec.replicas", FILLED, 2): ("the deployment is scaled",),
    newer("body/metadata.generation", FILLED, 2): ("the deployment is scaled",),
    **{newer("body/details/causes/0/" + key, FILLED, value): ("scale below 0",) for key, value in (
        ("reason", "FieldValueInvalid"), ("message", "Invalid value: -1: must be greater than or equal to 0"), ("field", "spec.replicas"))},
    newer("body/details/causes/1", FILLED, ABSENT): ("scale below 0",),
    newer("body/metadata/generation", FILLED, 5): ("the status only",),
    **refused_as(newer, DECODED, {"text for the number": ("patch", PATCHED + "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")}),
    newer("body/metadata/name", "the account's, since 1.24", "t"): TOKENS,
    newer("body/metadata/namespace", "the account's, since 1.24", "agree-subresources"): TOKENS,
    newer("body/metadata/uid", "the account's, since 1.34", "<uid>"): TOKENS,
    newer("body/metadata/creationTimestamp", "since 1.24", "<time>"): TOKENS,
    newer("body/status/conditions", "budgets have a condition since 1.22"): {"the budget is observed": [
        {"type": "DisruptionAllowed", "status": "False", "observedGeneration": 1, "lastTransitionTime": "<time>", "reason": "InsufficientPods", "message": ""}]},
    newer("status", "tokens are bound to nodes as well, by default since 1.31", 404): ("a token bound to another kind",),
    newer("body/message", "tokens are bound to nodes as well, by default since 1.31", 'nodes "x" not found'): ("a token bound to another kind",),
})
