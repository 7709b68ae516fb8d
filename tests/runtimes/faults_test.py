#!/usr/bin/env python3
"""Agents on a bad day: refused, delayed and broken requests, and a change whose caller gave up.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/faults_test.py"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from agent_case import AgentCase, NAMESPACE, ON_SANDBOX, READY, STAND_IN  # noqa: E402
from kube_api import KubeApi  # noqa: E402
import program  # noqa: E402

WRITES = ["PATCH", "POST", "DELETE"]
WHOLE = {"Deployment", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim"}


class Faults(AgentCase):
    is_recorded = False

    @classmethod
    def setUpClass(cls):
        if not ON_SANDBOX:
            program.skip_all("only a sandbox has faults that are asked for")
        super().setUpClass()
        cls.api = KubeApi(cls.kubectl.json("config", "view", "--raw", "--flatten"))

    def tearDown(self):
        self.api.request("DELETE", "/sandbox/faults")

    def fault(self, name, rule):
        status, answer = self.api.request("PUT", f"/sandbox/faults/{name}", {**rule, "match": {"userAgent": "fairlead", "path": "*" + NAMESPACE + "*", **rule.get("match", {})}})
        self.assertIn(status, (200, 201), answer)

    def life(self):
        self.deploy(None, "--timeout", "55")
        self.ok(self.agents("stop", self.name, "--timeout", "55"))
        self.ok(self.agents("start", self.name, "--wait-seconds", READY, "--timeout", "55"))
        self.ok(self.agents("redeploy", self.name, "--memory", "40Mi", "--wait-seconds", READY, "--timeout", "55"))
        objects = self.objects()
        self.assertEqual({kind: len(items) for kind, items in objects.items() if kind != "Pod"}, dict.fromkeys(WHOLE, 1))
        self.assertEqual(objects["Deployment"][0]["metadata"]["annotations"]["fairlead.dev/revision"], "2")
        self.ok(self.agents("delete", self.name, "--delete-state", "--timeout", "55"))
        self.assertEqual(self.objects(), {})

    def test_a_busy_server(self):
        self.fault("busy", {"match": {"methods": WRITES}, "percent": 25, "status": 429, "message": "busy", "retryAfter": 1, "skip": 6})
        self.life()

    def test_a_server_that_fails(self):
        self.fault("fails", {"match": {"methods": WRITES}, "percent": 20, "status": 503, "message": "etcd has no leader", "skip": 6})
        self.life()

    def test_a_server_that_hangs_up(self):
        self.fault("drops", {"match": {"methods": WRITES}, "percent": 20, "drop": True, "skip": 6})
        self.life()

    def test_answers_that_break_off(self):
        self.fault("tears", {"match": {"methods": WRITES}, "percent": 20, "tearAfter": 20, "skip": 6})
        self.life()

    def test_who_gives_up_leaves_it_to_the_next(self):
        """The caller's time is over in the middle; whoever looks at the changes next brings it to its end."""
        self.fault("slow", {"match": {"methods": ["PATCH"]}, "delayMs": 2000, "skip": 5})
        gave_up = self.agents("deploy", self.name, "--runtime", "openclaw", "--cluster", "k8s:box", *STAND_IN, "--timeout", "4")
        self.assertNotEqual(gave_up.status, 0, gave_up)
        self.api.request("DELETE", "/sandbox/faults")

        def ended():
            states = {c["summary"]: c["state"] for c in self.ok(self.fairlead("changes", "list", "-o", "json")).json()["items"]}
            mine = [state for summary, state in states.items() if self.name in summary]
            self.assertEqual(mine, ["completed"])
        program.eventually(ended, 30, 1)
        self.assertEqual(set(self.objects()) - {"Pod"}, WHOLE)
        self.ok(self.agents("delete", self.name, "--delete-state"))

    def test_a_refusal_is_told_and_the_agent_can_be_deployed_anew(self):
        self.fault("quota", {"match": {"methods": ["PATCH"], "path": "*/deployments/*"}, "status": 403, "message": "exceeded quota: agents, requested: pods=1"})
        refused = self.agents("deploy", self.name, "--runtime", "openclaw", "--cluster", "k8s:box", *STAND_IN)
        self.failed(refused, "permission_denied", mentions=["exceeded quota"])
        self.api.request("DELETE", "/sandbox/faults")
        rows = {row["name"]: row for row in self.ok(self.agents("list", "-o", "json")).json()["items"]}
        if self.name in rows:  # it had begun
            self.assertFalse(rows[self.name]["busy"])
            self.ok(self.agents("repair", self.name, "--wait-seconds", READY))
        else:
            self.deploy()
        self.assertEqual(self.show()["status"]["phase"], "running")
        self.ok(self.agents("delete", self.name, "--delete-state"))


if __name__ == "__main__":
    program.main()
