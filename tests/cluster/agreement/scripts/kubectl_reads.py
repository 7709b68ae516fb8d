"""kubectl 1.20.2 that reads: get in every form, describe, and what it says when something is wrong."""
from script import Script, differs, kubectl, newer, post, quietly, wait
from scripts._objects import CM, DEPLOYMENTS, PODS, SERVICES, cm, deployment, pod, service, waiting_pod

N = "-n {ns} "
LABELLED = "namespaces have a label with their name since 1.21"
OWN = "the sandbox's cluster has storage classes, volumes, a priority class and metrics of its own"

SCRIPT = Script("kubectl_reads", [
    quietly(post("make d", DEPLOYMENTS, deployment("d", 2, labels={"app": "d"}))), quietly(post("make c", CM, cm("c", {"k": "v", "multi": "a\nb\n"}, labels={"app": "c", "size": "9"}))), quietly(post("make c2", CM, cm("c2", {"k": "w"}, labels={"app": "c"}))),
    quietly(post("make s", SERVICES, service("s"))), quietly(post("make p", PODS, waiting_pod("p", labels={"app": "p"}))), wait("d is ready", DEPLOYMENTS + "/d", {"status.readyReplicas": 2}), wait("their names", PODS + "?labelSelector=app%3Dd", {"items[1].status.phase": "Running"}),
    *[kubectl(a, N + a) for a in (
        "get configmaps", "get cm c", "get cm/c cm/c2", "get cm c c2", "get cm c -o wide", "get cm c -o name", "get cm -o name -l app=c", "get cm c -o json", "get cm c -o yaml", "get cm c -o jsonpath={.data.k}", "get cm -l app=c -o jsonpath={.items[*].metadata.name}",
        "get cm -l app=c -o custom-columns=NAME:.metadata.name,K:.data.k", "get cm -l app=c --no-headers", "get cm -l app=c --sort-by=.data.k", "get cm -l app=c --show-labels", "get cm -l app=c -L size", "get cm -l 'app in (c),!size'", "get cm -l '!!'", "get cm --field-selector metadata.name=c",
        "get cm --field-selector data.k=v", "get cm -l app=none", "get cm none", "get cm c none", "get cm c --ignore-not-found", "get cm none --ignore-not-found", "get cm c -o go-template={{.data.k}}", "get deployments", "get deploy d -o wide", "get deploy/d -o name", "get rs -l app=d", "get pods -l app=p", "get pods -l app=d --no-headers",
        "get pods p -o wide", "get po,cm -l app=c", "get svc s", "get svc s -o wide", "get deploy,svc -o name", "get nothing", "get nothing x", "get", "get cm -o nothing", "get deploy d -o jsonpath={.status.readyReplicas}", "get pods -l app=d --field-selector status.phase=Running -o name", "get deploy d --chunk-size=1", "get cm -l app=c --server-print=false",
        "get all -l app=p", "get roles", "get jobs", "get cronjobs", "get sts", "get ds", "get pvc", "get ing", "get netpol", "get quota", "get limits", "get pdb", "get hpa", "get leases", "get rolebindings", "get cm c --raw /x", "describe cm c2", "describe cm none", "describe svc s", "describe ns {ns}", "describe pod p",
        "auth can-i get pods", "auth can-i get pods --as jane", "auth can-i nothing pods", "auth can-i --list --as jane", "auth can-i get /healthz --as jane", "api-versions --bad", "rollout status deploy/d", "rollout history deploy/d", "rollout history deploy/d --revision=1", "rollout status deploy/none", "wait --for=condition=Available deploy/d --timeout=5s", "wait --for=condition=Never deploy/d --timeout=1s",
        "wait --for=delete cm/none --timeout=1s", "logs p", "logs none", "logs deploy/none", "top pod none")],
    *[kubectl(a, a) for a in ("get ns default", "get ns {ns} -o name", "get ns none", "get --raw /healthz", "get --raw /nothing", "get --raw /api/v1/namespaces/default?x=y -o yaml", "get sc", "get pv", "get priorityclasses", "get ns default -o yaml", "get svc kubernetes -n default --no-headers",
                              "get pods -n none", "get nodes none", "explain nothing", "explain cm.nothing", "explain configmap.data", "explain pod.spec.containers.image", "explain deployment --api-version=apps/v1", "explain pods.spec.tolerations", "api-resources --api-group=apps -o name --sort-by=name", "api-resources --api-group=agree.test",
                              "api-resources --api-group=networking.k8s.io --namespaced=true --no-headers", "explain service.spec.ports --recursive", "cluster-info --bad", "auth can-i '*' '*'")],
], service_account=True, known={
    newer("body/out/6", "families of addresses are set since 1.21", "IP Family Policy:  SingleStack"): ("describe svc s",),
    newer("body/out/+7", "families of addresses are set since 1.21", "IP Families:  IPv4"): ("describe svc s",),
    newer("body/out/1", LABELLED, "Labels:  kubernetes.io/metadata.name=agree-kubectl-reads"): ("describe ns {ns}",),
    newer("body/out/+1", "SelfSubjectReview, since 1.28", "selfsubjectreviews.authentication.k8s.io  []  []  [create]"): ("auth can-i --list --as jane",),
    **{newer(f"body/out/{line}", LABELLED, text): ("get ns default -o yaml",) for line, text in (
        ("+4", "  labels:"), ("+5", "  kubernetes.io/metadata.name: default"), ("8", "  f:metadata:"), ("9", "  f:labels:"), ("+12", "  .: {}"), ("+13", "  f:kubernetes.io/metadata.name: {}"))},
    newer("body/out/6", "documentation, since 1.24", "  Container image name. More info:"): ("explain pod.spec.containers.image",),
    **{newer(f"body/out/{line}", "documentation, since 1.22", text): ("explain deployment --api-version=apps/v1",) for line, text in (
        ("20", "  Standard object's metadata. More info:"), ("+21", "  https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"))},
    **{newer(f"body/out/{line}", "documentation, since 1.35", text): ("explain pods.spec.tolerations",) for line, text in (
        ("24", "  Exists, Equal, Lt, and Gt. Defaults to Equal. Exists is equivalent to"), ("25", "  wildcard for value, so that a pod can tolerate all taints of a particular"), ("+26", "  category. Lt and Gt perform numeric comparisons (requires feature gate"), ("+27", "  TaintTolerationComparisonOperators)."))},
    newer("body/out/0", "PriorityClasses have a column for their preemption policy since 1.32", "NAME  VALUE  GLOBAL-DEFAULT  AGE  PREEMPTIONPOLICY"): ("get priorityclasses",),
    **{differs(f"body/out/+{line}", OWN): ("get sc", "get pv") for line in range(3)},
    **{differs(f"body/out/{line}", OWN, text): ("get priorityclasses",) for line, text in (
        ("1", "business-critical  100000  false  <age>  PreemptLowerPriority"), ("2", "system-cluster-critical  2000000000  false  <age>  PreemptLowerPriority"),
        ("+3", "system-node-critical  2000001000  false  <age>  PreemptLowerPriority"))},
    differs("body/err/0", OWN): ("get sc", "get pv", "top pod none"),
})
