#!/usr/bin/env python3
"""What runs is what was approved, and nothing is learnt from what was not.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/approved_test.py"""
import json

from change_case import NAMESPACE, ChangeCase
import program


class Approved(ChangeCase):
    def add_container(self, name, image):
        container = {"name": name, "image": image}
        patch = [{"op": "add", "path": "/spec/template/spec/containers/0", "value": container}]
        self.kubectl.run("patch", "deployment", self.name, "-n", NAMESPACE, "--type=json", "-p", json.dumps(patch))

    def images(self):
        spec = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]
        return {c["name"]: c["image"] for c in spec["containers"]}

    def test_a_rollback_does_not_fall_on_another_container(self):
        self.deployment()
        arguments = ("patch_deployment", self.name, "-n", NAMESPACE, "--image", "fairlead.test/busybox:2", "--allow", "write", "-o", "json")
        number = self.ok(self.call(*arguments)).json()["change"]
        back = ("changes", "rollback", number, "--reason", "x")
        self.approve(self.waits(self.fairlead(*back)))
        self.add_container("proxy", "proxy:7")
        self.recording.requests.clear()
        self.failed(self.fairlead(*back), "conflict", mentions=["since this was approved"])
        self.assertEqual((self.sent(), self.images()), ([], {"proxy": "proxy:7", "web": "fairlead.test/busybox:2"}))

    def test_a_list_that_is_replaced_takes_nothing_unseen_with_it(self):
        self.deployment()
        container = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]
        patch = {"spec": {"template": {"spec": {"containers": [{**container, "image": "fairlead.test/busybox:3"}]}}}}
        arguments = ("patch_resource", self.name, "-n", NAMESPACE, "--kind", "deployment", "--patch", json.dumps(patch))
        self.approve(self.waits(self.call(*arguments)))
        self.add_container("audit-agent", "audit:1")
        self.recording.requests.clear()
        self.failed(self.call(*arguments), "conflict", mentions=["since this was approved"])
        self.assertEqual(self.sent(), [])
        self.assertIn("audit-agent", self.images())

    def test_another_default_namespace(self):
        self.deployment()
        arguments = ("scale_deployment", self.name, "--replicas", 2)
        config = self.recording.config
        with open(config) as file:
            text = file.read()
        self.assertIn('"namespace": "default"', text)
        self.addCleanup(lambda: self.write(config, text))
        self.write(config, text.replace('"namespace": "default"', f'"namespace": "{NAMESPACE}"'))
        number = self.waits(self.call(*arguments))
        self.approve(number)
        self.write(config, text)
        self.failed(self.call(*arguments), ("not_found", "approval_required"))
        self.assertEqual((self.show(number)["state"], self.replicas()), ("approved", 1))

    @staticmethod
    def write(path, text):
        with open(path, "w") as file:
            file.write(text)

    def test_a_token_is_rotated_after_an_approval(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.name}-t", "annotations": {"kubernetes.io/service-account.name": self.name}}, "type": "kubernetes.io/service-account-token"})
        arguments = ("rotate_service_account_token", self.name, "-n", NAMESPACE, "--reason", "x", "-o", "json")
        self.approve(self.waits(self.call(*arguments)), self.name)
        self.ok(self.call(*arguments))

    def test_an_account_that_names_a_token_which_nobody_makes_again(self):
        """As clusters have it that were upgraded from before 1.24."""
        self.make({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": self.name}, "secrets": [{"name": f"{self.name}-old"}]})
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.name}-old", "annotations": {"kubernetes.io/service-account.name": self.name}}, "type": "kubernetes.io/service-account-token"})
        old = program.eventually(lambda: self.kubectl.json("get", "secret", f"{self.name}-old", "-n", NAMESPACE))["metadata"]["uid"]
        self.ok(self.call("rotate_service_account_token", self.name, "-n", NAMESPACE, "--reason", "x", "--allow", "destructive", "--timeout", 90))
        tokens = [s for s in self.kubectl.items("secrets", "-n", NAMESPACE) if s["metadata"].get("annotations", {}).get("kubernetes.io/service-account.name") == self.name]
        self.assertTrue(tokens and all(token["metadata"]["uid"] != old and token["data"]["token"] for token in tokens), tokens)

    def test_a_blank_reason_is_none(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}})
        for reason in (" ", "\u200b", "\t", "\u2800\u3000"):
            self.failed(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--reason", reason), "approval_required", mentions=["wants a reason"])

    def test_what_is_asked_for_besides_the_object_is_shown(self):
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name}, "spec": {"containers": [{"name": "web", "image": "fairlead.test/busybox:1"}]}})
        number = self.waits(self.call("delete_pod", self.name, "-n", NAMESPACE, "--grace-period-seconds", 0, "--reason", "x"))
        self.assertIn("at once, without time to end", json.dumps(self.show(number)["fields"]))

    def test_a_letter_of_another_script_is_pointed_out(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}})
        number = self.waits(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps({"data": {"image": "ghcr.i\u043e/x:1"}})))
        status, shown = self.at_a_terminal("changes", "approve", number, types="n")
        self.assertEqual(status, 3, shown)
        self.assertIn("(not ASCII: U+043E)", shown)

    def test_a_rejection_takes_an_approval_back(self):
        self.deployment()
        arguments = ("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 3)
        number = self.waits(self.call(*arguments))
        self.approve(number)
        self.ok(self.fairlead("changes", "reject", number))
        self.assertNotEqual(self.waits(self.call(*arguments)), number)
        self.assertEqual(self.replicas(), 1)


class Learnt(ChangeCase):
    def secret(self, **data):
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": data})

    def test_no_refusal_quotes_a_secret(self):
        self.secret(zz="correct-horse-battery-staple-42", user="hunter2hunter2")
        for patch in ({"data": {"y" * 60: "!"}}, {"data": {"t" + "y" * 60: "!"}}, {"data": {"x": ["Swordfish95"]}}, {"stringData": {"x": ["Swordfish95"]}}, {"data": {"x": "Swordfish95!"}}):
            for more in (("--dry-run",), ("--reason", "x")):
                with self.subTest(patch, more=more):
                    outcome = self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "secret", "--patch", json.dumps(patch), *more)
                    self.assertNotEqual(outcome.status, 0)
                    for value in ("Swordfish", "ordfish", "Y29ycmVjdC1ob3JzZ", "aHVudGVyMmh1bnRlcjI", "correct-horse", "hunter2"):
                        self.assertNotIn(value, outcome.out + outcome.err)

    def test_what_the_server_finds_invalid_in_a_secret(self):
        """Its answer has causes, of which only the fields are told."""
        self.secret(user="hunter2hunter2")
        server = self.mcp("--allow", "write")
        for operation, arguments in (("rotate_secret", {"name": self.name, "data": {"bad key!": "Swordfish95"}}), ("patch_resource", {"name": self.name, "kind": "secret", "patch": {"type": "other"}}),
                                     ("create_resource", {"manifest": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"bad key!": "U3dvcmRmaXNoOTU="}}})):
            for more in ({"dry_run": True}, {}):
                with self.subTest(operation, **more):
                    text, failed = server.call(operation, {**arguments, "namespace": NAMESPACE, **more})
                    self.assertTrue(failed and text.startswith("invalid_request"), text)
                    for value in ("Swordfish", "U3dvcmRmaXNo", "hunter2"):
                        self.assertNotIn(value, text)

    def test_a_guess_is_neither_right_nor_wrong(self):
        self.secret(pin="1234")
        answers = set()
        for guess in ("1233", "1234"):
            for arguments in (("rotate_secret", "--data", json.dumps({"pin": guess})), ("patch_resource", "--kind", "secret", "--patch", json.dumps({"stringData": {"pin": guess}})),
                              ("apply_manifest", "--manifest", json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"pin": guess}}), "--force")):
                name = () if arguments[0] == "apply_manifest" else (self.name,)
                self.waits(self.call(arguments[0], *name, "-n", NAMESPACE, *arguments[1:]))
                dry = self.ok(self.call(arguments[0], *name, "-n", NAMESPACE, *arguments[1:], "--dry-run", "-o", "json"))
                answers.add((guess, arguments[0], dry.out + dry.err))
        for operation in {a[1] for a in answers}:
            self.assertEqual(len({a[2] for a in answers if a[1] == operation}), 1, operation)

    def test_a_rule_about_reading_holds_for_what_a_dry_run_shows(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "not-for-you"}})
        self.policy(f"version: 1\nrules:\n- {{name: hidden, kinds: [configmaps], namespaces: [{NAMESPACE}], trust: [READ], decision: deny}}\n")
        outcome = self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":null}', "--dry-run"), "policy_denied", 3)
        self.assertNotIn("not-for-you", outcome.out + outcome.err)

    def test_an_owner_that_is_not_there_deletes(self):
        self.secret(a="1")
        self.policy("version: 1\nrules:\n- {name: writes, trust: [WRITE], decision: allow}\n- {name: no-deletes, trust: [DESTRUCTIVE], decision: deny}\n")
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "11111111-1111-1111-1111-111111111111"}
        for metadata in ({"ownerReferences": [owner]}, {"finalizers": ["example.com/none"]}):
            self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "secret", "--patch", json.dumps({"metadata": metadata})), "policy_denied", 3)
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "secret", "--patch", '{"metadata":{"labels":{"a":"b"}}}'))

    def test_a_subresource_is_decided_as_itself(self):
        self.deployment()
        arguments = ("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2, "--allow", "write")
        self.policy("version: 1\nrules:\n- {name: ask, kinds: [deployments/scale], trust: [WRITE], decision: approve}\n")
        self.waits(self.call(*arguments))
        self.policy("version: 1\nrules:\n- {name: scales, kinds: [deployments/scale], decision: allow}\n- {name: no-more, trust: [WRITE, DESTRUCTIVE], decision: deny}\n")
        number = self.ok(self.call(*arguments, "-o", "json")).json()["change"]
        self.ok(self.fairlead("changes", "rollback", number))
        self.policy("version: 1\nrules:\n- {name: no-scales, kinds: [deployments/scale], decision: deny}\n")
        self.failed(self.fairlead("changes", "rollback", number + 1, "--allow", "destructive"), "policy_denied", 3)

    def test_each_change_is_recorded_before_it_is_made(self):
        self.deployment()
        number = self.ok(self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2, "--allow", "write", "-o", "json")).json()["change"]
        records = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines()]
        outcomes = [r["outcome"] for r in records if r["change"] == str(number)]
        self.assertEqual((outcomes[0], outcomes[-1], set(outcomes)), ("begun", "done", {"begun", "done"}), "begun again where it is planned anew")
        self.assertGreater(records[-1]["milliseconds"], 0)


if __name__ == "__main__":
    program.main()
