#!/usr/bin/env python3
"""`fairlead policy` without a cluster: what decides a call, what a policy says, files that are wrong."""
import json
import os
import re
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "policy.md")


def documented():
    """The YAML blocks of docs/policy.md; the first is a whole file."""
    with open(DOCS) as file:
        return re.findall(r"```yaml\n(.*?)```", file.read(), re.S)


class Policy(program.Case):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.file = self.write(documented()[0])

    def write(self, text):
        path = os.path.join(self.directory.name, "policy.yaml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def check(self, *words):
        return program.run("policy", "check", "--policy", self.file, *words)

    def test_the_task_of_the_documentation(self):
        agent = ["--who", "mcp:ci"]
        for words, status, first in [
            (["scale_deployment", "web", "-n", "staging", "--replicas", "3", *agent], 0, "allow: rule 2 (scale-in-staging) allows WRITE"),
            (["scale_deployment", "web", "-n", "production", "--replicas", "3", *agent], 3, "deny: rule 1 (no-production) denies WRITE"),
            (["scale_deployment", "web", "-n", "staging", "--replicas", "3", "--who", "cli:alice"], 3, "approve: no rule is about WRITE"),
            (["list_pods", "-A", *agent], 3, "deny: rule 1 (no-production) denies READ"),
            (["list_pods", "-n", "staging", *agent], 0, "allow: no rule is about READ"),
            (["get_namespace", "production-eu", *agent], 3, "deny: rule 1"),
            (["get_resource", "--kind", "Secret", "--name", "tls", "-n", "production", *agent], 3, "deny: rule 1"),
            (["delete_pod", "web", "-n", "kube-system", "--who", "cli:alice"], 3, "deny: namespace kube-system is protected"),
            (["delete_pod", "web", "-n", "shop", "--who", "cli:alice"], 3, "approve with a reason: "),
        ]:
            with self.subTest(words):
                outcome = self.check(*words)
                self.assertEqual(outcome.status, status, outcome)
                self.assertTrue(outcome.out.startswith(first), outcome)

    def test_the_commands_of_the_documentation(self):
        with open(DOCS) as file:
            shown = re.search(r"```\n(\$ fairlead policy .*?)```", file.read(), re.S).group(1)
        commands = re.findall(r"^\$ fairlead policy check --policy policy.yaml (.*)\n((?:(?!\$).*\n)+)", shown, re.M)
        self.assertEqual(len(commands), 2)
        for words, out in commands:
            self.assertEqual(self.check(*words.split()).out, out)

    def test_freezes_of_the_documentation(self):
        self.file = self.write("version: 1\nroles: {oncall: []}\n" + documented()[1])
        words = ["scale_deployment", "web", "--replicas", "3", "--at"]
        self.assertIn("deny: the freeze holidays denies changes until 2027-01-02T00:00:00Z", self.check(*words, "2026-12-24T12:00:00Z").out)
        self.assertNotIn("freeze", self.check(*words, "2026-12-24T12:00:00Z", "--role", "oncall").out)
        self.assertIn("weekends", self.check(*words, "2026-03-07T12:00:00Z", "--cluster", "prod-1").out)
        self.assertNotIn("weekends", self.check(*words, "2026-03-07T12:00:00Z", "--cluster", "staging").out)

    def test_json(self):
        answer = self.check("list_pods", "-n", "production", "--who", "mcp:ci", "-o", "json").json()
        self.assertEqual((answer["decision"], answer["rule"], answer["by_default"]), ("deny", "no-production", False))
        self.assertEqual(answer["findings"][0]["touch"], {"group": "", "resource": "pods", "namespace": "production", "name": ""})
        self.assertEqual(len(answer["policy"]), 64)

    def test_a_kind_that_is_known_to_clusters_alone(self):
        outcome = self.check("list_resources", "--kind", "certificates.cert-manager.io", "-n", "staging", "--who", "mcp:ci")
        self.assertEqual(outcome.status, 3)
        self.assertTrue(any("it is taken for any" in note for note in outcome.notes), outcome)

    def test_the_objects_of_a_manifest_decide(self):
        self.file = self.write("version: 1\nrules:\n- {name: no-secrets, kinds: [secrets], decision: deny}\n")
        for kind, namespace, first in (("ConfigMap", "shop", "approve: no rule is about WRITE of configmaps in namespace shop"), ("ConfigMap", "kube-system", "deny: namespace kube-system is protected"),
                                       ("Secret", "shop", "deny: rule 1 (no-secrets)"), ("Certificate", "shop", "deny: it reaches every namespace, and namespace kube-system is protected")):
            manifest = {"kind": "List", "items": [{"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": namespace}}]}
            with self.subTest(kind=kind, namespace=namespace):
                outcome = self.check("apply_manifest", "--manifest", json.dumps(manifest))
                self.assertTrue(outcome.out.startswith(first), outcome)
        self.assertEqual(self.check("apply_manifest", "--manifest", '{"kind": "ConfigMap"}').status, 2)

    def test_what_a_change_would_show(self):
        """An answer shows the fields of what it changes: who may not read that may not change it."""
        self.file = self.write("version: 1\nrules:\n- {name: unread, kinds: [configmaps, deployments.apps], trust: [READ], decision: deny}\n- {name: all, trust: [WRITE], decision: allow}\n")
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop"}})
        for words in [("patch_resource", "x", "-n", "shop", "--kind", "configmap", "--patch", "{}"), ("patch_deployment", "x", "-n", "shop", "--replicas", "1"), ("apply_manifest", "--manifest", manifest)]:
            with self.subTest(words):
                outcome = self.check(*words)
                self.assertEqual(outcome.status, 3, outcome)
                self.assertIn("it would show what may not be read: rule 1 (unread)", outcome.out)
        for words in [("create_resource", "--manifest", manifest), ("scale_deployment", "x", "-n", "shop", "--replicas", "1"), ("patch_resource", "x", "-n", "shop", "--kind", "service", "--patch", "{}")]:
            with self.subTest(words):
                self.assertEqual(self.check(*words).status, 0, words)

    def test_what_lets_an_object_go_is_destructive(self):
        self.file = self.write("version: 1\nrules:\n- {name: writes, trust: [WRITE], decision: allow}\n")
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x", "namespace": "shop"}, "spec": {"ttlSecondsAfterFinished": 1}}
        owned = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": "shop", "ownerReferences": []}}
        patch = ("patch_resource", "x", "-n", "shop", "--kind", "configmap", "--patch")
        for words, status in [((*patch, '{"metadata":{"finalizers":null}}'), 3), ((*patch, "metadata: {ownerReferences: []}"), 3), ((*patch, '{"data":{"a":"b"}}'), 0),
                              (("apply_manifest", "--manifest", json.dumps(job)), 3), (("apply_manifest", "--manifest", json.dumps(owned)), 3), (("create_resource", "--manifest", json.dumps(owned)), 0)]:
            with self.subTest(words):
                outcome = self.check(*words)
                self.assertEqual(outcome.status, status, outcome)
                self.assertEqual(any("taken as DESTRUCTIVE" in note for note in outcome.notes), status == 3)
        self.assertEqual(self.check(*patch, "a: [").status, 2)

    def test_show(self):
        shown = self.ok(program.run("policy", "show", env={"FAIRLEAD_DATA": os.path.join(self.directory.name, "none")})).out
        self.assertIn("protected_namespaces:\n- kube-system\n", shown)
        self.file = self.write(shown)
        self.assertEqual(self.ok(program.run("policy", "show", "--policy", self.file)).out, shown)
        self.assertEqual(program.run("policy", "show", "-o", "json").json()["defaults"]["write"], "approve")

    def test_what_is_wrong_ends_with_2(self):
        for text, said in [("", "not a mapping"), ("version: 1\nrules: [{name: a, decision: allow, namespace: [x]}]", "Did you mean namespaces?"),
                           ("version: 1\nrules: [{name: a, decision: allow, operations: [scale_deploymnt]}]", "Did you mean scale_deployment?"), ("version: 1\n---\n", "second document")]:
            self.file = self.write(text)
            for outcome in (self.check("list_pods"), program.run("policy", "show", "--policy", self.file)):
                self.assertEqual((outcome.status, outcome.out), (2, ""), outcome)
                self.assertIn(said, outcome.err)
        self.file = "/nonexistent"
        self.assertEqual(self.check("list_pods").status, 2)
        for words in [["check"], ["check", "list_pod"], ["check", "scale_deployment", "web"], ["check", "list_pods", "--at", "noon"], ["check", "list_pods", "--who", ""], [], ["show", "x"]]:
            with self.subTest(words):
                outcome = program.run("policy", *words)
                self.assertEqual((outcome.status, outcome.out), (2, ""), outcome)


if __name__ == "__main__":
    program.main()
