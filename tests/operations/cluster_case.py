"""What the tests of operations share: the cluster in KUBECONFIG, kubectl as the other opinion, and finding there what a
test needs. Nothing is assumed about the cluster but that it has a Deployment that is ready, so the same tests run on a
real cluster and on the sandbox."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program  # noqa: E402
from kubectl import Kubectl  # noqa: E402

KUBECONFIG = os.environ.get("KUBECONFIG", "")


def controller(item):
    for owner in item["metadata"].get("ownerReferences", []):
        if owner.get("controller"):
            return f"{owner['kind']}/{owner['name']}"
    return None


class ClusterCase(program.Case):
    @classmethod
    def setUpClass(cls):
        if not KUBECONFIG:
            raise AssertionError("KUBECONFIG is not set: start this by tests/cluster/cluster run --workload -- or tests/support/with-sandbox --")
        cls.kubectl = Kubectl(KUBECONFIG)

    def call(self, operation, *arguments, **options):
        return program.run("call", operation, *arguments, env={"KUBECONFIG": KUBECONFIG}, **options)

    def rows(self, operation, *arguments):
        return self.ok(self.call(operation, *arguments, "-o", "json")).json()["items"]

    def document(self, operation, *arguments):
        return self.ok(self.call(operation, *arguments, "-o", "json")).json()

    def settled(self, read, compare, seconds=20):
        """Clusters move: compares only where `read` answers the same before and after `compare` has done its own reading.
        `compare(before)` answers a function that asserts."""
        def attempt():
            before = read()
            check = compare(before)
            unchanged = read() == before
            try:
                check()
            except AssertionError:
                if unchanged:
                    raise Certain() from None
                raise
            return before

        try:
            return program.eventually(attempt, seconds)
        except Certain:
            # The cluster may still have moved there and back, or time have passed an edge: the second time counts.
            before = read()
            compare(before)()
            return before

    def ready_deployment(self):
        """(namespace, name, replicas) of one whose replicas are all there."""
        def find():
            for item in self.kubectl.items("deployments", "-A"):
                wanted, status = item["spec"].get("replicas", 1), item["status"]
                if 1 <= wanted <= 10 and status.get("readyReplicas") == wanted and status.get("updatedReplicas") == wanted \
                        and status.get("replicas") == wanted and not item["spec"].get("paused"):
                    return item["metadata"]["namespace"], item["metadata"]["name"], wanted
            raise AssertionError("the cluster has no Deployment that is ready")
        return program.eventually(find, 60)

    def pods_of(self, namespace, deployment):
        """Those of its present ReplicaSet that run."""
        item = self.kubectl.json("get", "deployment", deployment, "-n", namespace)
        labels = ",".join(f"{k}={v}" for k, v in item["spec"]["selector"]["matchLabels"].items())
        return [p for p in self.kubectl.items("pods", "-n", namespace, "-l", labels)
                if "deletionTimestamp" not in p["metadata"] and p["status"].get("phase") == "Running"]

    def some_pod(self, wanted, what):
        def find():
            for pod in self.kubectl.items("pods", "-A"):
                if wanted(pod):
                    return pod
            raise AssertionError(f"the cluster has no {what}")
        return program.eventually(find, 60)

    def running_pod(self):
        """One that is ready and stays so: what crashes in a loop is ready too, for the moment that it runs."""
        def ready(pod):
            return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", [])) \
                and all(c["restartCount"] == 0 for c in pod["status"].get("containerStatuses", [])) and "deletionTimestamp" not in pod["metadata"]
        return self.some_pod(ready, "pod that is ready")


class Certain(Exception):
    """The cluster stood still, and yet there is a difference."""


def place(item):
    return item["metadata"]["namespace"], item["metadata"]["name"]
