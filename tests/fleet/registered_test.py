#!/usr/bin/env python3
"""Registered clusters: a real one is registered in each way, tested, worked on, and forgotten.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/fleet/registered_test.py"""
import contextlib
import json
import os
import sqlite3

from fleet_case import NAMESPACE, FleetCase
import program


class Registered(FleetCase):
    def test_who_changed_a_row_is_recorded(self):
        self.ok(self.clusters("add", "seen", "--kubeconfig", self.write("kubeconfig", json.dumps(self.config)), "--label", "Seen"))
        self.ok(self.clusters("set", "seen", "--label", "Seen again"))
        self.ok(self.clusters("remove", "seen"))
        self.failed(self.clusters("remove", "seen"), "not_found")
        records = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines()]
        self.assertEqual([(r["operation"], r["cluster"], r["arguments"].get("fields")) for r in records],
                         [("add_cluster", "k8s:seen", ["label", "kubeconfig", "id"]), ("change_cluster", "k8s:seen", ["label"]), ("remove_cluster", "k8s:seen", None)])
        self.assertTrue(all(r["who"].startswith("cli:") for r in records))

    def test_an_exec_plugin_of_a_mounted_one_runs_where_that_is_allowed(self):
        config = {"apiVersion": "v1", "kind": "Config", "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}], "clusters": [{"name": "a", "cluster": self.cluster}],
                  "users": [{"name": "a", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": self.write("plugin", "#!/bin/sh\n" + "echo '" + json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": self.account("plugin")}}) + "'\n"), "interactiveMode": "Never"}}}]}
        os.chmod(os.path.join(self.base, "plugin"), 0o700)
        self.write("kubeconfigs/exec", json.dumps(config))
        self.ok(self.clusters("add", "ex", "--credential-mode", "path", "--kubeconfig-path", "exec"))
        refused = self.clusters("test", "ex")
        self.assertIn("--exec-plugins", refused.out + refused.err)
        allowed = self.clusters("test", "ex", "--exec-plugins")
        self.assertNotIn("exec plugin", allowed.out + allowed.err)
        self.assertIn("it is reached", allowed.out)

    def test_a_kubeconfig_that_is_stored(self):
        path = self.write("admin.json", json.dumps(self.config))
        added = self.json_of("add", "aks-eastus2", "--label", "AKS East US 2", "--provider", "aks", "--kubeconfig", path, "-n", NAMESPACE)
        self.assertEqual((added["target"], added["available"], added["exposure"]), ("k8s:aks-eastus2", False, "load-balancer"))
        os.remove(path)
        report = self.json_of("test", "aks-eastus2")
        self.assertEqual(report["status"], "ok", report)
        self.assertTrue(self.json_of("show", "aks-eastus2")["available"])
        rows = self.ok(self.fairlead("call", "list_namespaces", "--cluster", "k8s:aks-eastus2", "-o", "json")).json()
        self.assertIn(NAMESPACE, json.dumps(rows))
        self.assertIn("k8s:aks-eastus2", self.clusters("list").out)
        everything = "".join(self.clusters(*words).out for words in (["list", "-o", "json"], ["show", "aks-eastus2"], ["list", "-o", "wide"]))
        for user in self.config["users"]:
            for value in user["user"].values():
                self.assertNotIn(str(value), everything)

    def test_a_change_is_taken_back_there(self):
        self.ok(self.clusters("add", "here", "--kubeconfig", self.write("admin.json", json.dumps(self.config))))
        name = f"taken-back-{os.getpid()}"
        manifest = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
        self.ok(self.fairlead("call", "create_resource", "-n", NAMESPACE, "--manifest", manifest, "--cluster", "k8s:here", "--allow", "write"))
        self.ok(self.fairlead("changes", "rollback", 1, "--allow", "destructive", "--reason", "r"))
        self.assertNotEqual(self.kubectl.run("get", "configmap", name, "-n", NAMESPACE, check=False).returncode, 0)

    def test_several_of_them_need_no_kubeconfig(self):
        for name in ("one", "two"):
            self.ok(self.clusters("add", name, "--kubeconfig", self.write("admin.json", json.dumps(self.config))))
        broken = self.write("broken", "clusters: 7")
        for environment, warns in (({"KUBECONFIG": "", "HOME": self.base}, False), ({"KUBECONFIG": os.path.join(self.base, "none")}, True), ({"KUBECONFIG": broken}, True)):
            with self.subTest(environment):
                for clusters in ("k8s:one,k8s:two", "*"):
                    outcome = self.ok(self.fairlead("call", "list_namespaces", "--cluster", clusters, "-o", "json", **environment))
                    self.assertEqual({row["cluster"] for row in outcome.json()["items"]}, {"k8s:one", "k8s:two"})
                    self.assertEqual("all that is known" in outcome.err, warns, outcome)
                self.assertIn("k8s:two", self.ok(self.fairlead("call", "list_clusters", **environment)).out)
                self.ok(self.fairlead("call", "list_namespaces", "--cluster", "k8s:one", **environment))
                self.assertEqual(self.fairlead("call", "list_namespaces", "--cluster", "k8s:one,other", **environment).code, "invalid_request" if warns else "not_found")
                self.assertEqual(self.fairlead("call", "list_namespaces", **environment).code, "invalid_request" if warns else "not_found")
        for name in ("one", "two"):
            self.ok(self.clusters("remove", name))
        self.failed(self.fairlead("call", "list_namespaces", "--cluster", "*", KUBECONFIG="", HOME=self.base), "not_found", 1, mentions=["find a kubeconfig"])
        self.failed(self.fairlead("call", "list_namespaces", "--cluster", "*", KUBECONFIG=broken), "invalid_request", 2)

    def test_what_is_disabled_is_not_worked_on(self):
        self.ok(self.clusters("add", "one", "--kubeconfig", self.write("admin.json", json.dumps(self.config))))
        self.ok(self.clusters("test", "one"))
        self.ok(self.clusters("disable", "one"))
        self.failed(self.fairlead("call", "list_namespaces", "--cluster", "k8s:one"), "policy_denied", 3, mentions=["is disabled"])
        self.assertIn("it is disabled", self.clusters("list").out)
        self.ok(self.clusters("enable", "one"))
        self.ok(self.fairlead("call", "list_namespaces", "--cluster", "k8s:one"))
        self.assertTrue(self.json_of("show", "one")["available"], "enabling it changes nothing of its connection")
        self.ok(self.clusters("remove", "one"))
        self.failed(self.fairlead("call", "list_namespaces", "--cluster", "k8s:one"), "not_found", 1)

    def test_a_mounted_kubeconfig(self):
        with open(os.path.join(self.mounted, "local"), "w") as file:
            json.dump(self.config, file)
        self.ok(self.clusters("add", "local", "--provider", "k3s"))
        self.ok(self.clusters("test", "local"))
        outside = self.write("outside", json.dumps(self.config))
        self.failed(self.clusters("add", "up", "--kubeconfig-path", "../outside"), "invalid_request", 2, mentions=["leads upwards"])
        self.ok(self.clusters("set", "local", "--kubeconfig-path", outside))
        report = self.clusters("test", "local", "-o", "json")
        self.assertEqual(report.status, 1)
        self.assertIn("does not lie below", report.json()["message"])
        self.assertFalse(self.json_of("show", "local")["available"])

    def test_a_mounted_kubeconfig_that_is_replaced_was_not_tested(self):
        path = self.write("kubeconfigs/replaced", json.dumps(self.config))
        self.ok(self.clusters("add", "replaced"))
        self.ok(self.clusters("test", "replaced"))
        self.assertTrue(self.json_of("show", "replaced")["available"])
        with open(path, "w") as file:
            json.dump({**self.config, "users": [{"name": user["name"], "user": {"token": "another"}} for user in self.config["users"]]}, file)
        for row in (self.json_of("show", "replaced"), self.json_of("list")["items"][0]):
            self.assertNotIn(row["available"], (True, "yes"), row)
        with open(path, "w") as file:
            json.dump(self.config, file)
        self.assertTrue(self.json_of("show", "replaced")["available"], "what was tested is back")
        self.assertFalse(self.json_of("set", "replaced", "-n", NAMESPACE)["available"], "rights were tested in another namespace")

    def test_a_context_that_is_not_there(self):
        self.ok(self.clusters("add", "pinned", "--kubeconfig", self.write("k", json.dumps(self.config))))
        self.failed(self.clusters("set", "pinned", "--context", "nowhere"), "invalid_request", 2, mentions=["no context"])
        self.ok(self.clusters("set", "pinned", "--context", self.config["current-context"]))
        self.ok(self.clusters("test", "pinned"))

    def test_a_damaged_row_hides_no_other(self):
        for row in ("aa", "bb"):
            self.ok(self.clusters("add", row, "--kubeconfig", self.write("k", json.dumps(self.config))))
        with contextlib.closing(sqlite3.connect(os.path.join(self.base, "data", "fairlead.db"))) as database:
            database.execute("UPDATE clusters SET fields = '{' WHERE id = 'aa'")
            database.commit()
        self.assertIn("it is damaged", self.ok(self.clusters("list")).out)
        outcome = self.clusters("test", "--all", "-o", "json")
        self.assertEqual({row["target"]: row["status"] for row in outcome.json()["items"]}, {"k8s:aa": "failed", "k8s:bb": "ok"})
        self.assertIn("k8s:bb", self.ok(self.call("list_clusters", "--data-dir", os.path.join(self.base, "data"))).out)
        self.failed(self.clusters("set", "aa", "--label", "x"), "server_error", 1, mentions=["cluster aa"])
        self.ok(self.clusters("remove", "aa"))
        self.ok(self.clusters("remove", "bb"))

    def test_the_data_directory_has_both_names_everywhere(self):
        other = os.path.join(self.base, "other")
        for flag in ("--data", "--data-dir"):
            self.ok(self.clusters("list", flag, other))
            self.ok(self.call("list_clusters", flag, other))

    def test_missing_rights_are_named_and_granted_by_the_manifest(self):
        token = self.write("token", self.account("narrow"))
        ca = self.write("ca.crt", self.authority())
        self.ok(self.clusters("add", "narrow", "--api-server", self.cluster["server"], "--token-file", token, "--certificate-authority", ca, "-n", NAMESPACE))
        outcome = self.clusters("test", "narrow", "-o", "json")
        self.assertEqual(outcome.status, 1)
        report = outcome.json()
        self.assertIn("rights are missing", report["message"])
        failed = [check["check"] for check in report["checks"] if check["status"] == "failed"]
        self.assertIn(f"create deployments.apps in {NAMESPACE}", failed)
        self.assertIn("list namespaces", failed)
        self.kubectl.run("apply", "-f", "-", stdin=report["manifest"].encode())
        program.eventually(lambda: self.assertEqual(self.json_of("test", "narrow")["status"], "ok"))
        self.failed(self.clusters("set", "narrow", "--api-server", "https://127.0.0.1:1"), "invalid_request", 2, mentions=["given for another server"])

    def test_a_server_that_is_not_there(self):
        token = self.write("token", "t")
        self.ok(self.clusters("add", "gone", "--api-server", "https://127.0.0.1:1", "--token-file", token))
        outcome = self.clusters("test", "gone", "-o", "json")
        self.assertEqual((outcome.status, outcome.json()["checks"][0]["check"]), (1, "reach the API server"))
        self.assertIn("its latest test failed", self.clusters("list").out)

    def test_all_of_them(self):
        self.ok(self.clusters("add", "here", "--kubeconfig", self.write("admin.json", json.dumps(self.config))))
        self.ok(self.clusters("add", "gone", "--api-server", "https://127.0.0.1:1", "--token-file", self.write("token", "t")))
        outcome = self.clusters("test", "--all", "-o", "json")
        rows = {row["target"]: row for row in outcome.json()["items"]}
        self.assertEqual((outcome.status, rows["k8s:here"]["status"], rows["k8s:gone"]["status"]), (1, "ok", "failed"))
        self.assertTrue(any("1 of 2 clusters are well" in note for note in outcome.notes), outcome)
        self.assertEqual({row["target"]: row["available"] for row in self.clusters("list", "-o", "json").json()["items"]}, {"k8s:here": "yes", "k8s:gone": "no"})
        self.failed(self.clusters("test"), "invalid_request", 2, mentions=["--all"])
        self.assertEqual(self.clusters("test", "here", "--all").status, 2)

    def test_bad_input(self):
        for words, said in [(["add", "A"], "id: it"), (["add", "aa", "--provider", "azure"], "one of kind k3s aks"), (["add", "aa", "--kubeconfig", self.write("c", "{}")], "clusters"),
                            (["add", "aa", "--source-ranges", "10.0.0.1"], "prefix length"), (["set", "aa"], "nothing is to be changed"), (["add", "aa", "--kubeconfig", "/nowhere"], "no such file")]:
            with self.subTest(words):
                outcome = self.clusters(*words)
                self.assertIn(outcome.status, (1, 2), outcome)
                self.assertIn(said, outcome.err)
        self.failed(self.clusters("show", "missing"), "not_found", 1)
        config = "clusters: [{name: c, cluster: {server: https://x}}]\nusers: [{name: u, user: {tokenFile: /etc/passwd}}]\ncontexts: [{name: k, context: {cluster: c, user: u}}]\ncurrent-context: k\n"
        self.failed(self.clusters("add", "aa", "--kubeconfig", self.write("d", config)), "policy_denied", 3, mentions=["tokenFile"])


if __name__ == "__main__":
    program.main()
