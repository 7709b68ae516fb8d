#!/usr/bin/env python3
"""Approving at a terminal: what is asked, which answers count, and what the books tell afterwards."""
import getpass
import json
import os
import pty
import select
import shutil
import subprocess
import tempfile
import time
import uuid

from cluster_case import KUBECONFIG, ClusterCase
import program


def at_a_terminal(arguments, answer, env):
    """(exit status, all that was shown) of the program at a terminal whose person types `answer`."""
    control, terminal = pty.openpty()
    child = subprocess.Popen([program.fairlead(), *map(str, arguments)], stdin=terminal, stdout=terminal, stderr=terminal, env=program.bare_environment(**env))
    os.close(terminal)
    shown, sent, deadline = b"", False, time.time() + 60
    while time.time() < deadline:
        ready, _, _ = select.select([control], [], [], 0.2)
        try:
            if ready:
                data = os.read(control, 65536)
                if not data:
                    break
                shown += data
        except OSError:  # the other side has closed it
            break
        if not sent and (b"[y/N]" in shown or b"to approve it:" in shown):
            os.write(control, answer)
            sent = True
    os.close(control)
    return child.wait(20), shown.decode("utf-8", "replace").replace("\r\n", "\n")


class Approve(ClusterCase):
    def setUp(self):
        super().setUp()
        self.data = tempfile.mkdtemp(prefix="fairlead-approve-")
        self.addCleanup(shutil.rmtree, self.data, True)
        self.name = f"approve-{uuid.uuid4().hex[:8]}"
        self.kubectl.run("create", "configmap", self.name, "-n", "default", "--from-literal=mode=old")
        self.addCleanup(self.kubectl.run, "delete", "configmap", self.name, "-n", "default", "--ignore-not-found")
        self.env = {"KUBECONFIG": KUBECONFIG, "FAIRLEAD_DATA": self.data}
        self.patch = ("call", "patch_resource", self.name, "-n", "default", "--kind", "configmap", "--patch", '{"data":{"mode":"new"}}', "--reason", "because")
        self.delete = ("call", "delete_resource", self.name, "-n", "default", "--kind", "configmap", "--reason", "old")

    def run_here(self, *words):
        return program.run(*words, env=self.env)

    def mode(self):
        return self.kubectl.json("get", "configmap", self.name, "-n", "default")["data"]["mode"]

    def audit(self):
        lines = self.ok(self.run_here("audit", "export")).out.splitlines()
        return [(r["who"], r["operation"], r["outcome"], r["change"]) for r in map(json.loads, lines)]

    def test_approve_then_the_same_call(self):
        self.failed(self.run_here(*self.patch), "approval_required", status=3, mentions=["changes approve 1"])
        status, shown = at_a_terminal(("changes", "approve", 1), b"y\n", self.env)
        self.assertEqual(status, 0, shown)
        for words in ("asks for change 1", '"old" -> "new"', "reason: because", "It can be taken back", "change 1 is approved"):
            self.assertIn(words, shown)
        self.assertEqual(self.mode(), "old")
        self.ok(self.run_here(*self.patch))
        self.assertEqual(self.mode(), "new")
        person, caller = f"terminal:{getpass.getuser()}", f"cli:{getpass.getuser()}"
        self.assertEqual(self.audit(), [(caller, "patch_resource", "approval_required", "1"), (person, "approve", "done", "1"), (caller, "patch_resource", "begun", "1"), (caller, "patch_resource", "done", "1")])
        self.assertEqual(self.ok(self.run_here("changes", "show", "1", "-o", "json")).json()["approver"], person)

    def test_other_answers_do_not_approve(self):
        self.failed(self.run_here(*self.patch), "approval_required")
        for answer in (b"\n", b"n\n", b"Y E S\n", b"yess\n", b"\x04", b"1\n"):
            status, shown = at_a_terminal(("changes", "approve", 1), answer, self.env)
            self.assertEqual(status, 3, shown)
        self.failed(self.run_here(*self.patch), "approval_required")
        self.assertEqual(self.mode(), "old")

    def test_without_a_terminal_nobody_is_there(self):
        self.failed(self.run_here(*self.patch), "approval_required")
        for stdin in (b"", b"y\n", b"yes\n" * 10):
            self.failed(program.run("changes", "approve", "1", env=self.env, stdin=stdin), "approval_required", status=3, mentions=["no terminal"])
        self.failed(self.run_here(*self.patch), "approval_required")
        self.assertEqual(self.mode(), "old")

    def test_what_destroys_wants_its_name(self):
        for answer, status in ((b"y\n", 3), (b"yes\n", 3), (self.name[:-1].encode() + b"\n", 3), (self.name.encode() + b"\n", 0)):
            got, shown = at_a_terminal(self.delete, answer, self.env)
            self.assertEqual(got, status, shown)
            self.assertIn(f"Type {self.name} to approve it", shown)
        self.assertNotIn(self.name, [c["metadata"]["name"] for c in self.kubectl.items("configmaps", "-n", "default")])
        self.assertEqual([(r[1], r[2]) for r in self.audit()][-3:], [("approve", "done"), ("delete_resource", "begun"), ("delete_resource", "done")])

    def test_reject(self):
        self.failed(self.run_here(*self.patch), "approval_required")
        self.ok(self.run_here("changes", "reject", "1"))
        self.failed(self.run_here("changes", "reject", "1"), "conflict")
        self.assertEqual(at_a_terminal(("changes", "approve", 1), b"y\n", self.env)[0], 1)
        self.assertEqual([r[1:3] for r in self.audit()][1:], [("reject", "done"), ("reject", "conflict"), ("approve", "conflict")])
        self.assertEqual(self.mode(), "old")

    def test_an_unknown_change(self):
        self.failed(self.run_here("changes", "reject", "17"), "not_found", mentions=["changes list"])


if __name__ == "__main__":
    program.main()
