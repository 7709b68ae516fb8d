#!/usr/bin/env python3
"""Changes against a cluster: refused where they are not allowed, true where they are, and undone at the end."""
import json
import unittest

from cluster_case import ClusterCase
import program

ANNOTATION = "kubectl.kubernetes.io/restartedAt"


class Changes(ClusterCase):
    def deployment(self, namespace, name):
        return self.kubectl.json("get", "deployment", name, "-n", namespace)

    def setUp(self):
        self.namespace, self.name, self.replicas = self.ready_deployment()

    def scale_back(self):
        self.kubectl.run("scale", "deployment", self.name, "-n", self.namespace, f"--replicas={self.replicas}")

    def test_scale(self):
        self.addCleanup(self.scale_back)
        wanted = self.replicas + 1
        arguments = ("scale_deployment", self.name, "-n", self.namespace, "--replicas", wanted, "--allow", "write")
        outcome = self.ok(self.call(*arguments, "-o", "json"))
        answer = outcome.json()
        self.assertGreater(answer.pop("change"), 0)
        self.assertEqual(answer, {"namespace": self.namespace, "deployment": self.name, "replicas": wanted, "before": self.replicas, "changed": True})
        self.assertIn(f"scaled deployment {self.namespace}/{self.name} from {self.replicas} to {wanted}", outcome.notes)
        self.assertEqual(self.deployment(self.namespace, self.name)["spec"]["replicas"], wanted)

        again = self.ok(self.call(*arguments, "-o", "json"))
        self.assertEqual((again.json()["changed"], again.json()["before"]), (False, wanted))
        self.assertTrue(any("nothing changed" in n for n in again.notes), again)

        down = self.ok(self.call("scale_deployment", self.name, "-n", self.namespace, "--replicas", self.replicas, "--allow", "destructive"))
        self.assertIn("before: " + str(wanted), down.out)
        self.assertEqual(self.deployment(self.namespace, self.name)["spec"]["replicas"], self.replicas)

        zero = self.ok(self.call("scale_deployment", self.name, "-n", self.namespace, "--replicas", 0, "--allow", "write", "-o", "json"))
        self.assertEqual(zero.json()["replicas"], 0)
        self.assertEqual(self.deployment(self.namespace, self.name)["spec"]["replicas"], 0)

    def test_scale_dry_run_changes_nothing(self):
        before = self.deployment(self.namespace, self.name)
        outcome = self.ok(self.call("scale_deployment", self.name, "-n", self.namespace, "--replicas", self.replicas + 3, "--allow", "write", "--dry-run", "-o", "json"))
        self.assertFalse(outcome.json()["changed"])
        self.assertTrue(any(n.startswith("dry run: would have scaled") for n in outcome.notes), outcome)
        self.assertEqual(self.deployment(self.namespace, self.name)["metadata"]["generation"], before["metadata"]["generation"])

    def test_scale_bounds(self):
        for replicas in ("-1", "x", "1.5", "100001", ""):
            with self.subTest(replicas):
                outcome = self.call("scale_deployment", self.name, "-n", self.namespace, "--replicas", replicas, "--allow", "write")
                self.failed(outcome, "invalid_request", mentions=["replicas"])
        self.assertEqual(self.deployment(self.namespace, self.name)["spec"]["replicas"], self.replicas)

    def test_restart_keeps_the_other_annotations(self):
        mark = {"spec": {"template": {"metadata": {"annotations": {"fairlead.test/keep": "me"}}}}}
        self.kubectl.run("patch", "deployment", self.name, "-n", self.namespace, "--type=merge", "-p", json.dumps(mark))
        before = self.deployment(self.namespace, self.name)
        old = before["spec"]["template"]["metadata"]["annotations"]
        outcome = self.ok(self.call("restart_deployment", self.name, "-n", self.namespace, "--allow", "write", "-o", "json"))
        after = self.deployment(self.namespace, self.name)
        new = after["spec"]["template"]["metadata"]["annotations"]
        self.assertEqual({k: v for k, v in new.items() if k != ANNOTATION}, {k: v for k, v in old.items() if k != ANNOTATION})
        self.assertEqual(new[ANNOTATION], outcome.json()["restarted_at"])
        self.assertNotEqual(new[ANNOTATION], old.get(ANNOTATION))
        self.assertGreater(after["metadata"]["generation"], before["metadata"]["generation"])
        self.assertEqual(outcome.json()["generation"], after["metadata"]["generation"])
        self.assertTrue(any("cannot be undone" in n for n in outcome.notes), outcome)

        def seen():
            row = next(r for r in self.rows("list_deployments", "-n", self.namespace) if r["name"] == self.name)
            self.assertEqual(row["rollout"] or "", "")
        program.eventually(seen, 60)

    def test_restart_dry_run_changes_nothing(self):
        before = self.deployment(self.namespace, self.name)
        outcome = self.ok(self.call("restart_deployment", self.name, "-n", self.namespace, "--allow", "write", "--dry-run"))
        self.assertTrue(any(n.startswith("dry run: would have restarted") for n in outcome.notes), outcome)
        after = self.deployment(self.namespace, self.name)
        self.assertEqual(after["metadata"]["generation"], before["metadata"]["generation"])
        self.assertEqual(after["spec"]["template"], before["spec"]["template"])

    def test_restart_of_a_paused_deployment_is_refused(self):
        self.kubectl.run("patch", "deployment", self.name, "-n", self.namespace, "--type=merge", "-p", '{"spec":{"paused":true}}')
        self.addCleanup(self.kubectl.run, "patch", "deployment", self.name, "-n", self.namespace, "--type=merge", "-p", '{"spec":{"paused":null}}')
        self.failed(self.call("restart_deployment", self.name, "-n", self.namespace, "--allow", "write"), "conflict", mentions=["paused"])

    def test_cordon_and_uncordon(self):
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        self.addCleanup(self.kubectl.run, "uncordon", node)

        def unschedulable():
            return self.kubectl.json("get", "node", node)["spec"].get("unschedulable", False)
        self.assertFalse(unschedulable())
        dry = self.ok(self.call("cordon_node", node, "--allow", "write", "--dry-run", "-o", "json"))
        self.assertFalse(dry.json()["changed"])
        self.assertFalse(unschedulable())
        for operation, wanted in (("cordon_node", True), ("uncordon_node", False)):
            first = self.ok(self.call(operation, node, "--allow", "write", "-o", "json"))
            answer = first.json()
            self.assertGreater(answer.pop("change"), 0)
            self.assertEqual(answer, {"node": node, "unschedulable": wanted, "before": not wanted, "changed": True})
            self.assertEqual(unschedulable(), wanted)
            row = next(r for r in self.rows("list_nodes") if r["name"] == node)
            self.assertEqual("SchedulingDisabled" in row["status"], wanted)
            second = self.ok(self.call(operation, node, "--allow", "write", "-o", "json"))
            self.assertEqual(second.json(), {"node": node, "unschedulable": wanted, "before": wanted, "changed": False})
            self.assertTrue(any("nothing changed" in n for n in second.notes), second)
            self.assertEqual(unschedulable(), wanted)

    def test_delete_pod(self):
        pod = program.eventually(lambda: self.first(self.pods_of(self.namespace, self.name)))
        name, uid = pod["metadata"]["name"], pod["metadata"]["uid"]
        dry = self.ok(self.call("delete_pod", name, "-n", self.namespace, "--allow", "destructive", "--dry-run", "-o", "json"))
        self.assertFalse(dry.json()["deleted"])
        self.assertNotIn("deletionTimestamp", self.kubectl.json("get", "pod", name, "-n", self.namespace)["metadata"])
        outcome = self.ok(self.call("delete_pod", name, "-n", self.namespace, "--allow", "destructive", "--grace-period", "1", "-o", "json"))
        answer = outcome.json()
        self.assertEqual((answer["namespace"], answer["pod"], answer["deleted"]), (self.namespace, name, True))
        self.assertTrue(answer["controller"].startswith("ReplicaSet/" + self.name), answer)
        self.assertTrue(any("recreates it" in n for n in outcome.notes), outcome)

        def gone():
            done = self.kubectl.run("get", "pod", name, "-n", self.namespace, "-o", "jsonpath={.metadata.uid}", check=False)
            self.assertNotEqual(done.stdout.decode(), uid)
        program.eventually(gone, 120)
        program.eventually(lambda: self.assertGreaterEqual(len(self.pods_of(self.namespace, self.name)), self.replicas), 60)

    def first(self, items):
        self.assertTrue(items)
        return items[0]

    def test_objects_that_do_not_exist(self):
        for arguments in (("scale_deployment", "nobody-made-this", "-n", self.namespace, "--replicas", "1"), ("restart_deployment", "nobody-made-this", "-n", self.namespace),
                          ("delete_pod", "nobody-made-this", "-n", self.namespace), ("cordon_node", "nobody-made-this"), ("uncordon_node", "nobody-made-this"),
                          ("scale_deployment", self.name, "-n", "nobody-made-this", "--replicas", "1")):
            with self.subTest(arguments):
                self.failed(self.call(*arguments, "--allow", "destructive"), "not_found")


class Refusals(ClusterCase):
    def test_what_is_not_allowed_is_refused_and_not_done(self):
        namespace, name, replicas = self.ready_deployment()
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        pod = self.first_pod(namespace, name)
        changes = [("scale_deployment", name, "-n", namespace, "--replicas", replicas + 1), ("restart_deployment", name, "-n", namespace),
                   ("cordon_node", node), ("uncordon_node", node), ("delete_pod", pod, "-n", namespace)]
        before = self.kubectl.json("get", "deployment", name, "-n", namespace)["metadata"]["generation"]
        for change in changes:
            trust = "DESTRUCTIVE" if change[0] == "delete_pod" else "WRITE"
            grants = [[], ["--allow", "read"]] + ([["--allow", "write"]] if trust == "DESTRUCTIVE" else [])
            for grant in grants:
                with self.subTest(operation=change[0], grant=grant):
                    outcome = self.call(*change, *grant, "--reason", "a test")
                    if change[0] != "uncordon_node":  # which it is already
                        self.failed(outcome, "approval_required", 3, mentions=["changes approve"])
        self.assertEqual(self.kubectl.json("get", "deployment", name, "-n", namespace)["metadata"]["generation"], before)
        self.assertNotIn("deletionTimestamp", self.kubectl.json("get", "pod", pod, "-n", namespace)["metadata"])
        self.assertFalse(self.kubectl.json("get", "node", node)["spec"].get("unschedulable", False))

    def first_pod(self, namespace, name):
        return program.eventually(lambda: self.pods_of(namespace, name)[0]["metadata"]["name"])

    def test_reads_run_under_every_grant(self):
        for grant in ("read", "write", "destructive"):
            self.ok(self.call("list_namespaces", "--allow", grant))


if __name__ == "__main__":
    program.main()
