"""What is wrong with Services, ConfigMaps, Secrets, Ingresses, claims, volumes, quotas, policies, roles and budgets."""
from script import ABSENT, DECODED, MESSAGES, NGINX, NO_PICTURE, Script, delete, differs, known_at, newer, patch, post, put, quietly, refused_as, replaced
from scripts._objects import CM, SERVICES, cm, made, service

RELAXED = "services are named by labels of RFC 1123 now, which may start with a digit"
KEYLESS = ("Secret: basic-auth without data", "Secret: ssh-auth without data")
SECRETS = "/api/v1/namespaces/{ns}/secrets"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies"
CLAIMS = "/api/v1/namespaces/{ns}/persistentvolumeclaims"
VOLUMES = "/api/v1/persistentvolumes"
QUOTAS = "/api/v1/namespaces/{ns}/resourcequotas"
LIMITS = "/api/v1/namespaces/{ns}/limitranges"
PDB = "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets"
HPA = "/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES, BINDINGS = RBAC + "/namespaces/{ns}/roles", RBAC + "/namespaces/{ns}/rolebindings"
CLASSES = "/apis/storage.k8s.io/v1/storageclasses"
PRIORITIES = "/apis/scheduling.k8s.io/v1/priorityclasses"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"


def bad_service(name, **spec):
    return post(f"Service: {name}", SERVICES, service("bad", **spec))


def secret(name, kind="Opaque", **more):
    return made("v1", "Secret", name, {"type": kind, **more})


def ingress(name, **spec):
    return post(f"Ingress: {name}", INGRESSES, made("networking.k8s.io/v1", "Ingress", "bad", {"spec": spec}))


def path(**more):
    return [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}, **more}]}}]


def claim(label, name="bad", **spec):
    return post(f"Claim: {label}", CLAIMS, made("v1", "PersistentVolumeClaim", name, {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **spec}}))


def volume(label, **spec):
    return post(f"Volume: {label}", VOLUMES, made("v1", "PersistentVolume", "agree-bad", {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp/x"}, **spec}}))


def policy(label, **spec):
    return post(f"Policy: {label}", POLICIES, made("networking.k8s.io/v1", "NetworkPolicy", "bad", {"spec": {"podSelector": {}, **spec}}))


def role(label, *rules):
    return post(f"Role: {label}", ROLES, made("rbac.authorization.k8s.io/v1", "Role", "bad", {"rules": list(rules)}))


def binding(label, ref=None, *subjects):
    return post(f"Binding: {label}", BINDINGS, made("rbac.authorization.k8s.io/v1", "RoleBinding", "bad", {"roleRef": ref if ref is not None else {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"}, "subjects": list(subjects)}))


def budget(label, **spec):
    return post(f"Budget: {label}", PDB, made("policy/v1", "PodDisruptionBudget", "bad", {"spec": spec}))


def scaler(label, **spec):
    return post(f"Autoscaler: {label}", HPA, made("autoscaling/v1", "HorizontalPodAutoscaler", "bad", {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}, "maxReplicas": 2, **spec}}))


SCRIPT = Script("validation_other", [
    bad_service("no ports", ports=[]), bad_service("port 0", ports=[{"port": 0}]), bad_service("port 70000", ports=[{"port": 70000}]), bad_service("two ports without names", ports=[{"port": 80}, {"port": 81}]),
    bad_service("two ports of one name", ports=[{"name": "a", "port": 80}, {"name": "a", "port": 81}]), bad_service("one port twice", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80}]), bad_service("a port name in capitals", ports=[{"name": "A", "port": 80}]),
    bad_service("a protocol that is none", ports=[{"port": 80, "protocol": "ICMP"}]), bad_service("a target that is none", ports=[{"port": 80, "targetPort": "A_b"}]), bad_service("target 0", ports=[{"port": 80, "targetPort": 70000}]),
    bad_service("a type that is none", type="Nothing"), bad_service("an address that is none", clusterIP="x"), bad_service("an address outside", clusterIP="192.0.2.1"), bad_service("a bad affinity", sessionAffinity="Always"), bad_service("a bad selector", selector={"-a": "b"}),
    bad_service("no external name", type="ExternalName", ports=None), bad_service("an external name in capitals", type="ExternalName", externalName="A_b", ports=None), bad_service("a node port for ClusterIP", ports=[{"port": 80, "nodePort": 30080}]),
    bad_service("a node port outside", type="NodePort", ports=[{"port": 80, "nodePort": 80}]), bad_service("a bad external address", externalIPs=["x"]), bad_service("a bad traffic policy", type="NodePort", externalTrafficPolicy="Near"), bad_service("a traffic policy for ClusterIP", externalTrafficPolicy="Local"),
    bad_service("source ranges for ClusterIP", loadBalancerSourceRanges=["10.0.0.0/8"]), post("Service: a name with a dot", SERVICES, service("a.b")), post("Service: a name that starts with a digit", SERVICES, service("1a")), post("Service: no spec", SERVICES, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad"}}),
    post("Service: headless without ports", SERVICES, service("headless", clusterIP="None", ports=None)), quietly(post("Service: make", SERVICES, service("s"))), patch("Service: another address", SERVICES + "/s", {"spec": {"clusterIP": "10.96.99.99", "clusterIPs": ["10.96.99.99"]}}),
    patch("Service: a node port by type", SERVICES + "/s", {"spec": {"type": "NodePort"}}), patch("Service: and back", SERVICES + "/s", {"spec": {"type": "ClusterIP", "ports": [{"port": 80, "nodePort": None}]}}), patch("Service: no ports later", SERVICES + "/s", {"spec": {"ports": []}}),
    post("ConfigMap: a bad key", CM, cm("bad", {"a b": "c"})), post("ConfigMap: an empty key", CM, cm("bad", {"": "c"})), post("ConfigMap: a key of two dots", CM, cm("bad", {"..": "c"})), post("ConfigMap: a long key", CM, cm("bad", {"a" * 254: "c"})),
    post("ConfigMap: one key in both", CM, {**cm("bad", {"a": "b"}), "binaryData": {"a": "AA=="}}), post("ConfigMap: immutable", CM, {**cm("fixed", {"a": "b"}), "immutable": True}), patch("ConfigMap: a fixed value", CM + "/fixed", {"data": {"a": "c"}}),
    patch("ConfigMap: a fixed binary value", CM + "/fixed", {"binaryData": {"b": "AA=="}}), patch("ConfigMap: mutable again", CM + "/fixed", {"immutable": False}), patch("ConfigMap: labels of a fixed one", CM + "/fixed", {"metadata": {"labels": {"a": "b"}}}),
    post("Secret: a bad key", SECRETS, secret("bad", data={"a b": "Yg=="})), post("Secret: no base64", SECRETS, secret("bad", data={"a": "!"})), post("Secret: tls without data", SECRETS, secret("bad", "kubernetes.io/tls")), post("Secret: tls", SECRETS, secret("tls", "kubernetes.io/tls", data={"tls.crt": "", "tls.key": ""})),
    post("Secret: dockerconfigjson without data", SECRETS, secret("bad", "kubernetes.io/dockerconfigjson")), post("Secret: dockerconfigjson that is none", SECRETS, secret("bad", "kubernetes.io/dockerconfigjson", stringData={".dockerconfigjson": "x"})),
    post("Secret: basic-auth without data", SECRETS, secret("bad", "kubernetes.io/basic-auth")), post("Secret: ssh-auth without data", SECRETS, secret("bad", "kubernetes.io/ssh-auth")), post("Secret: an account token without an account", SECRETS, secret("bad", "kubernetes.io/service-account-token")),
    post("Secret: any type", SECRETS, secret("any", "agree.test/any")), patch("Secret: another type", SECRETS + "/any", {"type": "Opaque"}), patch("Secret: text beside data", SECRETS + "/any", {"stringData": {"a": "b"}}),
    ingress("no rules"), ingress("a host that is none", rules=[{"host": "A_b"}]), ingress("an address for a host", rules=[{"host": "192.0.2.1"}]), ingress("a path without a slash", rules=path(path="x")), ingress("no path type", rules=path(pathType=None)),
    ingress("a path type that is none", rules=path(pathType="Near")), ingress("no backend", rules=path(backend=None)), ingress("a backend without a port", rules=path(backend={"service": {"name": "s"}})), ingress("two backends", rules=path(backend={"service": {"name": "s", "port": {"number": 80}}, "resource": {"kind": "x", "name": "y"}})),
    ingress("a wildcard", rules=[{"host": "*.agree.test"}]), ingress("a wildcard inside", rules=[{"host": "a.*.test"}]), ingress("no paths", rules=[{"http": {"paths": []}}]),
    claim("no modes", accessModes=[]), claim("a mode that is none", accessModes=["Sometimes"]), claim("no size", resources={}), claim("size 0", resources={"requests": {"storage": "0"}}), claim("a volume mode that is none", volumeMode="Near"), claim("a class in capitals", storageClassName="A_b"),
    claim("a good one", "good", storageClassName="agree-none"), patch("Claim: larger", CLAIMS + "/good", {"spec": {"resources": {"requests": {"storage": "2Gi"}}}}), patch("Claim: another class", CLAIMS + "/good", {"spec": {"storageClassName": "x"}}),
    volume("no capacity", capacity={}), volume("no modes", accessModes=[]), volume("no source", hostPath=None), volume("two sources", nfs={"server": "a", "path": "/"}), volume("a policy that is none", persistentVolumeReclaimPolicy="Near"), volume("a path that goes back", hostPath={"path": "/a/../b"}),
    post("Quota: negative", QUOTAS, made("v1", "ResourceQuota", "bad", {"spec": {"hard": {"pods": "-1"}}})), post("Quota: a resource that is none", QUOTAS, made("v1", "ResourceQuota", "bad", {"spec": {"hard": {"nothing": "1"}}})), post("Quota: a scope that is none", QUOTAS, made("v1", "ResourceQuota", "bad", {"spec": {"hard": {"pods": "1"}, "scopes": ["Near"]}})),
    post("LimitRange: min over max", LIMITS, made("v1", "LimitRange", "bad", {"spec": {"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}}]}})), post("LimitRange: twice", LIMITS, made("v1", "LimitRange", "bad", {"spec": {"limits": [{"type": "Pod"}, {"type": "Pod"}]}})),
    policy("a type that is none", policyTypes=["Near"]), policy("a network that is none", ingress=[{"from": [{"ipBlock": {"cidr": "x"}}]}]), policy("an exception outside", ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/24", "except": ["192.0.2.0/24"]}}]}]), policy("a peer of nothing", ingress=[{"from": [{}]}]), policy("a port that is none", ingress=[{"ports": [{"port": 0}]}]),
    role("no verbs", {"apiGroups": [""], "resources": ["pods"], "verbs": []}), role("no groups", {"resources": ["pods"], "verbs": ["get"]}), role("no resources", {"apiGroups": [""], "verbs": ["get"]}), role("a URL in a namespace", {"nonResourceURLs": ["/x"], "verbs": ["get"]}), role("no rules"),
    binding("no role", {"apiGroup": "", "kind": "", "name": ""}), binding("a group that is none", {"apiGroup": "x", "kind": "Role", "name": "y"}), binding("a kind that is none", {"apiGroup": "rbac.authorization.k8s.io", "kind": "Near", "name": "y"}), binding("a subject without a name", None, {"kind": "User", "name": ""}),
    binding("a subject of no kind", None, {"kind": "Near", "name": "x"}), binding("an account without a namespace", None, {"kind": "ServiceAccount", "name": "x"}), binding("a user with another group", None, {"kind": "User", "name": "x", "apiGroup": "x"}), binding("a good one", None, {"kind": "User", "name": "x"}),
    put("Binding: another role", BINDINGS + "/bad", made("rbac.authorization.k8s.io/v1", "RoleBinding", "bad", {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "other"}})),
    budget("both", minAvailable=1, maxUnavailable=1, selector={}), budget("negative", minAvailable=-1), budget("more than all", minAvailable="101%"), budget("a share that is none", maxUnavailable="much"),
    scaler("max below min", minReplicas=5, maxReplicas=2), scaler("max 0", maxReplicas=0), scaler("min -1", minReplicas=-1), scaler("no target", scaleTargetRef={"kind": "", "name": ""}), scaler("a share of 0", targetCPUUtilizationPercentage=0),
    post("Class: no provisioner", CLASSES, made("storage.k8s.io/v1", "StorageClass", "agree-bad", {"provisioner": ""})), post("Class: a policy that is none", CLASSES, made("storage.k8s.io/v1", "StorageClass", "agree-bad", {"provisioner": "x/y", "reclaimPolicy": "Near"})),
    post("Class: a good one", CLASSES, made("storage.k8s.io/v1", "StorageClass", "agree-good", {"provisioner": "agree.test/none"})), patch("Class: another provisioner", CLASSES + "/agree-good", {"provisioner": "x/y"}), delete("Class: delete", CLASSES + "/agree-good"),
    post("Priority: too high", PRIORITIES, made("scheduling.k8s.io/v1", "PriorityClass", "agree-bad", {"value": 2000000000})), post("Priority: the system's name", PRIORITIES, made("scheduling.k8s.io/v1", "PriorityClass", "system-bad", {"value": 1})), post("Priority: a policy that is none", PRIORITIES, made("scheduling.k8s.io/v1", "PriorityClass", "agree-bad", {"value": 1, "preemptionPolicy": "Near"})),
    post("Lease: negative", LEASES, made("coordination.k8s.io/v1", "Lease", "bad", {"spec": {"leaseDurationSeconds": -1, "leaseTransitions": -1}})), post("Lease: a good one", LEASES, made("coordination.k8s.io/v1", "Lease", "good", {"spec": {"holderIdentity": "a", "leaseDurationSeconds": 5}})),
    post("Endpoints: an address that is none", "/api/v1/namespaces/{ns}/endpoints", made("v1", "Endpoints", "bad", {"subsets": [{"addresses": [{"ip": "x"}], "ports": [{"port": 80}]}]})), post("Endpoints: loopback", "/api/v1/namespaces/{ns}/endpoints", made("v1", "Endpoints", "bad", {"subsets": [{"addresses": [{"ip": "127.0.0.1"}], "ports": [{"port": 80}]}]})),
], known=refused_as(newer, "another allocator since 1.33", {
        "Service: an address outside": ("spec.clusterIPs", 'Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: the provided network does not match the current range')})
    | refused_as(newer, RELAXED, {"Service: a name with a dot": ("metadata.name", 'Invalid value: "a.b": must not contain dots')})
    | {newer("status", RELAXED, 201): ("Service: a name that starts with a digit",), newer("body/message", f"{RELAXED}: accepted", ABSENT): ("Service: a name that starts with a digit",)}
    | {newer(path, "a key that is lacking is named in full now", replaced(("[%s]", ""), ("[%s]", ""))): names for path, names in (
        ("body/message", KEYLESS), ("body/details/causes/0/field", KEYLESS), ("body/details/causes/1/field", KEYLESS[:1]))}
    | refused_as(newer, "a traffic policy is checked like other choices now", {"Service: a bad traffic policy": ("spec.externalTrafficPolicy", 'Unsupported value: "Near": supported values: "Cluster", "Local"')}, "FieldValueNotSupported")
    | refused_as(newer, "worded for all services that are seen from outside now", {"Service: a traffic policy for ClusterIP": ("spec.externalTrafficPolicy", 'Invalid value: "Local": may only be set for externally-accessible services')})
    | {newer("body/message", DECODED, 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0'): ("Secret: no base64",)}
    | known_at(differs, NGINX, ("Ingress: a wildcard",), "body/spec/ingressClassName")
    | {newer(path, "ReadWriteOncePod, by default since 1.27", replaced(('"ReadWriteOnce"', '"ReadWriteOnce", "ReadWriteOncePod"'))): ("Claim: a mode that is none",) for path in MESSAGES}
    | known_at(differs, NO_PICTURE, ("Claim: larger", "Claim: another class"), *MESSAGES)
    | refused_as(newer, "tells the form of networks since 1.33", {"Policy: a network that is none": ("spec.ingress[0].from[0].ipBlock.cidr", 'Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')})
    | refused_as(newer, "has an unhealthyPodEvictionPolicy since 1.26, and values are written as JSON since 1.34", {"Budget: both": ("spec",
        'Invalid value: {"MinAvailable":1,"Selector":{},"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set')}))
