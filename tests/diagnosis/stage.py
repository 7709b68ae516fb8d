"""Where incidents are played: a namespace of a cluster, and the steps that incidents are made of. A step is a function of
the stage. In what is applied, $NS, $HOST and the other values of the stage are replaced."""
import json
import os
import re
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "cluster", "agreement"))  # it has a judge, too

from client import Cluster  # noqa: E402

OF_NO_NAMESPACE = {"Namespace", "Node", "StorageClass", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
                   "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}
PLURALS = {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies", "StorageClass": "storageclasses"}

# The first that is served.
VERSIONS = {
    "apps/v1": "Deployment StatefulSet DaemonSet ReplicaSet", "batch/v1": "Job CronJob", "batch/v1beta1": "CronJob",
    "networking.k8s.io/v1": "Ingress NetworkPolicy", "storage.k8s.io/v1": "StorageClass", "policy/v1": "PodDisruptionBudget",
    "policy/v1beta1": "PodDisruptionBudget", "autoscaling/v2": "HorizontalPodAutoscaler", "autoscaling/v2beta2": "HorizontalPodAutoscaler",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding ClusterRole ClusterRoleBinding", "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
    "apiregistration.k8s.io/v1": "APIService",
}


# Set when the test is asked to end: nobody waits any more.
ending = threading.Event()


class NotShown(Exception):
    """The incident did not come about: a fault of the test or of the cluster, not of the diagnosis."""


def plural(kind):
    return PLURALS.get(kind, kind.lower() + ("" if kind == "Endpoints" else "s"))


def versions_served(cluster):
    """{kind: group and version} of this cluster."""
    out = {}
    for version, kinds in VERSIONS.items():
        answer = cluster.request("GET", f"/apis/{version}")
        served = {one["kind"] for one in answer.body["resources"]} if answer.status == 200 else set()
        for kind in kinds.split():
            if kind in served:
                out.setdefault(kind, version)
    return out


class Stage:
    def __init__(self, cluster, versions, namespace, values=None):
        self.cluster, self.versions, self.namespace = cluster, versions, namespace
        self.values = {"NS": namespace, **(values or {})}
        self.made = []  # paths of what does not go with the namespace

    def begin(self):
        if self.cluster.request("DELETE", self.path("Namespace", self.namespace)).status != 404:
            self.repeat(lambda: not self.objects("Namespace", self.namespace), "an older namespace is gone", 90)
        self.apply({"kind": "Namespace", "metadata": {"name": self.namespace, "labels": {"incident": self.namespace}}})
        base = f"/api/v1/namespaces/{self.namespace}"
        self.repeat(lambda: self.cluster.request("GET", base + "/serviceaccounts/default").status == 200, "a service account", 30)

    def end(self):
        for path in reversed(self.made):
            self.cluster.request("DELETE", path)
        self.cluster.request("DELETE", f"/api/v1/namespaces/{self.namespace}")

    def repeat(self, holds, what, within):
        end = time.monotonic() + within
        while not holds():
            if ending.is_set() or time.monotonic() > end:
                raise NotShown(f"{what}: not within {within} s")
            ending.wait(0.3)

    def path(self, kind, name="", version="", namespace=None):
        name, version = self.filled(name), self.filled(version) or self.versions.get(kind, "v1")
        space = "" if kind in OF_NO_NAMESPACE else f"/namespaces/{namespace or self.namespace}"
        return ("/api/" if version == "v1" else "/apis/") + version + space + "/" + plural(kind) + (f"/{name}" if name else "")

    def filled(self, thing):
        text = json.dumps(thing)
        for name, value in self.values.items():
            text = text.replace("$" + name, value)
        return json.loads(text)

    def apply(self, thing, manager=""):
        """Made, or replaced. Right after its definition a custom kind, and right after its rights an object, may be refused."""
        thing = self.filled(thing)
        kind, version = thing["kind"], thing.get("apiVersion") or self.versions.get(thing["kind"], "v1")
        thing["apiVersion"] = version
        path, name = self.path(kind, version=version), thing["metadata"]["name"]
        query = f"?fieldManager={manager}" if manager else ""

        def attempt():
            answer = self.cluster.request("POST", path + query, thing)
            if answer.status == 409 and isinstance(answer.body, dict) and answer.body.get("reason") == "AlreadyExists":
                answer = self.cluster.request("PATCH", f"{path}/{name}{query}", json.dumps(thing), {"Content-Type": "application/merge-patch+json"})
            last[0] = answer
            return answer.status in (200, 201)
        last = [None]
        try:
            self.repeat(attempt, f"{kind} {name} is accepted", 15)
        except NotShown as problem:
            raise NotShown(f"{problem}: {last[0].status} {last[0].body}") from None
        if kind in OF_NO_NAMESPACE and kind not in ("Namespace", "Node"):
            self.made.append(f"{path}/{name}")
        if kind.endswith("WebhookConfiguration"):
            ending.wait(2)  # the API server takes notice of it a moment later

    def objects(self, kind, where="", version=""):
        """`where`: a name, a label selector (it has a "="), or empty for all of the namespace."""
        path = self.path(kind, version=version)
        if where and "=" not in where:
            answer = self.cluster.request("GET", f"{path}/{where}")
            return [answer.body] if answer.status == 200 else []
        answer = self.cluster.request("GET", path + (f"?labelSelector={where}" if where else ""))
        return answer.body["items"] if answer.status == 200 else []

    def real(self):
        return "FAIRLEAD_TEST_SANDBOX" not in os.environ


def values_at(thing, path):
    """All values at a dotted path, through every list on the way."""
    found = [thing]
    for part in path.split("."):
        found = [v for one in found for v in (one if isinstance(one, list) else [one])]
        found = [one[part] for one in found if isinstance(one, dict) and part in one]
    return [v for one in found for v in (one if isinstance(one, list) else [one])]


# ---- steps

def apply(*things, manager=""):
    def step(stage):
        for thing in things:
            stage.apply(thing, manager)
    return step


def patch(kind, name, body, version="", subresource="", of="application/merge-patch+json", manager=""):
    def step(stage):
        path = stage.path(kind, name, version) + (f"/{subresource}" if subresource else "")
        answer = stage.cluster.request("PATCH", path + (f"?fieldManager={manager}" if manager else ""), json.dumps(stage.filled(body)), {"Content-Type": of})
        if answer.status != 200:
            raise NotShown(f"patch of {kind} {name}: {answer.status} {answer.body}")
    return step


def delete(kind, name, version=""):
    def step(stage):
        answer = stage.cluster.request("DELETE", stage.path(kind, name, version))
        if answer.status not in (200, 202):
            raise NotShown(f"deletion of {kind} {name}: {answer.status} {answer.body}")
    return step


def until(kind, where, path, pattern, within=40, version=""):
    """Till a value at the path matches."""
    def step(stage):
        seen = []

        def holds():
            seen[:] = [v for one in stage.objects(kind, where, version) for v in values_at(one, path)]
            return any(re.search(pattern, json.dumps(v) if isinstance(v, (dict, list, bool)) else str(v)) for v in seen)
        try:
            stage.repeat(holds, f"{kind} {where}: {path} is {pattern}", within)
        except NotShown as problem:
            raise NotShown(f"{problem}; it is {seen}") from None
    return step


def pause(seconds):
    return lambda stage: ending.wait(seconds) and None


def until_event(reason, pattern="", within=40):
    def step(stage):
        def holds():
            return any(e.get("reason") == reason and re.search(pattern, e.get("message", "")) for e in stage.objects("Event"))
        stage.repeat(holds, f"an event {reason} {pattern}", within)
    return step


def until_waiting(app, reason, within=40):
    """A container of the app's pods waits for this reason."""
    return until("Pod", f"app={app}", "status.containerStatuses.state.waiting.reason", reason, within)


def until_crashing(app, within=45):
    """It has ended more than once."""
    return until("Pod", f"app={app}", "status.containerStatuses.restartCount", "^[1-9]", within)


def until_running(app, within=40):
    return until("Pod", f"app={app}", "status.containerStatuses.state.running.startedAt", ".", within)


def until_ready(app, within=60):
    return until("Pod", f"app={app}", "status.containerStatuses.ready", "^true$", within)


def until_not_ready(app, within=40):
    """It runs, and is not ready."""
    def step(stage):
        until_running(app, within)(stage)
        until("Pod", f"app={app}", "status.containerStatuses.ready", "^false$", within)(stage)
    return step


def on_sandbox(*steps):
    return lambda stage: None if stage.real() else [one(stage) for one in steps]


def on_real(*steps):
    return lambda stage: [one(stage) for one in steps] if stage.real() else None
