#!/usr/bin/env python3
"""Several clusters in one call, what Fairlead tells of a cluster, and lists of whoever may not see all namespaces.

The one cluster that there is stands for several: contexts of it with other names and users, and one that is down."""
import os
import tempfile

from cluster_case import ClusterCase
from kubeconfig import write
from mcp_client import Mcp
import program

NAMESPACES = ["fan-a", "fan-b", "fan-closed"]
WHO = "system:serviceaccount:fan-a:reader"


class Clusters(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = tempfile.TemporaryDirectory(prefix="fairlead-clusters-")
        cls.addClassCleanup(cls.directory.cleanup)
        cls.kubectl.run("delete", "namespace", "--ignore-not-found", *NAMESPACES)
        cls.addClassCleanup(lambda: cls.kubectl.run("delete", "namespace", "--ignore-not-found", "--wait=false", *NAMESPACES))
        cls.addClassCleanup(lambda: cls.kubectl.run("delete", "clusterrole,clusterrolebinding", "fan-namespaces", "--ignore-not-found"))
        for namespace in NAMESPACES:
            cls.kubectl.run("create", "namespace", namespace)
            cls.kubectl.run("create", "configmap", "marker", "-n", namespace)
        cls.kubectl.run("create", "serviceaccount", "reader", "-n", "fan-a")
        for namespace in NAMESPACES[:2]:
            cls.kubectl.run("create", "role", "reader", "-n", namespace, "--verb=list", "--resource=configmaps,services,events")
            cls.kubectl.run("create", "rolebinding", "reader", "-n", namespace, "--role=reader", "--serviceaccount=fan-a:reader")
        cls.kubectl.run("create", "clusterrole", "fan-namespaces", "--verb=list", "--resource=namespaces")
        cls.path = cls.contexts()

    @classmethod
    def contexts(cls):
        config = cls.kubectl.json("config", "view", "--raw", "--minify")
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "prod",
            "clusters": [{"name": "here", "cluster": cluster}, {"name": "down", "cluster": {**cluster, "server": "https://127.0.0.1:1"}}],
            "users": [{"name": "admin", "user": user}, {"name": "reader", "user": {**user, "as": WHO}}],
            "contexts": [{"name": "prod", "context": {"cluster": "here", "user": "admin"}},
                         {"name": "staging", "context": {"cluster": "here", "user": "admin"}},
                         {"name": "reader", "context": {"cluster": "here", "user": "reader", "namespace": "fan-b"}},
                         {"name": "down", "context": {"cluster": "down", "user": "admin"}}],
        }
        cls.config = config
        return write(os.path.join(cls.directory.name, "config"), config)

    def ask(self, operation, *arguments, **more):
        return program.run("call", operation, *arguments, env={"KUBECONFIG": self.path, **more})

    def mcp(self, *arguments):
        client = Mcp("--kubeconfig", self.path, *arguments)
        self.enterContext(client)
        client.initialize()
        return client

    def secrets(self):
        texts = [v for u in self.config["users"] for k, v in u["user"].items() if k in ("token", "client-key-data", "client-certificate-data")]
        self.assertTrue(texts)
        return texts

    # ---- which clusters there are

    def test_list_clusters(self):
        outcome = self.ok(self.ask("list_clusters", "-o", "json"))
        self.assertEqual([c["name"] for c in outcome.json()["items"]], ["prod", "down", "reader", "staging"])
        self.assertEqual([c["current"] for c in outcome.json()["items"]], [True, False, False, False])
        server = self.config["clusters"][0]["cluster"]["server"].split("://")[1].rstrip("/")
        self.assertEqual(outcome.json()["items"][0]["server"], server)
        self.assertEqual(outcome.json()["items"][1]["server"], "127.0.0.1:1")
        for form in ("table", "wide", "json", "yaml", "name"):
            self.assert_no_secret(self.ok(self.ask("list_clusters", "-o", form)), self.secrets())
        self.assertEqual(len(self.ok(self.ask("list_clusters", "--limit", 1, "-o", "json")).json()["items"]), 1)
        pinned = self.ok(self.ask("list_clusters", "--context", "staging", "-o", "json")).json()["items"]
        self.assertEqual([c["name"] for c in pinned], ["staging"])
        self.failed(program.run("call", "list_clusters", "--kubeconfig", self.directory.name + "/nothing"), ("invalid_request", "not_found"), mentions=["nothing"])

    def test_get_cluster_info(self):
        info = self.ok(self.ask("get_cluster_info", "-o", "json"))
        theirs = self.kubectl.json("version")["serverVersion"]
        self.assertEqual(info.json()["version"], theirs["gitVersion"])
        self.assertEqual(info.json()["platform"], theirs["platform"])
        self.assertEqual(info.json()["context"], "prod")
        nodes = self.kubectl.items("nodes")
        self.assertEqual(info.json()["nodes"]["total"], len(nodes))
        self.assertEqual(info.json()["health"], {"ready": True})
        versions = set(self.kubectl.text("api-versions").split()) - {"v1"}
        ours = {f"{group.split('/')[0]}/{version}" for group in info.json()["api_groups"] for version in group.split("/")[1].split(",")}
        self.assertEqual(ours, versions)
        resources = {line.split()[0] for line in self.kubectl.text("api-resources", "-o", "name").splitlines()}
        self.assertEqual(info.json()["kinds"], len(resources))
        brief = self.ok(self.ask("get_cluster_info")).out
        self.assertIn(f"version: {theirs['gitVersion']}\n", brief)
        self.assertIn("health: ready\n", brief)
        self.assert_no_secret(info, self.secrets())
        reader = self.ok(self.ask("get_cluster_info", "--cluster", "reader"))
        self.assertIn("its nodes could not be read: permission_denied", reader.notes)
        self.failed(self.ask("get_cluster_info", "--cluster", "down"), "unreachable")

    # ---- several of them

    def test_rows_of_all_with_the_failure_of_one(self):
        outcome = self.ok(self.ask("list_configmaps", "--cluster", "*", "-n", "fan-a", "-o", "json"))
        items = outcome.json()["items"]
        self.assertEqual(list(items[0])[:3], ["cluster", "namespace", "name"])
        self.assertEqual(sorted(i["cluster"] for i in items if i["name"] == "marker"), ["prod", "reader", "staging"])
        self.assertEqual(outcome.json()["total"], len(items))
        failures = [n for n in outcome.notes if n.startswith("cluster down did not answer: unreachable: ")]
        self.assertEqual(len(failures), 1, outcome)
        table = self.ok(self.ask("list_configmaps", "--cluster", "staging,prod", "-n", "fan-a"))
        self.assertRegex(table.out, r"^CLUSTER +NAME ")
        self.assertRegex(table.out, r"(?m)^prod +marker ")
        self.assertRegex(table.out, r"(?m)^staging +marker ")

    def test_pages_over_clusters(self):
        seen, arguments = [], []
        for _ in range(20):
            page = self.ok(self.ask("list_configmaps", "--cluster", "prod,staging", "-n", "fan-a", "--limit", 1, "-o", "json", *arguments)).json()
            seen += [(i["cluster"], i["name"]) for i in page["items"]]
            if not page["continue"]:
                break
            arguments = ["--cursor", page["continue"]]
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(len(seen), page["total"])
        self.assertIn(("staging", "marker"), seen)

    def test_documents_are_keyed_by_cluster(self):
        one = self.ok(self.ask("get_configmap", "marker", "-n", "fan-a", "--cluster", "prod,staging", "-o", "json")).json()
        self.assertEqual(list(one), ["prod", "staging"])
        self.assertEqual(one["prod"], one["staging"])
        self.assertEqual(one["prod"]["metadata"]["name"], "marker")
        self.assertRegex(self.ok(self.ask("get_configmap", "marker", "-n", "fan-a", "--cluster", "prod,staging")).out, r"(?m)^staging:$")
        pod = self.running_pod()["metadata"]
        logs = self.ok(self.ask("get_pod_logs", pod["name"], "-n", pod["namespace"], "--cluster", "prod,staging", "--tail", 2, "-o", "json")).json()
        self.assertEqual(sorted(logs), ["prod", "staging"])
        self.assertIsInstance(logs["prod"], str)

    def test_what_is_refused(self):
        self.failed(self.ask("list_pods", "--cluster", "prod,nowhere"), "invalid_request", mentions=["nowhere", "staging"])
        self.failed(self.ask("list_pods", "--cluster", "prod,,staging"), "invalid_request", mentions=["no name"])
        self.failed(self.ask("list_pods", "--cluster", "prod,*"), "invalid_request", mentions=["all clusters"])
        self.failed(self.ask("list_pods", "--cluster", "down"), "unreachable")
        several = self.ask("list_pods", "--cluster", "prod,staging", "-l", "!!")
        self.failed(several, "invalid_request", mentions=["none of the 2 clusters answered", "prod: ", "staging: "])
        for cluster in ("*", "prod,staging"):
            self.failed(self.ask("cordon_node", "x", "--cluster", cluster, "--allow", "write"), "invalid_request", mentions=["one cluster at a time"])
            self.failed(self.ask("cordon_node", "x", "--cluster", cluster), "invalid_request")

    def test_a_pinned_context_is_the_only_one(self):
        self.failed(self.ask("list_pods", "--context", "prod", "--cluster", "staging"), "policy_denied", mentions=["prod"])
        self.failed(self.ask("list_pods", "--context", "prod", "--cluster", "prod,staging"), "policy_denied", mentions=["prod"])
        only = self.ok(self.ask("list_configmaps", "--context", "staging", "--cluster", "*", "-n", "fan-a", "-o", "json")).json()
        self.assertEqual({i["cluster"] for i in only["items"]}, {"staging"})
        only = self.ok(self.ask("list_configmaps", "--cluster", "*", "-n", "fan-a", "-o", "json", KUBECONFIG_CONTEXT="staging"))
        self.assertTrue(only.json()["items"])

    def test_an_agent_has_the_pinned_one_alone(self):
        client = self.mcp()
        text, failed = client.call("list_clusters", {"format": "json"})
        self.assertFalse(failed, text)
        self.assertIn('"name":"prod"', text)
        self.assertNotIn("staging", text)
        text, failed = client.call("list_configmaps", {"cluster": "*", "namespace": "fan-a", "format": "json"})
        self.assertFalse(failed, text)
        self.assertIn('"cluster":"prod"', text)
        self.assertNotIn("staging", text)
        for cluster in ("staging", ["staging"], ["prod", "staging"]):
            text, failed = client.call("list_configmaps", {"cluster": cluster})
            self.assertTrue(failed, text)
            self.assertTrue(text.startswith("policy_denied: "), text)

    def test_an_agent_with_all_contexts(self):
        client = self.mcp("--all-contexts", "--allow", "write")
        text, failed = client.call("list_configmaps", {"cluster": ["prod", "staging"], "namespace": "fan-a"})
        self.assertFalse(failed, text)
        self.assertIn("(by CLUSTER:)", text)
        self.assertRegex(text, r"(?m)^staging:$")
        text, failed = client.call("cordon_node", {"cluster": ["prod", "staging"], "name": "x"})
        self.assertTrue(failed)
        self.assertIn("one cluster at a time", text)
        for cluster in ([], [1], {"a": 1}, 5):
            text, failed = client.call("list_configmaps", {"cluster": cluster})
            self.assertTrue(failed)
            self.assertIn("parameter cluster", text)

    # ---- who may not see all namespaces

    def test_lists_fall_back_to_the_permitted_namespaces(self):
        self.kubectl.run("create", "clusterrolebinding", "fan-namespaces", "--clusterrole=fan-namespaces", f"--serviceaccount={WHO.split(':', 2)[2]}")
        self.addCleanup(lambda: self.kubectl.run("delete", "clusterrolebinding", "fan-namespaces"))

        def listed():
            outcome = self.ok(self.ask("list_configmaps", "--cluster", "reader", "-o", "json"))
            items = [(i["namespace"], i["name"]) for i in outcome.json()["items"]]
            self.assertIn(("fan-a", "marker"), items)
            self.assertIn(("fan-b", "marker"), items)
            return outcome, items
        outcome, items = program.eventually(listed)
        self.assertEqual({namespace for namespace, _ in items}, {"fan-a", "fan-b"})
        total = len(self.kubectl.items("namespaces"))
        self.assertEqual(outcome.notes[0].split(": ")[0], f"only 2 of {total} namespaces")
        self.assertIn("you may not list configmaps in ", outcome.notes[0])
        self.assertIn("fan-closed", outcome.notes[0])
        generic = self.ok(self.ask("list_resources", "--kind", "configmaps", "--cluster", "reader", "-o", "json"))
        self.assertEqual({i["namespace"] for i in generic.json()["items"]}, {"fan-a", "fan-b"})
        self.assertIn("you may not list configmaps in ", generic.notes[0])
        self.ok(self.ask("list_events", "--cluster", "reader"))
        self.ok(self.ask("list_services", "--cluster", "reader"))
        # Nowhere, and what is in no namespace.
        self.failed(self.ask("list_pods", "--cluster", "reader"), "permission_denied", mentions=["cluster scope"])
        self.failed(self.ask("list_nodes", "--cluster", "reader"), "permission_denied")
        self.failed(self.ask("list_resources", "--kind", "nodes", "--cluster", "reader"), "permission_denied", mentions=["cluster scope"])
        self.failed(self.ask("list_configmaps", "--cluster", "reader", "-n", "fan-closed"), "permission_denied")
        both = self.ok(self.ask("list_configmaps", "--cluster", "reader,prod", "-o", "json"))
        self.assertEqual({i["namespace"] for i in both.json()["items"] if i["cluster"] == "reader"}, {"fan-a", "fan-b"})
        self.assertTrue(any(n.startswith(f"reader: only 2 of {total} namespaces: ") for n in both.notes), both)

    def test_who_cannot_list_namespaces_sees_the_own_one(self):
        outcome = self.ok(self.ask("list_configmaps", "--cluster", "reader", "-o", "json"))
        self.assertEqual({i["namespace"] for i in outcome.json()["items"]}, {"fan-b"})
        self.assertTrue(outcome.notes[0].startswith("only namespace fan-b, the connection's own: "), outcome)


if __name__ == "__main__":
    program.main()
