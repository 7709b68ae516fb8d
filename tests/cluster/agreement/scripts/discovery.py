"""Groups, versions, and what is said of the kinds that every cluster has."""
from script import Script, differs, get, newer

KINDS = {
    "/api/v1": ("bindings", "configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/finalize", "namespaces/status", "nodes", "nodes/status", "nodes/proxy", "persistentvolumeclaims",
                "persistentvolumeclaims/status", "persistentvolumes", "pods", "pods/attach", "pods/binding", "pods/eviction", "pods/exec", "pods/log", "pods/portforward", "pods/proxy", "pods/status",
                "podtemplates", "replicationcontrollers", "replicationcontrollers/scale", "resourcequotas", "secrets", "serviceaccounts", "serviceaccounts/token", "services", "services/proxy", "services/status"),
    "/apis/apps/v1": ("controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale"),
    "/apis/batch/v1": ("jobs", "jobs/status"),
    "/apis/autoscaling/v1": ("horizontalpodautoscalers", "horizontalpodautoscalers/status"),
    "/apis/networking.k8s.io/v1": ("ingresses", "ingresses/status", "ingressclasses", "networkpolicies"),
    "/apis/rbac.authorization.k8s.io/v1": ("roles", "rolebindings", "clusterroles", "clusterrolebindings"),
    "/apis/storage.k8s.io/v1": ("storageclasses", "volumeattachments", "csinodes", "csidrivers"),
    "/apis/coordination.k8s.io/v1": ("leases",),
    "/apis/events.k8s.io/v1": ("events",),
    "/apis/scheduling.k8s.io/v1": ("priorityclasses",),
    "/apis/authorization.k8s.io/v1": ("selfsubjectaccessreviews", "selfsubjectrulesreviews", "subjectaccessreviews", "localsubjectaccessreviews"),
    "/apis/authentication.k8s.io/v1": ("tokenreviews",),
    "/apis/apiextensions.k8s.io/v1": ("customresourcedefinitions", "customresourcedefinitions/status"),
    "/apis/admissionregistration.k8s.io/v1": ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"),
    "/apis/apiregistration.k8s.io/v1": ("apiservices", "apiservices/status"),
}
GROUPS = ("apps", "batch", "autoscaling", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io", "coordination.k8s.io", "events.k8s.io", "scheduling.k8s.io", "policy",
          "authorization.k8s.io", "authentication.k8s.io", "apiextensions.k8s.io", "discovery.k8s.io", "admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io")

SCRIPT = Script("discovery", [
    get("the versions of the core", "/api", only=("kind", "versions", "serverAddressByClientCIDRs[0].clientCIDR")),
    get("all groups with a slash", "/apis/", only=("kind", "apiVersion")),
    get("all groups", "/apis", only=("kind", "apiVersion", *[f"groups[name={g}].name" for g in GROUPS])),
    *[get(f"group {g}", f"/apis/{g}", only=("kind", "apiVersion", "name")) for g in GROUPS],
    *[get(f"resources of {path}", path, only=("kind", "apiVersion", "groupVersion", *[f"resources[name={r}]" for r in names])) for path, names in KINDS.items()],
    get("a resource list with a slash", "/apis/apps/v1/", only=("kind", "groupVersion")),
    get("a group that is none", "/apis/agree.test"),
    get("a version that is none", "/apis/apps/v9"),
    get("the version", "/version", only=("major", "compiler", "platform")),
    get("the version with a slash", "/version/", only=("major",)),
    get("healthz", "/healthz"), get("livez", "/livez"), get("readyz", "/readyz"),
], namespace=False, known={
    **{newer(f"body/resources[name=services]/verbs/{2 + i}", "services are deleted as a collection since 1.23", verb): ("resources of /api/v1",)
       for i, verb in enumerate(("deletecollection", "get", "list", "patch", "update", "watch"))},
    newer("body/resources[name=pods~1eviction]/version", "policy/v1 since 1.22", "v1"): ("resources of /api/v1",),
    differs("body/groups[name=admissionregistration.k8s.io].name", "no webhooks, no aggregated APIs and no certificates of others are there"): ("all groups",),
    differs("body/groups[name=apiregistration.k8s.io].name", "no webhooks, no aggregated APIs and no certificates of others are there"): ("all groups",),
    differs("body/groups[name=certificates.k8s.io].name", "no webhooks, no aggregated APIs and no certificates of others are there"): ("all groups",),
    differs("status", "no webhooks, no aggregated APIs and no certificates of others are there", 404): (
        "group admissionregistration.k8s.io", "group apiregistration.k8s.io", "group certificates.k8s.io", "resources of /apis/admissionregistration.k8s.io/v1",
        "resources of /apis/apiregistration.k8s.io/v1"),
    differs("body/resources[name=nodes~1proxy]", "no proxies to nodes, pods and services"): ("resources of /api/v1",),
    differs("body/resources[name=pods~1proxy]", "no proxies to nodes, pods and services"): ("resources of /api/v1",),
    differs("body/resources[name=services~1proxy]", "no proxies to nodes, pods and services"): ("resources of /api/v1",),
    differs("body/resources[name=volumeattachments]", "of storage only classes, claims and volumes"): ("resources of /apis/storage.k8s.io/v1",),
    differs("body/resources[name=csinodes]", "of storage only classes, claims and volumes"): ("resources of /apis/storage.k8s.io/v1",),
    differs("body/resources[name=csidrivers]", "of storage only classes, claims and volumes"): ("resources of /apis/storage.k8s.io/v1",),
    differs("body/compiler", "the sandbox is not written in Go", "gcc"): ("the version",),
})
