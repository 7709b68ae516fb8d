#!/usr/bin/env python3
"""What a change would make a controller destroy wants leave for that, and an approval of something else is none.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/destroyed_test.py"""
import json

from change_case import NAMESPACE
from truth_test import TruthCase
import program

CONTAINER = {"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}


class Destroyed(TruthCase):
    def patched(self, kind, patch, namespace=NAMESPACE):
        return ("patch_resource", self.name, *(["-n", namespace] if namespace else []), "--kind", kind, "--patch", json.dumps(patch))

    def destroys(self, word, *call):
        """Not without leave for what is destroyed; nothing is done."""
        self.assertIn(word, self.ok(self.call(*call, "--dry-run", "--allow", "destructive", "--reason", "r", "-o", "json")).json().get("no_undo", ""))
        number = self.waits(self.call(*call, "--allow", "write", "--reason", "r"))
        self.assertEqual(self.show(number)["trust"], "DESTRUCTIVE")

    def is_void(self, word, number, *call):
        """What was approved as something that can be taken back is not carried out as something else."""
        self.failed(self.call(*call, "--reason", "r"), "conflict", mentions=[word])
        self.assertEqual(self.show(number)["state"], "failed")

    def approved(self, *call):
        number = self.waits(self.call(*call, "--reason", "r"))
        self.assertIn("It can be taken back", self.approve(number))
        return number

    def volume(self, policy, **spec):
        item = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": self.name}, "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "none", "persistentVolumeReclaimPolicy": policy, "hostPath": {"path": "/nowhere"}, **spec}}
        self.kubectl.run("create", "-f", "-", stdin=json.dumps(item).encode())
        self.addCleanup(self.kubectl.run, "delete", "pv", self.name, "--wait=false", check=False)
        self.make({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": self.name}, "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "volumeName": self.name, "resources": {"requests": {"storage": "1Gi"}}}})
        self.addCleanup(self.kubectl.run, "delete", "pvc", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "pv", self.name)["status"]["phase"], "Bound"))

    def test_a_volume_that_is_released_after_the_approval(self):
        self.policy("version: 1\nprotected_namespaces: []\n")
        self.volume("Retain")
        call = self.patched("persistentvolume", {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}, None)
        number = self.approved(*call)
        self.kubectl.run("delete", "pvc", self.name, "-n", NAMESPACE)
        program.eventually(lambda: self.assertEqual(self.kubectl.json("get", "pv", self.name)["status"]["phase"], "Released"))
        self.is_void("is released, and goes with what is on it", number, *call)
        self.assertEqual(self.kubectl.json("get", "pv", self.name)["spec"]["persistentVolumeReclaimPolicy"], "Retain")

    def test_claims_that_would_go_since_the_approval(self):
        item = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": self.name},
                "spec": {"replicas": 2, "serviceName": self.name, "selector": {"matchLabels": {"app": self.name}}, "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Retain", "whenDeleted": "Retain"},
                         "template": {"metadata": {"labels": {"app": self.name}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [CONTAINER]}}}}
        self.kubectl.run("create", "--validate=false", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(item).encode())
        self.addCleanup(self.kubectl.run, "delete", "statefulset", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        if "persistentVolumeClaimRetentionPolicy" not in self.kubectl.json("get", "statefulset", self.name, "-n", NAMESPACE)["spec"]:
            self.skipTest("this Kubernetes has no retention policy")
        for call in (self.patched("statefulset", {"spec": {"replicas": 1}}), ("scale_statefulset", self.name, "-n", NAMESPACE, "--replicas", "1")):
            self.keep_claims("Retain")
            number = self.approved(*call)
            self.keep_claims("Delete")
            self.is_void("volume claims", number, *call)
            self.assertEqual(self.kubectl.json("get", "statefulset", self.name, "-n", NAMESPACE)["spec"]["replicas"], 2)

    def keep_claims(self, when):
        self.kubectl.run("patch", "statefulset", self.name, "-n", NAMESPACE, "--type", "merge", "-p", json.dumps({"spec": {"persistentVolumeClaimRetentionPolicy": {"whenScaled": when}}}))

    def test_an_object_that_is_deleted_after_the_approval(self):
        self.make({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name, "finalizers": ["fairlead.test/held"]}})
        self.addCleanup(self.kubectl.run, "patch", "configmap", self.name, "-n", NAMESPACE, "--type", "merge", "-p", '{"metadata": {"finalizers": null}}', check=False)
        call = self.patched("configmap", {"metadata": {"finalizers": None}})
        number = self.waits(self.call(*call, "--reason", "r"))
        self.assertIn("It can be taken back", self.approve(number, types=self.name))
        self.kubectl.run("delete", "configmap", self.name, "-n", NAMESPACE, "--wait=false")
        self.is_void("is being deleted", number, *call)
        self.assertTrue(self.is_there("configmap"))

    def test_a_volume_that_loses_its_claim(self):
        self.policy("version: 1\nprotected_namespaces: []\n")
        self.volume("Delete")
        self.destroys("loses its claim", *self.patched("persistentvolume", {"spec": {"claimRef": {"uid": "00000000-0000-0000-0000-000000000001"}}}, None))
        self.destroys("loses its claim", *self.patched("persistentvolume", {"spec": {"claimRef": None}}, None))

    def test_a_token_that_is_of_no_account_any_more(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        self.addCleanup(self.kubectl.run, "delete", "serviceaccount", self.name, "-n", NAMESPACE, check=False)
        self.make({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {"name": self.name, "annotations": {"kubernetes.io/service-account.name": self.name}}})
        program.eventually(lambda: self.assertIn("token", self.kubectl.json("get", "secret", self.name, "-n", NAMESPACE).get("data", {})))
        for key, value in (("uid", "00000000-0000-0000-0000-000000000000"), ("uid", None), ("name", "nobody")):
            self.destroys("is deleted", *self.patched("secret", {"metadata": {"annotations": {"kubernetes.io/service-account." + key: value}}}))
        self.ok(self.call(*self.patched("secret", {"metadata": {"annotations": {"note": "x"}}}), "--allow", "write"))

    def test_a_deadline(self):
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name}, "spec": {"containers": [CONTAINER]}})
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        self.make({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": self.name}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}}}})
        self.addCleanup(self.kubectl.run, "delete", "job", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        for kind in ("pod", "job"):
            self.destroys("ended at its deadline", *self.patched(kind, {"spec": {"activeDeadlineSeconds": 1}}))

    def test_what_a_new_controller_takes_over(self):
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.name, "labels": {"app": self.name}}, "spec": {"containers": [CONTAINER]}})
        self.addCleanup(self.kubectl.run, "delete", "pod", self.name, "-n", NAMESPACE, "--wait=false", check=False)
        spec = {"replicas": 0, "selector": {"matchLabels": {"app": self.name}}, "template": {"metadata": {"labels": {"app": self.name}}, "spec": {"containers": [CONTAINER]}}}
        for operation in ("create_resource", "apply_manifest"):
            self.destroys("that nothing owns", operation, "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": self.name}, "spec": spec}))
        other = json.loads(json.dumps(spec).replace(self.name, self.name + "-2"))
        self.ok(self.call("create_resource", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": self.name}, "spec": other}), "--allow", "write"))
        self.addCleanup(self.kubectl.run, "delete", "replicaset", self.name, "-n", NAMESPACE, check=False)

    def test_each_of_a_set_is_told(self):
        for name in ("a", "b"):
            self.deployment(name=f"{self.name}-{name}", replicas=0)
            self.addCleanup(self.kubectl.run, "delete", "deployment", f"{self.name}-{name}", "-n", NAMESPACE, check=False)
        items = []
        for name in ("a", "b"):
            there = self.kubectl.json("get", "deployment", f"{self.name}-{name}", "-n", NAMESPACE)
            items.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"{self.name}-{name}"}, "spec": {**there["spec"], "revisionHistoryLimit": 1}})
        told = self.ok(self.call("apply_manifest", "-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}), "--force", "--dry-run", "-o", "json")).json()["no_undo"]
        for name in ("a", "b"):
            self.assertIn(f"{self.name}-{name}", told)


if __name__ == "__main__":
    program.main()
