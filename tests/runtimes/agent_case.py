"""What tests of agents share: a registered cluster, a data directory for each class, and a stand-in for a runtime's image
that answers on the profile's ports."""
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "changes")]

import program  # noqa: E402
from change_case import ChangeCase  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from recording import Recording  # noqa: E402

NAMESPACE = "agents-under-test"
ON_SANDBOX = "FAIRLEAD_TEST_SANDBOX" in os.environ
# What bootstrap.sh runs instead of the runtime: its ports answer, /health too.
COMMAND = "mkdir -p /tmp/www; echo ok > /tmp/www/health; date +%s >> /root/.openclaw/starts; httpd -p 9090 -h /tmp/www; exec httpd -f -p 18789 -h /tmp/www"
STAND_IN = ("--image", "fairlead.test/busybox:1", "--cpu", "50m", "--memory", "32Mi", "--storage", "1Gi", "--env", json.dumps({"AGENT_COMMAND": COMMAND}))
# Seconds. The stand-in does not listen to SIGTERM, so a real node waits for its grace period before it starts the next one.
READY = "30" if ON_SANDBOX else "120"


class AgentCase(ClusterCase):
    """Calls go through a proxy that records them, self.recording.requests, or not (`is_recorded`)."""

    is_recorded = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fairlead-agents-"))
        cls.recording = cls.enterClassContext(Recording(cls.kubectl, cls.base))
        mounted = os.path.join(cls.base, "mounted")
        os.makedirs(mounted)
        config = cls.kubectl.text("config", "view", "--raw", "--flatten", "-o", "json")
        if cls.is_recorded:
            with open(cls.recording.config) as file:
                config = file.read()
        with open(os.path.join(mounted, "box"), "w") as file:
            file.write(config)
        cls.environment = {"FAIRLEAD_DATA": os.path.join(cls.base, "data"), "FAIRLEAD_KUBECONFIGS": mounted, "KUBECONFIG": "/dev/null"}
        case = cls("setUp")
        case.ok(case.fairlead("clusters", "add", "box", "--credential-mode", "path", "--openclaw-namespace", NAMESPACE, "--hermes-namespace", NAMESPACE))
        case.ok(case.fairlead("clusters", "test", "box"))
        cls.volumes = 0

    def setUp(self):
        self.recording.requests.clear()
        self.name = self.id().rsplit(".", 1)[1].removeprefix("test_").replace("_", "-")[:40].strip("-")

    @classmethod
    def fairlead(cls, *arguments, **env):
        return program.run(*arguments, env={**cls.environment, **env}, hang=200)

    def agents(self, word, *arguments, allow="destructive", **env):
        allowed = () if allow is None else ("--allow", allow, "--reason", "a test")
        if not ON_SANDBOX and "--timeout" not in arguments:
            arguments += ("--timeout", "170")
        return self.fairlead("agents", word, *arguments, *(() if word in ("list", "show", "compare") else allowed), **env)

    def env(self):
        return self.environment

    def approve(self, change):
        status, shown = ChangeCase.at_a_terminal(self, "changes", "approve", change, types="y")
        self.assertEqual(status, 0, shown)
        return shown

    def volume(self):
        """The real cluster here provisions none."""
        if ON_SANDBOX:
            return
        type(self).volumes += 1
        path = os.path.join(self.base, f"volume-{self.volumes}")
        os.makedirs(path, mode=0o777)
        item = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": os.path.basename(self.base).lower().replace("_", "-") + f"-{self.volumes}"},
                "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": path}, "persistentVolumeReclaimPolicy": "Retain"}}
        self.kubectl.run("create", "-f", "-", stdin=json.dumps(item).encode())

    def deploy(self, name=None, *more):
        self.volume()
        done = self.ok(self.agents("deploy", name or self.name, "--runtime", "openclaw", "--cluster", "k8s:box", *STAND_IN, "--wait-seconds", READY, *more, "-o", "json"))
        return done.json()

    def show(self, name=None):
        return self.ok(self.agents("show", name or self.name, "-o", "json")).json()

    def objects(self, name=None):
        """All that carries the agent's label, by kind; of pods those that are not being deleted."""
        found = {}
        for kind in ("deployments", "services", "configmaps", "secrets", "persistentvolumeclaims", "networkpolicies", "pods"):
            for item in self.kubectl.items(kind, "-n", NAMESPACE, "-l", f"fairlead.dev/agent={name or self.name}"):
                if item["kind"] != "Pod" or "deletionTimestamp" not in item["metadata"]:
                    found.setdefault(item["kind"], []).append(item)
        return found

    def uids(self, name=None):
        return {kind: [item["metadata"]["uid"] for item in items] for kind, items in self.objects(name).items()}

    def writes(self):
        """Requests that may have changed something."""
        return [r for r in self.recording.requests if r.method not in ("GET", "HEAD") and "dryRun" not in r.target and b'"dryRun"' not in r.body and "reviews" not in r.target]
