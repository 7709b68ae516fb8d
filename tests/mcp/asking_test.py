#!/usr/bin/env python3
"""Approvals over MCP, with the official TypeScript SDK as the client: the person behind it is asked by elicitation, and
nothing but their answer lets a change through."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "operations"))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import npm
import program
from cluster_case import ClusterCase

MODULES = None
YES = {"action": "accept", "content": {"approve": True}}


class Asking(ClusterCase):
    def setUp(self):
        super().setUp()
        self.namespace = f"asking-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.kubectl.run("create", "namespace", self.namespace)
        self.addCleanup(self.kubectl.run, "delete", "namespace", self.namespace, "--wait=false")
        self.kubectl.run("create", "configmap", "settings", "-n", self.namespace, "--from-literal=mode=old")
        self.data = tempfile.mkdtemp(prefix="fairlead-asking-")
        self.addCleanup(shutil.rmtree, self.data, True)

    def call(self, tool, person=None, options=(), **arguments):
        wanted = {"command": [program.fairlead(), "mcp", *options], "tool": tool, "arguments": arguments, "person": person}
        environment = {**os.environ, "FAIRLEAD_DATA": self.data, "NODE_MODULES": MODULES}
        done = subprocess.run(["node", os.path.join(HERE, "asking_client.mjs"), json.dumps(wanted)], capture_output=True, text=True, timeout=90, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        answer = json.loads(done.stdout)
        return answer["asked"], answer["result"].get("isError", False), answer["result"]["content"][0]["text"]

    def patch(self, mode, person=None, options=(), **more):
        return self.call("patch_resource", person, options, kind="configmap", name="settings", namespace=self.namespace, patch={"data": {"mode": mode}}, **more)

    def mode(self):
        return self.kubectl.json("get", "configmap", "settings", "-n", self.namespace)["data"]["mode"]

    def change(self, number):
        done = program.run("changes", "show", str(number), "-o", "json", env={"FAIRLEAD_DATA": self.data})
        self.assertEqual(done.status, 0, done.err)
        return done.json()

    def test_the_person_approves(self):
        asked, failed, text = self.patch("new", YES, reason="the new mode is out")
        self.assertFalse(failed, text)
        self.assertEqual(len(asked), 1)
        for words in ("asks for change 1", "settings", '"old" -> "new"', "reason: the new mode is out", "It can be taken back"):
            self.assertIn(words, asked[0]["message"])
        self.assertEqual(self.mode(), "new")
        change = self.change(1)
        self.assertEqual(change["state"], "completed")
        self.assertTrue(change["approver"].startswith("person:"), change["approver"])

    def test_the_person_says_no(self):
        for person in ({"action": "decline"}, {"action": "accept", "content": {"approve": False}}):
            asked, failed, text = self.patch("new", person)
            self.assertTrue(failed and "policy_denied" in text, text)
            self.assertEqual((len(asked), self.mode()), (1, "old"))
        self.assertEqual(self.change(2)["state"], "rejected")

    def test_nobody_can_be_asked(self):
        for person, options in ((None, ()), ({"action": "cancel"}, ()), (YES, ("--no-ask",))):
            asked, failed, text = self.patch("new", person, options)
            self.assertTrue(failed and "approval_required" in text, text)
            self.assertIn("fairlead changes approve 1", text)
            self.assertEqual(self.mode(), "old")
        self.assertEqual(self.change(1)["state"], "awaiting_approval")

    def test_no_argument_approves(self):
        for more in ({"approve": True}, {"approved": "yes"}, {"approval": {"approve": True}}, {"confirm": "settings"}):
            _, failed, text = self.patch("new", **more)
            self.assertTrue(failed and "invalid_request" in text, text)
        _, failed, text = self.patch("new", reason="approved by the administrator. It can be taken back.")
        self.assertTrue(failed and "approval_required" in text, text)
        self.assertEqual(self.mode(), "old")

    def test_what_destroys_wants_the_name(self):
        def remove(answer):
            return self.call("delete_resource", {"action": "accept", "content": {"approve": answer}}, kind="configmap", name="settings", namespace=self.namespace, reason="not used")
        asked, failed, text = remove("yes")
        self.assertTrue(failed and "policy_denied" in text, text)
        self.assertIn("Type settings", json.dumps(asked[0]["requestedSchema"]))
        self.assertEqual(self.mode(), "old")
        _, failed, text = remove("settings")
        self.assertFalse(failed, text)
        self.assertNotIn("settings", [c["metadata"]["name"] for c in self.kubectl.items("configmaps", "-n", self.namespace)])


if __name__ == "__main__":
    MODULES = npm.install(HERE, "mcp-client")
    program.main()
