#!/usr/bin/env python3
"""Each change with no more rights than `fairlead rbac` prints for it, by way of an approval too.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/least_rights_test.py"""
import json
import os

from change_case import NAMESPACE
from truth_test import TruthCase
import program


class LeastRights(TruthCase):
    def as_account(self, operations, cluster_wide=False, kinds=()):
        """A kubeconfig of a service account that may do these operations and nothing else."""
        account = "least-" + operations.replace("_", "-")
        self.kubectl.run("create", "serviceaccount", account, "-n", NAMESPACE, check=False)
        where = ["--cluster-wide"] if cluster_wide else ["-n", NAMESPACE]
        roles = self.ok(self.fairlead("rbac", "--operations", operations, *where, "--service-account", f"{NAMESPACE}/{account}", *(["--kinds", ",".join(kinds)] if kinds else []))).out
        self.kubectl.run("apply", "-f", "-", stdin=roles.encode())
        config = json.loads(self.kubectl.run("--kubeconfig", self.recording.config, "config", "view", "--raw", "--flatten", "-o", "json").stdout)
        user = config["users"][0]["user"]
        user.update({"as": f"system:serviceaccount:{NAMESPACE}:{account}", "as-groups": ["system:serviceaccounts", "system:authenticated"]})
        path = os.path.join(self.data, "least.json")
        with open(path, "w") as file:
            json.dump(config, file)
        return path

    def carried_out(self, operation, *arguments, types="y", kinds=(), cluster_wide=False):
        config = self.as_account(operation, cluster_wide, kinds)
        call = (operation, *arguments, "--reason", "r")
        number = self.waits(self.call(*call, config=config))
        status, shown = self.at_a_terminal("changes", "approve", number, types=types)
        self.assertEqual(status, 0, shown)
        outcome = self.ok(self.call(*call, config=config))
        self.assertFalse([note for note in outcome.notes if "permission_denied" in note], outcome)
        return outcome

    def test_scale_and_restart_and_image(self):
        self.deployment()
        self.carried_out("scale_deployment", self.name, "-n", NAMESPACE, "--replicas", 2)
        self.carried_out("restart_deployment", self.name, "-n", NAMESPACE)
        self.carried_out("patch_deployment", self.name, "-n", NAMESPACE, "--env", '{"A":"1"}')

    def test_secrets(self):
        self.secret(a="1")
        self.deployment(replicas=0)
        self.kubectl.run("patch", "deployment", self.name, "-n", NAMESPACE, "-p", json.dumps({"spec": {"template": {"spec": {"containers": [{"name": "web", "envFrom": [{"secretRef": {"name": self.name}}]}]}}}}))
        self.carried_out("rotate_secret", self.name, "-n", NAMESPACE, "--data", "a=2", "--restart-consumers")
        self.carried_out("delete_secret", self.name, "-n", NAMESPACE, types=self.name)

    def test_tokens(self):
        self.kubectl.run("create", "serviceaccount", self.name, "-n", NAMESPACE)
        self.make({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "metadata": {"name": self.name, "annotations": {"kubernetes.io/service-account.name": self.name}}})
        self.carried_out("rotate_service_account_token", self.name, "-n", NAMESPACE, types=self.name)
        config = self.as_account("rotate_service_account_token")
        self.failed(self.call("list_pods", "-n", NAMESPACE, config=config), "permission_denied")

    def test_objects(self):
        self.configmap(a="1")
        kinds = ["configmaps"]
        self.carried_out("patch_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", "--patch", '{"data":{"a":"2"}}', kinds=kinds)
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}, "data": {"b": "1"}})
        self.carried_out("apply_manifest", "-n", NAMESPACE, "--manifest", manifest, kinds=kinds)
        self.carried_out("delete_resource", self.name, "-n", NAMESPACE, "--kind", "configmap", types=self.name, kinds=kinds)
        self.carried_out("create_resource", "-n", NAMESPACE, "--manifest", manifest, kinds=kinds)

    def test_nodes_and_pods(self):
        node = self.kubectl.json("get", "nodes")["items"][0]["metadata"]["name"]
        self.addCleanup(self.kubectl.run, "uncordon", node)
        self.carried_out("cordon_node", node, cluster_wide=True)
        self.carried_out("uncordon_node", node, cluster_wide=True)
        self.deployment()
        pod = program.eventually(lambda: self.kubectl.json("get", "pods", "-n", NAMESPACE, "-l", f"app={self.name}")["items"][0])["metadata"]["name"]
        self.carried_out("delete_pod", pod, "-n", NAMESPACE, types=pod)


if __name__ == "__main__":
    program.main()
