"""What the server fills in: a small and a large object of every kind, as it comes back; and its row in a Table."""
from script import NGINX, RESTARTS, Script, delete, differs, get, known_at, newer, post, quietly, table
from scripts._objects import (CM, CRONJOBS, DAEMONSETS, DEPLOYMENTS, JOBS, PODS, REPLICASETS, SERVICES, STATEFULSETS, cm, container, deployment, job, made, pod, pod_spec, service, waiting_pod, workload)
from scripts.validation_other import BINDINGS, CLAIMS, CLASSES, HPA, INGRESSES, LEASES, LIMITS, PDB, POLICIES, PRIORITIES, QUOTAS, ROLES, SECRETS, VOLUMES, secret

NEVER = {"schedulerName": "agree.test/none"}
RICH = pod_spec(container("main", env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}], ports=[{"containerPort": 80}], livenessProbe={"httpGet": {"port": 80}}, readinessProbe={"tcpSocket": {"port": 80}},
                          startupProbe={"exec": {"command": ["a"]}}, lifecycle={"preStop": {"httpGet": {"port": 80}}}, resources={"limits": {"cpu": "1", "memory": "64Mi"}}, volumeMounts=[{"name": n, "mountPath": "/" + n} for n in "abcdef"]),
                container("latest", image="agree.test/x:latest"), container("none", image="agree.test/x"), container("digest", image="agree.test/x@sha256:" + "0" * 64),
                volumes=[{"name": "a", "emptyDir": {}}, {"name": "b", "configMap": {"name": "x"}}, {"name": "c", "secret": {"secretName": "x"}}, {"name": "d", "hostPath": {"path": "/x"}},
                         {"name": "e", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}}, {"name": "f", "downwardAPI": {"items": [{"path": "l", "resourceFieldRef": {"resource": "limits.cpu", "containerName": "main"}}]}}],
                initContainers=[container("init")], hostNetwork=False, nodeSelector={"a": "b"}, tolerations=[{"key": "x", "operator": "Exists", "effect": "NoExecute"}], **NEVER)
KINDS = [
    ("a pod", PODS, waiting_pod("p")), ("a rich pod", PODS, pod("rich", RICH)), ("a pod with a token", PODS, pod("tok", {"containers": [container()], **NEVER})), ("a pod of burstable quality", PODS, pod("burst", pod_spec(container(resources={"requests": {"cpu": "1"}}), **NEVER))),
    ("a pod on the host's network", PODS, pod("host", pod_spec(container(ports=[{"containerPort": 8099}]), hostNetwork=True, **NEVER))),
    ("a service", SERVICES, service("s")), ("a service with a node port", SERVICES, service("np", type="NodePort")), ("a load balancer", SERVICES, service("lb", type="LoadBalancer")), ("a headless service", SERVICES, service("h", clusterIP="None")),
    ("an external name", SERVICES, service("e", type="ExternalName", externalName="agree.test", ports=None, selector=None)), ("a service with affinity", SERVICES, service("af", sessionAffinity="ClientIP")), ("a service with a named target", SERVICES, service("nt", ports=[{"name": "a", "port": 80, "targetPort": "http"}])),
    ("a config map", CM, cm("c", {"a": "b"})), ("a secret", SECRETS, secret("s", data={"a": "Yg=="})), ("a service account", "/api/v1/namespaces/{ns}/serviceaccounts", made("v1", "ServiceAccount", "sa", {"imagePullSecrets": [{"name": "x"}]})),
    ("a deployment", DEPLOYMENTS, deployment("d", 0)), ("a deployment without replicas", DEPLOYMENTS, deployment("dn", None, template_spec=pod_spec(**NEVER))), ("a deployment that recreates", DEPLOYMENTS, deployment("dr", 0, {"strategy": {"type": "Recreate"}})), ("a deployment with labels", DEPLOYMENTS, deployment("dl", 0, labels={"a": "b"}, annotations={"c": "d"})),
    ("a replica set", REPLICASETS, workload("ReplicaSet", "r", 0)), ("a stateful set", STATEFULSETS, workload("StatefulSet", "ss", 0, {"serviceName": "ss", "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]})),
    ("a daemon set", DAEMONSETS, workload("DaemonSet", "ds", None, template_spec=pod_spec(nodeSelector={"agree.test/none": ""}))), ("a job", JOBS, job("j", {"parallelism": 0})), ("a job with completions", JOBS, job("jc", {"parallelism": 0, "completions": 3, "ttlSecondsAfterFinished": 100})),
    ("a cron job", CRONJOBS, made("batch/v1", "CronJob", "cj", {"spec": {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": {"template": {"spec": pod_spec(restartPolicy="OnFailure")}}}}})),
    ("an ingress", INGRESSES, made("networking.k8s.io/v1", "Ingress", "i", {"spec": {"rules": [{"host": "a.agree.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "s", "port": {"number": 80}}}}]}}], "tls": [{"hosts": ["a.agree.test"], "secretName": "x"}]}})),
    ("an ingress with a default", INGRESSES, made("networking.k8s.io/v1", "Ingress", "id", {"spec": {"ingressClassName": "x", "defaultBackend": {"service": {"name": "s", "port": {"name": "http"}}}}})),
    ("a network policy", POLICIES, made("networking.k8s.io/v1", "NetworkPolicy", "n", {"spec": {"podSelector": {"matchLabels": {"a": "b"}}, "ingress": [{"ports": [{"port": 80}], "from": [{"podSelector": {}}]}]}})), ("an egress policy", POLICIES, made("networking.k8s.io/v1", "NetworkPolicy", "ne", {"spec": {"podSelector": {}, "egress": [{}]}})),
    ("a claim", CLAIMS, made("v1", "PersistentVolumeClaim", "pvc", {"spec": {"storageClassName": "agree-none", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}})),
    ("a quota", QUOTAS, made("v1", "ResourceQuota", "q", {"spec": {"hard": {"count/secrets": "100"}}})), ("a limit range", LIMITS, made("v1", "LimitRange", "l", {"spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": "5Gi"}}]}})),
    ("a budget", PDB, made("policy/v1", "PodDisruptionBudget", "b", {"spec": {"maxUnavailable": "50%", "selector": {"matchLabels": {"x": "y"}}}})), ("an autoscaler", HPA, made("autoscaling/v1", "HorizontalPodAutoscaler", "h", {"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "none", "apiVersion": "apps/v1"}, "maxReplicas": 2}})),
    ("a role", ROLES, made("rbac.authorization.k8s.io/v1", "Role", "r", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]})),
    ("a binding", BINDINGS, made("rbac.authorization.k8s.io/v1", "RoleBinding", "b", {"roleRef": {"kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io"}, "subjects": [{"kind": "User", "name": "u"}, {"kind": "ServiceAccount", "name": "sa", "namespace": "x"}, {"kind": "Group", "name": "g"}]})),
    ("a lease", LEASES, made("coordination.k8s.io/v1", "Lease", "l", {"spec": {"holderIdentity": "me"}})), ("endpoints", "/api/v1/namespaces/{ns}/endpoints", made("v1", "Endpoints", "own", {"subsets": [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 80}]}]})),
    ("an event", "/api/v1/namespaces/{ns}/events", made("v1", "Event", "ev", {"involvedObject": {"kind": "Pod", "name": "p", "namespace": "{ns}"}, "reason": "Agreed", "message": "hello", "type": "Normal", "count": 2, "source": {"component": "agree"}, "firstTimestamp": "2020-01-01T00:00:00Z", "lastTimestamp": "2020-01-01T00:00:00Z"})),
    ("a pod template", "/api/v1/namespaces/{ns}/podtemplates", made("v1", "PodTemplate", "pt", {"template": {"metadata": {"labels": {"a": "b"}}, "spec": pod_spec()}})), ("a replication controller", "/api/v1/namespaces/{ns}/replicationcontrollers", made("v1", "ReplicationController", "rc", {"spec": {"replicas": 0, "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod_spec()}}})),
    ("a controller revision", "/apis/apps/v1/namespaces/{ns}/controllerrevisions", made("apps/v1", "ControllerRevision", "cr", {"revision": 3, "data": {"a": "b"}})), ("a slice", "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", made("discovery.k8s.io/v1", "EndpointSlice", "sl", {"addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": [{"port": 80}]})),
]
WIDE = [
    ("a volume", VOLUMES, made("v1", "PersistentVolume", "agree-pv", {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/tmp/x"}, "storageClassName": "agree-none-such"}})), ("a storage class", CLASSES, made("storage.k8s.io/v1", "StorageClass", "agree-sc", {"provisioner": "agree.test/none"})),
    ("a priority class", PRIORITIES, made("scheduling.k8s.io/v1", "PriorityClass", "agree-pc", {"value": 5})), ("a cluster role", "/apis/rbac.authorization.k8s.io/v1/clusterroles", made("rbac.authorization.k8s.io/v1", "ClusterRole", "agree-cr", {"rules": [{"nonResourceURLs": ["/x"], "verbs": ["get"]}]})),
    ("a cluster role binding", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", made("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "agree-crb", {"roleRef": {"kind": "ClusterRole", "name": "agree-cr", "apiGroup": "rbac.authorization.k8s.io"}})),
    ("an ingress class", "/apis/networking.k8s.io/v1/ingressclasses", made("networking.k8s.io/v1", "IngressClass", "agree-ic", {"spec": {"controller": "agree.test/none"}})), ("a node", "/api/v1/nodes", made("v1", "Node", "agree-node", {"spec": {"unschedulable": True}})),
]
STARTED = (("body/rows[0].cells/2", "how long it has run: the controller's turn"),)
ADDRESSED = (("body/rows[0].cells/3", "the address: the load balancer's turn"),)
CONTROLLED = (("body/status", "the controller's turn"), ("body/rows/0/cells/**", "compared elsewhere"))
PODS_IN_TABLES = tuple(f"{label} in a Table" for label in ("a pod", "a rich pod", "a pod with a token", "a pod on the host's network"))

SCRIPT = Script("defaults", [
    *[post(label, path, body) for label, path, body in KINDS + WIDE],
    *[table(f"{label} in a Table", f"{path}/{body['metadata']['name']}", only=("columnDefinitions", "rows[0].cells"),
            ignore={"a node": (("body/rows[0].cells/1", "the node life cycle's turn"),), "a job": STARTED, "a job with completions": STARTED, "a load balancer": ADDRESSED}.get(label, ())) for label, path, body in KINDS + WIDE if label not in ("a pod of burstable quality",)],
    *[quietly(delete(f"delete {label}", f"{path}/{body['metadata']['name']}")) for label, path, body in WIDE],
    get("events of both groups are one", "/apis/events.k8s.io/v1/namespaces/{ns}/events/ev"),
], service_account=True,
    known={newer("body/status/availableReplicas", "always there since 1.23", 0): ("a stateful set",), newer("body/spec/ttlSecondsAfterFinished", "since 1.21", 100): ("a job with completions",)}
    | known_at(differs, NGINX, ("an ingress",), "body/spec/ingressClassName") | known_at(differs, NGINX, ("an ingress in a Table",), "body/rows[0].cells/1")
    | {newer("body/columnDefinitions/3/type", RESTARTS, "string"): PODS_IN_TABLES, newer("body/rows[0].cells/3", RESTARTS, "0"): PODS_IN_TABLES,
       newer("body/rows[0].cells/1", "no token Secrets since 1.24", 0): ("a service account in a Table",),
       newer("body/rows[0].cells/5", "batch.kubernetes.io/controller-uid since 1.27", "batch.kubernetes.io/controller-uid=<uid>"): ("a job in a Table", "a job with completions in a Table")}
    | {newer(f"body/columnDefinitions/{i + 1}/name", "the age is the last column now", name): ("a quota in a Table",) for i, name in enumerate(("Request", "Limit", "Age"))}
    | {newer(f"body/rows[0].cells/{i + 1}", "the age is the last column now; and there are no token Secrets since 1.24", text): ("a quota in a Table",) for i, text in enumerate(("count/secrets: 1/100", "", "<age>"))}
    | {newer("body/rows[0].cells/2", "targets come with the resource's name today", "cpu: <unknown>/80%"): ("an autoscaler in a Table",)})
