#!/usr/bin/env python3
"""Who may change something and not read it: no plan, dry run, conflict or rollback shows it.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/unseen_test.py"""
import json

from change_case import HIDDEN, NAMESPACE
from truth_test import TruthCase
import program

CHANGES = f"""version: 1
rules:
- {{name: unseen, namespaces: [{HIDDEN}], trust: [READ], decision: deny}}
- {{name: changed, namespaces: [{HIDDEN}], trust: [WRITE, DESTRUCTIVE], decision: allow}}
"""
PRIVATE = "merger-with-acme"


class Unseen(TruthCase):
    def refused(self, outcome):
        self.failed(outcome, "policy_denied", 3)
        self.assertNotIn(PRIVATE, outcome.out + outcome.err)

    def cronjob(self):
        template = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "fairlead.test/busybox:1", "env": [{"name": "TARGET", "value": PRIVATE}]}]}}}}
        version = "batch/v1" if any(r.get("name") == "cronjobs" for r in json.loads(self.kubectl.run("get", "--raw", "/apis/batch/v1").stdout)["resources"]) else "batch/v1beta1"
        self.make({"apiVersion": version, "kind": "CronJob", "metadata": {"name": self.name}, "spec": {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": template}}, HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "cronjob", self.name, "-n", HIDDEN, "--wait=false", check=False)

    def test_a_job_that_copies_what_may_not_be_read(self):
        self.cronjob()
        self.policy(CHANGES)
        for more in (("--dry-run",), ()):
            self.refused(self.call("create_job_from_cronjob", self.name, "-n", HIDDEN, *more))
        text, failed = self.mcp().call("create_job_from_cronjob", {"name": self.name, "namespace": HIDDEN, "dry_run": True})
        self.assertTrue(failed)
        self.assertNotIn(PRIVATE, text)

    def test_what_others_wrote_into_a_creation(self):
        self.policy(CHANGES)
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"a": "mine"}})
        self.addCleanup(self.kubectl.run, "delete", "configmap", self.name, "-n", HIDDEN, check=False)
        self.ok(self.call("create_resource", "-n", HIDDEN, "--manifest", manifest))
        self.kubectl.run("patch", "configmap", self.name, "-n", HIDDEN, "-p", json.dumps({"data": {"a": PRIVATE, "b": PRIVATE}}))
        for more in (("--dry-run",), (), ("--force",)):
            self.refused(self.rollback(1, *more))

    def test_what_comes_back_with_a_rollback(self):
        self.configmap(namespace=HIDDEN, a=PRIVATE)
        self.policy(CHANGES)
        self.ok(self.call("delete_resource", self.name, "-n", HIDDEN, "--kind", "configmap", "--reason", "r"))
        for more in (("--dry-run",), (), ("--force",)):
            self.refused(self.rollback(1, *more))

    def test_an_approval_of_a_deletion_that_is_void(self):
        self.configmap(namespace=HIDDEN, a="one")
        self.addCleanup(self.kubectl.run, "delete", "configmap", self.name, "-n", HIDDEN, check=False)
        self.policy(CHANGES.replace("decision: allow", "decision: approve"))
        delete = ("delete_resource", self.name, "--kind", "configmap", "-n", HIDDEN, "--reason", "r")
        self.approve(self.waits(self.call(*delete)), types=self.name)
        self.kubectl.run("patch", "configmap", self.name, "-n", HIDDEN, "-p", json.dumps({"data": {"a": PRIVATE}}))
        outcome = self.call(*delete)
        self.failed(outcome, "conflict", mentions=["has changed since this was approved: data.a"])
        self.assertNotIn(PRIVATE, outcome.out + outcome.err)

    def test_pods_of_a_node_that_is_drained(self):
        node = self.kubectl.json("get", "nodes")["items"][0]["metadata"]["name"]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": PRIVATE}, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 1, "containers": [{"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}
        self.make(pod, HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "pod", PRIVATE, "-n", HIDDEN, "--wait=false", check=False)
        self.policy(f"version: 1\nrules:\n- {{name: hidden, namespaces: [{HIDDEN}], decision: deny}}\n")
        for more in ((), ("--force",)):
            self.refused(self.call("drain_node", node, "--dry-run", *more))

    def test_pods_that_may_be_evicted_and_not_read(self):
        node = self.kubectl.json("get", "nodes")["items"][0]["metadata"]["name"]
        self.make({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": PRIVATE + "-2"}, "spec": {"nodeName": node, "terminationGracePeriodSeconds": 1, "containers": [{"name": "c", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}, HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "pod", PRIVATE + "-2", "-n", HIDDEN, "--wait=false", check=False)
        self.policy(f"version: 1\nrules:\n- {{name: unseen, namespaces: [{HIDDEN}], kinds: [pods], trust: [READ], decision: deny}}\n- {{name: rest, decision: allow}}\n")
        for more in ((), ("--force",)):
            self.refused(self.call("drain_node", node, "--dry-run", "--reason", "r", *more))
        self.failed(self.call("delete_pod", PRIVATE + "-2", "-n", HIDDEN, "--dry-run", "--reason", "r"), "policy_denied", 3)

    def test_labels_and_annotations_of_a_secret(self):
        metadata = {"name": self.name, "labels": {"of": PRIVATE}, "annotations": {"note": PRIVATE}}
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "x"}}, HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "secret", self.name, "-n", HIDDEN, check=False)
        self.policy(CHANGES)
        patch = {"metadata": {"annotations": {"note": "y"}, "labels": {"of": None}}}
        self.refused(self.call("patch_resource", self.name, "-n", HIDDEN, "--kind", "secret", "--patch", json.dumps(patch), "--dry-run"))
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {**metadata, "labels": {"of": "z"}, "annotations": {}}}
        self.refused(self.call("apply_manifest", "-n", HIDDEN, "--manifest", json.dumps(secret), "--force", "--dry-run"))
        rotated = self.ok(self.call("rotate_secret", self.name, "-n", HIDDEN, "--data", "password=y", "--dry-run", "-o", "json"))
        self.assertNotIn(PRIVATE, rotated.out)

    def test_labels_of_a_token_that_is_made_anew(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", HIDDEN)
        self.addCleanup(self.kubectl.run, "delete", "serviceaccount", self.name, "-n", HIDDEN, check=False)
        metadata = {"name": f"{self.name}-token", "labels": {"of": PRIVATE}, "annotations": {"kubernetes.io/service-account.name": self.name, "note": PRIVATE}}
        self.make({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "kubernetes.io/service-account-token"}, HIDDEN)
        self.policy(CHANGES)
        rotate = ("rotate_service_account_token", self.name, "-n", HIDDEN, "--reason", "r")
        shown = self.ok(self.call(*rotate, "--dry-run", "-o", "json"))
        self.assertIn("as a copy of the one that was there", shown.out)
        self.assertNotIn(PRIVATE, shown.out)
        done = self.ok(self.call(*rotate))
        self.assertNotIn(PRIVATE, done.out + done.err)
        kept = self.kubectl.json("get", "secret", f"{self.name}-token", "-n", HIDDEN)["metadata"]
        self.assertEqual((kept["labels"]["of"], kept["annotations"]["note"]), (PRIVATE, PRIVATE))

    def test_containers_and_what_stands_behind(self):
        self.deployment(replicas=0)
        self.deployment(name=PRIVATE, replicas=0)
        self.addCleanup(self.kubectl.run, "delete", "deployment", PRIVATE, "-n", NAMESPACE, check=False)
        self.policy("version: 1\nrules:\n- {name: kinds, kinds: [deployments.apps, services, pods], trust: [READ], decision: deny}\n")
        self.refused(self.call("patch_deployment", PRIVATE, "-n", NAMESPACE, "--image", "x", "--allow", "write"))
        self.policy("version: 1\nrules:\n- {name: kinds, kinds: [services, pods], trust: [READ], decision: deny}\n")
        self.make({"apiVersion": "v1", "kind": "Service", "metadata": {"name": PRIVATE}, "spec": {"selector": {"app": self.name}, "ports": [{"port": 80}]}})
        self.addCleanup(self.kubectl.run, "delete", "service", PRIVATE, "-n", NAMESPACE, check=False)
        shown = self.ok(self.call("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2, "--dry-run", "--allow", "write", "-o", "json"))
        self.assertIn("may not be read", json.dumps(shown.json()["reach"]))
        self.assertNotIn(PRIVATE, shown.out)


if __name__ == "__main__":
    program.main()
