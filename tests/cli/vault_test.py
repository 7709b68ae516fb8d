#!/usr/bin/env python3
"""`fairlead vault rotate-key`: another key, while a server works with what it encrypts.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/cli/vault_test.py"""
import hashlib
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "rest")]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from serve_test import Server  # noqa: E402

NAMESPACE = "vaults"


class Rotation(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        cls.config = json.dumps(cls.kubectl.json("config", "view", "--raw", "--flatten"))

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="fairlead-vault-")
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")
        os.mkdir(self.data, 0o700)
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write("version: 1\nrules:\n- {name: free, namespaces: [%s], kinds: [configmaps], operations: [patch_resource, create_resource], decision: allow, who: ['api:free']}\n" % NAMESPACE)
        self.environment = {}
        self.server = None
        self.key_file = os.path.join(self.data, "vault.key")

    def tearDown(self):
        if self.server and self.server.child.poll() is None:
            self.server.stop()

    def cli(self, *arguments, **environment):
        return program.run(*arguments, env={**self.environment, "FAIRLEAD_DATA": self.data, **environment})

    def keys(self):
        with open(self.key_file) as file:
            return file.read().split()

    def serve(self):
        self.server = Server(self.data, env=self.environment)
        return self.server

    def begin(self):
        """A server with a registered cluster and callers."""
        config = os.path.join(self.directory.name, "config")
        with open(config, "w") as file:
            file.write(self.config)
        self.ok(self.cli("clusters", "add", "one", "--label", "One", "--kubeconfig", config))
        self.ok(self.cli("integrations", "set", "agent", "--kubeconfig", config))
        self.tokens = {name: self.ok(self.cli("tokens", "create", name, "--role", role)).out.strip() for name, role in (("free", "agent"), ("agent", "agent"), ("boss", "approver"), ("admin", "admin"))}
        self.serve()

    def call(self, who, operation, **arguments):
        return self.server.ask(self.tokens[who], "POST", f"/api/v1/operations/{operation}", {"cluster": "k8s:one", "arguments": {"namespace": NAMESPACE, "reason": "a test", **arguments}})

    def patch(self, who, name, value):
        return self.call(who, "patch_resource", kind="configmap", name=name, patch={"data": {"a": value}})

    def make(self, name):
        self.kubectl.run("create", "configmap", name, "-n", NAMESPACE, "--from-literal", "a=0")
        self.addCleanup(self.kubectl.run, "delete", "configmap", name, "-n", NAMESPACE, check=False)

    def sealed_by(self):
        """The names of the keys that something was sealed with, and how many are sealed so."""
        found = {}
        with sqlite3.connect(os.path.join(self.data, "fairlead.db")) as database:
            for sql in ("SELECT substr(sealed, 2, 4) FROM changes", "SELECT substr(answer, 2, 4) FROM writes WHERE answer IS NOT NULL", "SELECT substr(credential, 3, 4) FROM clusters WHERE credential IS NOT NULL", "SELECT substr(credential, 3, 4) FROM integrations"):
                for (key,) in database.execute(sql):
                    found[key.hex()] = found.get(key.hex(), 0) + 1
        return found

    def test_while_a_server_works(self):
        self.begin()
        self.make("a-live")
        old = self.keys()
        self.assertEqual(self.patch("free", "a-live", "1").status, 200)
        waits = self.patch("agent", "a-live", "2").json["change"]
        stop, failures = threading.Event(), []

        def work():
            number = 0
            while not stop.is_set():
                number += 1
                answer = self.patch("free", "a-live", f"w{number}")
                if answer.status != 200:
                    failures.append(answer)
        worker = threading.Thread(target=work)
        worker.start()
        try:
            for _ in range(3):
                outcome = self.ok(self.cli("vault", "rotate-key"))
        finally:
            stop.set()
            worker.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(self.keys()), 1)
        self.assertNotEqual(self.keys(), old)
        self.assertNotIn(self.keys()[0], outcome.out + outcome.err)
        self.assertEqual(len(self.sealed_by()), 1)
        self.assertEqual(os.stat(self.key_file).st_mode & 0o777, 0o600)
        # What waited before still waits, and what was done can be taken back, by the server and by one that begins now.
        self.assertEqual(self.server.ask(self.tokens["boss"], "POST", f"/api/v1/changes/{waits}/approve").status, 200)
        self.server.stop()
        self.serve()
        self.kubectl.run("patch", "configmap", "a-live", "-n", NAMESPACE, "-p", '{"data":{"a":"0"}}', check=False)
        self.assertEqual(self.patch("free", "a-live", "last").status, 200)
        last = self.server.ask(self.tokens["admin"], "GET", "/api/v1/changes?limit=1").json["items"][0]["id"]
        taken = self.server.ask(self.tokens["free"], "POST", f"/api/v1/changes/{last}/rollback", {"reason": "a test"})
        self.assertIn(taken.status, (200, 403), taken)
        self.assertEqual(self.server.ask(self.tokens["admin"], "GET", "/api/v1/changes/1").json["state"], "completed")
        records = [json.loads(line) for line in self.ok(self.cli("audit", "export")).out.splitlines()]
        self.assertEqual([r["who"].split(":")[0] for r in records if r["operation"] == "rotate_key"], ["cli"] * 3)

    def test_one_that_was_interrupted_is_ended_by_the_next(self):
        self.begin()
        self.make("a-part")
        self.assertEqual(self.patch("free", "a-part", "1").status, 200)
        old = self.keys()[0]
        # The new key is in the file, and nothing else was done.
        new = secrets.token_hex(32)
        with open(self.key_file, "w") as file:
            file.write(f"{new}\n{old}\n")
        self.assertEqual(self.patch("free", "a-part", "2").status, 200)
        self.ok(self.cli("vault", "rotate-key"))
        self.assertEqual(self.keys(), [new])
        # All was done but the file.
        with open(self.key_file, "w") as file:
            file.write(f"{new}\n{old}\n")
        self.ok(self.cli("vault", "rotate-key"))
        self.assertEqual(self.keys(), [new])
        self.assertEqual(len(self.sealed_by()), 1)
        self.assertEqual(self.patch("free", "a-part", "3").status, 200)

    def test_killed_anywhere_it_loses_nothing(self):
        self.begin()
        self.make("a-kill")
        for number in range(20):
            self.assertEqual(self.patch("free", "a-kill", str(number + 1)).status, 200)
        for milliseconds in range(5, 125, 10):
            child = subprocess.Popen([program.fairlead(), "vault", "rotate-key", "--data", self.data], env=program.bare_environment(), stderr=subprocess.DEVNULL)
            try:
                child.wait(milliseconds / 1000)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
                child.wait()
            self.assertEqual(self.patch("free", "a-kill", f"k{milliseconds}").status, 200)
            shown = self.cli("changes", "show", "1", "-o", "json")
            self.assertEqual(self.ok(shown).json()["state"], "completed")
        self.ok(self.cli("vault", "rotate-key"))
        self.assertEqual(len(self.keys()), 1)
        self.assertEqual(len(self.sealed_by()), 1)

    def test_two_at_once(self):
        self.begin()
        children = [subprocess.Popen([program.fairlead(), "vault", "rotate-key", "--data", self.data], env=program.bare_environment(), stderr=subprocess.PIPE, text=True) for _ in range(4)]
        for child in children:
            said = child.communicate(timeout=60)[1]
            self.assertTrue(child.returncode == 0 or "another process is about to" in said, said)
        self.assertEqual(len(self.keys()), 1)
        self.ok(self.cli("clusters", "show", "one"))
        self.assertEqual(self.server.ask(self.tokens["admin"], "POST", "/api/v1/clusters/one/test", {}).status, 200)

    def test_keys_of_the_environment(self):
        old, new = secrets.token_hex(32), secrets.token_hex(32)
        self.environment = {"ENCRYPTION_KEY": old}
        self.begin()
        self.make("a-env")
        self.assertEqual(self.patch("free", "a-env", "1").status, 200)
        refused = self.cli("vault", "rotate-key")
        self.failed(refused, "invalid_request", 2, mentions=["both in ENCRYPTION_KEY"])
        alone = self.cli("changes", "show", "1", ENCRYPTION_KEY=new)
        self.failed(alone, "server_error", mentions=["another key"])
        self.failed(self.cli("vault", "rotate-key", ENCRYPTION_KEY=new), "server_error", mentions=["another key"])
        lacking = self.cli("vault", "rotate-key", ENCRYPTION_KEY=f"{new},{old}")
        self.failed(lacking, "conflict", mentions=["a process that lives", f"process {self.server.child.pid}", "--force"])
        self.assertEqual(self.patch("free", "a-env", "1b").status, 200, "nothing was changed")
        self.server.stop()
        self.environment = {"ENCRYPTION_KEY": f"{new},{old}"}
        self.serve()
        self.assertEqual(self.patch("free", "a-env", "2").status, 200)
        outcome = self.ok(self.cli("vault", "rotate-key"))
        self.assertNotIn(new, outcome.out + outcome.err)
        self.assertEqual(self.patch("free", "a-env", "3").status, 200)
        self.assertEqual(len(self.sealed_by()), 1)
        self.server.stop()
        self.environment = {"ENCRYPTION_KEY": new}
        self.serve()
        self.assertEqual(self.patch("free", "a-env", "4").status, 200)
        self.failed(self.cli("changes", "show", "1", ENCRYPTION_KEY=old), "server_error", mentions=["another key"])
        self.assertFalse(os.path.exists(self.key_file))

    def test_a_server_that_lacks_the_key_can_be_overruled(self):
        old, new = secrets.token_hex(32), secrets.token_hex(32)
        self.environment = {"ENCRYPTION_KEY": old}
        self.begin()
        self.make("a-force")
        self.assertEqual(self.patch("free", "a-force", "1").status, 200)
        self.ok(self.cli("vault", "rotate-key", "--force", ENCRYPTION_KEY=f"{new},{old}"))
        self.assertIn("another key", self.patch("free", "a-force", "2").body)
        # One that was killed says nothing any more.
        self.server.child.kill()
        self.server.child.wait()
        self.ok(self.cli("vault", "rotate-key", ENCRYPTION_KEY=f"{old},{new}"))
        self.serve()
        with sqlite3.connect(os.path.join(self.data, "fairlead.db")) as database:
            self.assertEqual([(label.split()[0], keys) for label, keys in database.execute("SELECT label, keys FROM key_holders")], [("serve", hashlib.sha256(bytes.fromhex(old)).hexdigest()[:8])])

    def test_a_server_by_the_file_lacks_a_key_of_the_environment(self):
        self.begin()
        new = secrets.token_hex(32)
        refused = self.cli("vault", "rotate-key", ENCRYPTION_KEY=f"{new},{self.keys()[0]}")
        self.failed(refused, "conflict", mentions=[f"process {self.server.child.pid}"])
        self.ok(self.cli("vault", "rotate-key"))

    def test_what_cannot_be_opened_keeps_the_key_before(self):
        self.begin()
        self.server.stop()
        with sqlite3.connect(os.path.join(self.data, "fairlead.db")) as database:
            database.execute("UPDATE clusters SET credential = CAST(substr(credential, 1, 30) || x'00' || substr(credential, 32) AS BLOB)")
        outcome = self.cli("vault", "rotate-key")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("1 of it could not be opened, and is as it was: the credentials of cluster one", outcome.err)
        self.assertEqual(len(self.keys()), 2)
        self.ok(self.cli("clusters", "remove", "one"))
        self.ok(self.cli("vault", "rotate-key"))
        self.assertEqual(len(self.keys()), 1)


if __name__ == "__main__":
    program.main()
