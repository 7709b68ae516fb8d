#!/usr/bin/env python3
"""`fairlead rbac` without a cluster: what it prints, what it leaves out, and bad usage."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
CASES = {
    "rbac_read_namespace": ["--trust", "read", "--namespace", "shop"],
    "rbac_write_cluster": ["--trust", "write", "--cluster-wide", "--service-account", "ops/agent"],
    "rbac_operations": ["--operations", "list_pods,get_pod_logs,list_secrets,list_resources", "--kinds", "certificates.cert-manager.io,nodes", "-n", "shop", "-n", "pay", "--name", "log-reader"],
}


class Manifests(program.Case):
    def test_golden(self):
        for name, arguments in CASES.items():
            path = os.path.join(GOLDEN, name + ".yaml")
            out = self.ok(program.run("rbac", *arguments)).out
            if UPDATE:
                with open(path, "w") as file:
                    file.write(out)
                continue
            with self.subTest(name), open(path) as file:
                self.assertEqual(out, file.read(), "if this is meant, run rbac_test.py --update")

    def test_the_order_of_operations_changes_no_rule(self):
        def rules(*operations):
            out = self.ok(program.run("rbac", "--operations", ",".join(operations), "-n", "shop")).out
            return out[out.index("apiVersion"):]
        self.assertEqual(rules("list_pods", "get_pod", "list_services"), rules("list_services", "get_pod", "list_pods", "list_pods"))

    def test_no_rule_holds_a_star(self):
        for where in (["--cluster-wide"], ["-n", "shop"]):
            for trust in ("read", "write", "destructive"):
                outcome = self.ok(program.run("rbac", "--trust", trust, *where))
                manifests = "\n".join(line for line in outcome.out.splitlines() if not line.startswith("#"))
                self.assertNotIn("*", manifests)
                self.assertNotIn("secrets", manifests)
                self.assertTrue(any("list_secrets" in n and "Secrets" in n for n in outcome.notes), outcome)
                self.assertTrue(any("list_resources" in n and "--kinds" in n for n in outcome.notes), outcome)

    def test_secrets_that_are_named(self):
        outcome = self.ok(program.run("rbac", "--operations", "list_secrets", "-n", "shop"))
        self.assertIn("- secrets", outcome.out)
        self.assertRegex(outcome.out.replace("\n# ", " "), r"# Note: whoever holds the token of this account can read the values of Secrets")
        self.assertTrue(any("values of Secrets" in n for n in outcome.notes), outcome)

    def test_the_account(self):
        out = self.ok(program.run("rbac", "--operations", "list_pods", "-n", "shop", "--service-account", "agent")).out
        self.assertIn("service account shop/agent ", out.replace("\n# ", " "))
        out = self.ok(program.run("rbac", "--operations", "list_pods", "--cluster-wide")).out
        self.assertIn("service account default/fairlead ", out.replace("\n# ", " "))

    def test_roles_of_two_accounts_stand_beside_each_other(self):
        def names(account):
            out = self.ok(program.run("rbac", "--operations", "list_nodes,list_pods", "-n", "shop", "--service-account", account)).out
            return set(re.findall(r"kind: (?:Cluster)?Role(?:Binding)?\nmetadata:\n  name: (.*)", out))
        self.assertEqual(len(names("ops/agent")), 1)
        self.assertFalse(names("ops/agent") & names("ops/other"))
        self.assertFalse(names("ops/agent") & names("shop/agent"))


class Usage(program.Case):
    def test_wrong_usage(self):
        one = ["--operations", "list_pods"]
        cases = {
            ("--operations", "", "-n", "shop"): "empty",
            (*one,): "--cluster-wide",
            (*one, "-n", "shop", "--cluster-wide"): "both",
            (*one, "-n", "Shop"): "Shop",
            (*one, "-n", "a/b"): "a/b",
            (*one, "-n", "shop", "--trust", "read"): "--trust",
            ("--trust", "root", "-n", "shop"): "root",
            (*one, "-n", "shop", "--service-account", "a/b/c"): "NAMESPACE/NAME",
            (*one, "-n", "shop", "--service-account", "/x"): "NAMESPACE/NAME",
            (*one, "-n", "shop", "--name", "a/b"): "--name",
            (*one, "-n", "shop", "--kinds", "pods"): "--kinds",
            ("--operations", "list_resources", "-n", "shop"): "--kinds",
            ("--operations", "list_resources", "-n", "shop", "--kinds", "*"): "name each kind",
            ("--operations", "list_resources", "-n", "shop", "--kinds", "pods/exec"): "subresource",
            ("--operations", "list_resources", "-n", "shop", "--kinds", "Pod"): "plural",
            ("extra",): "extra",
            ("-n", "shop", "check"): "before check",
            ("check", "-n", "a/b"): "a/b",
            ("check", "-o", "xml"): "xml",
        }
        for arguments, word in cases.items():
            with self.subTest(arguments):
                self.failed(program.run("rbac", *arguments, env={"KUBECONFIG": "/nonexistent"}), "invalid_request", 2, mentions=[word])

    def test_did_you_mean(self):
        for words in (["rbac"], ["rbac", "check"]):
            outcome = program.run(*words, "--operations", "list_pod", "-n", "shop")
            self.assertEqual((outcome.status, outcome.out, outcome.code), (2, "", "invalid_request"), outcome)
            self.assertIn("Did you mean list_pods?", outcome.err)

    def test_without_a_cluster(self):
        outcome = program.run("rbac", "check", "-n", "shop", "--kubeconfig", "/nonexistent/kubeconfig")
        self.assertNotEqual(outcome.status, 0)
        self.assertIn("/nonexistent/kubeconfig", outcome.err)
        self.assertEqual(outcome.out, "")

    def test_help(self):
        for words in (["rbac"], ["rbac", "check"]):
            outcome = self.ok(program.run(*words, "--help"))
            self.assertIn("Examples:", outcome.out)
            self.assertIn("--operations", outcome.out)


UPDATE = "--update" in sys.argv

if __name__ == "__main__":
    sys.argv = [a for a in sys.argv if a != "--update"]
    program.main()
