#!/usr/bin/env python3
"""get_secret --reveal: values of a Secret leave only where the policy grants it, and only when that was recorded."""
import base64
import getpass
import os
import shutil
import tempfile
import uuid

from cluster_case import KUBECONFIG, ClusterCase
import program

VALUE = "canary-" + uuid.uuid4().hex
ENCODED = base64.b64encode(VALUE.encode()).decode()


class Reveal(ClusterCase):
    def setUp(self):
        super().setUp()
        self.name = f"reveal-{uuid.uuid4().hex[:8]}"
        self.kubectl.run("create", "secret", "generic", self.name, "-n", "default", f"--from-literal=key={VALUE}")
        self.addCleanup(self.kubectl.run, "delete", "secret", self.name, "-n", "default")
        self.data = tempfile.mkdtemp(prefix="fairlead-reveal-")
        self.addCleanup(shutil.rmtree, self.data, True)

    def grant(self, text):
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write("version: 1\n" + text)

    def get(self, *more):
        outcome = program.run("call", "get_secret", self.name, *more, env={"KUBECONFIG": KUBECONFIG, "FAIRLEAD_DATA": self.data})
        if outcome.status != 0:
            self.assertNotIn(ENCODED, outcome.out + outcome.err)
        return outcome

    def test_nobody_sees_them_by_default(self):
        for more in ((), ("-n", "default"), ("-o", "json")):
            self.failed(self.get("--reveal", *more), "policy_denied", status=3, mentions=["reveal"])
            self.assertNotIn(ENCODED, self.ok(self.get(*more)).out)

    def test_no_rule_grants_it(self):
        self.grant("protected_namespaces: []\nrules: [{name: all, decision: allow}]\n")
        self.failed(self.get("--reveal"), "policy_denied")

    def test_a_grant_is_for_whom_and_where_it_says(self):
        for entry in ("{who: ['mcp:*'], namespaces: [default]}", "{who: ['cli:*'], namespaces: [shop]}", "{who: ['cli:*'], clusters: [other], namespaces: ['*']}"):
            self.grant(f"reveal: [{entry}]\n")
            self.failed(self.get("--reveal"), "policy_denied")
        self.grant("reveal: [{who: ['cli:*'], namespaces: [default]}]\nrules: [{name: none, kinds: [secrets], decision: deny}]\n")
        self.failed(self.get("--reveal"), "policy_denied", mentions=["rule 1"])

    def test_granted_and_recorded(self):
        self.grant("reveal: [{who: ['cli:*'], namespaces: [default]}]\naudit_reads: false\n")
        self.assertIn(ENCODED, self.ok(self.get("--reveal")).out)
        self.assertEqual(self.ok(self.get("--reveal", "-o", "json")).json()["data"], {"key": ENCODED})
        self.assertNotIn(ENCODED, self.ok(self.get("-o", "json")).out)  # not asked for
        records = self.ok(program.run("audit", "show", "-o", "json", env={"FAIRLEAD_DATA": self.data})).out
        self.assertEqual(records.count('"reveal":true') + records.count('"reveal": true'), 2, records)
        self.assertIn(f"cli:{getpass.getuser()}", records)
        self.assertEqual(records.count("get_secret"), 2, records)  # the third is a read, which this policy does not record
        self.assertNotIn(ENCODED, records)

    def test_nothing_is_shown_that_cannot_be_recorded(self):
        self.grant("reveal: [{who: ['cli:*'], namespaces: [default]}]\n")
        with open(os.path.join(self.data, "fairlead.db"), "w") as file:
            file.write("this is no database " * 100)
        outcome = self.get("--reveal")
        self.assertNotEqual(outcome.status, 0)
        self.ok(self.get())

    def test_grants_are_written_in_full(self):
        for entry, mention in (("{namespaces: [default]}", "nobody"), ("{who: ['cli:*']}", "namespaces"), ("{who: ['cli:*'], kinds: [secrets], namespaces: [a]}", "kinds"), ("[]", "reveal")):
            self.grant(f"reveal: [{entry}]\n")
            self.failed(self.get(), "invalid_request", mentions=[mention])


if __name__ == "__main__":
    program.main()
