#!/usr/bin/env python3
"""What cannot be taken back says so before it runs, and a set is not half done where that could be known.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/for_good_test.py"""
import json
import subprocess
import time

from change_case import NAMESPACE
from truth_test import TruthCase
import program


class ForGood(TruthCase):
    def pod_on(self, node, name, **metadata):
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **metadata}, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [{"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}})
        self.addCleanup(self.kubectl.run, "delete", "pod", name, "-n", NAMESPACE, "--wait=false", check=False)

    def last_node(self):
        nodes = self.kubectl.json("get", "nodes")["items"]
        if len(nodes) < 2:
            self.skipTest("it is the only node, and pods of other tests run on it")
        return nodes[-1]["metadata"]["name"]

    def plan(self, *call):
        return self.ok(self.call(*call, "--dry-run", "--allow", "destructive", "--reason", "r", "-o", "json")).json()

    def is_final(self, word, *call):
        self.assertIn(word, self.plan(*call).get("no_undo", ""))

    def patched(self, kind, patch):
        return ("patch_resource", self.name, "-n", NAMESPACE, "--kind", kind, "--patch", json.dumps(patch))

    def test_volume_claims_that_go_with_their_pods(self):
        container = {"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}
        item = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": self.name},
                "spec": {"replicas": 2, "serviceName": self.name, "selector": {"matchLabels": {"app": self.name}}, "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Delete"},
                         "template": {"metadata": {"labels": {"app": self.name}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]}}}}
        self.kubectl.run("create", "--validate=false", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(item).encode())
        self.addCleanup(self.kubectl.run, "delete", "statefulset", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        if "persistentVolumeClaimRetentionPolicy" not in self.kubectl.json("get", "statefulset", self.name, "-n", NAMESPACE)["spec"]:
            self.skipTest("this Kubernetes has no retention policy")
        higher = self.patched("statefulset", {"spec": {"ordinals": {"start": 1}}})
        self.is_final("volume claims", *higher)
        self.waits(self.call(*higher, "--allow", "write", "--reason", "r"))
        applied = {**item, "spec": {**item["spec"], "ordinals": {"start": 5}}}
        self.is_final("volume claims", "apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps(applied), "--force")
        self.assertNotIn("no_undo", self.plan(*self.patched("statefulset", {"spec": {"ordinals": {"start": 0}, "replicas": 3}})))
        down = ("scale_statefulset", self.name, "-n", NAMESPACE, "--replicas", "1")
        self.is_final("volume claims", *down)
        self.is_final("volume claims", *self.patched("statefulset", {"spec": {"replicas": 1}}))
        self.is_final("volume claims", "delete_resource", self.name, "-n", NAMESPACE, "--kind", "statefulset")
        number = self.waits(self.call(*down, "--allow", "write", "--reason", "r"))
        self.assertEqual(self.show(number)["trust"], "DESTRUCTIVE")
        self.ok(self.call("scale_statefulset", self.name, "-n", NAMESPACE, "--replicas", "3", "--allow", "write"))
        self.failed(self.fairlead("changes", "rollback", number + 1, "--allow", "write", "--reason", "r"), "approval_required", 3)

    def destroys(self, word, kind, patch):
        """Not without leave for what is destroyed; without running anything."""
        call = self.patched(kind, patch)
        self.is_final(word, *call)
        number = self.waits(self.call(*call, "--allow", "write", "--reason", "r"))
        self.assertEqual(self.show(number)["trust"], "DESTRUCTIVE")

    def test_history_that_is_cut_off(self):
        self.deployment(replicas=0)
        self.destroys("older revisions", "deployment", {"spec": {"revisionHistoryLimit": 0}})
        self.assertNotIn("no_undo", self.plan(*self.patched("deployment", {"spec": {"revisionHistoryLimit": 20}})))
        self.ok(self.call(*self.patched("deployment", {"spec": {"revisionHistoryLimit": 20}}), "--allow", "write"))
        number = self.waits(self.fairlead("changes", "rollback", 2, "--allow", "write", "--reason", "r"))
        self.assertEqual(self.show(number)["trust"], "DESTRUCTIVE")
        template = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}}}
        version = "batch/v1" if any(r.get("name") == "cronjobs" for r in json.loads(self.kubectl.run("get", "--raw", "/apis/batch/v1").stdout)["resources"]) else "batch/v1beta1"
        self.make({"apiVersion": version, "kind": "CronJob", "metadata": {"name": self.name}, "spec": {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": template}})
        self.addCleanup(self.kubectl.run, "delete", "cronjob", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        self.destroys("Jobs that have succeeded", "cronjob", {"spec": {"successfulJobsHistoryLimit": 1}})

    def test_a_taint_that_drives_pods_out(self):
        node, self.name = self.last_node(), "NoExecute"
        self.policy("version: 1\nprotected_namespaces: []\n")
        self.addCleanup(self.kubectl.run, "taint", "node", node, "x-", check=False)

        def tainted(effect):
            return ("patch_resource", node, "--kind", "node", "--patch", json.dumps({"spec": {"taints": [{"key": "x", "effect": effect}]}}))
        self.is_final("no disruption budget is asked", *tainted("NoExecute"))
        self.waits(self.call(*tainted("NoExecute"), "--allow", "write", "--reason", "r"))
        self.assertNotIn("no_undo", self.plan(*tainted("NoSchedule")))
        self.ok(self.call(*tainted("NoExecute"), "--allow", "destructive", "--reason", "r"))
        self.ok(self.call(*tainted("NoSchedule"), "--allow", "write"))  # what it had driven out stays away
        number = self.waits(self.fairlead("changes", "rollback", 3, "--allow", "write", "--reason", "r"))
        self.assertEqual(self.show(number)["trust"], "DESTRUCTIVE")

    def test_a_released_volume_that_was_kept(self):
        volume = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": self.name}, "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "none", "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/nowhere"}}}
        self.kubectl.run("create", "-f", "-", stdin=json.dumps(volume).encode())
        self.addCleanup(self.kubectl.run, "delete", "pv", self.name, "--wait=false", check=False)
        self.policy("version: 1\nprotected_namespaces: []\n")

        def to_delete():
            return ("patch_resource", self.name, "--kind", "persistentvolume", "--patch", json.dumps({"spec": {"persistentVolumeReclaimPolicy": "Delete"}}))
        self.assertNotIn("no_undo", self.plan(*to_delete()))
        claim = {"spec": {"claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": NAMESPACE, "name": "gone", "uid": "00000000-0000-0000-0000-000000000001"}}}
        self.kubectl.run("patch", "pv", self.name, "-p", json.dumps(claim))  # of a claim that has gone
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "pv", self.name)["status"]["phase"], "Released"))
        self.is_final("goes with what is on it", *to_delete())
        self.waits(self.call(*to_delete(), "--allow", "write", "--reason", "r"))

    def test_one_way_fields(self):
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name}, "spec": {"containers": [{"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}})
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        tolerations = self.kubectl.json("get", "pod", self.name, "-n", NAMESPACE)["spec"].get("tolerations", [])
        self.is_final("one direction", *self.patched("pod", {"spec": {"tolerations": [*tolerations, {"key": "x", "operator": "Exists"}]}}))
        self.assertNotIn("no_undo", self.plan(*self.patched("pod", {"metadata": {"labels": {"a": "b"}}})))
        self.make({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": self.name}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": {"requests": {"storage": "1Gi"}}}})
        self.addCleanup(self.kubectl.run, "delete", "pvc", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        self.is_final("stays with its volume", *self.patched("persistentvolumeclaim", {"spec": {"volumeName": "pv-1"}}))

    def test_the_last_thing_that_holds_what_is_deleted(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name, "finalizers": ["fairlead.test/held"]}})
        self.kubectl.run("delete", "configmap", self.name, "-n", NAMESPACE, "--wait=false")
        done = self.ok(self.call(*self.patched("configmap", {"metadata": {"finalizers": None}}), "--allow", "destructive", "--reason", "r"))
        self.assertTrue(any("cannot be taken back" in note for note in done.notes), done)
        self.assertTrue(any("it has gone" in note for note in done.notes), done)
        self.assertEqual(self.show(1)["state"], "completed")
        self.failed(self.rollback(1), "conflict", mentions=["cannot be taken back"])

    def test_a_node_that_was_drained_before(self):
        node = self.last_node()
        self.kubectl.run("cordon", node)
        self.addCleanup(self.kubectl.run, "uncordon", node)
        self.pod_on(node, "drained-again")
        self.assertIn("unschedulable already", self.plan("drain_node", node, "--force")["no_undo"])

    def test_a_drain_of_which_a_pod_has_gone_meanwhile(self):
        node = self.last_node()
        self.addCleanup(self.kubectl.run, "uncordon", node)
        for name in ("one", "two"):
            self.pod_on(node, f"drained-{name}")
        drain = ("drain_node", node, "--force", "--reason", "r")
        self.approve(self.waits(self.call(*drain)), types=node)
        self.kubectl.run("delete", "pod", "drained-one", "-n", NAMESPACE, "--grace-period", "0", "--force")
        self.ok(self.call(*drain))
        self.assertFalse(self.is_there("pod", "drained-two"))

    def test_a_budget_holds_no_other_pod_up(self):
        node = self.last_node()
        self.addCleanup(self.kubectl.run, "uncordon", node)
        for name in ("a-held", "b-free", "c-free"):
            self.pod_on(node, name, labels={"held": str(name == "a-held").lower()})
        version = "policy/v1" if b'"policy/v1"' in self.kubectl.run("get", "--raw", "/apis/policy").stdout else "policy/v1beta1"
        self.make({"apiVersion": version, "kind": "PodDisruptionBudget", "metadata": {"name": self.name}, "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"held": "true"}}}})
        self.addCleanup(self.kubectl.run, "delete", "pdb", self.name, "-n", NAMESPACE, check=False)
        program.eventually(lambda: self.assertIn("disruptionsAllowed", self.kubectl.json("get", "pdb", self.name, "-n", NAMESPACE)["status"]))
        outcome = self.call("drain_node", node, "--force", "--reason", "r", "--allow", "destructive", "--timeout", 5)
        self.failed(outcome, "rate_limited", mentions=["a disruption budget forbids the eviction of Pod attacked/a-held"])
        for name in ("b-free", "c-free"):
            program.eventually(lambda: self.assertFalse(self.is_there("pod", name)))
        self.assertTrue(self.is_there("pod", "a-held"))
        self.assertEqual(self.states(1)[0], "failed")
        states = {w["object"]: w["state"] for w in self.show(1)["writes"]}
        self.assertEqual([states[f"Pod {NAMESPACE}/{name}"] for name in ("a-held", "b-free", "c-free")], ["failed", "done", "done"])

    def test_a_drain_that_is_killed_while_a_budget_holds_it_up(self):
        node = self.last_node()
        self.addCleanup(self.kubectl.run, "uncordon", node)
        for name in ("a-kept", "b-gone", "c-gone"):
            self.pod_on(node, name, labels={"kept": str(name == "a-kept").lower()})
        version = "policy/v1" if b'"policy/v1"' in self.kubectl.run("get", "--raw", "/apis/policy").stdout else "policy/v1beta1"
        self.make({"apiVersion": version, "kind": "PodDisruptionBudget", "metadata": {"name": self.name}, "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"kept": "true"}}}})
        self.addCleanup(self.kubectl.run, "delete", "pdb", self.name, "-n", NAMESPACE, check=False)
        program.eventually(lambda: self.assertIn("disruptionsAllowed", self.kubectl.json("get", "pdb", self.name, "-n", NAMESPACE)["status"]))
        drain = subprocess.Popen([program.fairlead(), "call", "drain_node", node, "--force", "--reason", "r", "--allow", "destructive", "--timeout", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env=program.bare_environment(**self.env()))
        try:
            for name in ("b-gone", "c-gone"):
                program.eventually(lambda: self.assertFalse(self.is_there("pod", name)))
            time.sleep(1.2)  # it is put off again and again by now
        finally:
            drain.kill()
            drain.wait()

        def told():
            change = self.show(1)
            self.assertEqual(change["state"], "failed", change)
            return {write["object"]: write["state"] for write in change["writes"]}
        states = program.eventually(told, 90)
        self.assertEqual([states[f"Pod {NAMESPACE}/{name}"] for name in ("b-gone", "c-gone")], ["done", "done"])
        self.assertIn(states[f"Pod {NAMESPACE}/a-kept"], ("failed", "unknown"))
        self.assertTrue(self.is_there("pod", "a-kept"))
        self.ok(self.fairlead("changes", "rollback", 1, "--allow", "write"))
        self.assertFalse(self.kubectl.json("get", "node", node)["spec"].get("unschedulable", False))

    def test_fields_of_a_secret_that_others_hold(self):
        self.kubectl.run("create", "secret", "generic", self.name, "-n", NAMESPACE, "--from-literal", "password=right")
        self.kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name, "namespace": NAMESPACE}, "stringData": {"password": "right"}}).encode(), check=False)
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}}
        told = set()
        for guess in ("right", "wrong"):
            secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name}, "stringData": {"password": guess}}
            manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": [config, secret]})
            for more in (("--dry-run",), ()):
                outcome = self.call("apply_manifest", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write", *more)
                self.failed(outcome, "conflict", mentions=["held by", "data.password", "kubectl"])
                told.add(outcome.error_line)
        self.assertEqual(len(told), 1, told)
        self.assertFalse(self.is_there("configmap"))
        self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write", "--force"))

    def test_what_could_not_be_tried_is_said(self):
        items = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}}, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": self.name}}]
        outcome = self.ok(self.call("apply_manifest", "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--allow", "write", "--dry-run", "-o", "json"))
        self.assertIn(f"ConfigMap {self.name}/c could not be tried", json.dumps(outcome.json()["reach"]))
        self.assertTrue(any("1 of the objects could not be tried" in note for note in outcome.notes), outcome)

    def test_one_object_in_two_versions(self):
        names = [r["name"] for r in json.loads(self.kubectl.run("get", "--raw", "/apis/autoscaling").stdout)["versions"] for r in [{"name": r["version"]}]]
        other = [name for name in names if name != "v1"][0]
        spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"}, "maxReplicas": 3}
        items = [{"apiVersion": f"autoscaling/{version}", "kind": "HorizontalPodAutoscaler", "metadata": {"name": self.name}, "spec": spec} for version in ("v1", other)]
        self.failed(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--allow", "write"), "invalid_request", 2, mentions=["twice"])

    def test_which_change_put_it_back(self):
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "1"}})
        self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", manifest, "--allow", "write"))
        self.ok(self.fairlead("changes", "rollback", 1, "--allow", "destructive", "--reason", "r"))
        self.ok(self.fairlead("changes", "rollback", 2, "--allow", "destructive", "--reason", "r"))
        self.failed(self.fairlead("changes", "rollback", 1, "--allow", "destructive", "--reason", "r"), "conflict", mentions=["Change 3 has put back", "changes rollback 3"])
        self.ok(self.fairlead("changes", "rollback", 3, "--allow", "destructive", "--reason", "r"))

    def test_a_command_is_approved_as_it_is(self):
        command = ["sh", "-c", "password=$(touch${IFS}/tmp/owned;echo) sleep infinity"]
        manifest = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name}, "spec": {"containers": [{"name": "c", "image": "x", "command": command}]}})
        number = self.waits(self.call("create_resource", "-n", NAMESPACE, "--manifest", manifest))
        self.assertIn("touch${IFS}/tmp/owned", json.dumps(self.show(number)["fields"]))

    def test_a_job_of_a_cronjob_with_a_long_name(self):
        self.name = "x" * 39 + "-" + "y" * 12
        template = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "fairlead.test/busybox:1", "command": ["true"]}]}}}}
        version = "batch/v1" if any(r.get("name") == "cronjobs" for r in json.loads(self.kubectl.run("get", "--raw", "/apis/batch/v1").stdout)["resources"]) else "batch/v1beta1"
        self.make({"apiVersion": version, "kind": "CronJob", "metadata": {"name": self.name}, "spec": {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": template}})
        self.addCleanup(self.kubectl.run, "delete", "cronjob", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        job = self.ok(self.call("create_job_from_cronjob", self.name, "-n", NAMESPACE, "--allow", "write", "-o", "json")).json()["job"]
        self.assertTrue(job.startswith("x" * 39 + "-manual-"), job)


if __name__ == "__main__":
    program.main()
