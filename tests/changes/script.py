"""Scripted changes for campaigns: each on objects of its own, so that what became of one can be told by looking at them."""
import copy

NAMESPACE = "campaign"
CORE, APPS, BATCH = f"/api/v1/namespaces/{NAMESPACE}", f"/apis/apps/v1/namespaces/{NAMESPACE}", f"/apis/batch/v1/namespaces/{NAMESPACE}"
IMAGE = "registry.example/web:1"


def template(name, **spec):
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "web", "image": IMAGE}], **spec}}


def workload(kind, name, **more):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": template(name), **more}}


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def secret(name, **data):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}


def cronjob(name):
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
            "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "web", "image": IMAGE}]}}}}}}


class Change:
    """`arguments` of `operation`; `paths` of the objects that it writes, in their order; `undo`: whether it can be taken back."""

    def __init__(self, operation, arguments, make, paths, undo=True):
        self.operation, self.make, self.paths, self.undo = operation, make, paths, undo
        self.arguments = arguments
        self.more = ()  # what its rollback needs besides

    def prepare(self, api):
        for collection, item in self.make:
            api.post(collection, item)
        self.before = self.look(api)

    def look(self, api):
        return [essence(api.get(path)) for path in self.paths]


def essence(item):
    """What somebody asked for, without what servers and controllers keep there."""
    if item is None or "deletionTimestamp" in item["metadata"]:
        return None
    if item["kind"] == "Node":
        return item["spec"].get("unschedulable", False)
    out = copy.deepcopy({key: value for key, value in item.items() if key not in ("status", "metadata", "apiVersion", "kind")})
    if item["kind"] == "Pod":
        out["spec"].pop("nodeName", None)  # the scheduler's
    annotations = {k: v for k, v in item["metadata"].get("annotations", {}).items() if k != "deployment.kubernetes.io/revision"}
    return {**out, "labels": item["metadata"].get("labels", {}), "annotations": annotations}


def named(name):
    return {"name": name, "namespace": NAMESPACE}


def scale_deployment(n):
    return Change("scale_deployment", {**named(n), "replicas": 2}, [(APPS + "/deployments", workload("Deployment", n))], [f"{APPS}/deployments/{n}"])


def scale_statefulset(n):
    return Change("scale_statefulset", {**named(n), "replicas": 2}, [(APPS + "/statefulsets", workload("StatefulSet", n, serviceName=n))], [f"{APPS}/statefulsets/{n}"])


def restart_deployment(n):
    return Change("restart_deployment", named(n), [(APPS + "/deployments", workload("Deployment", n))], [f"{APPS}/deployments/{n}"], undo=False)


def patch_deployment(n):
    return Change("patch_deployment", {**named(n), "image": "registry.example/web:2", "env": {"MODE": "dark"}},
                  [(APPS + "/deployments", workload("Deployment", n))], [f"{APPS}/deployments/{n}"])


def pause_rollout(n):
    return Change("pause_rollout", named(n), [(APPS + "/deployments", workload("Deployment", n))], [f"{APPS}/deployments/{n}"])


def patch_resource(n):
    return Change("patch_resource", {**named(n), "kind": "configmap", "patch": {"data": {"mode": "dark", "old": None}, "metadata": {"labels": {"by": "campaign"}}}},
                  [(CORE + "/configmaps", configmap(n, mode="light", old="x", kept="y"))], [f"{CORE}/configmaps/{n}"])


def replace_list(n):
    """What the list loses is asked for by no field."""
    item = workload("Deployment", n)
    item["spec"]["replicas"] = 0
    item["spec"]["template"]["spec"]["containers"] = [{"name": "web", "image": IMAGE, "env": [{"name": "MODE", "value": "dark"}], "resources": {"limits": {"memory": "1Gi"}}}, {"name": "sidecar", "image": IMAGE}]
    return Change("patch_resource", {**named(n), "kind": "deployment", "patch": {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "registry.example/web:2"}]}}}}},
                  [(f"{APPS}/deployments", item)], [f"{APPS}/deployments/{n}"])


def apply_manifest(n):
    items = [configmap(f"{n}-{part}", mode="dark") for part in "abc"]
    for item in items:
        item["metadata"]["namespace"] = NAMESPACE
    return Change("apply_manifest", {"namespace": NAMESPACE, "manifest": {"apiVersion": "v1", "kind": "List", "items": items}},
                  [(CORE + "/configmaps", configmap(f"{n}-a", kept="y"))], [f"{CORE}/configmaps/{n}-{part}" for part in "abc"])


def create_resource(n):
    items = [{**configmap(n, mode="dark")}, {**secret(n, password="x")}]
    return Change("create_resource", {"namespace": NAMESPACE, "manifest": {"apiVersion": "v1", "kind": "List", "items": items}}, [],
                  [f"{CORE}/configmaps/{n}", f"{CORE}/secrets/{n}"])


def delete_resource(n):
    return Change("delete_resource", {**named(n), "kind": "configmap"}, [(CORE + "/configmaps", configmap(n, mode="light"))], [f"{CORE}/configmaps/{n}"])


def delete_pod(n):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": n, "labels": {"app": n}}, **{"spec": template(n)["spec"]}}
    return Change("delete_pod", {**named(n), "grace_period_seconds": 0}, [(CORE + "/pods", pod)], [f"{CORE}/pods/{n}"])


def delete_secret(n):
    return Change("delete_secret", named(n), [(CORE + "/secrets", secret(n, password="x"))], [f"{CORE}/secrets/{n}"], undo=False)


def rotate_secret(n):
    return Change("rotate_secret", {**named(n), "data": {"password": "new", "more": "x"}}, [(CORE + "/secrets", secret(n, password="old"))], [f"{CORE}/secrets/{n}"])


def rotate_secret_with_consumers(n):
    consumer = workload("Deployment", n)
    consumer["spec"]["template"] = template(n, volumes=[{"name": "s", "secret": {"secretName": n}}])
    return Change("rotate_secret", {**named(n), "data": {"password": "new"}, "restart_consumers": True},
                  [(CORE + "/secrets", secret(n, password="old")), (APPS + "/deployments", consumer)], [f"{CORE}/secrets/{n}", f"{APPS}/deployments/{n}"])


def suspend_cronjob(n):
    return Change("suspend_cronjob", named(n), [(BATCH + "/cronjobs", cronjob(n))], [f"{BATCH}/cronjobs/{n}"])


def create_job_from_cronjob(n):
    return Change("create_job_from_cronjob", {**named(n), "job_name": n}, [(BATCH + "/cronjobs", cronjob(n))], [f"{BATCH}/jobs/{n}"])


def cordon_node(n):
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": n, "labels": {"of": "campaign"}}}  # an owner of no field is not remembered
    return Change("cordon_node", {"name": n}, [("/api/v1/nodes", node)], [f"/api/v1/nodes/{n}"])


KINDS = [scale_deployment, scale_statefulset, restart_deployment, patch_deployment, pause_rollout, patch_resource, replace_list, apply_manifest, create_resource, delete_resource,
         delete_pod, delete_secret, rotate_secret, rotate_secret_with_consumers, suspend_cronjob, create_job_from_cronjob, cordon_node]


def prepare(api):
    api.post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
