#!/usr/bin/env python3
"""An agent's life: deployed, looked at, stopped, started, restarted, deployed anew, set back, deleted.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/agents_test.py"""
import base64
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from agent_case import AgentCase, NAMESPACE, READY, STAND_IN  # noqa: E402
import program  # noqa: E402

KINDS = {"Deployment", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "Pod"}
CANARY = "canary-value-4711"


class Lifecycle(AgentCase):
    def test_from_deploy_to_deletion(self):
        name = self.name
        made = self.deploy()
        self.assertEqual((made["agent"], made["revision"], made["changed"]), (name, 1, True))
        objects = self.objects()
        self.assertEqual(set(objects), KINDS)
        self.assertEqual({len(items) for items in objects.values()}, {1})
        self.assertRegex(made["deployment"], f"^nora-oclaw-{name}-[0-9a-f]{{8}}$")
        shown = self.show()
        self.assertEqual((shown["desired"], shown["status"]["phase"]), ("running", "running"))
        self.assertEqual(shown["status"]["replicas"], {"desired": 1, "current": 1, "ready": 1, "available": 1, "updated": 1})
        listed = {row["name"]: row for row in self.ok(self.agents("list", "-o", "json")).json()["items"]}
        self.assertEqual((listed[name]["cluster"], listed[name]["namespace"], listed[name]["desired"], listed[name]["busy"]), ("k8s:box", NAMESPACE, "running", False))

        first = self.uids()
        # Restart: other pods, and annotations of others stay.
        patch = json.dumps({"spec": {"template": {"metadata": {"annotations": {"theirs.example.com/note": "kept"}}}}})
        self.kubectl.run("patch", "deployment", made["deployment"], "-n", NAMESPACE, "-p", patch)
        self.ok(self.agents("restart", name, "--wait-seconds", READY))
        annotations = self.objects()["Deployment"][0]["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual(annotations["theirs.example.com/note"], "kept")
        self.assertIn("kubectl.kubernetes.io/restartedAt", annotations)
        self.assertNotEqual(self.uids()["Pod"], first["Pod"])

        # Stop: no replicas wanted or ready, and no pods.
        stopped = self.ok(self.agents("stop", name))
        self.assertIn("no pods are left", " ".join(stopped.notes))
        deployment = self.objects()["Deployment"][0]
        self.assertEqual((deployment["spec"]["replicas"], deployment["status"].get("replicas", 0)), (0, 0))
        self.assertEqual(self.kubectl.items("pods", "-n", NAMESPACE, "-l", f"fairlead.dev/agent={name}"), [])
        self.assertEqual((self.show()["desired"], self.show()["status"]["phase"]), ("stopped", "stopped"))
        self.failed(self.agents("restart", name), "invalid_request", 2, mentions=["is stopped"])
        self.recording.requests.clear()
        self.assertIn("nothing changed", " ".join(self.ok(self.agents("stop", name)).notes))
        self.assertEqual(self.writes(), [])
        self.ok(self.agents("start", name, "--wait-seconds", READY))
        self.assertEqual(self.show()["status"]["phase"], "running")

        # Redeploy: Deployment, Service and ConfigMap are others, state and Secret are not.
        before = self.uids()
        token = self.objects()["Secret"][0]["data"]["OPENCLAW_GATEWAY_TOKEN"]
        self.recording.requests.clear()
        self.ok(self.agents("redeploy", name, "--memory", "48Mi", "--wait-seconds", READY))
        after = self.uids()
        for kind in ("Deployment", "Service", "ConfigMap"):
            self.assertNotEqual(after[kind], before[kind], kind)
        for kind in ("Secret", "PersistentVolumeClaim"):
            self.assertEqual(after[kind], before[kind], kind)
        self.assertEqual(self.objects()["Secret"][0]["data"]["OPENCLAW_GATEWAY_TOKEN"], token)
        methods = [r.method for r in self.writes()]
        self.assertEqual(methods, sorted(methods, key=["DELETE", "PATCH"].index), "all are deleted before anything is applied")
        compared = self.ok(self.agents("compare", name, "--from", "1", "-o", "json")).json()
        self.assertEqual(compared["differences"], ["memory: 32Mi -> 48Mi"])
        self.ok(self.agents("rollback", name, "--revision", "1", "--wait-seconds", READY))
        shown = self.show()
        self.assertEqual([r["revision"] for r in shown["revisions"]], [3, 2, 1])
        self.assertEqual(shown["spec"]["memory"], "32Mi")
        self.assertEqual(self.ok(self.agents("compare", name, "--from", "1", "--to", "3", "-o", "json")).json()["differences"], [])

        # Delete: its state stays; all else goes.
        self.failed(self.fairlead("clusters", "remove", "box"), "conflict", mentions=["agents are deployed to it"])
        self.ok(self.agents("delete", name))
        self.assertEqual(set(self.objects()), {"PersistentVolumeClaim"})
        self.failed(self.agents("show", name), "not_found", mentions=["no agent"])
        changes = self.ok(self.fairlead("changes", "list", "-o", "json")).json()["items"]
        mine = [c["operation"] for c in changes if name in c["summary"]]
        self.assertEqual(mine, ["delete_agent", "rollback_agent", "redeploy_agent", "start_agent", "stop_agent", "restart_agent", "deploy_agent"])
        self.assertEqual({c["state"] for c in changes if name in c["summary"]}, {"completed"})
        self.ok(self.fairlead("audit", "verify"))

    def test_state_goes_where_it_is_told(self):
        self.deploy()
        self.ok(self.agents("delete", self.name, "--delete-state"))
        self.assertEqual(self.objects(), {})

    def test_drift_is_set_back_and_a_settled_agent_is_not_touched(self):
        made = self.deploy()
        name, deployment = self.name, made["deployment"]
        self.recording.requests.clear()
        self.assertIn("nothing changed", " ".join(self.ok(self.agents("repair", name)).notes))
        self.assertEqual(self.writes(), [])
        self.kubectl.run("scale", "deployment", deployment, "-n", NAMESPACE, "--replicas", "2")
        self.kubectl.run("set", "image", f"deployment/{deployment}", "-n", NAMESPACE, "agent=fairlead.test/other:1")
        self.kubectl.run("delete", "service", deployment, "-n", NAMESPACE)
        self.kubectl.run("patch", "configmap", deployment + "-bootstrap", "-n", NAMESPACE, "-p", '{"data":{"bootstrap.sh":"exit 1"}}')
        self.ok(self.agents("repair", name, "--wait-seconds", READY))
        objects = self.objects()
        self.assertEqual(objects["Deployment"][0]["spec"]["replicas"], 1)
        self.assertEqual(objects["Deployment"][0]["spec"]["template"]["spec"]["containers"][0]["image"], "fairlead.test/busybox:1")
        self.assertEqual(len(objects["Service"]), 1)
        self.assertIn("AGENT_COMMAND", objects["ConfigMap"][0]["data"]["bootstrap.sh"])
        self.recording.requests.clear()
        self.ok(self.agents("repair", name))
        self.assertEqual(self.writes(), [])
        self.ok(self.agents("delete", name, "--delete-state"))


class Refusals(AgentCase):
    def test_targets(self):
        deploy = ("deploy", self.name, "--runtime", "openclaw", *STAND_IN)
        self.failed(self.agents(*deploy), "invalid_request", 2, mentions=["on which cluster"])
        self.failed(self.agents(*deploy, "--cluster", "elsewhere"), "invalid_request", 2, mentions=["registered clusters"])
        self.failed(self.agents(*deploy, "--cluster", "k8s:elsewhere"), "not_found", mentions=["elsewhere"])
        wrong = self.agents("deploy", self.name, "--runtime", "openclav", "--cluster", "k8s:box")
        self.assertEqual((wrong.status, wrong.error_line), (2, "error: find the runtime: there is no runtime openclav. Did you mean openclaw? (invalid_request)"))
        self.ok(self.fairlead("clusters", "disable", "box"))
        self.failed(self.agents(*deploy, "--cluster", "k8s:box"), "conflict", mentions=["disabled"])
        self.ok(self.fairlead("clusters", "enable", "box"))
        self.ok(self.fairlead("clusters", "set", "box", "--context", "test"))
        self.failed(self.agents(*deploy, "--cluster", "k8s:box"), "conflict", mentions=["not tested"])
        self.ok(self.fairlead("clusters", "test", "box"))
        self.assertEqual(self.ok(self.agents("list", "-o", "json")).json()["items"], [])
        self.assertEqual(self.writes(), [])

    def test_values(self):
        deploy = ("deploy", self.name, "--runtime", "openclaw", "--cluster", "k8s:box")
        for wrong, word in (("--cpu", "lots"), ("--memory", "-1"), ("--storage", "10 Gi"), ("--env", '{"A B":"x"}'), ("--image", "UPPER CASE")):
            self.failed(self.agents(*deploy, wrong, word), "invalid_request", 2)
        for name in ("Upper", "a/b", "x" * 64, "-a", "a_b"):
            self.failed(self.agents("deploy", f"--name={name}", "--runtime", "openclaw", "--cluster", "k8s:box"), "invalid_request", 2)
        for word in ("show", "start", "stop", "restart", "redeploy", "repair", "delete"):
            self.failed(self.agents(word, "nobody"), "not_found", mentions=["no agent 'nobody'"])
        self.failed(self.agents("rollback", "nobody", "--revision", "1"), "not_found")
        self.assertEqual(self.writes(), [])

    def test_another_owners_object_is_not_touched(self):
        made = self.deploy()
        service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": made["service"]}, "spec": {"ports": [{"port": 80}], "selector": {"app": "theirs"}}}
        self.kubectl.run("delete", "service", made["service"], "-n", NAMESPACE)
        self.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(service).encode())
        theirs = self.kubectl.json("get", "service", made["service"], "-n", NAMESPACE)
        for word in ("redeploy", "repair", "delete"):
            self.failed(self.agents(word, self.name), "conflict", mentions=["does not belong to this agent"])
        self.assertEqual(self.kubectl.json("get", "service", made["service"], "-n", NAMESPACE)["metadata"]["resourceVersion"], theirs["metadata"]["resourceVersion"])
        self.kubectl.run("delete", "service", made["service"], "-n", NAMESPACE)
        self.ok(self.agents("delete", self.name, "--delete-state"))

    def test_a_name_is_deployed_once(self):
        self.volume()
        commands = [(name, "--runtime", "openclaw", "--cluster", "k8s:box", *STAND_IN) for name in [self.name] * 4]
        outcomes = [outcome for _, outcome in program.parallel(lambda arguments: self.agents("deploy", *arguments), commands, 4)]
        self.assertEqual([o.status for o in outcomes].count(0), 1, [str(o) for o in outcomes])
        for outcome in outcomes:
            if outcome.status != 0:
                self.failed(outcome, "conflict", mentions=["there is an agent"])
        self.assertEqual({len(items) for kind, items in self.objects().items() if kind != "Pod"}, {1})
        self.ok(self.agents("delete", self.name, "--delete-state"))

    def test_the_policy_and_an_approval(self):
        self.volume()
        deploy = ("deploy", self.name, "--runtime", "openclaw", "--cluster", "k8s:box", *STAND_IN)
        waits = self.agents(*deploy, allow=None)
        self.failed(waits, "approval_required", 3)
        self.assertEqual(self.objects(), {})
        self.assertNotIn(self.name, self.ok(self.agents("list")).out)
        change = waits.error_line.split("as change ")[1].split(".")[0]
        shown = self.approve(change)
        self.assertIn("OPENCLAW_GATEWAY_TOKEN", shown)
        done = self.agents(*deploy, allow=None)
        self.ok(done)
        self.assertEqual(set(self.objects()) - {"Pod"}, KINDS - {"Pod"})
        self.ok(self.agents("delete", self.name, "--delete-state"))


class Secrets(AgentCase):
    def test_no_value_is_shown_anywhere(self):
        self.deploy(None, "--secret-env", json.dumps({"API_KEY": CANARY}))
        secret = self.objects()["Secret"][0]["data"]
        token = base64.b64decode(secret["OPENCLAW_GATEWAY_TOKEN"]).decode()
        self.assertEqual(base64.b64decode(secret["API_KEY"]).decode(), CANARY)
        self.assertRegex(token, "^[0-9a-f]{32}$")
        outcomes = [self.ok(self.agents("redeploy", self.name, "--secret-env", json.dumps({"API_KEY": CANARY + "-2"}), "--dry-run", "-o", "yaml")),
                    self.ok(self.agents("redeploy", self.name, "--secret-env", json.dumps({"API_KEY": CANARY + "-2"}))),
                    self.ok(self.agents("show", self.name, "-o", "yaml")), self.ok(self.agents("compare", self.name, "--from", "1", "-o", "yaml")),
                    self.ok(self.fairlead("audit", "export")), self.ok(self.fairlead("changes", "list", "-o", "json"))]
        for change in json.loads(outcomes[-1].out)["items"]:
            outcomes.append(self.ok(self.fairlead("changes", "show", str(change["id"]), "-o", "yaml")))
        self.assertIn("API_KEY", outcomes[2].out)
        for outcome in outcomes:
            self.assertNotIn(CANARY, outcome.out + outcome.err)
            self.assertNotIn(token, outcome.out + outcome.err)
        for root, _, files in os.walk(self.environment["FAIRLEAD_DATA"]):
            for file in files:
                with open(os.path.join(root, file), "rb") as kept:
                    content = kept.read()
                self.assertNotIn(CANARY.encode(), content)
                self.assertNotIn(token.encode(), content)
        for kind, items in self.objects().items():
            if kind != "Secret":
                self.assertNotIn(CANARY, json.dumps(items))
        self.ok(self.agents("delete", self.name, "--delete-state"))


if __name__ == "__main__":
    program.main()
