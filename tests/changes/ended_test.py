#!/usr/bin/env python3
"""A change whose caller gives up, or whose process ends, in the middle: what is told of it is what the cluster shows.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/ended_test.py"""
import json
import sqlite3
import subprocess
import threading

from change_case import NAMESPACE, ChangeCase
import program


class Ended(ChangeCase):
    def configmap(self):
        """Something that no controller writes as well."""
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"n": "1"}})

    def value(self):
        return self.kubectl.json("get", "configmap", self.name, "-n", NAMESPACE)["data"]["n"]

    def patching(self, value):
        return ("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps({"data": {"n": value}}))

    def state(self, number):
        """As it stands in the journal, where looking at it settles nothing."""
        with sqlite3.connect(f"file:{self.data}/fairlead.db?mode=ro", uri=True) as journal:
            return journal.execute("SELECT state FROM changes WHERE id = ?", (number,)).fetchone()[0]

    def becomes(self, number, *states, seconds=20):
        program.eventually(lambda: self.assertIn(self.state(number), states), seconds)

    def cancelled(self, hook):
        """A call that is given up while its PATCH is on its way; the server goes on to live."""
        reached, go_on = threading.Event(), threading.Event()
        self.addCleanup(go_on.set)
        setattr(self.recording, hook, lambda: (reached.set(), go_on.wait(20)))
        server = self.mcp("--allow", "write")
        request = server.start_call("patch_resource", {"name": self.name, "namespace": NAMESPACE, "kind": "configmap", "patch": {"data": {"n": "4"}}})
        self.assertTrue(reached.wait(20))
        server.notify("notifications/cancelled", {"requestId": request, "reason": "no longer wanted"})
        self.becomes(1, "interrupted")
        go_on.set()
        return server

    def test_a_call_that_is_cancelled_after_it_was_carried_out(self):
        self.configmap()
        server = self.cancelled("after_write")
        shown = self.show(1)
        self.assertEqual((shown["state"], shown["writes"][0]["state"], self.value()), ("completed", "done", "4"))
        server.call("list_namespaces")
        self.ok(self.fairlead("changes", "rollback", 1, "--allow", "write"))
        self.assertEqual(self.value(), "1")

    def test_a_call_that_is_cancelled_before_it_arrives(self):
        """Its request may still arrive, so nothing is said too early; once it has, that is told."""
        self.configmap()
        self.cancelled("at_write")
        program.eventually(lambda: self.assertEqual(self.value(), "4"))
        shown = self.show(1)
        self.assertEqual((shown["state"], shown["writes"][0]["state"]), ("completed", "done"))

    def killed(self, *arguments):
        """A call whose process is killed when the cluster has done it, and nobody has heard so."""
        child = subprocess.Popen([program.fairlead(), "call", *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.bare_environment(**self.env()))
        self.recording.after_write = lambda: (child.kill(), child.wait())
        child.communicate(timeout=60)
        self.assertEqual(child.returncode, -9)

    def test_an_approved_change_whose_process_is_killed(self):
        self.configmap()
        arguments = self.patching("5")
        number = self.waits(self.call(*arguments))
        self.approve(number)
        self.killed(*arguments)
        self.assertEqual(self.state(number), "executing")
        shown = self.show(number)
        self.assertEqual((shown["state"], shown["writes"][0]["state"], self.value()), ("completed", "done", "5"))
        self.assertTrue(shown["approver"].startswith("terminal:"), shown)
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", json.dumps({"data": {"n": "2"}}))
        self.assertNotEqual(self.waits(self.call(*arguments)), number)  # the approval was for once
        self.assertEqual(self.value(), "2")
        records = [record for record in self.audit() if record["change"] == str(number)]
        self.assertEqual([(record["operation"], record["outcome"]) for record in records],
                         [("patch_resource", "approval_required"), ("approve", "done"), ("patch_resource", "begun"), ("patch_resource", "done")])

    def test_a_scale_whose_process_is_killed(self):
        self.deployment()
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["status"].get("readyReplicas"), 1))
        self.killed("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 3, "--allow", "write")
        entries = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE, "--show-managed-fields")["metadata"]["managedFields"]
        is_marked = any(entry.get("subresource") == "scale" for entry in entries)
        shown = self.show(1)
        self.assertEqual((shown["state"], shown["writes"][0]["state"]), ("completed", "done") if is_marked else ("failed", "unknown"))

    def audit(self):
        return list(map(json.loads, self.ok(self.fairlead("audit", "export")).out.splitlines()))

    def test_a_server_looks_at_what_was_left_behind(self):
        self.configmap()
        self.killed(*self.patching("3"), "--allow", "write")
        self.assertEqual(self.state(1), "executing")
        self.mcp()
        self.becomes(1, "completed")

    def test_a_change_is_taken_back_by_one_at_a_time(self):
        self.configmap()
        number = self.ok(self.call(*self.patching("3"), "--allow", "write", "-o", "json")).json()["change"]
        outcomes = [outcome for _, outcome in program.parallel(lambda _: self.fairlead("changes", "rollback", number, "--allow", "write"), range(4))]
        self.assertEqual(sum("rolled_back: true" in outcome.out for outcome in outcomes), 1)
        for outcome in outcomes:
            if outcome.status:
                self.failed(outcome, "conflict", mentions=["by change 2"])
            elif "rolled_back: true" not in outcome.out:  # it looked when that was done and not yet written down
                self.assertIn("nothing changed", outcome.err)
        self.assertEqual((self.value(), len(self.ok(self.fairlead("changes", "list", "-o", "json")).json()["items"])), ("1", 2))

    def test_a_person_who_answers_at_once_is_recorded_before_the_change(self):
        self.configmap()
        status, shown = self.at_a_terminal("call", *self.patching("2"), types="y")
        self.assertEqual(status, 0, shown)
        self.assertEqual([(record["operation"], record["outcome"]) for record in self.audit()],
                         [("approve", "done"), ("patch_resource", "begun"), ("patch_resource", "done")])


if __name__ == "__main__":
    program.main()
