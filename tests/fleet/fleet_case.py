"""What the tests of registered clusters share: a data directory, a directory of mounted kubeconfigs, and accounts of the
cluster in KUBECONFIG."""
import base64
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support")]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402

NAMESPACE = "fleet-agents"


class FleetCase(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        cls.config = cls.kubectl.json("config", "view", "--raw", "--flatten")
        context = next(c["context"] for c in cls.config["contexts"] if c["name"] == cls.config["current-context"])
        cls.cluster = next(c["cluster"] for c in cls.config["clusters"] if c["name"] == context["cluster"])

    def setUp(self):
        self.base = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-fleet-"))
        self.mounted = os.path.join(self.base, "kubeconfigs")
        os.mkdir(self.mounted)

    def write(self, name, text):
        path = os.path.join(self.base, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def fairlead(self, *arguments, **environment):
        return program.run(*map(str, arguments), env={"FAIRLEAD_DATA": os.path.join(self.base, "data"), "FAIRLEAD_KUBECONFIGS": self.mounted, "KUBECONFIG": "/dev/null", **environment})

    def clusters(self, *arguments):
        return self.fairlead("clusters", *arguments)

    def json_of(self, *arguments):
        return self.ok(self.clusters(*arguments, "-o", "json")).json()

    def account(self, name):
        """A service account's token, on servers old and new."""
        self.kubectl.run("create", "serviceaccount", name, "-n", NAMESPACE, check=False)
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{name}-token", "annotations": {"kubernetes.io/service-account.name": name}}, "type": "kubernetes.io/service-account-token"}
        self.kubectl.run("apply", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(secret).encode())
        data = program.eventually(lambda: self.kubectl.json("get", "secret", f"{name}-token", "-n", NAMESPACE)["data"]["token"])
        return base64.b64decode(data).decode()

    def authority(self):
        return base64.b64decode(self.cluster["certificate-authority-data"]).decode()
