#!/usr/bin/env python3
"""Three `fairlead serve` over one PostgreSQL: any of them answers, nothing is done twice, and what one of them left is ended by another.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/rest/replicas_test.py"""
import concurrent.futures
import json
import os
import secrets
import signal
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), HERE]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from postgres import PASSWORD, Postgres, programs  # noqa: E402
from recording import Recording  # noqa: E402
from serve_test import Server  # noqa: E402

NAMESPACE = "replicas"


class Replicas(ClusterCase):
    key = secrets.token_hex(32)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        cls.directory = tempfile.TemporaryDirectory(prefix="fairlead-replicas-")
        cls.postgres = Postgres()
        cls.url = cls.postgres.create("fairlead")
        cls.recording = Recording(cls.kubectl, cls.directory.name)
        cls.recording.__enter__()
        cls.servers = [cls.serve(name) for name in ("a", "b", "c")]
        cls.admin = cls.servers[0].first_token()
        with open(cls.recording.config) as config:
            cls.ask_of(0, cls.admin, "POST", "/clusters", {"id": "one", "label": "One", "kubeconfig": config.read()}, 201)
        cls.tokens = {name: cls.ask_of(1, cls.admin, "POST", "/tokens", {"name": name, "roles": [role]}, 201).json["token"] for name, role in (("agent", "agent"), ("boss", "approver"))}

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            if server.child.poll() is None:
                server.stop()
            server.child.stderr.close()
            server.child.stdout.close()
        cls.recording.__exit__(None, None, None)
        cls.postgres.__exit__()
        cls.directory.cleanup()
        super().tearDownClass()

    @classmethod
    def environment(cls):
        return {"FAIRLEAD_DATABASE": cls.url, "ENCRYPTION_KEY": cls.key}

    @classmethod
    def serve(cls, name):
        data = os.path.join(cls.directory.name, name)
        os.makedirs(data, 0o700, exist_ok=True)
        return Server(data, env=cls.environment())

    @classmethod
    def ask_of(cls, server, token, method, path, body=None, status=200):
        answer = cls.servers[server].ask(token, method, "/api/v1" + path, body)
        assert answer.status == status, answer
        return answer

    def cli(self, *arguments, **environment):
        return program.run(*arguments, env={**self.environment(), "FAIRLEAD_DATA": os.path.join(self.directory.name, "cli"), **environment})

    def setUp(self):
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")
        self.recording.at_write = self.recording.after_write = None
        self.recording.requests.clear()

    def make(self):
        self.kubectl.run("create", "configmap", self.name, "-n", NAMESPACE, "--from-literal", "a=0")

    def data(self):
        return self.kubectl.json("get", "configmap", self.name, "-n", NAMESPACE)["data"]

    def patch(self, value):
        return {"cluster": "k8s:one", "arguments": {"kind": "configmap", "name": self.name, "namespace": NAMESPACE, "patch": {"data": {"a": value}}, "reason": "a test"}}

    def waiting(self, server, value):
        answer = self.servers[server].ask(self.tokens["agent"], "POST", "/api/v1/operations/patch_resource", self.patch(value))
        self.assertEqual(answer.json["code"], "approval_required", answer)
        return answer.json["change"]

    def sent(self):
        return [r for r in self.recording.requests if r.method not in ("GET", "HEAD") and "dryRun" not in r.target and self.name in r.target]

    def test_any_of_them_answers(self):
        for server in range(3):
            self.assertEqual([c["id"] for c in self.ask_of(server, self.admin, "GET", "/clusters").json["items"]], ["one"])
            self.ask_of(server, self.admin, "POST", "/operations/list_nodes", {"cluster": "k8s:one"})

    def test_asked_at_one_approved_at_another_carried_out_at_the_third(self):
        self.make()
        number = self.waiting(0, "1")
        self.ask_of(1, self.tokens["boss"], "POST", f"/changes/{number}/approve")
        answer = self.ask_of(2, self.tokens["agent"], "POST", "/operations/patch_resource", self.patch("1"))
        self.assertEqual(self.data(), {"a": "1"}, answer)
        self.assertEqual(self.ask_of(0, self.admin, "GET", f"/changes/{number}").json["state"], "completed")

    def test_one_approval_is_carried_out_once(self):
        self.make()
        for value in ("1", "2", "3"):
            number = self.waiting(0, value)
            self.ask_of(1, self.tokens["boss"], "POST", f"/changes/{number}/approve")
            self.recording.requests.clear()
            start = threading.Barrier(9)

            def call(i):
                start.wait()
                return self.servers[i % 3].ask(self.tokens["agent"], "POST", "/api/v1/operations/patch_resource", self.patch(value))
            with concurrent.futures.ThreadPoolExecutor(9) as pool:
                answers = list(pool.map(call, range(9)))
            done = [a for a in answers if a.status == 200 and a.json.get("result", a.json).get("changed")]
            self.assertEqual(len(done), 1, "\n".join(map(str, answers)))
            self.assertEqual(len(self.sent()), 1)
            self.assertEqual(self.data(), {"a": value})

    def decide(self, number, verbs):
        """The statuses of what is asked at once, each at a server of its own: of approvals and of rejections."""
        start = threading.Barrier(len(verbs))

        def ask(i):
            start.wait()
            return self.servers[i % 3].ask(self.tokens["boss"], "POST", f"/api/v1/changes/{number}/{verbs[i]}")
        with concurrent.futures.ThreadPoolExecutor(len(verbs)) as pool:
            answers = list(pool.map(ask, range(len(verbs))))
        self.assertLessEqual({a.status for a in answers}, {200, 409}, answers)
        return tuple([a.status for a, verb in zip(answers, verbs) if verb == which].count(200) for which in ("approve", "reject"))

    def test_one_answer_of_several_counts(self):
        """An approval may be taken back by a rejection, and a rejection by nothing."""
        self.make()
        self.assertEqual(self.decide(self.waiting(0, "1"), ["approve"] * 6), (1, 0))
        self.assertEqual(self.decide(self.waiting(0, "2"), ["reject"] * 6), (0, 1))
        for value in ("3", "4", "5"):
            number = self.waiting(0, value)
            approved, rejected = self.decide(number, ["approve", "reject"] * 3)
            self.assertEqual(rejected, 1)
            self.assertIn(approved, (0, 1))
            self.assertEqual(self.ask_of(0, self.admin, "GET", f"/changes/{number}").json["state"], "rejected")
            answer = self.servers[0].ask(self.tokens["agent"], "POST", "/api/v1/operations/patch_resource", self.patch(value))
            self.assertEqual(answer.json["code"], "approval_required", answer)
        self.assertEqual(self.data(), {"a": "0"})

    def test_a_token_that_is_revoked_lets_nobody_in_anywhere(self):
        token = self.ask_of(0, self.admin, "POST", "/tokens", {"name": "short", "roles": ["viewer"]}, 201).json["token"]
        for server in range(3):
            self.ask_of(server, token, "GET", "/whoami")
        self.ask_of(1, self.admin, "DELETE", "/tokens/short")
        time.sleep(1.1)
        for server in range(3):
            self.assertEqual(self.servers[server].ask(token, "GET", "/api/v1/whoami").status, 401)

    def test_one_that_is_killed_in_the_middle_is_ended_by_another(self):
        """What its request did is found out on the cluster; nobody sends it again."""
        for when, state in (("after_write", "completed"), ("at_write", "failed")):
            with self.subTest(when):
                self.name = f"killed-{when.replace('_', '-')}"
                self.make()
                victim = self.serve("victim-" + when)
                number = self.waiting(0, "1")
                self.ask_of(1, self.tokens["boss"], "POST", f"/changes/{number}/approve")

                def kill():
                    victim.child.send_signal(signal.SIGKILL)
                    victim.child.wait()
                    if when == "at_write":
                        raise ConnectionError("the request is lost with it")
                setattr(self.recording, when, kill)
                try:
                    answer = victim.ask(self.tokens["agent"], "POST", "/api/v1/operations/patch_resource", self.patch("1"))
                    self.fail(answer)
                except (ConnectionError, OSError, __import__("http.client").client.HTTPException):
                    pass
                victim.child.stderr.close()
                victim.child.stdout.close()
                self.assertEqual(self.ask_of(0, self.admin, "GET", f"/changes/{number}").json["state"], "executing")

                def ended():
                    self.assertEqual(self.ask_of(2, self.admin, "GET", f"/changes/{number}").json["state"], state)
                program.eventually(ended, 150)
                self.assertEqual(self.data(), {"a": "1" if state == "completed" else "0"})
                records = [json.loads(line) for line in self.ok(self.cli("audit", "export")).out.splitlines()]
                outcomes = [r["outcome"] for r in records if r["change"] == str(number) and r["operation"] == "patch_resource"]
                self.assertEqual(outcomes.count("done"), 1 if state == "completed" else 0, outcomes)

    def test_one_log_of_all_of_them(self):
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda i: self.ask_of(i % 3, self.admin, "POST", "/operations/list_namespaces", {"cluster": "k8s:one"}), range(60)))
        verified = self.ok(self.cli("audit", "verify"))
        self.assertRegex(verified.out + verified.err, r"\d+ records")
        self.assertNotIn(PASSWORD, verified.out + verified.err)

    def test_the_database_goes_and_comes_back(self):
        self.make()
        self.postgres.stop(signal.SIGQUIT)
        try:
            answer = self.servers[0].ask(self.admin, "GET", "/api/v1/clusters")
            self.assertGreaterEqual(answer.status, 500, answer)
            self.assertIn("database fairlead at 127.0.0.1", answer.body)
            self.assertNotIn(PASSWORD, answer.body)
            outcome = self.cli("tokens", "list")
            self.assertEqual((outcome.status, outcome.code), (1, "server_error"), outcome)
            self.assertIn("does not answer", outcome.err)
            self.assertNotIn(PASSWORD, outcome.err)
            self.assertEqual(self.servers[0].ask(None, "GET", "/readyz").status, 503)
            self.assertEqual(self.sent(), [])
        finally:
            self.postgres.start()
        for server in range(3):
            program.eventually(lambda: self.ask_of(server, self.admin, "GET", "/clusters"), 30)

    def test_what_is_wrong_with_the_database(self):
        for url, words in ((self.postgres.url("nowhere"), "no such database"), (self.postgres.url("fairlead", password="hunter2"), "password"),
                           ("postgres://fairlead@127.0.0.1:1/fairlead", "does not answer"), ("postgres://hunter2%@x", "cannot be read")):
            with self.subTest(words):
                outcome = self.cli("tokens", "list", FAIRLEAD_DATABASE=url)
                self.assertIn(outcome.status, (1, 2), outcome)
                self.assertIn(words, outcome.err)
                self.assertNotIn("hunter2", outcome.err)

    def restart_all(self, key):
        """One after another, each with that key, while the others serve."""
        type(self).key = key
        for i, name in enumerate("abc"):
            self.servers[i].stop()
            self.servers[i].child.stderr.close()
            self.servers[i].child.stdout.close()
            self.servers[i] = self.serve(name)

    def test_another_key_while_they_serve(self):
        self.make()
        old, new = self.key, secrets.token_hex(32)
        waits = self.waiting(0, "waited")
        alone = self.cli("vault", "rotate-key", ENCRYPTION_KEY=new)
        self.failed(alone, "server_error", mentions=["another key"])
        lacking = self.cli("vault", "rotate-key", ENCRYPTION_KEY=f"{new},{old}")
        self.failed(lacking, "conflict", mentions=[f"process {server.child.pid}" for server in self.servers])
        self.restart_all(f"{new},{old}")
        stop, wrong = threading.Event(), []

        def work(i):
            while not stop.is_set():
                answer = self.servers[i].ask(self.admin, "POST", "/api/v1/clusters/one/test", {})
                if answer.status != 200:
                    wrong.append(answer)
        workers = [threading.Thread(target=work, args=(i,)) for i in range(3)]
        for worker in workers:
            worker.start()
        try:
            outcome = self.ok(self.cli("vault", "rotate-key"))
        finally:
            stop.set()
            for worker in workers:
                worker.join()
        self.assertEqual(wrong, [])
        for key in (new, old):
            self.assertNotIn(key, outcome.out + outcome.err)
        self.restart_all(new)
        self.ask_of(1, self.tokens["boss"], "POST", f"/changes/{waits}/approve")
        self.ask_of(2, self.tokens["agent"], "POST", "/operations/patch_resource", self.patch("waited"))
        self.assertEqual(self.data(), {"a": "waited"})
        self.failed(self.cli("changes", "show", str(waits), ENCRYPTION_KEY=old), "server_error", mentions=["another key"])

    def test_another_key_is_refused(self):
        for key, words in (("0" * 64, "encrypted with another key"), ("", "the same ENCRYPTION_KEY")):
            outcome = self.cli("clusters", "test", "one", ENCRYPTION_KEY=key)
            self.assertNotEqual(outcome.status, 0, outcome)
            self.assertIn(words, outcome.out + outcome.err)
        self.assertFalse(os.path.exists(os.path.join(self.directory.name, "cli", "vault.key")))
        self.ask_of(0, self.admin, "POST", "/clusters/one/test")


if __name__ == "__main__":
    if not programs():
        print("skipped: PostgreSQL is not installed (apt-get install postgresql-15)")
        sys.exit(77)
    program.main()
