"""What tests of changes share: a namespace, a data directory for each test, and a record of all that was sent."""
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support")]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from mcp_client import Mcp  # noqa: E402
from recording import Recording  # noqa: E402

NAMESPACE, HIDDEN = "attacked", "vault"
BUILT_IN = "version: 1\n"


class ChangeCase(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fairlead-attacks-"))
        cls.recording = cls.enterClassContext(Recording(cls.kubectl, cls.base))
        for namespace in (NAMESPACE, HIDDEN):
            cls.kubectl.run("create", "namespace", namespace, check=False)

    def setUp(self):
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")[-40:].strip("-")
        self.data = os.path.join(self.base, self.id())
        os.makedirs(self.data, mode=0o700)
        self.policy(BUILT_IN)
        self.recording.requests.clear()
        self.recording.at_write = self.recording.after_write = None

    def policy(self, text):
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write(text)

    def env(self, config=None):
        return {"FAIRLEAD_DATA": self.data, "KUBECONFIG": config or self.recording.config}

    def fairlead(self, *arguments, config=None):
        return program.run(*arguments, env=self.env(config))

    def call(self, operation, *arguments, config=None, **options):
        return self.fairlead("call", operation, *arguments, config=config)

    def mcp(self, *arguments):
        server = self.enterContext(Mcp(*arguments, env=self.env()))
        server.initialize()
        return server

    def sent(self):
        """Requests that may have changed something."""
        return [r for r in self.recording.requests if r.method not in ("GET", "HEAD") and "dryRun" not in r.target and b'"dryRun"' not in r.body]

    def deployment(self, name=None, replicas=1):
        name = name or self.name
        item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
                "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                         "template": {"metadata": {"labels": {"app": name}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}}}
        self.make(item)
        return name

    def make(self, item, namespace=NAMESPACE):
        self.kubectl.run("create", *(["-n", namespace] if namespace else []), "-f", "-", stdin=json.dumps(item).encode())

    def replicas(self, name=None):
        return self.kubectl.json("get", "deployment", name or self.name, "-n", NAMESPACE)["spec"]["replicas"]

    def waits(self, outcome):
        """The id under which it waits for an approval."""
        self.failed(outcome, "approval_required", 3, mentions=["changes approve"])
        return int(outcome.error_line.split("as change ")[1].split(".")[0])

    def at_a_terminal(self, *arguments, types):
        """(status, what was shown) of a run whose standard streams are a terminal."""
        controller, terminal = pty.openpty()
        child = subprocess.Popen([program.fairlead(), *map(str, arguments)], stdin=terminal, stdout=terminal, stderr=terminal, env=program.bare_environment(**self.env()), start_new_session=True)
        os.close(terminal)
        shown, written, end = b"", False, time.monotonic() + 30
        while time.monotonic() < end:
            if select.select([controller], [], [], 0.1)[0]:
                try:
                    more = os.read(controller, 4096)
                except OSError:
                    break
                if not more:
                    break
                shown += more
            if not written and b"approve it" in shown.lower():
                os.write(controller, types.encode() + b"\n")
                written = True
        os.close(controller)
        return child.wait(10), shown.decode("utf-8", "replace")

    def approve(self, number, types="y"):
        status, shown = self.at_a_terminal("changes", "approve", number, types=types)
        self.assertEqual(status, 0, shown)
        return shown

    def show(self, number):
        return self.ok(self.fairlead("changes", "show", number, "-o", "json")).json()
