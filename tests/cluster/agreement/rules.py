"""What is not compared, or compared only as "there is one": every rule with its reason. Nothing else is ever put aside."""
import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Rule:
    path: str       # of the answer; * is one name or index, ** any number
    to: object      # what stands for the value: text, or a function of it; DROP
    why: str
    of: str = ""    # only where the request's path holds this


RECORDED_MINOR = 20  # the answers in recorded/ are Kubernetes 1.20.2's
DROP = object()
ENDPOINTS_DEPRECATED = "v1 Endpoints is deprecated in v1.33+"  # which kubectl tells in a line of its own
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
IP = re.compile(r"\b10\.\d{1,3}\.\d{1,3}\.\d{1,3}\b(?!/)|\b172\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|\b169\.254\.\d{1,3}\.\d{1,3}\b|\b198\.1[89]\.\d{1,3}\.\d{1,3}\b|\b127\.0\.0\.1\b")
UID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


def by_type(conditions):
    """In the order of their types."""
    if not isinstance(conditions, list):
        return conditions
    return sorted(conditions, key=lambda c: str(c.get("type")) if isinstance(c, dict) else "")


def without_type(kind):
    """Conditions but that one."""
    return lambda items: [i for i in items if not (isinstance(i, dict) and i.get("type") == kind)] if isinstance(items, list) else items


def by_name(items):
    """Generated names sort by chance."""
    if not isinstance(items, list) or not any(isinstance(i, dict) and "generateName" in (i.get("metadata") or {}) for i in items):
        return items
    return sorted(items, key=repr)


def by_managers(entries):
    """Those of clients, by their names: the controllers' come at any time, and the server sorts by seconds."""
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        return entries
    return sorted_by("manager", "operation", "subresource")([e for e in entries if e.get("manager") != "kube-controller-manager"])


def sorted_by(*fields):
    return lambda items: sorted(items, key=lambda i: [str(i.get(f)) for f in fields]) if isinstance(items, list) and all(isinstance(i, dict) for i in items) else items


def causes(items):
    """Conflicts of managers come in any order."""
    conflicts = isinstance(items, list) and all(isinstance(i, dict) and i.get("reason") == "FieldManagerConflict" for i in items)
    return sorted_by("message", "field")(items) if conflicts else items


def revision(name):
    return re.sub(r"-[a-z0-9]{8,10}$", "-<hash>", name) if isinstance(name, str) else name


# What one server and another, or one run and the next, cannot have in common.
OF_EVERY_CLUSTER = [
    Rule("**/uid", "<uid>", "random"),
    Rule("**/resourceVersion", lambda v: "0" if v == "0" else "" if v == "" else "<version>", "counts all changes of a cluster"),
    Rule("**/continue", lambda v: v and "<token>", "opaque"),
    Rule("**/managedFields", DROP, "repeats every difference of a field; compared where a step says so"),
    Rule("**/metadata/managedFields", by_managers, "in the order of their times, by seconds; the controllers' come at any time"),
    Rule("**/details/causes", causes, "conflicts of managers come in any order"),
    Rule("**/clusterIP", lambda v: v if v in ("None", "") else "<ip>", "allocated"),
    Rule("**/clusterIPs", lambda v: v if v in (["None"], []) else ["<ip>"], "allocated"),
    Rule("**/nodePort", "<port>", "allocated"),
    Rule("**/healthCheckNodePort", "<port>", "allocated"),
    Rule("**/containerID", "<container>", "made by the runtime"),
    Rule("**/imageID", "<image>", "made by the runtime"),
    Rule("**/conditions", by_type, "in the order in which they came to be"),
    Rule("body/items", by_name, "generated names sort by chance"),
    Rule("**/subsets/*/ports", lambda v: sorted_by("name", "port")(v), "in the order of a hash of Go's picture of them"),
    Rule("body/metadata/remainingItemCount", lambda v: v, "exact where there is no selector"),
    Rule("**/pod-template-hash", "<hash>", "hashes a struct of Go, whose fields are other ones in every version"),
    Rule("**/controller-revision-hash", "<hash>", "the same"),
    Rule("**/templateGeneration", DROP, "apps/v1 does not show it"),
    Rule("**/deployment.kubernetes.io~1revision", lambda v: v, "counts rollouts"),
    Rule("**/status/currentRevision", revision, "the same"),
    Rule("**/status/updateRevision", revision, "the same"),
    Rule("**/ca.crt", "<authority>", "the cluster's own"),
    Rule("**/nodeName", "<node>", "the scheduler's choice"),
    Rule("**/kubernetes.io~1hostname", "<node>", "the node's name"),
]

# What Kubernetes has had only since a later version than 1.20: the sandbox shows it, the recorded answers don't.
SINCE_1_20 = [
    Rule("**/spec/internalTrafficPolicy", DROP, "Service, since 1.22"),
    Rule("**/spec/ipFamilies", DROP, "Service, by default since 1.21"),
    Rule("**/spec/ipFamilyPolicy", DROP, "Service, by default since 1.21"),
    Rule("**/spec/allocateLoadBalancerNodePorts", DROP, "Service, by default since 1.22"),
    Rule("**/creationTimestamp", lambda v: DROP if v is None else v, "shown as null where there is none until 1.33"),
    Rule("**/status/hostIPs", DROP, "Pod, by default since 1.29"),
    Rule("**/status/observedGeneration", DROP, "Pod, by default since 1.34; others had it before", of=r"/pods\b"),
    Rule("headers/warning", lambda v: DROP if ENDPOINTS_DEPRECATED in str(v) else v, "Endpoints, since 1.33", of=r"/endpoints\b"),
    Rule("**/conditions/*/observedGeneration", DROP, "Pod, by default since 1.34", of=r"/pods\b"),
    Rule("**/status/terminatingReplicas", DROP, "Deployment and ReplicaSet, by default since 1.35"),
    Rule("**/spec/completionMode", DROP, "Job, by default since 1.22"),
    Rule("**/spec/suspend", lambda v: DROP if v is False else v, "Job, by default since 1.22"),
    Rule("**/spec/podReplacementPolicy", DROP, "Job, by default since 1.29"),
    Rule("**/spec/manualSelector", lambda v: DROP if v is False else v, "Job: shown since 1.31"),
    Rule("**/status/uncountedTerminatedPods", DROP, "Job, by default since 1.25"),
    Rule("**/status/terminating", DROP, "Job, by default since 1.29"),
    Rule("**/status/ready", lambda v: DROP if isinstance(v, int) else v, "Job, by default since 1.24"),
    Rule("**/spec/persistentVolumeClaimRetentionPolicy", DROP, "StatefulSet, since 1.27"),
    Rule("**/status/availableReplicas", lambda v: v, "StatefulSet, always there since 1.23"),
    Rule("**/containerStatuses/*/allocatedResources", DROP, "since 1.33"),
    Rule("**/containerStatuses/*/resources", DROP, "since 1.33"),
    Rule("**/containerStatuses/*/volumeMounts", DROP, "since 1.31"),
    Rule("**/containerStatuses/*/user", DROP, "since 1.33"),
    Rule("**/metadata/generation", DROP, "Pod, since 1.33", of=r"/pods\b"),
    Rule("**/metadata/generation", DROP, "Job and CronJob, since 1.21", of=r"/(cron)?jobs\b"),
    Rule("**/updateStrategy/rollingUpdate/maxSurge", DROP, "DaemonSet, by default since 1.22"),
    Rule("**/annotations/kubernetes.io~1description", DROP, "of the ConfigMap kube-root-ca.crt, since 1.22"),
    Rule("**/details/group", lambda v: "networking.k8s.io" if v == "extensions" else v, "extensions/v1beta1 ended with 1.22"),
    Rule("**/defaultMode/**", lambda v: v, "Octal"),
    Rule("**/columnDefinitions/*/description", DROP, "documentation, rewritten now and then"),
    Rule("**/singularName", DROP, "filled in since 1.27"),
    Rule("**/storageVersionHash", DROP, "hashes the group and the version of the storage"),
    Rule("**/labels/kubernetes.io~1metadata.name", DROP, "Namespace, since 1.21"),
    Rule("**/labels/endpoints.kubernetes.io~1managed-by", DROP, "Endpoints, since 1.33"),
    Rule("**/conditions", without_type("PodReadyToStartContainers"), "Pod, since 1.29"),
    Rule("**/targetRef/resourceVersion", DROP, "Endpoints, until 1.23"),
    Rule("**/labels/batch.kubernetes.io~1*", DROP, "Job, since 1.27"),
    Rule("**/labels/apps.kubernetes.io~1pod-index", DROP, "StatefulSet, since 1.28"),
    Rule("**/matchLabels/batch.kubernetes.io~1*", DROP, "Job, since 1.27"),
    Rule("**/matchLabels/controller-uid", DROP, "Job: batch.kubernetes.io/controller-uid instead, since 1.27"),
]

# Columns of tables that 1.20 did not have: (name, only beside this one, since when).
NEWER_COLUMNS = [
    ("Status", "Completions", "Job, since 1.30"),
    ("Timezone", None, "CronJob, since 1.30"),
    ("VolumeAttributesClass", None, "PersistentVolume and PersistentVolumeClaim, since 1.29"),
    ("PreemptionPolicy", None, "PriorityClass, since 1.32"),
]

# Messages that have been worded anew: (pattern, today's, since when).
REWORDED = [
    (r"\b(Ingress|NetworkPolicy)\.extensions\b", r"\1.networking.k8s.io", "extensions/v1beta1 ended with 1.22"),
    (r"must contain at least one letter or number \(a-z, 0-9\)", "must contain at least one letter (a-z)", "since 1.25"),
    (r"Too long: must have at most (\d+) bytes", r"Too long: may not be more than \1 bytes", "since 1.32"),
    (r"`spec\.containers\[\*\]\.image`, `spec\.initContainers\[\*\]\.image`, `spec\.activeDeadlineSeconds` or `spec\.tolerations` \(only additions to existing tolerations\)",
     "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
     "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)", "since 1.25"),
    (r"fields other than 'replicas', 'template', and 'updateStrategy' are forbidden",
     "fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
     "more of them since 1.22, and since 1.33"),
    (r"Expected exactly 5 fields, found (\d+): (\w+)", r"expected exactly 5 fields, found \1: [\2]", "another library since 1.21"),
    (r"End of range \((\d+)\) above maximum", r"end of range (\1) above maximum", "another library since 1.21"),
    (r"a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '\.', and must not start with a digit \(e\.g\. 'my\.env-name',  or "
     r"'MY_ENV\.NAME',  or 'MyEnvName1', regex used for validation is '\[-\._a-zA-Z\]\[-\._a-zA-Z0-9\]\*'\)",
     "a valid environment variable name must consist only of printable ASCII characters other than '='", "by default since 1.32"),
    (r"except resources\.requests for bound claims", "except resources.requests and volumeAttributesClassName for bound claims", "since 1.29"),
    (r"in the loopback range \(127\.0\.0\.0/8\)", "in the loopback range (127.0.0.0/8, ::1/128)", "since 1.21"),
    (r"must to greater or equal than 0", "must be greater than or equal to 0", "a slip, mended"),
]

# What today's servers call otherwise, or serve in another version: (script's, 1.20's), in paths and bodies.
MOVED = [
    ("/apis/batch/v1/{}cronjobs", "/apis/batch/v1beta1/{}cronjobs", "CronJob", "batch/v1", "batch/v1beta1"),
    ("/apis/policy/v1/{}poddisruptionbudgets", "/apis/policy/v1beta1/{}poddisruptionbudgets", "PodDisruptionBudget", "policy/v1", "policy/v1beta1"),
    ("/apis/discovery.k8s.io/v1/{}endpointslices", "/apis/discovery.k8s.io/v1beta1/{}endpointslices", "EndpointSlice", "discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"),
    ("/apis/autoscaling/v2/{}horizontalpodautoscalers", "/apis/autoscaling/v2beta2/{}horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling/v2",
     "autoscaling/v2beta2"),
    ("", "", "Eviction", "policy/v1", "policy/v1beta1"),
]

# Headers that are compared; the others name the connection, the request or the day.
HEADERS = ("content-type", "warning", "retry-after", "www-authenticate", "allow", "location", "cache-control")
