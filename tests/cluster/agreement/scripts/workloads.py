"""StatefulSets, DaemonSets, Jobs, CronJobs, budgets and quotas under their controllers."""
from script import RESTARTS, STRATEGIC_PATCH, Script, delete, get, newer, patch, post, quietly, table, wait
from scripts._objects import CM, DAEMONSETS, JOBS, CRONJOBS, PODS, STATEFULSETS, cm, container, job, made, pod, pod_spec, workload

S, DS = STATEFULSETS + "/s", DAEMONSETS + "/d"
QUOTAS = "/api/v1/namespaces/{ns}/resourcequotas"


def runs(*command):
    return pod_spec(container(command=list(command)), restartPolicy="Never")


POD = ("metadata.name", "metadata.labels", "metadata.ownerReferences", "spec.hostname", "spec.subdomain", "status.phase")

SCRIPT = Script("workloads", [
    post("make s", STATEFULSETS, workload("StatefulSet", "s", 2, {"serviceName": "s"})),
    get("s is ready", S, until={"status.readyReplicas": 2, "status.currentReplicas": 2}),
    get("its first pod", PODS + "/s-0", until={"status.phase": "Running"}, only=POD),
    get("its second pod", PODS + "/s-1", until={"status.phase": "Running"}, only=POD),
    table("s in a Table", S, only=("rows[0].cells",)),
    patch("another template", S, {"spec": {"template": {"spec": {"containers": [{"name": "main", "env": [{"name": "A", "value": "b"}]}]}}}}, STRATEGIC_PATCH),
    get("it rolled", S, until={"status.observedGeneration": 2, "status.updatedReplicas": 2, "status.readyReplicas": 2, "status.currentReplicas": 2}),
    patch("scale down", S + "/scale", {"spec": {"replicas": 1}}),
    get("the last one goes", PODS + "/s-1", until=404),
    get("one is left", S, until={"status.replicas": 1, "status.readyReplicas": 1, "status.updatedReplicas": 1, "status.currentReplicas": 1}),
    post("make d", DAEMONSETS, workload("DaemonSet", "d", None)),
    get("d is ready", DS, until={"status.numberReady": 1, "status.numberAvailable": 1, "status.updatedNumberScheduled": 1}),
    table("d in a Table", DS, only=("rows[0].cells",)),
    get("its pod", PODS + "?labelSelector=app%3Dd", until={"items[0].status.phase": "Running"},
        only=("items[0].metadata.ownerReferences", "items[0].metadata.generateName", "items[0].spec.tolerations", "items[0].metadata.labels", "items[1]")),
    post("a daemon for no node", DAEMONSETS, workload("DaemonSet", "none", None, template_spec=pod_spec(nodeSelector={"agree.test/none": ""}))),
    get("has nothing to do", DAEMONSETS + "/none", until={"status.observedGeneration": 1}),
    post("make a job", JOBS, job("j", {"completions": 2, "parallelism": 2}, runs("true"))),
    get("it completes", JOBS + "/j", until={"status.succeeded": 2, "status.completionTime": ...}),
    table("j in a Table", JOBS + "/j", only=("rows[0].cells",)),
    get("its pods have succeeded", PODS + "?labelSelector=job-name%3Dj", only=("items[0].status.phase", "items[1].status.phase", "items[2]", "items[0].metadata.generateName", "items[0].metadata.ownerReferences")),
    delete("delete the job", JOBS + "/j", {"propagationPolicy": "Background"}),
    get("its pods go", PODS + "?labelSelector=job-name%3Dj", until={"items[0]": None}),
    post("a cron job", CRONJOBS, made("batch/v1", "CronJob", "c", {"spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": runs("true")}}}}})),
    table("c in a Table", CRONJOBS + "/c", only=("rows[0].cells",)),
    post("a quota", QUOTAS, made("v1", "ResourceQuota", "q", {"spec": {"hard": {"count/configmaps": "2", "pods": "20", "requests.cpu": "100"}}})),
    get("it is used", QUOTAS + "/q", until={"status.used[\"count/configmaps\"]": "1"}, ignore=(("body/status/used/pods", "moves"),)),
    post("within the quota", CM, cm("one")),
    post("over the quota", CM, cm("two"), ignore=()),
    post("a pod that does not say what it needs", PODS, pod("q")),
    get("the quota counts", QUOTAS + "/q", until={"status.used[\"count/configmaps\"]": "2"}, ignore=(("body/status/used/pods", "moves"),)),
    quietly(delete("delete the quota", QUOTAS + "/q")),
    quietly(post("the quota is forgotten", PODS + "?dryRun=All", pod("q"), until=201)),
    post("a pod that runs", PODS, pod("p", labels={"app": "p"})),
    get("p runs", PODS + "/p", until={"status.phase": "Running", "status.conditions[type=Ready].status": "True"}),
    table("p in a Table", PODS + "/p", only=("rows[0].cells",), ignore=(("body/rows[0].cells/5", "its address"),)),
    delete("delete p", PODS + "/p", {"gracePeriodSeconds": 0}),
    get("p is gone", PODS + "/p", until=404),
    post("a pod that no node can take", PODS, pod("big", pod_spec(container(resources={"requests": {"cpu": "5000"}})))),
    get("it cannot be scheduled", PODS + "/big", until={"status.conditions[type=PodScheduled].reason": "Unschedulable"}, only=("status",),
        ignore=(("body/status/conditions/0/message", "counts the cluster's nodes"),)),
    post("a pod on a node that does not match", PODS, pod("picky", pod_spec(nodeSelector={"agree.test/none": ""}))),
    get("it is not scheduled either", PODS + "/picky", until={"status.conditions[type=PodScheduled].reason": "Unschedulable"}, only=("status.phase", "status.conditions[type=PodScheduled].status")),
], service_account=True, known={
    newer("body/rows[0].cells/3", RESTARTS, "0"): ("p in a Table",),
    newer("body/status/availableReplicas", "StatefulSet, always there since 1.23"): {"make s": 0, "s is ready": 2, "another template": 2, "it rolled": 2, "one is left": 1},
    newer("body/metadata.labels/apps.kubernetes.io~1pod-index", "StatefulSet, since 1.28"): {"its first pod": "0", "its second pod": "1"},
    newer("body/rows[0].cells/6", "batch.kubernetes.io/controller-uid since 1.27", "batch.kubernetes.io/controller-uid=<uid>"): ("j in a Table",),
    newer("body/status/conditions/0/reason", "jobs say why since 1.31", "CompletionsReached"): ("it completes",),
    newer("body/status/conditions/0/message", "jobs say why since 1.31", "Reached expected number of succeeded pods"): ("it completes",),
    newer("body/status/conditions/1", "SuccessCriteriaMet comes before Complete since 1.31"): {"it completes": {
        "type": "SuccessCriteriaMet", "status": "True", "lastProbeTime": "<time>", "lastTransitionTime": "<time>", "reason": "CompletionsReached", "message": "Reached expected number of succeeded pods"}},
    newer("body/message", "names the containers in 1.36", "pods \"q\" is forbidden: failed quota: q: must specify requests.cpu for: main"): ("a pod that does not say what it needs",),
})
