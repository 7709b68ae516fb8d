"""Deployments and ReplicaSets under their controllers: the settled state after each change."""
from script import RESTARTS, STRATEGIC_PATCH, Script, delete, get, newer, patch, post, quietly, table, wait
from scripts._objects import DEPLOYMENTS, PODS, REPLICASETS, container, deployment, made, pod_spec, service, workload

D = DEPLOYMENTS + "/d"
OF_D = "?labelSelector=app%3Dd"
READY = {"status.readyReplicas": 2, "status.updatedReplicas": 2, "status.replicas": 2, "status.conditions[type=Progressing].reason": "NewReplicaSetAvailable"}
EVENTS = "/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.kind%3D"


def image(tag):
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "TAG", "value": tag}]}]}}}}


SETTLED = (("body/metadata/generation", "compared in defaults"),)

SCRIPT = Script("rollouts", [
    post("make d", DEPLOYMENTS, deployment("d", 2)),
    get("d is ready", D, until=READY),
    get("its replica set", REPLICASETS + OF_D, until={"items[0].status.readyReplicas": 2}),
    get("its pods", PODS + OF_D, until={"items[1].status.phase": "Running"}),
    table("d in a Table", D, only=("rows[0].cells",)),
    table("its replica set in a Table", REPLICASETS + OF_D, only=("rows[0].cells",)),
    table("its pods in a Table", PODS + OF_D, only=("rows[0].cells", "rows[1].cells", "columnDefinitions")),
    patch("another template", D, image("2"), STRATEGIC_PATCH),
    get("it rolled out", D, until={**READY, "status.observedGeneration": 2, "metadata.annotations[\"deployment.kubernetes.io/revision\"]": "2"}),
    get("two replica sets", REPLICASETS + OF_D, until={"items[1].metadata.name": ...}, only=("items[0].metadata.annotations", "items[1].metadata.annotations"),
        ignore=(("body/items*", "sorted by hash"),)),
    wait("old pods are gone", PODS + OF_D, {"items[2]": None}),
    patch("scale up", D + "/scale", {"spec": {"replicas": 3}}),
    get("three are ready", D, until={"status.readyReplicas": 3, "status.replicas": 3, "status.conditions[type=Available].status": "True"}),
    patch("scale to nothing", D + "/scale", {"spec": {"replicas": 0}}),
    get("none is left", D, until={"status.replicas": None, "status.observedGeneration": 4, "status.unavailableReplicas": None}),
    patch("pause", D, {"spec": {"paused": True}}),
    get("it is paused", D, until={"status.observedGeneration": 5, "status.conditions[type=Progressing].reason": "DeploymentPaused"}),
    patch("another template while it is paused", D, image("3"), STRATEGIC_PATCH),
    get("nothing rolls", D, until={"status.observedGeneration": 6}),
    patch("resume", D, {"spec": {"paused": False}}),
    get("it rolls on", D, until={"status.observedGeneration": 7, "metadata.annotations[\"deployment.kubernetes.io/revision\"]": "3", "status.conditions[type=Progressing].reason": "NewReplicaSetAvailable"}),
    patch("back to the template before", D, image("2"), STRATEGIC_PATCH),
    get("a revision of its own", D, until={"status.observedGeneration": 8, "metadata.annotations[\"deployment.kubernetes.io/revision\"]": "4", "status.conditions[type=Progressing].reason": "NewReplicaSetAvailable"}),
    delete("delete d", D),
    get("its replica sets go", REPLICASETS + OF_D, until={"items[0]": None}),
    post("make one that recreates", DEPLOYMENTS, deployment("rec", 1, {"strategy": {"type": "Recreate"}})),
    wait("it is ready", DEPLOYMENTS + "/rec", {"status.readyReplicas": 1, "status.conditions[type=Progressing].reason": "NewReplicaSetAvailable"}),
    quietly(patch("another template for it", DEPLOYMENTS + "/rec", image("2"), STRATEGIC_PATCH)),
    get("it was recreated", DEPLOYMENTS + "/rec", until={"status.observedGeneration": 2, "status.readyReplicas": 1, "status.updatedReplicas": 1, "status.replicas": 1, "status.conditions[type=Progressing].reason": "NewReplicaSetAvailable"},
        ignore=(("body/status/conditions/*/message", "which of two is told"),)),
    post("make one that cannot", DEPLOYMENTS, deployment("bad", 1, {"progressDeadlineSeconds": 2}, template_spec=pod_spec(schedulerName="agree.test/none"))),
    get("its deadline passes", DEPLOYMENTS + "/bad", until={"status.conditions[type=Progressing].reason": "ProgressDeadlineExceeded"}),
    post("make a replica set", REPLICASETS, workload("ReplicaSet", "r", 2)),
    get("r is ready", REPLICASETS + "/r", until={"status.readyReplicas": 2, "status.availableReplicas": 2}),
    get("its events", EVENTS + "ReplicaSet,involvedObject.name%3Dr", until={"items[1].reason": ...}, only=("items[0].reason", "items[0].type", "items[0].source", "items[0].message", "items[1].reason", "items[2]")),
    quietly(patch("one less", REPLICASETS + "/r/scale", {"spec": {"replicas": 1}})),
    get("one is ready", REPLICASETS + "/r", until={"status.readyReplicas": 1, "status.replicas": 1}),
    post("a pod that it adopts", PODS, made("v1", "Pod", "stray", {"spec": pod_spec(schedulerName="agree.test/none")}, labels={"app": "r2"})),
    quietly(post("make the one that adopts", REPLICASETS, workload("ReplicaSet", "r2", 1))),
    get("it is adopted", PODS + "/stray", until={"metadata.ownerReferences[0].name": "r2"}),
], service_account=True, known={
    newer("body/columnDefinitions/3/type", RESTARTS, "string"): ("its pods in a Table",),
    newer("body/rows[0].cells/3", RESTARTS, "0"): ("its pods in a Table",),
    newer("body/rows[1].cells/3", RESTARTS, "0"): ("its pods in a Table",),
})
