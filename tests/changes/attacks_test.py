#!/usr/bin/env python3
"""Attacks on what decides about changes, against the whole program: each must fail, and must send nothing.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/attacks_test.py"""
import base64
import json
import os

from change_case import BUILT_IN, HIDDEN, NAMESPACE, ChangeCase
import program

HIDES = "version: 1\nprotected_namespaces: [kube-system]\nrules:\n- {name: hidden, namespaces: [vault], decision: deny}\n"


class ApproveThenSwap(ChangeCase):
    def scale(self, replicas, *more):
        return self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", replicas, "-o", "json", *more)

    def approved(self, replicas=3):
        self.deployment()
        # No controller writes any more: what it overtakes is sent a second time.
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["status"].get("readyReplicas"), 1))
        number = self.waits(self.scale(replicas))
        shown = self.approve(number)
        self.assertIn("spec.replicas", shown)
        return number

    def test_it_holds_for_what_was_shown_and_once(self):
        number = self.approved()
        self.assertEqual(self.ok(self.scale(3)).json()["change"], number)
        self.assertEqual(self.replicas(), 3)
        self.kubectl.run("scale", "deployment", self.name, "-n", NAMESPACE, "--replicas=1")
        self.assertNotEqual(self.waits(self.scale(3)), number, "an approval is used up")
        self.assertEqual(self.replicas(), 1)

    def test_other_arguments(self):
        number = self.approved()
        other = self.deployment(self.name + "-b")
        for arguments in ((self.name, "--replicas", 4), (self.name, "--replicas", 0), (other, "--replicas", 3)):
            with self.subTest(arguments):
                self.assertNotEqual(self.waits(self.call("scale_deployment", arguments[0], "-n", NAMESPACE, *arguments[1:])), number)
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.show(number)["state"], "approved")

    def test_another_caller(self):
        number = self.approved()
        text, failed = self.mcp().call("scale_deployment", {"name": self.name, "namespace": NAMESPACE, "replicas": 3})
        self.assertTrue(failed)
        self.assertIn("approval_required", text)
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.show(number)["state"], "approved")

    def test_the_object_is_made_anew(self):
        number = self.approved()
        self.kubectl.run("delete", "deployment", self.name, "-n", NAMESPACE)
        self.deployment()
        self.failed(self.scale(3), "conflict", mentions=["uid"])
        self.assertEqual((self.sent(), self.replicas()), ([], 1))
        self.assertEqual(self.show(number)["state"], "failed")
        self.assertNotEqual(self.waits(self.scale(3)), number)

    def test_a_field_that_was_shown_changes(self):
        number = self.approved()
        self.kubectl.run("scale", "deployment", self.name, "-n", NAMESPACE, "--replicas=2")
        self.failed(self.scale(3), "conflict", mentions=["spec.replicas"])
        self.assertEqual((self.sent(), self.replicas()), ([], 2))
        self.assertEqual(self.show(number)["state"], "failed")

    def test_what_was_not_shown_may_change(self):
        number = self.approved()
        self.kubectl.run("label", "deployment", self.name, "-n", NAMESPACE, "a=b")
        self.assertEqual(self.ok(self.scale(3)).json()["change"], number)

    def test_an_object_that_was_not_there_is_by_now(self):
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "mine"}})
        arguments = ("apply_manifest", "-n", NAMESPACE, "--manifest", manifest)
        self.approve(self.waits(self.call(*arguments)))
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "theirs"}})
        self.failed(self.call(*arguments), "conflict")
        self.assertEqual(self.sent(), [])

    def test_the_policy_is_edited(self):
        number = self.approved()
        self.policy(BUILT_IN + "rules:\n- {name: more, namespaces: [elsewhere], decision: deny}\n")
        self.failed(self.scale(3), "approval_required", mentions=["policy was edited"])
        self.assertEqual((self.sent(), self.replicas()), ([], 1))
        self.assertEqual(self.show(number)["state"], "failed")

    def test_a_server_that_runs_heeds_an_edited_policy(self):
        self.deployment()
        server = self.mcp("--allow", "write")
        scale = lambda replicas: server.call("scale_deployment", {"name": self.name, "namespace": NAMESPACE, "replicas": replicas})
        self.assertFalse(scale(2)[1])
        self.policy(BUILT_IN + "freezes:\n- {name: incident, from: 2020-01-01T00:00:00Z, until: 2120-01-01T00:00:00Z}\n")
        text, failed = scale(3)
        self.assertTrue(failed and text.startswith("policy_denied") and "incident" in text, text)
        self.policy("no policy at all")
        for text, failed in (scale(3), server.call("list_namespaces")):
            self.assertTrue(failed and "policy.yaml" in text, text)
        self.assertEqual(self.replicas(), 2)
        self.policy(BUILT_IN)
        self.assertFalse(scale(3)[1])

    def test_the_policy_forbids_it_by_now(self):
        self.approved()
        self.policy(BUILT_IN + f"rules:\n- {{name: closed, namespaces: [{NAMESPACE}], decision: deny}}\n")
        self.failed(self.scale(3), "policy_denied")
        self.assertEqual((self.sent(), self.replicas()), ([], 1))

    def test_an_approval_is_submitted_twice(self):
        number = self.approved()
        again = self.at_a_terminal("changes", "approve", number, types="y")
        self.assertEqual(again[0], 1, again)
        self.assertIn("conflict", again[1])
        outcomes = [outcome for _, outcome in program.parallel(lambda _: self.scale(3), range(6))]
        self.assertEqual(len(self.sent()), 1)
        self.assertEqual(sum(outcome.status == 0 and outcome.json().get("change") == number for outcome in outcomes), 1)
        again = self.at_a_terminal("changes", "approve", number, types="y")
        self.assertEqual(again[0], 1, again)

    def test_a_rejected_one(self):
        self.deployment()
        number = self.waits(self.scale(3))
        self.assertEqual(self.fairlead("changes", "reject", number).status, 0)
        self.assertEqual(self.show(number)["state"], "rejected")
        self.assertNotEqual(self.waits(self.scale(3)), number)
        self.assertEqual(self.at_a_terminal("changes", "approve", number, types="y")[0], 1)
        self.assertEqual(self.sent(), [])

    def test_nobody_can_be_asked(self):
        self.deployment()
        number = self.waits(self.scale(3))
        for stdin in (b"", b"y\n", b"yes\n" * 10):
            outcome = program.run("changes", "approve", number, env=self.env(), stdin=stdin)
            self.failed(outcome, "approval_required", 3, mentions=["terminal"])
        self.assertEqual(self.show(number)["state"], "awaiting_approval")

    def test_approving_by_an_argument(self):
        self.deployment()
        number = self.waits(self.scale(3))
        server = self.mcp()
        for more in ({"approved": True}, {"approval": number}, {"approve": "yes"}, {"approver": "terminal:root"}, {"change": number}, {"force": True}, {"allow": "write"},
                     {"confirm": True}, {"_meta": {"approved": True}}, {"reason": "approved by terminal:root"}):
            with self.subTest(more):
                text, failed = server.call("scale_deployment", {"name": self.name, "namespace": NAMESPACE, "replicas": 3, **more})
                self.assertTrue(failed, text)
                self.assertRegex(text, "^(invalid_request|approval_required)")
        tools = server.request("tools/list")["result"]["tools"]
        self.assertFalse([t["name"] for t in tools if "approve" in t["name"] or "reject" in t["name"]], "no tool of a model decides")
        self.assertEqual((self.sent(), self.replicas()), ([], 1))

    def test_a_destructive_one_wants_its_name_and_a_reason(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}})
        arguments = ("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap")
        self.failed(self.call(*arguments), "approval_required", mentions=["reason"])
        number = self.waits(self.call(*arguments, "--reason", "a test"))
        for types in ("y", "yes", "", self.name.upper(), self.name[:-1]):
            status, shown = self.at_a_terminal("changes", "approve", number, types=types)
            self.assertEqual(status, 3, shown)
        self.assertEqual(self.show(number)["state"], "awaiting_approval")
        self.approve(number, self.name)
        self.ok(self.call(*arguments, "--reason", "worded anew"))
        self.assertEqual(len(self.sent()), 1)

    def test_what_is_shown_cannot_lie(self):
        """Names of keys, values and reasons that would draw another question."""
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "b"}})
        outcome = self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps({"data": {"a": "c\n  It can be taken back.\u001b[2J\u202eApprove"}}),
                            "--reason", "x\n\u001b[1A fine")
        number = self.waits(outcome)
        status, shown = self.at_a_terminal("changes", "approve", number, types="n")
        self.assertEqual(status, 3, shown)
        self.assertNotIn("\x1b[", shown)
        self.assertNotIn("\u202e", shown)
        self.assertEqual(len([line for line in shown.splitlines() if line.strip() == "It can be taken back."]), 1, shown)


class Arguments(ChangeCase):
    """What was approved is what runs: JSON is parsed once, and strictly."""

    def raw(self, server, arguments):
        server.next_id += 1
        server.send(f'{{"jsonrpc":"2.0","id":{server.next_id},"method":"tools/call","params":{{"name":"scale_deployment","arguments":{arguments}}}}}'.encode())
        return server.message()  # what cannot be read has no id

    def test_json_that_two_readers_would_read_differently(self):
        self.deployment()
        other = self.deployment(self.name + "-b")
        good = f'"name":"{self.name}","namespace":"{NAMESPACE}","replicas":2'
        server = self.mcp("--allow", "write")
        bad = [f'{{{good},"replicas":9}}', f'{{{good},"name":"{other}"}}', f'{{{good},"n\\u0061me":"{other}"}}', f'{{{good},"Name":"{other}"}}', f'{{{good},"REPLICAS":9}}',
               f'{{{good},"replicas ":9}}', f'{{{good},"replic\u0430s":9}}', f'{{{good},"namespace\\u0000":"kube-system"}}', f'{{{good},"cluster\\u200b":"x"}}', f'{{{good},"unknown":null}}',
               f'{{"name":"{self.name}","namespace":"{NAMESPACE}","replicas":"2"}}', f'{{"name":"{self.name}","namespace":"{NAMESPACE}","replicas":[2]}}',
               f'{{"name":"{self.name}","namespace":"{NAMESPACE}","replicas":2.5}}', f'{{"name":["{self.name}"],"namespace":"{NAMESPACE}","replicas":2}}', f'{{{good},}}', f'{{{good}}}{{}}', f'[{{{good}}}]', "null",
               f'{{{good},"replicas":NaN}}', f'{{"name":"{self.name}","namespace":"{NAMESPACE}","replicas":1e30}}', f'{{/**/{good}}}']
        for arguments in bad:
            with self.subTest(arguments):
                answer = self.raw(server, arguments)
                self.assertTrue("error" in answer or answer["result"].get("isError"), answer)
        self.assertEqual((self.sent(), self.replicas(), self.replicas(other)), ([], 1, 1))
        self.assertFalse(self.raw(server, f"{{{good}}}")["result"].get("isError"))
        self.assertEqual(self.replicas(), 2)

    def test_names_that_look_like_others(self):
        self.deployment()
        for name in (self.name.replace("a", "\u0430", 1), self.name + "\u200b", self.name.upper(), self.name + " ", " " + self.name, self.name + ".", "\uff57eb", self.name + "\u0301", f"deployment/{self.name}",
                     f"../{self.name}", f"{self.name}/scale", f"{self.name}%2fscale", f"{self.name}?x", ""):
            with self.subTest(name):
                self.failed(self.call("scale_deployment", "--name", name, "-n", NAMESPACE, "--replicas", 2, "--allow", "write"), "invalid_request")
            with self.subTest(namespace=name):
                if name:
                    self.failed(self.call("scale_deployment", self.name, "-n", name, "--replicas", 2, "--allow", "write"), "invalid_request")
        self.assertEqual(self.sent(), [])

    def test_manifests_that_two_readers_would_read_differently(self):
        head = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}'
        for manifest in (head + ',"kind":"Secret"}', head + ',"metadata":{"name":"y"}}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","name":"y"}}',
                         '{"apiVersion":"v1","Kind":"ConfigMap","metadata":{"name":"x"}}', '{"apiVersion":"v1","kind":"configmap","metadata":{"name":"x"}}', '{"apiVersion":"v1","kind":"ConfigMap/Secret","metadata":{"name":"x"}}',
                         '{"apiVersion":"v1/secrets","kind":"ConfigMap","metadata":{"name":"x"}}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"../secrets/x"}}', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"Name":"x"}}',
                         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nkind: Secret\n",
                         "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: kube-system}\n", '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"x"}}'):
            for operation in ("apply_manifest", "create_resource"):
                with self.subTest(operation=operation, manifest=manifest):
                    outcome = self.call(operation, "-n", NAMESPACE, "--manifest", manifest, "--allow", "destructive")
                    self.assertIn(outcome.code, ("invalid_request", "not_found", "policy_denied"), outcome)
        self.assertEqual(self.sent(), [])


class WalkingAroundThePolicy(ChangeCase):
    def setUp(self):
        super().setUp()
        self.policy(HIDES)

    def denied(self, operation, *arguments):
        with self.subTest(operation=operation, arguments=arguments):
            self.failed(self.call(operation, *arguments, "--allow", "destructive", "--reason", "x") if operation.startswith(("apply", "create", "delete", "patch", "drain", "scale", "rotate", "restart")) else
                        self.call(operation, *arguments), "policy_denied", 3)
            self.assertEqual(self.sent(), [])

    def configmap(self, name, namespace):
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, "data": {"a": "b"}}

    def test_another_way_to_name_it(self):
        for operation in ("get_resource", "delete_resource"):
            for kind, name in (("configmap", "secret/x"), ("secret/x", "y"), ("secret/x", ""), ("secrets/", "x"), ("v1/secrets", "x"), ("configmap", "../secrets/x")):
                with self.subTest(operation=operation, kind=kind, name=name):
                    more = ("--allow", "destructive", "--reason", "x") if operation == "delete_resource" else ()
                    self.failed(self.call(operation, "--kind", kind, "--name", name, "-n", NAMESPACE, *more), "invalid_request")
        for name in ("rotate_secret", "delete_secret"):
            more = ("--data", '{"a":"b"}') if name == "rotate_secret" else ()
            self.failed(self.call(name, "--name", "secret/x", "-n", NAMESPACE, *more, "--allow", "destructive", "--reason", "x"), "invalid_request")
        for kind in ("secret", "secrets", "Secret", "configmaps", "cm", "pods", "po", "events", "endpoints"):
            self.denied("get_resource", "--kind", kind, "--name", "x", "-n", HIDDEN)
            self.denied("delete_resource", "--kind", kind, "--name", "x", "-n", "kube-system")
        self.assertEqual(self.sent(), [])

    def test_what_is_hidden_is_not_guessed_at(self):
        """Whether it is there, and what it holds: an answer that depends on it tells it."""
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": "guess"}}, HIDDEN)
        for value in ("Z3Vlc3M=", "b3RoZXI="):
            self.denied("patch_resource", self.name, "-n", HIDDEN, "--kind", "secret", "--patch", json.dumps({"data": {"password": value}}))
            self.denied("apply_manifest", "--manifest", json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name, "namespace": HIDDEN}, "data": {"password": value}}))
        for value in ("guess", "other"):
            self.denied("rotate_secret", self.name, "-n", HIDDEN, "--data", json.dumps({"password": value}))
        for name in (self.name, "nobody-made-this"):
            self.denied("delete_resource", name, "-n", HIDDEN, "--kind", "secret")
            self.denied("delete_secret", name, "-n", HIDDEN)

    def test_a_list_with_one_object_elsewhere(self):
        for namespace in ("kube-system", HIDDEN):
            mine, theirs = self.configmap(self.name, NAMESPACE), self.configmap(self.name, namespace)
            lists = [{"apiVersion": "v1", "kind": "List", "items": [mine, theirs]}, {"apiVersion": "v1", "kind": "List", "items": [mine, {"apiVersion": "v1", "kind": "List", "items": [theirs]}]},
                     {"apiVersion": "v1", "kind": "ConfigMapList", "items": [mine, theirs]}]
            texts = [json.dumps(one) for one in lists] + ["\n---\n".join(json.dumps(one) for one in (mine, theirs))]
            for text in texts:
                for operation in ("apply_manifest", "create_resource"):
                    with self.subTest(operation=operation, text=text):
                        outcome = self.call(operation, "--manifest", text, "--allow", "destructive", "--reason", "x")
                        self.assertIn(outcome.code, ("policy_denied", "invalid_request") if "MapList" in text else ("policy_denied",), outcome)
                        self.assertEqual(self.sent(), [])

    def test_the_namespace_itself(self):
        for namespace in (HIDDEN, "kube-system"):
            self.denied("delete_resource", "--kind", "namespace", "--name", namespace)
            self.denied("patch_resource", "--kind", "ns", "--name", namespace, "--patch", '{"metadata":{"labels":{"a":"b"}}}')
            self.denied("apply_manifest", "--manifest", json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"a": "b"}}}))

    def test_reads_of_the_cluster_that_tell_of_namespaces(self):
        self.denied("list_pods", "-A")
        self.denied("list_resources", "--kind", "configmaps")
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        self.denied("describe_node", node)
        self.denied("get_node", node, "-o", "yaml")
        self.denied("get_resource", "--kind", "node", "--name", node, "-o", "yaml")
        for kind in ("persistentvolumes", "clusterrolebindings"):
            self.denied("list_resources", "--kind", kind)
        self.denied("list_pvs")
        self.denied("list_cluster_role_bindings")
        self.denied("who_can", "--verb", "get", "--resource", "secrets")
        self.denied("cluster_health")

    def test_owners(self):
        """An object of the cluster may own whatever lies in namespaces."""
        self.make({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": self.name}, "value": 1}, None)
        self.addCleanup(self.kubectl.run, "delete", "priorityclass", self.name)
        owner = self.kubectl.json("get", "priorityclass", self.name)
        owned = self.configmap(self.name, HIDDEN)
        owned["metadata"]["ownerReferences"] = [{"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "name": self.name, "uid": owner["metadata"]["uid"]}]
        self.make(owned, HIDDEN)
        self.denied("delete_resource", "--kind", "priorityclass", "--name", self.name)
        for kind in ("clusterrole", "node", "customresourcedefinition"):
            with self.subTest(kind):
                self.denied("delete_resource", "--kind", kind, "--name", "nobody-made-this")
        self.assertEqual(self.sent(), [])

    def test_a_patch_that_moves(self):
        self.make(self.configmap(self.name, NAMESPACE))
        for patch in ({"metadata": {"namespace": HIDDEN}}, {"metadata": {"name": "other"}}, {"metadata": {"uid": "x"}}, {"kind": "Secret"}, {"apiVersion": "v2"}, {"metadata": {"namespace": None}}):
            with self.subTest(patch):
                self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps(patch), "--allow", "write"), "invalid_request")
        for kind in ("deployments/scale", "pods/exec", "pods/eviction", "serviceaccounts/token", "nodes/proxy"):
            with self.subTest(kind):
                self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", kind, "--patch", '{"spec":{"replicas":9}}', "--allow", "write"), ("invalid_request", "not_found"))
        self.assertEqual(self.sent(), [])

    def test_a_drain_reaches_into_each_namespace(self):
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name}, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": "fairlead.test/busybox:1"}]}}
        arguments = ("drain_node", node, "--force")
        self.make(pod, "kube-system")
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", "kube-system", "--wait=false")
        self.waits(self.call(*arguments, "--allow", "destructive", "--reason", "x"))  # no --allow stands for a person there
        self.assertEqual(self.sent(), [])
        self.make(pod, HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", HIDDEN, "--wait=false")
        self.denied(*arguments)

    def test_allow_does_not_open_what_a_rule_closes(self):
        text, failed = self.mcp("--allow", "destructive").call("apply_manifest", {"manifest": self.configmap(self.name, HIDDEN), "reason": "x"})
        self.assertTrue(failed)
        self.assertIn("policy_denied", text)
        self.assertEqual(self.sent(), [])

    def test_a_rollback_needs_the_policy_of_today(self):
        self.make(self.configmap(self.name, NAMESPACE))
        number = self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"c"}}', "--allow", "write", "-o", "json")).json()["change"]
        self.policy(f"version: 1\nprotected_namespaces: [{NAMESPACE}]\n")
        self.recording.requests.clear()
        self.failed(self.fairlead("changes", "rollback", number, "--allow", "destructive"), "policy_denied", 3)
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.show(number)["state"], "completed")


class RollbackAsEscalation(ChangeCase):
    def binding(self, *users):
        return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": self.name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user} for user in users]}

    def change(self, *users, **options):
        patch = json.dumps({"subjects": self.binding(*users)["subjects"]})
        return self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "rolebindings.rbac.authorization.k8s.io", "--patch", patch, "--allow", "write", "-o", "json", **options)).json()["change"]

    def subjects(self):
        done = self.kubectl.run("get", "rolebinding", self.name, "-n", NAMESPACE, "-o", "json", check=False)
        return None if done.returncode else [s["name"] for s in json.loads(done.stdout).get("subjects", [])]

    def test_a_binding_that_was_revoked_since(self):
        self.make(self.binding("alice", "bob"))
        number = self.change("alice")
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        self.recording.requests.clear()
        for more in ((), ("--force",)):
            self.failed_rollback(number, more, "not there any more")
            self.assertIsNone(self.subjects())
        self.make(self.binding("carol"))
        for more in ((), ("--force",)):
            self.failed_rollback(number, more, "another object")
            self.assertEqual(self.subjects(), ["carol"])

    def test_a_binding_that_has_gone_may_be_gone_for_good(self):
        """Made anew and deleted by an administrator since, it looks as the change left it."""
        self.make(self.binding("mallory"))
        number = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebindings.rbac.authorization.k8s.io", "--reason", "r", "--allow", "destructive", "-o", "json")).json()["change"]
        self.make(self.binding("mallory"))
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        self.recording.requests.clear()
        self.failed_rollback(number, (), "grants rights")
        self.assertIsNone(self.subjects())
        self.ok(self.fairlead("changes", "rollback", number, "--force", "--reason", "it was mine", "--allow", "destructive"))
        self.assertEqual(self.subjects(), ["mallory"])

    def test_an_account_that_has_gone_may_be_gone_for_good(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        number = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "serviceaccount", "--reason", "r", "--allow", "destructive", "-o", "json")).json()["change"]
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        self.kubectl.run("delete", "serviceaccount", self.name, "-n", NAMESPACE)
        self.recording.requests.clear()
        self.failed_rollback(number, (), "grants rights")
        self.ok(self.fairlead("changes", "rollback", number, "--force", "--reason", "it was mine", "--allow", "destructive"))

    def failed_rollback(self, number, more, words):
        outcome = self.fairlead("changes", "rollback", number, "--allow", "destructive", *more)
        self.assertEqual((outcome.status, outcome.code), (1, "conflict"), outcome)
        self.assertIn(words, outcome.err)
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.show(number)["state"], "completed")

    def test_subjects_that_were_revoked_since(self):
        self.make(self.binding("alice", "mallory"))
        number = self.change("alice")
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"subjects": self.binding("dave")["subjects"]}))
        self.recording.requests.clear()
        outcome = self.fairlead("changes", "rollback", number, "--allow", "destructive")
        self.assertEqual((outcome.status, outcome.code), (1, "conflict"), outcome)
        for name in ("mallory", "alice", "dave"):
            self.assertIn(name, outcome.err, "was, left and is: a difference of three")
        self.assertEqual((self.sent(), self.subjects()), ([], ["dave"]))

    def test_subjects_that_came_back_and_were_revoked_again(self):
        """What the binding holds is what the change left; only that it was written tells of the administrator."""
        self.make(self.binding("alice", "mallory"))
        number = self.change("alice")
        for users in (("alice", "mallory"), ("alice",)):
            self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"subjects": self.binding(*users)["subjects"]}))
        self.recording.requests.clear()
        for more in ((), ("--force",)):
            self.failed_rollback(number, more, "was written since")
            self.assertEqual(self.subjects(), ["alice"])

    def test_subjects_that_a_later_change_revoked_again(self):
        self.make(self.binding("alice", "mallory"))
        number = self.change("alice")
        self.change("alice", "mallory")
        self.change("alice")
        self.recording.requests.clear()
        for more in ((), ("--force",)):
            self.failed_rollback(number, more, "was written since")
        self.ok(self.fairlead("changes", "rollback", number + 2, "--allow", "destructive"))
        self.assertEqual(self.subjects(), ["alice", "mallory"])

    def account(self, *roles):
        """A kubeconfig of a service account with these ClusterRoles here."""
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        for role in roles:
            self.kubectl.run("create", "rolebinding", f"{self.name}-{role}", "-n", NAMESPACE, "--clusterrole", role, "--serviceaccount", f"{NAMESPACE}:{self.name}")
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.name}-token", "annotations": {"kubernetes.io/service-account.name": self.name}}, "type": "kubernetes.io/service-account-token"}
        self.make(secret)

        def token():
            data = self.kubectl.json("get", "secret", f"{self.name}-token", "-n", NAMESPACE).get("data", {})
            self.assertIn("token", data)
            return data["token"]
        config = self.kubectl.json("config", "view", "--raw", "--minify", "--flatten")
        config["users"][0]["user"] = {"token": base64.b64decode(program.eventually(token)).decode()}
        path = os.path.join(self.data, "account")
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            json.dump(config, file)
        return path

    def ended(self, keeps):
        path = self.account("edit", *keeps)
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "b"}})
        number = self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"c"}}', "--allow", "write", "-o", "json", config=path)).json()["change"]
        self.kubectl.run("delete", "rolebinding", f"{self.name}-edit", "-n", NAMESPACE)
        outcome = program.eventually(lambda: self.failed(self.fairlead("changes", "rollback", number, "--allow", "destructive", "--reason", "once more", config=path), "permission_denied", 1))
        self.assertEqual(self.kubectl.json("get", "configmap", self.name, "-n", NAMESPACE)["data"], {"a": "c"})
        records = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines()]
        last = [record for record in records if record["operation"] == "rollback"][-1]
        self.assertEqual((last["outcome"], last["arguments"]["change"]), ("permission_denied", number), outcome)
        changes = self.ok(self.fairlead("changes", "list", "-o", "json", config=path)).json()["items"]
        self.assertEqual([c["state"] for c in changes if c["id"] == number], ["completed"])
        return [c for c in changes if c["id"] > number]

    def test_after_all_rights_ended(self):
        self.assertEqual(self.ended(()), [])

    def test_after_the_right_to_write_ended(self):
        after = self.ended(("view",))
        self.assertEqual({c["state"] for c in after}, {"failed"})
        self.assertIn("take back", after[-1]["summary"])


if __name__ == "__main__":
    program.main()
