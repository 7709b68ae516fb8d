#!/usr/bin/env python3
"""`fairlead rbac kubeconfig`: an account with the least roles, and a kubeconfig of it, in one command.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/cli/rbac_kubeconfig_test.py"""
import json
import os
import stat
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support")]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402

NAMESPACE = "scoped"


class Kubeconfig(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for namespace in (NAMESPACE, "elsewhere"):
            cls.kubectl.run("create", "namespace", namespace, check=False)
        cls.config = json.dumps(cls.kubectl.json("config", "view", "--raw", "--flatten"))

    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-rbac-"))
        self.mine = os.path.join(self.directory, "admin")
        with open(self.mine, "w") as file:
            file.write(self.config)
        self.file = os.path.join(self.directory, "agent.kubeconfig")

    def fairlead(self, *arguments, config=None, **env):
        return program.run(*arguments, env={"KUBECONFIG": config or self.mine, "FAIRLEAD_DATA": os.path.join(self.directory, "data"), **env})

    def make(self, *arguments):
        return self.fairlead("rbac", "kubeconfig", *arguments, "--allow", "write", "--reason", "an agent")

    def test_what_it_makes_works_and_may_do_no_more(self):
        outcome = self.ok(self.make("--operations", "list_pods,scale_deployment", "-n", NAMESPACE, "--service-account", f"{NAMESPACE}/agent", "-f", self.file, "--duration", "1h"))
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        with open(self.file) as file:
            text = file.read()
        token = [line.split(": ", 1)[1].strip() for line in text.splitlines() if line.strip().startswith("token:")][0]
        self.assertNotIn(token, outcome.out + outcome.err)
        self.assertIn("good until", outcome.err)
        self.ok(self.fairlead("call", "list_pods", config=self.file))
        self.failed(self.fairlead("call", "list_pods", "-n", "elsewhere", config=self.file), "permission_denied")
        self.failed(self.fairlead("call", "list_secrets", "-n", NAMESPACE, config=self.file), "permission_denied")
        found = self.kubectl.run("--kubeconfig", self.file, "get", "pods")
        self.assertEqual(found.returncode, 0)
        shown = self.ok(self.fairlead("with-kubeconfig", "--", program.fairlead(), "call", "list_pods", KUBECONFIG_CONTENTS=text))
        self.assertEqual(shown.status, 0)
        records = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines()]
        self.assertEqual([r["operation"] for r in records if r["outcome"] == "done"][:2], ["apply_manifest", "request_token"])
        self.assertNotIn(token, json.dumps(records))
        # The account and its roles are a change as any other.
        self.ok(self.fairlead("changes", "rollback", 1, "--allow", "destructive", "--reason", "r"))
        program.eventually(lambda: self.failed(self.fairlead("call", "list_pods", config=self.file), None, None))

    def failed(self, outcome, code, status=1, **more):
        if code is None:
            self.assertNotEqual(outcome.status, 0, outcome)
            return
        super().failed(outcome, code, status, **more)

    def test_to_standard_output_and_again(self):
        for _ in range(2):
            outcome = self.ok(self.make("--operations", "list_pods", "-n", NAMESPACE, "--duration", "10m"))
            self.assertIn("current-context: fairlead", outcome.out)

    def test_roles_of_the_whole_cluster_are_for_kubectl(self):
        """The built-in policy protects kube-system, which they reach."""
        roles = ("--trust", "read", "-n", NAMESPACE, "--service-account", "reader")
        self.failed(self.make(*roles), "policy_denied", 3, mentions=["--no-apply"])
        self.kubectl.run("apply", "-f", "-", stdin=self.ok(self.fairlead("rbac", *roles)).out.encode())
        self.ok(self.make(*roles, "--no-apply", "-f", self.file))
        self.ok(self.fairlead("call", "list_nodes", config=self.file))

    def test_it_waits_for_an_approval(self):
        outcome = self.fairlead("rbac", "kubeconfig", "--operations", "list_pods", "-n", NAMESPACE, "--service-account", "waits", "-f", self.file)
        self.failed(outcome, "approval_required", 3, mentions=["changes approve"])
        self.assertFalse(os.path.exists(self.file))
        self.assertNotEqual(self.kubectl.run("get", "serviceaccount", "waits", "-n", NAMESPACE, check=False).returncode, 0)

    def test_what_is_wrong(self):
        with open(self.file, "w") as file:
            file.write("mine")
        self.failed(self.make("--trust", "read", "-n", NAMESPACE, "-f", self.file), "invalid_request", 2, mentions=["none is overwritten"])
        with open(self.file) as file:
            self.assertEqual(file.read(), "mine")
        self.failed(self.make("--trust", "read", "-n", NAMESPACE, "--duration", "5m"), "invalid_request", 2, mentions=["ten minutes"])
        self.failed(self.make("--trust", "read", "-n", NAMESPACE, "--duration", "soon"), "invalid_request", 2, mentions=["--duration"])
        self.failed(self.make("--trust", "read"), "invalid_request", 2, mentions=["--namespace"])
        self.failed(self.fairlead("rbac", "-n", NAMESPACE, "kubeconfig", "--trust", "read"), "invalid_request", 2, mentions=["Write it after kubeconfig"])


if __name__ == "__main__":
    program.main()
