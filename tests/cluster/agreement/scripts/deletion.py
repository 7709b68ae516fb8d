"""Finalizers, grace, propagation and garbage."""
from script import MESSAGES, Script, delete, get, newer, patch, post, quietly, replaced
from scripts._objects import CM, DEPLOYMENTS, PODS, REPLICASETS, cm, deployment, waiting_pod, workload


def owned(name, owner="owner", block=False, **more):
    return cm(name, ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": owner, "uid": "{uid}", "controller": False, "blockOwnerDeletion": block}], **more)


def owner(name="owner"):
    return post(f"make {name}", CM, cm(name), remember={"uid": "metadata.uid"})

SCRIPT = Script("deletion", [
    post("make one with a finalizer", CM, cm("f", finalizers=["agree.test/hold"])),
    delete("delete waits for the finalizer", CM + "/f"),
    get("it is still there", CM + "/f"),
    delete("delete again", CM + "/f"),
    patch("a finalizer more is refused", CM + "/f", {"metadata": {"finalizers": ["agree.test/hold", "agree.test/more"]}}),
    patch("other fields may change", CM + "/f", {"data": {"k": "v"}}),
    post("the name is taken till then", CM, cm("f")),
    patch("the finalizer goes", CM + "/f", {"metadata": {"finalizers": []}}),
    get("and so does it", CM + "/f"),
    post("a finalizer without a domain", CM, cm("bad", finalizers=["hold"])),
    post("a finalizer that is no name", CM, cm("bad", finalizers=["a b/c d"])),
    owner(),
    post("make a dependent", CM, owned("dependent")),
    delete("background", CM + "/owner", {"propagationPolicy": "Background"}),
    get("the dependent is collected", CM + "/dependent", until=404),
    quietly(owner("owner2")),
    quietly(post("make a dependent of 2", CM, owned("dependent2", "owner2", True, finalizers=["agree.test/hold"]))),
    delete("foreground", CM + "/owner2", {"propagationPolicy": "Foreground"}),
    get("the dependent is being deleted first", CM + "/dependent2", until={"metadata.deletionTimestamp": ...}),
    get("the owner waits", CM + "/owner2"),
    quietly(patch("let the dependent go", CM + "/dependent2", {"metadata": {"finalizers": []}})),
    get("then the owner is gone", CM + "/owner2", until=404),
    quietly(owner("owner3")),
    quietly(post("make a dependent of 3", CM, owned("dependent3", "owner3"))),
    delete("orphan", CM + "/owner3", {"propagationPolicy": "Orphan"}),
    get("the owner is gone", CM + "/owner3", until=404),
    get("the dependent has no owner", CM + "/dependent3", until={"metadata.ownerReferences": None}),
    quietly(owner("owner4")),
    delete("orphanDependents", CM + "/owner4?orphanDependents=true"),
    get("owner 4 is gone", CM + "/owner4", until=404),
    post("an owner that is not there", CM, cm("stray", ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "11111111-1111-1111-1111-111111111111"}])),
    get("is collected", CM + "/stray", until=404),
    post("two controllers", CM, cm("two", ownerReferences=[{"apiVersion": "v1", "kind": "ConfigMap", "name": n, "uid": n, "controller": True} for n in ("x", "y")])),
    post("an owner without a kind", CM, cm("two", ownerReferences=[{"apiVersion": "", "kind": "", "name": "", "uid": ""}])),
    quietly(post("one more", CM, cm("last"))),
    delete("a policy that is none", CM + "/last?propagationPolicy=Sideways"),
    delete("a policy in the body that is none", CM + "/last", {"propagationPolicy": "Sideways"}),
    delete("both policies", CM + "/last", {"propagationPolicy": "Orphan", "orphanDependents": True}),
    delete("a grace period below 0", CM + "/last", {"gracePeriodSeconds": -1}),
    delete("options of another kind", CM + "/last", {"kind": "ConfigMap", "apiVersion": "v1"}),
    delete("options that are no JSON", CM + "/last", "{", headers={"Content-Type": "application/json"}),
    delete("a grace period that is no number", CM + "/last?gracePeriodSeconds=x"),
    delete("dry run", CM + "/last?dryRun=All"),
    delete("options in the query", CM + "/last?propagationPolicy=Background&gracePeriodSeconds=5"),
    post("make a pod", PODS, waiting_pod("p")),
    delete("a pod that runs nowhere goes at once", PODS + "/p"),
    get("the pod is gone", PODS + "/p", until=404),
    post("make a deployment", DEPLOYMENTS, deployment("d", 1, template_spec=waiting_pod("x")["spec"])),
    get("its replica set is there", REPLICASETS + "?labelSelector=app%3Dd", until={"items[0].status.replicas": 1}),
    quietly(delete("without its replica set", DEPLOYMENTS + "/d", {"propagationPolicy": "Orphan"})),  # its status may be of a moment earlier or later
    get("the replica set is an orphan", REPLICASETS + "?labelSelector=app%3Dd", until={"items[0].metadata.ownerReferences": None}),
    delete("all replica sets", REPLICASETS + "?labelSelector=app%3Dd", {"propagationPolicy": "Background"}),
    get("and then the pods go", PODS + "?labelSelector=app%3Dd", until={"items[0]": None}),
    post("make a replica set", REPLICASETS, workload("ReplicaSet", "r", 1, template_spec=waiting_pod("x")["spec"])),
    get("it made its pod", PODS + "?labelSelector=app%3Dr", until={"items[0].metadata.name": ...}),
    delete("the default of a replica set", REPLICASETS + "/r"),
    get("is to collect its pods", PODS + "?labelSelector=app%3Dr", until={"items[0]": None}),
], service_account=True, known={
    newer("status", "options that cannot be decoded are a bad request since 1.35", 400): ("options of another kind", "options that are no JSON"),
    **{newer(path, "owners are shown as JSON since 1.34, and named with their kinds since 1.26", replaced(("\"<pointer>\"", "true"), ("for x and y", "for ConfigMap/x and ConfigMap/y"))): ("two controllers",) for path in MESSAGES},
    **{newer(path, "what an owner lacks is not repeated since 1.34", replaced(*((f"{field} must not", "must not") for field in ("kind", "name", "uid")))): ("an owner without a kind",)
       for path in ("body/message", "body/details/causes/*/message")},
})
