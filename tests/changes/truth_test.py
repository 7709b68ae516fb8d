#!/usr/bin/env python3
"""What the journal tells of a change is so, whoever else writes the same objects; and taking back destroys nothing that
others have made since.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/truth_test.py"""
import base64
import json
import sqlite3
import time

from change_case import NAMESPACE, ChangeCase
import program

GRANT = {"apiGroup": "rbac.authorization.k8s.io"}
FORBIDDEN = b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"exceeded quota","reason":"Forbidden","code":403}'


class TruthCase(ChangeCase):
    def configmap(self, name=None, namespace=NAMESPACE, **data):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name or self.name}, "data": data}, namespace)

    def data_of(self, name=None):
        return self.kubectl.json("get", "configmap", name or self.name, "-n", NAMESPACE).get("data")

    def is_there(self, kind, name=None):
        return self.kubectl.run("get", kind, name or self.name, "-n", NAMESPACE, check=False).returncode == 0

    def patch(self, value, name=None):
        return ("patch_resource", name or self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps({"data": {"a": value}}), "--allow", "write")

    def secret(self, **data):
        self.kubectl.run("delete", "secret", self.name, "-n", NAMESPACE, "--ignore-not-found")
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": data})

    def keys(self):
        data = self.kubectl.json("get", "secret", self.name, "-n", NAMESPACE).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def unheard(self):
        """The next request that changes something is carried out, and its connection cut before the answer."""
        def cut():
            raise SystemExit
        self.recording.after_write = cut

    def lost(self):
        """The next request that changes something never arrives, and its connection is cut."""
        def cut():
            raise SystemExit
        self.recording.at_write = cut

    def refuse(self, method, part):
        """From now on requests of that kind are refused, as by a quota or an administrator."""
        real = self.recording.answer

        def answer(exchange):
            if exchange.request.method == method and part in exchange.request.target and "dryRun" not in exchange.request.target:
                return exchange.reply(403, FORBIDDEN, "application/json")
            return real(exchange)
        self.recording.answer = answer
        self.addCleanup(setattr, self.recording, "answer", real)

    def states(self, number):
        shown = self.show(number)
        return shown["state"], [write["state"] for write in shown["writes"]]

    def rollback(self, number, *more):
        return self.fairlead("changes", "rollback", number, "--allow", "destructive", "--reason", "r", *more)

    def binding(self):
        return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": self.name},
                "roleRef": {**GRANT, "kind": "ClusterRole", "name": "view"}, "subjects": [{**GRANT, "kind": "User", "name": "mallory"}]}

    def create(self, *items):
        items = {"apiVersion": "v1", "kind": "List", "items": list(items)} if len(items) > 1 else items[0]
        return self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(items), "--allow", "write", "-o", "json")).json()["change"]


class Told(TruthCase):
    def test_a_request_that_was_lost_and_the_call_made_again(self):
        self.configmap(a="0")
        self.lost()
        self.failed(self.call(*self.patch("1")), "unreachable", mentions=["It is change 1"])
        self.assertEqual(self.data_of(), {"a": "0"})
        self.ok(self.call(*self.patch("1")))
        self.assertEqual(self.states(2), ("completed", ["done"]))
        self.assertEqual(self.states(1), ("failed", ["unknown"]))
        self.failed(self.rollback(1), "conflict", mentions=["nothing of it to take back"])
        self.ok(self.rollback(2))
        self.assertEqual(self.data_of(), {"a": "0"})

    def test_a_scale_that_was_lost_and_made_again(self):
        self.deployment(replicas=1)
        scale = ("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2, "--allow", "write", "--wait-seconds", 0)
        self.lost()
        self.failed(self.call(*scale), "unreachable")
        self.ok(self.call(*scale))
        self.assertEqual(self.states(1)[0], "failed")

    def test_an_approved_change_after_a_lost_one_of_the_same_second(self):
        self.configmap(a="0")
        change = self.patch("1")[:-2]
        number = self.waits(self.call(*change))
        self.approve(number)
        self.policy("version: 1\n# the same in other words\n")
        self.policy("version: 1\n")
        self.lost()
        self.failed(self.call(*change), "unreachable")
        self.ok(self.call(*self.patch("1")))
        self.assertEqual(self.states(number)[0], "failed")

    def test_a_creation_that_was_lost_and_made_again(self):
        create = ("create_resource", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}}), "--allow", "write")
        self.lost()
        self.failed(self.call(*create), "unreachable")
        self.ok(self.call(*create))
        self.assertEqual(self.states(1), ("failed", ["unknown"]))

    def test_what_somebody_else_has_made_so(self):
        """An earlier change of ours left its mark on other fields."""
        self.configmap(a="0", b="0")
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"1","b":"1"}}', "--allow", "write"))
        self.lost()
        self.failed(self.call(*self.patch("2")), "unreachable")
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"2"}}')
        self.assertEqual(self.states(2), ("failed", ["unknown"]))
        self.failed(self.rollback(2), "conflict", mentions=["known to be its own", "--force"])
        self.assertEqual(self.data_of()["a"], "2")
        self.ok(self.rollback(2, "--force"))
        self.assertEqual(self.data_of()["a"], "1")

    def test_a_value_that_the_server_words_its_own_way(self):
        def limits(most):
            return {"spec": {"limits": [{"type": "PersistentVolumeClaim", "max": {"storage": most}}]}}
        self.make({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": self.name}, **limits("1Gi")})
        self.unheard()
        self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "limitrange", "--patch", json.dumps(limits("2048Mi")), "--allow", "write"), "unreachable")
        self.assertEqual(self.states(1), ("completed", ["done"]))
        self.ok(self.rollback(1))

    def test_what_only_takes_away_is_taken_back_by_force(self):
        self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "0", "b": "0"}}), "--allow", "write"))
        self.unheard()
        self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":null}}', "--allow", "write"), "unreachable")
        state = self.states(2)
        self.assertIn(state, [("failed", ["unknown"]), ("completed", ["done"])])  # our marks of two seconds tell them apart
        self.ok(self.rollback(2, *["--force"] * (state[0] == "failed")))
        self.assertEqual(self.data_of(), {"a": "0", "b": "0"})

    def test_what_a_replaced_list_held_comes_back(self):
        self.make({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name},
                   "spec": {"replicas": 0, "selector": {"matchLabels": {"app": self.name}}, "template": {"metadata": {"labels": {"app": self.name}}, "spec": {"containers": [{"name": "web", "image": "shop:1", "env": [{"name": "DB", "value": "prod"}], "resources": {"limits": {"memory": "1Gi"}}}]}}}})

        def container():
            found = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]
            return found["image"], found.get("env"), found.get("resources")
        before = container()
        self.unheard()
        patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "shop:2"}]}}}}
        self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "deployment", "--patch", json.dumps(patch), "--allow", "write"), "unreachable")
        self.assertEqual(container(), ("shop:2", None, {}))
        self.assertEqual(self.states(1), ("completed", ["done"]))
        told = json.dumps(self.show(1)["fields"])
        self.assertIn("DB", told)
        self.assertIn("limits", told)
        self.ok(self.rollback(1))
        self.assertEqual(container(), before)

    def test_what_an_apply_drops_comes_back(self):
        def apply(**data):
            return self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": data}), "--allow", "destructive", "--reason", "r")
        self.ok(apply(a="1", b="2", c="3"))
        time.sleep(1.1)  # marks are told apart by their second
        self.unheard()
        self.failed(apply(a="9"), "unreachable")
        self.assertEqual((self.states(2), self.data_of()), (("completed", ["done"]), {"a": "9"}))
        self.ok(self.rollback(2))
        self.assertEqual(self.data_of(), {"a": "1", "b": "2", "c": "3"})

    def test_what_others_took_over_leaves_an_empty_mark(self):
        self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "0"}}), "--allow", "write"))
        self.lost()
        self.failed(self.call(*self.patch("1")), "unreachable")
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"1"}}')
        self.assertEqual(self.states(2), ("failed", ["unknown"]))

    def test_half_of_a_set_of_which_half_is_unknown(self):
        for name in (self.name, self.name + "-b"):
            self.kubectl.run("delete", "configmap", name, "-n", NAMESPACE, "--ignore-not-found")
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "0", "b": "0"}} for name in (self.name, self.name + "-b")]
        self.create(*items)
        for item in items:
            item["data"] = {"a": "1"}
        second = []
        self.recording.at_write = lambda: second.append(1)
        real = self.recording.answer

        def answer(exchange):
            if exchange.request.method == "PATCH" and (self.name + "-b") in exchange.request.target and "dryRun" not in exchange.request.target:
                self.recording.answer = real
                self.unheard()
            return real(exchange)
        self.recording.answer = answer
        self.addCleanup(setattr, self.recording, "answer", real)
        outcome = self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--allow", "destructive", "--reason", "r", "--force")
        self.failed(outcome, "unreachable")
        state, writes = self.states(2)
        if writes != ["done", "unknown"]:
            self.assertEqual((state, writes), ("completed", ["done", "done"]))
            return  # the server's clock told them apart
        back = self.ok(self.rollback(2, "-o", "json")).json()
        self.assertFalse(back["rolled_back"], back)
        self.assertEqual(self.data_of()["a"], "0")
        self.ok(self.rollback(2, "--force"))
        self.assertEqual(self.data_of(self.name + "-b")["a"], "0")

    def test_a_creation_in_other_words(self):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name, "labels": {}}, "spec": {"restartPolicy": "Never", "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "env": [{"name": "A", "value": ""}], "resources": {"limits": {"cpu": "1000m"}}}]}}
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", NAMESPACE, "--force", "--grace-period=0", check=False)
        self.unheard()
        self.failed(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(pod), "--allow", "write"), "unreachable")
        self.assertEqual(self.states(1), ("completed", ["done"]))
        self.ok(self.rollback(1))

    def test_somebody_elses_deletion_is_not_ours(self):
        self.make(self.binding())
        self.recording.at_write = lambda: self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--reason", "r", "--allow", "destructive"))
        self.assertEqual(self.states(1), ("completed", ["failed"]))
        self.assertIn("was so already", self.show(1)["verification"])
        self.failed(self.rollback(1, "--force"), "conflict")
        self.assertFalse(self.is_there("rolebinding"))

    def test_rights_that_were_taken_from_a_binding_are_not_forced_back(self):
        self.make(self.binding())
        both = [{**GRANT, "kind": "User", "name": name} for name in ("mallory", "bob")]
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--patch", json.dumps({"subjects": both}), "--allow", "destructive", "--reason", "r"))
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "-p", '{"subjects":null}', "--type", "merge")
        for more in ((), ("--force",)):
            self.failed(self.rollback(1, *more), "conflict")
        self.assertFalse(self.kubectl.json("get", "rolebinding", self.name, "-n", NAMESPACE).get("subjects"))

    def test_a_change_is_told_from_what_comes_after_it(self):
        self.configmap(a="0", b="0")
        self.unheard()
        self.failed(self.call(*self.patch("1")), "unreachable")
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"b":"1"}}', "--allow", "write"))
        self.assertEqual(self.states(1), ("completed", ["done"]))

    def test_an_apply_takes_nothing_from_others(self):
        self.make(self.binding())
        def apply(**item):
            return self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps({**self.binding(), **item}), "--allow", "destructive", "--reason", "r", "--force")
        self.ok(apply())
        without = self.binding()
        del without["subjects"]
        without["metadata"]["labels"] = {"x": "y"}
        self.unheard()
        self.failed(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps(without), "--allow", "destructive", "--reason", "r"), "unreachable")
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "-p", '{"subjects":null}', "--type", "merge")
        self.show(2)
        self.rollback(2, "--force")
        self.assertFalse(self.kubectl.json("get", "rolebinding", self.name, "-n", NAMESPACE).get("subjects"))

    def test_a_deletion_that_was_pending_is_not_ours(self):
        binding = self.binding()
        binding["metadata"]["finalizers"] = ["fairlead.test/held"]
        self.make(binding)
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE, "--wait=false")
        self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--reason", "r", "--allow", "destructive")
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "-p", '{"metadata":{"finalizers":null}}', "--type", "merge")
        self.rollback(1, "--force")
        self.assertFalse(self.is_there("rolebinding"))

    def test_a_grant_is_taken_away_whatever_others_did(self):
        self.make(self.binding())
        def subjects(*names):
            return json.dumps({"subjects": [{**GRANT, "kind": "User", "name": name} for name in names]})
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--patch", subjects("mallory", "evil"), "--allow", "destructive", "--reason", "r"))
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "-p", subjects("mallory", "evil", "carol"), "--type", "merge")
        self.ok(self.rollback(1, "--force"))
        self.assertEqual([one["name"] for one in self.kubectl.json("get", "rolebinding", self.name, "-n", NAMESPACE)["subjects"]], ["mallory"])

    def test_what_is_unknown_and_was_changed_since_is_forced_or_left(self):
        self.configmap(a="0", b="0")
        self.unheard()
        self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"1","b":"1"}}', "--allow", "write"), "unreachable")
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"7"}}')
        self.assertEqual(self.states(1), ("failed", ["unknown"]))
        self.ok(self.rollback(1, "--force"))
        self.assertEqual(self.data_of(), {"a": "0", "b": "0"})

    def test_a_creation_by_another_fairlead_is_not_ours(self):
        self.lost()
        self.failed(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}}), "--allow", "write"), "unreachable")
        self.kubectl.run("create", "--field-manager=fairlead", "-n", NAMESPACE, "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"precious": "1"}}).encode())
        self.assertEqual(self.states(1), ("failed", ["unknown"]))
        self.failed(self.rollback(1), "conflict")

    def test_rights_that_may_be_of_somebody_else_are_not_forced_back(self):
        self.create(self.binding())
        self.lost()
        self.failed(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--patch", '{"subjects":null}', "--allow", "destructive", "--reason", "r"), "unreachable")
        self.kubectl.run("patch", "rolebinding", self.name, "-n", NAMESPACE, "-p", '{"subjects":null}', "--type", "merge")
        self.assertEqual(self.states(2), ("failed", ["unknown"]))
        self.failed(self.rollback(2, "--force"), "conflict", mentions=["nothing left to take back"])

    def test_what_was_asked_for_is_in_the_audit_log_before_it_is_known_what_became_of_it(self):
        self.configmap(a="0")
        self.ok(self.call(*self.patch("1"), "--reason", "password=hunter2secret"))
        begun = [record for record in map(json.loads, self.fairlead("audit", "export").out.splitlines()) if record["outcome"] == "begun"]
        self.assertEqual(begun[0]["arguments"]["name"], self.name)
        everything = self.fairlead("audit", "export").out + self.fairlead("changes", "show", 1).out + self.fairlead("changes", "show", 1, "-o", "json").out
        self.assertNotIn("hunter2secret", everything)

    def test_each_outcome_is_recorded_once(self):
        """However many look at what a process left behind."""
        self.configmap(a="0")
        self.lost()
        self.failed(self.call(*self.patch("1")), "unreachable")
        self.kubectl.run("delete", "configmap", self.name, "-n", NAMESPACE)
        server = self.mcp()
        for _ in range(3):
            self.ok(self.fairlead("changes", "list"))
        server.call("list_namespaces")
        outcomes = [record["outcome"] for record in map(json.loads, self.fairlead("audit", "export").out.splitlines()) if record["change"] == "1"]
        self.assertEqual(outcomes.count("begun"), 1, outcomes)
        self.assertEqual(len(outcomes), 3, outcomes)  # begun, what the call was told, what was found

    def test_a_change_that_cannot_be_looked_at_keeps_no_other_from_it(self):
        self.configmap(a="0")
        for value in ("1", "2"):
            self.lost()
            self.failed(self.call(*self.patch(value)), "unreachable")
        self.kubectl.run("delete", "configmap", self.name, "-n", NAMESPACE)
        self.kubectl.run("create", "configmap", self.name, "-n", NAMESPACE)
        with sqlite3.connect(f"{self.data}/fairlead.db") as journal:
            journal.execute("UPDATE changes SET sealed = x'00' WHERE id = 1")
        self.ok(self.fairlead("changes", "list"))
        self.assertEqual(self.show(2)["state"], "failed")
        self.ok(self.fairlead("changes", "close", 1, "--reason", "its row is damaged"))

    def test_a_set_in_which_somebody_else_writes_another_field(self):
        names = [f"{self.name}-{i}" for i in (1, 2)]
        for name in names:
            self.configmap(name, a="0")
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "1"}} for name in names]
        self.recording.at_write = lambda: self.kubectl.run("label", "configmap", names[1], "-n", NAMESPACE, "by=other")
        self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--force", "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--allow", "write"))
        self.assertEqual([self.data_of(name)["a"] for name in names], ["1", "1"])
        self.ok(self.rollback(1))
        self.assertEqual([self.data_of(name)["a"] for name in names], ["0", "0"])

    def test_a_binding_is_no_object(self):
        manifest = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": self.name}, "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"}}
        self.failed(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(manifest), "--allow", "write"), "invalid_request", 2, mentions=["no object that is kept"])
        self.assertEqual(self.sent(), [])


class TakenBack(TruthCase):
    def test_a_namespace_that_others_use(self):
        name = self.name[-30:].strip("-")
        number = self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.addCleanup(self.kubectl.run, "delete", "namespace", name, "--wait=false", check=False)
        self.configmap("precious", namespace=name, a="1")
        self.failed(self.rollback(number), "conflict", mentions=["holds 1 of kind ConfigMap"])
        self.kubectl.run("delete", "configmap", "precious", "-n", name)
        self.ok(self.rollback(number))

    def test_what_is_written_right_before_it_is_deleted(self):
        self.configmap(a="old")
        self.recording.at_write = lambda: self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"theirs"}}')
        done = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--reason", "r", "--allow", "destructive", "-o", "json")).json()
        self.ok(self.rollback(done["change"]))
        self.assertEqual(self.data_of(), {"a": "theirs"})

    def test_an_approved_deletion_of_what_has_changed(self):
        self.configmap(a="old")
        delete = ("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--reason", "r")
        number = self.waits(self.call(*delete))
        self.approve(number, types=self.name)
        self.recording.at_write = lambda: self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "-p", '{"data":{"a":"theirs"}}')
        self.failed(self.call(*delete), "conflict", mentions=["has changed since this was approved"])
        self.assertEqual(self.data_of(), {"a": "theirs"})

    def test_rights_that_were_revoked_while_they_were_put_back(self):
        first = self.create(self.binding(), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}})
        self.ok(self.rollback(first))
        self.refuse("POST", "/configmaps")
        self.failed(self.rollback(2, "--force"), "permission_denied")
        self.assertTrue(self.is_there("rolebinding"))
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        for more in ((), ("--force",)):
            outcome = self.rollback(2, *more)
            if not more:
                self.failed(outcome, "conflict", mentions=["was put back by an earlier attempt"])
            self.assertFalse(self.is_there("rolebinding"))

    def test_rights_of_which_nobody_knows_who_took_them(self):
        self.make(self.binding())
        self.lost()
        self.failed(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--reason", "r", "--allow", "destructive"), "unreachable")
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        self.assertEqual(self.show(1)["state"], "failed")
        self.failed(self.rollback(1, "--force"), "conflict", mentions=["it is not known whether it was this change"])
        self.assertFalse(self.is_there("rolebinding"))

    def test_a_token_is_not_deleted_where_no_new_one_can_be_made(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        token = f"{self.name}-tok"
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": token, "labels": {"app": "ci"}, "annotations": {"kubernetes.io/service-account.name": self.name, "x": "y"}}, "type": "kubernetes.io/service-account-token",
                   "data": {"extra": base64.b64encode(b"kept").decode()}})
        rotate = ("rotate_service_account_token", self.name, "-n", NAMESPACE, "--reason", "r", "--allow", "destructive", "--wait-seconds", 1)
        real = self.recording.answer

        def quota(exchange):
            if exchange.request.method == "POST" and "/secrets" in exchange.request.target:
                return exchange.reply(403, FORBIDDEN, "application/json")
            return real(exchange)
        self.recording.answer = quota
        try:
            self.failed(self.call(*rotate), "permission_denied")
        finally:
            self.recording.answer = real
        self.assertTrue(self.is_there("secret", token))
        self.ok(self.call(*rotate))
        secret = self.kubectl.json("get", "secret", token, "-n", NAMESPACE)
        self.assertEqual((secret["metadata"]["labels"], secret["metadata"]["annotations"]["x"], secret["data"]["extra"]), ({"app": "ci"}, "y", base64.b64encode(b"kept").decode()))

    def test_a_created_secret_is_not_kept_when_it_is_deleted(self):
        number = self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": "x"}})
        self.ok(self.rollback(number))
        self.failed(self.rollback(number + 1), "conflict", mentions=["what was in it is not kept"])

    def test_nothing_tells_whether_a_guess_was_right(self):
        shown = []
        for guess in ("right", "wrong"):
            self.kubectl.run("delete", "secret", self.name, "-n", NAMESPACE, "--ignore-not-found")
            self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": "right"}})
            number = self.ok(self.call("rotate_secret", self.name, "-n", NAMESPACE, "--data", f"password={guess}", "--allow", "write", "-o", "json")).json()["change"]
            answer = self.ok(self.rollback(number, "--dry-run", "-o", "json")).json()
            shown.append({key: value for key, value in answer.items() if key != "change"})
        self.assertEqual(shown[0], shown[1])

    def test_keys_of_a_secret_that_went_with_a_change(self):
        apply = lambda **data: self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--force", "--manifest", json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}}), "--allow", "write"))
        apply(a="1", b="2")
        self.secret(a="1", b="2")
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "secret", "--patch", '{"data":null}', "--allow", "write"))
        self.assertEqual(self.keys(), {})
        self.ok(self.rollback(2))
        self.assertEqual(self.keys(), {"a": "1", "b": "2"})
        self.kubectl.run("delete", "secret", self.name, "-n", NAMESPACE)
        apply(a="1", b="2")
        apply(a="9")
        self.assertEqual(self.keys(), {"a": "9"})
        self.ok(self.rollback(5))
        self.assertEqual(self.keys(), {"a": "1", "b": "2"})

    def test_what_others_have_written_into_what_was_made(self):
        number = self.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}},
                             "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}}})
        self.kubectl.run("label", "deployment", self.name, "-n", NAMESPACE, "team=theirs")
        self.failed(self.rollback(number), "conflict", mentions=["team"])
        self.ok(self.rollback(number, "--force"))

    def test_what_controllers_have_written_into_it(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        number = self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.name}-tok", "annotations": {"kubernetes.io/service-account.name": self.name}}, "type": "kubernetes.io/service-account-token"})
        program.eventually(lambda: self.assertIn("token", self.kubectl.json("get", "secret", f"{self.name}-tok", "-n", NAMESPACE)["data"]))
        self.ok(self.rollback(number))

    def test_an_applied_object_of_which_nobody_heard(self):
        item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": self.name}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "c"}}, "template": {"metadata": {"labels": {"a": "c"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}}}
        self.unheard()
        self.failed(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps(item), "--allow", "write"), "unreachable")
        self.assertEqual(self.show(1)["state"], "completed")
        self.ok(self.rollback(1))

    def test_a_dry_run_tells_nothing_of_a_value_either(self):
        self.secret(password="right")
        told = []
        for guess in ("right", "wrong"):
            manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": guess}}
            outcome = self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps(manifest), "--dry-run", "-o", "json")
            told.append((outcome.status, outcome.out))
        self.assertEqual(told[0], told[1])
        for guess, number in (("right", 1), ("wrong", 3)):
            self.secret(password="right")
            for value in (guess, "third"):
                self.ok(self.call("rotate_secret", self.name, "-n", NAMESPACE, "--data", f"password={value}", "--allow", "write"))
            self.failed(self.rollback(number, "--dry-run"), "conflict", mentions=["data.password holds no longer"])

    def test_rights_that_came_back_unheard_and_were_revoked(self):
        self.make(self.binding())
        self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebinding", "--reason", "r", "--allow", "destructive"))
        self.unheard()
        self.failed(self.rollback(1, "--force"), "unreachable")
        self.assertTrue(self.is_there("rolebinding"))
        self.kubectl.run("delete", "rolebinding", self.name, "-n", NAMESPACE)
        self.fairlead("changes", "close", 2, "--reason", "r")
        self.failed(self.rollback(1), "conflict")
        self.assertFalse(self.is_there("rolebinding"))

    def test_a_rotation_there_and_back_again(self):
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": "old", "gone": "x"}})
        data = lambda: self.kubectl.json("get", "secret", self.name, "-n", NAMESPACE)["data"]
        before = data()
        self.ok(self.call("rotate_secret", self.name, "-n", NAMESPACE, "--data", '{"password":"new","gone":null,"more":"y"}', "--allow", "write"))
        after = data()
        self.assertEqual(set(after), {"password", "more"})
        for number, expected in ((1, before), (2, after), (3, before)):
            self.ok(self.rollback(number))
            self.assertEqual(data(), expected)

    def test_what_is_left_as_it_is_is_not_called_taken_back(self):
        names = [f"{self.name}-{i}" for i in (1, 2)]
        for name in names:
            self.configmap(name, a="0")
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "1"}} for name in names]
        self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--force", "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--allow", "write"))
        self.kubectl.run("delete", "configmap", names[0], "-n", NAMESPACE)
        self.configmap(names[0], a="theirs")
        answer = self.ok(self.rollback(1, "--force", "-o", "json")).json()
        self.assertFalse(answer["rolled_back"])
        self.assertIn(names[0], answer["left"][0])
        self.assertEqual([self.data_of(name)["a"] for name in names], ["theirs", "0"])
        self.assertEqual(self.show(1)["state"], "completed")


if __name__ == "__main__":
    program.main()
