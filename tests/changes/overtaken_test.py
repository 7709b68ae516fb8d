#!/usr/bin/env python3
"""Others act between what was shown, what was sent and what was answered: what is told is so, and nothing is lost by it.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/overtaken_test.py"""
import concurrent.futures
import json
import os

from change_case import NAMESPACE
from truth_test import TruthCase
import program

UNAVAILABLE = b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"the webhook is away","reason":"ServiceUnavailable","code":503}'


class AtOnce(TruthCase):
    def test_the_same_patch_of_two_at_once_is_one_change(self):
        """The second one meets a conflict, and finds it so already."""
        self.configmap(a="0")
        self.recording.at_write = lambda: self.ok(self.fairlead("call", *self.patch("1")))
        late = self.ok(self.call(*self.patch("1"), "-o", "json"))
        self.assertFalse(late.json()["changed"], late)
        self.assertEqual([self.states(number)[1] for number in (1, 2)].count(["done"]), 1)
        for number in (1, 2):
            self.rollback(number)
        self.assertEqual(self.data_of(), {"a": "0"})

    def test_what_is_there_already_is_not_made_once_more(self):
        """It is as it was asked for, and ours: by the change before."""
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "1"}})
        create = ("create_resource", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write")
        self.ok(self.call(*create))
        self.failed(self.call(*create), "conflict")
        self.assertEqual(self.states(2), ("failed", ["failed"]))
        self.failed(self.rollback(2, "--force"), "conflict")
        self.assertTrue(self.is_there("configmap"))
        self.ok(self.rollback(1))

    def test_what_somebody_else_has_created_meanwhile_is_theirs(self):
        self.recording.at_write = lambda: self.configmap(a="1")
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "1"}})
        self.failed(self.call("create_resource", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write"), "conflict")
        self.assertEqual(self.states(1)[0], "failed")
        self.failed(self.rollback(1, "--force"), "conflict")


class Overtaken(TruthCase):
    def test_what_had_gone_is_not_said_to_be_deleted(self):
        name = self.name + "-with-a-name-that-is-no-short-string"
        for operation, more, kind in (("delete_resource", ("--kind", "configmap"), "configmap"), ("delete_secret", (), "secret")):
            with self.subTest(operation):
                self.make({"apiVersion": "v1", "kind": kind.replace("configmap", "ConfigMap").replace("secret", "Secret"), "metadata": {"name": name}})
                self.recording.at_write = lambda: self.kubectl.run("delete", kind, name, "-n", NAMESPACE)
                outcome = self.ok(self.call(operation, name, "-n", NAMESPACE, *more, "--reason", "r", "--allow", "destructive", "-o", "json"))
                self.assertFalse(outcome.json()["deleted"])
                self.assertIn(name, outcome.out)
                self.assertTrue(any("had gone already" in note for note in outcome.notes), outcome)

    def test_a_server_that_is_busy_decides_nothing(self):
        """A dry run tells whether a creation is ours; one that the server could not answer tells nothing."""
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "1"}})
        self.unheard()
        real = self.recording.answer

        def answer(exchange):
            if exchange.request.method == "POST" and "dryRun" in exchange.request.target:
                return exchange.reply(503, UNAVAILABLE, "application/json")
            return real(exchange)
        self.failed(self.call("create_resource", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write"), "unreachable")
        self.recording.answer = answer
        self.addCleanup(setattr, self.recording, "answer", real)
        shown = self.show(1)
        self.assertEqual(shown["state"], "interrupted")
        self.assertIn("could not be looked at", shown["error"])
        self.recording.answer = real
        self.assertEqual(self.states(1), ("completed", ["done"]))
        self.ok(self.rollback(1))

    def test_what_others_undid_at_once_is_not_told_as_done(self):
        self.deployment(replicas=1)
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["status"].get("readyReplicas"), 1))
        self.recording.after_write = lambda: self.kubectl.run("scale", "deployment", self.name, "-n", NAMESPACE, "--replicas", "3")
        outcome = self.ok(self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2, "--wait-seconds", 15, "--allow", "write", "-o", "json"))
        self.assertIn("somebody else has changed it", outcome.json()["contradicted"])
        self.assertEqual(self.show(1)["state"], "failed")
        records = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines()]
        self.assertEqual([r["outcome"] for r in records if r["operation"] == "scale_deployment"][-1], "conflict")

    def test_a_rollback_that_left_something_does_not_count_when_it_is_back(self):
        for name in ("a", "b"):
            self.configmap(f"{self.name}-{name}", a="0")
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{self.name}-{name}"}, "data": {"a": "1"}} for name in ("a", "b")]
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", manifest, "--force", "--allow", "write"))
        self.kubectl.run("delete", "configmap", f"{self.name}-b", "-n", NAMESPACE)
        partial = self.ok(self.rollback(1, "--force", "-o", "json")).json()
        self.assertFalse(partial["rolled_back"])
        self.ok(self.rollback(2))
        self.ok(self.rollback(3))
        self.assertEqual(self.show(1)["state"], "completed", "what was left of it is there as the change made it")


    def test_what_others_add_to_a_new_object_does_not_contradict(self):
        self.recording.after_write = lambda: self.kubectl.run("annotate", "configmap", self.name, "-n", NAMESPACE, "seen=yes")
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "1"}}
        self.assertNotIn("contradicted", self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(manifest), "--allow", "write", "-o", "json")).json())
        self.name += "-2"
        manifest["metadata"]["name"] = self.name
        self.recording.after_write = lambda: self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"2"}}')
        self.assertIn("contradicted", self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(manifest), "--allow", "write", "-o", "json")).json())

    def test_the_same_call_at_once_is_one_change(self):
        self.configmap(a="0")
        call = ("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"1"}}')
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            numbers = list(pool.map(lambda _: self.waits(self.call(*call)), range(6)))
        self.assertEqual(set(numbers), {1})
        self.approve(1)
        self.ok(self.call(*call))

    def test_what_a_controller_counts_does_not_contradict(self):
        """Each new object has its revisions counted from 1 again."""
        self.deployment(replicas=1)
        self.kubectl.run("annotate", "deployment", self.name, "-n", NAMESPACE, "--overwrite", "deployment.kubernetes.io/revision=3")
        self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "deployment", "--wait-seconds", 5, "--reason", "r", "--allow", "destructive"))
        program.eventually(lambda: self.assertFalse(self.is_there("deployment")))
        back = self.ok(self.rollback(1, "-o", "json")).json()
        self.assertNotIn("contradicted", back)
        self.assertEqual(self.show(2)["state"], "completed")
        self.assertEqual(self.show(1)["state"], "rolled_back")

    def test_a_consumer_that_cannot_be_restarted_is_not_said_to_be(self):
        self.secret(p="one")
        self.deployment(replicas=1)
        container = {"name": "web", "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": self.name, "key": "p"}}}]}
        for patch in ({"spec": {"template": {"spec": {"containers": [container]}}}}, {"spec": {"paused": True}}):
            self.kubectl.run("patch", "deployment", self.name, "-n", NAMESPACE, "-p", json.dumps(patch))
        done = self.ok(self.call("rotate_secret", self.name, "-n", NAMESPACE, "--data", '{"p":"two"}', "--restart-consumers", "--allow", "destructive", "--reason", "r", "-o", "json")).json()
        self.assertNotIn("restarted", done)
        self.assertIn("is paused", done["not_restarted"][0])
        template = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]
        self.assertNotIn("restartedAt", json.dumps(template))

    def test_a_variable_that_is_taken_away_is_not_missed(self):
        self.deployment(replicas=0)
        patch = ("patch_deployment", self.name, "-n", NAMESPACE, "--allow", "write", "--env")
        self.ok(self.call(*patch, '{"A":"1","B":"2"}'))
        outcome = self.ok(self.call(*patch, '{"A":null}'))
        self.assertFalse([note for note in outcome.notes if "does not keep" in note], outcome)


class Approved(TruthCase):
    def test_a_namespace_that_was_shown_empty(self):
        self.kubectl.run("create", "namespace", self.name)
        self.addCleanup(self.kubectl.run, "delete", "namespace", self.name, "--wait=false", check=False)
        delete = ("delete_resource", self.name, "--kind", "namespace", "--reason", "r")
        self.policy("version: 1\nprotected_namespaces: []\n")
        number = self.waits(self.call(*delete))
        self.approve(number, types=self.name)
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "precious"}, "stringData": {"a": "b"}}, self.name)
        self.recording.requests.clear()
        self.failed(self.call(*delete), "conflict", mentions=["holds 1 of kind Secret", "since this was approved"])
        self.assertEqual(self.sent(), [])
        again = self.waits(self.call(*delete))
        self.assertIn(f"Namespace {self.name} holds 1 of kind Secret by now, which would go with it", self.show(again)["reach"])
        self.kubectl.run("delete", "secret", "precious", "-n", self.name)
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "another"}, "stringData": {"a": "b"}}, self.name)
        self.approve(again, types=self.name)
        self.failed(self.call(*delete), "conflict", mentions=["1 of the objects in it were not there"])
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "more"}, "stringData": {"a": "b"}}, self.name)
        last = self.waits(self.call(*delete))
        self.kubectl.run("delete", "secret", "more", "-n", self.name)
        self.approve(last, types=self.name)
        self.ok(self.call(*delete))

    def test_rights_by_aggregation_that_were_revoked_since(self):
        label = "rbac.authorization.k8s.io/aggregate-to-view"
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": self.name, "labels": {label: "true"}}, "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]}
        self.make(role, None)
        self.addCleanup(self.kubectl.run, "delete", "clusterrole", self.name, check=False)
        self.policy("version: 1\nprotected_namespaces: []\n")
        self.ok(self.call("patch_resource", self.name, "--kind", "clusterrole", "--patch", json.dumps({"metadata": {"labels": {label: "off"}}}), "--allow", "destructive", "--reason", "r"))
        self.kubectl.run("label", "clusterrole", self.name, label + "-")
        for more in ((), ("--force",)):
            self.failed(self.rollback(1, *more), "conflict")
            self.assertNotIn(label, self.kubectl.json("get", "clusterrole", self.name)["metadata"].get("labels", {}))

    def test_a_reason_that_a_rule_wants_is_not_lost_beside_other_objects(self):
        self.policy(f"version: 1\nrules:\n- {{name: with-reason, namespaces: [{NAMESPACE}], decision: allow, reason: required}}\n")
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name, "namespace": namespace}} for namespace in (NAMESPACE, "default")]
        for manifest in (items[0], {"apiVersion": "v1", "kind": "List", "items": items}):
            self.failed(self.call("apply_manifest", "--manifest", json.dumps(manifest), "--allow", "write"), "approval_required", 3, mentions=["wants a reason"])
        self.assertFalse(self.is_there("configmap"))

    def test_a_policy_that_has_gone_lets_nothing_through(self):
        self.configmap(a="0")
        self.policy("version: 1\nrules:\n- {name: nothing, trust: [WRITE], decision: deny}\n")
        server = self.mcp("--allow", "write")
        arguments = {"kind": "configmap", "name": self.name, "namespace": NAMESPACE, "patch": {"data": {"a": "1"}}}
        for _ in range(2):
            text, failed = server.call("patch_resource", arguments)
            self.assertTrue(failed, text)
            self.assertIn("policy", text)
            path = os.path.join(self.data, "policy.yaml")
            if os.path.exists(path):
                os.remove(path)
        self.assertIn("it was there, and has gone", text)
        self.assertEqual(self.data_of(), {"a": "0"})


if __name__ == "__main__":
    program.main()
