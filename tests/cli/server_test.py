#!/usr/bin/env python3
"""Commands with --server: on the same data they say what they say without it, errors and exit statuses too.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/cli/server_test.py"""
import json
import os
import pty
import re
import select
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", name) for name in ("rest", "operations", "support")]

import certificates  # noqa: E402
import program  # noqa: E402
from serve_test import A, Server, Serving  # noqa: E402

AGE = re.compile(r"\b(?:\d+[ydhms])+(?= |$)", re.M)


def untimed(text):
    """Ages pass between two runs, and columns are as wide as they are."""
    return re.sub(r" +", " ", AGE.sub("AGE", text))


class Tiny:
    """What answers with these bytes to every request, and keeps what it was asked."""

    def __init__(self, answer, close=True):
        self.asked, self.answer, self.close = [], answer, close
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _serve(self):
        self.kept = []
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        asked = b""
        while b"\r\n\r\n" not in asked:
            more = client.recv(65536)
            if not more:
                return
            asked += more
        self.asked.append(asked.decode())
        answer = self.answer(self.asked[-1]) if callable(self.answer) else self.answer
        try:
            client.sendall(answer.encode() if isinstance(answer, str) else answer)
        except OSError:
            pass  # it has read enough
        if self.close:
            client.close()
        else:
            self.kept.append(client)


def answer(body, status="200 OK", type="application/json", *headers):
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Type: {type}", f"Content-Length: {len(body.encode())}", "Connection: close", *headers, "", body])


class Remotely(Serving):
    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}"

    def env(self, token=None, **more):
        return {"FAIRLEAD_TOKEN": self.admin if token is None else token, "FAIRLEAD_DATA": "/nonexistent/data", **more}

    def there(self, *words, token=None, url=None, stdin=b""):
        return program.run(*words, "--server", url or self.url, env=self.env(token), stdin=stdin)

    def here(self, *words, stdin=b""):
        return program.run(*words, "--data-dir", self.data, env={"KUBECONFIG": os.environ["KUBECONFIG"]}, stdin=stdin)

    def same(self, *words, token=None):
        """Both ways; answers what was said with --server."""
        here, there = self.here(*words), self.there(*words, token=token)
        self.assertEqual((there.status, untimed(there.out), untimed(there.err)), (here.status, untimed(here.out), untimed(here.err)))
        self.assert_calm(there)
        return there

    def at_a_terminal(self, *words, types=(), token=None, seconds=30):
        """(status, what was shown); of each pair in `types` the second is typed once the first was shown."""
        controller, terminal = pty.openpty()
        child = subprocess.Popen([program.fairlead(), *map(str, words), "--server", self.url], stdin=terminal, stdout=terminal, stderr=terminal, env=program.bare_environment(**self.env(token)), start_new_session=True)
        os.close(terminal)
        shown, left, end = b"", list(types), time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([controller], [], [], 0.1)[0]:
                try:
                    shown += os.read(controller, 4096)
                except OSError:
                    break
            if left and left[0][0].encode() in shown:
                text = left.pop(0)[1]
                if callable(text):
                    text(child)
                else:
                    os.write(controller, text.encode())
        os.close(controller)
        return child.wait(10), shown.decode("utf-8", "replace")


class Calls(Remotely):
    def test_what_is_read_is_the_same(self):
        self.deployment("same", replicas=2)
        program.eventually(lambda: self.assertIn("2/2", self.here("call", "list_deployments", "-n", A, "--cluster", "k8s:one").out))
        for output in ("table", "wide", "json", "yaml", "name"):
            self.ok(self.same("call", "list_deployments", "-n", A, "--cluster", "k8s:one", "-o", output))
        self.assertEqual(self.ok(self.same("call", "list_deployments", "-A", "--cluster", "k8s:one", "-o", "json")).json()["items"][0]["name"] != "", True)
        for output in ("table", "json", "yaml"):
            self.ok(self.same("call", "get_deployment", "same", "-n", A, "--cluster", "k8s:one", "-o", output))
        self.ok(self.same("call", "list_nodes", "--cluster", "k8s:one", "-n", "nothing", "-o", "name"))
        self.ok(self.same("call", "list_pods", "-n", "nothing", "--cluster", "k8s:one"))
        self.ok(self.same("call", "list_nodes", "--cluster", "k8s:one", "--limit", "1"))

    def test_several_clusters(self):
        self.ok(self.there("clusters", "add", "two", "--kubeconfig", "-", stdin=json.dumps(self.config).encode()))
        self.addCleanup(self.there, "clusters", "remove", "two")
        both = self.ok(self.same("call", "list_nodes", "--cluster", "k8s:one,k8s:two", "-o", "json"))
        self.assertEqual(both.json()["total"], 6)
        self.assertEqual(self.ok(self.there("call", "list_nodes", "--cluster", "*", "-o", "json")).out, both.out)

    def test_errors_are_the_same(self):
        for words in (("get_pod", "nobody", "-n", A, "--cluster", "k8s:one"), ("get_pod", "No_Name", "--cluster", "k8s:one"), ("list_pods", "--cluster", "k8s:one", "--limit", "0"),
                      ("list_pods", "--label-selector", "a=(", "--cluster", "k8s:one"), ("list_nodes", "--cluster", "k8s:one", "--cursor", "x")):
            outcome = self.same("call", *words)
            self.assertNotEqual(outcome.status, 0)
            self.assertTrue(outcome.error_line, outcome)
        self.failed(self.there("call", "list_pods", "--cluster", "k8s:none"), "not_found")
        self.failed(self.there("call", "list_pods"), "not_found", mentions=["list_clusters"])
        self.failed(self.there("call", "list_everything"), "invalid_request", 2)
        self.failed(self.there("call", "list_pods", "--cluster", "k8s:one", "--timeout", "1000"), "invalid_request", 2, mentions=["timeout_seconds", "600"])

    def test_roles_and_changes(self):
        self.deployment("scaled")
        scale = ("call", "scale_deployment", "scaled", "-n", A, "--cluster", "k8s:one", "--replicas", "2")
        self.failed(self.there(*scale, token=self.token("viewer", "viewer")), "policy_denied", 3)
        self.failed(self.there("tokens", "list", token=self.token("viewer")), "policy_denied", 3, mentions=["admins"])
        self.failed(self.there("audit", "show", token=self.token("viewer")), "policy_denied", 3)
        agent = self.token("asker", "agent")
        waits = self.failed(self.there(*scale, token=agent), "approval_required", 3, mentions=["approver", f"--server {self.url}"])
        number = int(re.search(r"as change (\d+)", waits.error_line)[1])
        self.assertIn(f"fairlead changes approve {number} --server", waits.error_line)
        self.assertEqual(self.replicas("scaled"), 1)
        self.ok(self.there(*scale[:-1], "3", "--dry-run", token=self.token("operator", "operator")))
        self.assertEqual(self.replicas("scaled"), 1)
        self.ok(self.there(*scale, token=self.token("operator")))
        self.assertEqual(self.replicas("scaled"), 2)

    def test_an_operation_that_the_server_does_not_know(self):
        unknown = json.dumps({"type": "about:blank", "title": "not found", "status": 404, "code": "not_found", "detail": "find the operation: there is no operation list_pods. See.", "remedy": "See."})
        with Tiny(answer(unknown, "404 Not Found", "application/problem+json")) as server:
            self.failed(self.there("call", "list_pods", url=server.url), "not_found", mentions=["there is no operation list_pods"])
            self.assertIn("Accept: text/event-stream", server.asked[0])

    def slow(self):
        """A registered cluster that takes connections and says nothing."""
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        token = os.path.join(self.directory.name, "t")
        with open(token, "w") as file:
            file.write("t")
        self.ok(self.there("clusters", "add", "slow", "--api-server", f"https://127.0.0.1:{silent.getsockname()[1]}", "--token-file", token))
        self.addCleanup(self.there, "clusters", "remove", "slow")

    def test_progress_and_ctrl_c(self):
        self.slow()
        began = time.monotonic()
        status, shown = self.at_a_terminal("call", "list_pods", "--cluster", "k8s:slow", types=[("list_pods 2s", lambda child: child.send_signal(2))])
        self.assertEqual(status, 1, shown)
        self.assertIn("… list_pods 1s", shown)
        self.assertIn("(cancelled)", shown)
        self.assertLess(time.monotonic() - began, 8)
        program.eventually(lambda: self.assertIn("list_pods", self.here("audit", "show", "--outcome", "cancelled").out, "the server gives it up as well"))
        self.failed(self.there("call", "list_pods", "--cluster", "k8s:slow", "--timeout", "1"), "timeout")

    def test_the_token_is_in_no_list_of_processes(self):
        self.slow()
        path = os.path.join(self.directory.name, "token")
        with open(path, "w") as file:
            file.write(self.admin + "\n")
        with program.Process("call", "list_pods", "--cluster", "k8s:slow", "--server", self.url, "--server-token-file", path, "--timeout", "3") as process:
            time.sleep(1)
            with open(f"/proc/{process.child.pid}/cmdline") as file:
                self.assertNotIn("flt_", file.read())
            self.assertEqual(process.wait(20), 1)
            self.assertNotIn(b"flt_", process.child.stdout.read() + process.child.stderr.read())
        config = json.dumps({"apiVersion": "v1", "kind": "Config"})
        child = program.run("with-kubeconfig", "--", "env", env=self.env(FAIRLEAD_SERVER=self.url, KUBECONFIG_CONTENTS=json.dumps(self.config)))
        self.assertEqual(child.status, 0, f"{config}{child}")
        self.assertNotIn("flt_", child.out)
        self.assertNotIn("FAIRLEAD_SERVER", child.out)

    def test_a_log_is_followed(self):
        def pod(name, command):
            self.kubectl.run("delete", "pod", name, "-n", A, "--ignore-not-found", "--grace-period=0", "--force", check=False)
            self.kubectl.run("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": A}, "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": "fairlead.test/busybox:1", "command": ["sh", "-c", command]}]}}).encode())
            self.addCleanup(self.kubectl.run, "delete", "pod", name, "-n", A, "--ignore-not-found", check=False)
            program.eventually(lambda: self.assertNotEqual(self.kubectl.json("get", "pod", name, "-n", A)["status"]["phase"], "Pending"))

        pod("counts", "for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done")
        words = ("call", "get_pod_logs", "counts", "-n", A, "--cluster", "k8s:one", "-f")
        there = self.ok(self.there(*words))
        self.assertEqual(there.out, "".join(f"line {i}\n" for i in range(1, 6)))
        self.assertEqual(self.ok(self.here(*words)).out, there.out)
        self.ok(self.same("call", "get_pod_logs", "counts", "-n", A, "--cluster", "k8s:one", "--tail", "2"))
        self.failed(self.same("call", "get_pod_logs", "nobody", "-n", A, "--cluster", "k8s:one", "-f"), "not_found")
        pod("goes-on", "i=0; while true; do i=$((i+1)); echo line $i; sleep 0.2; done")
        with program.Process("call", "get_pod_logs", "goes-on", "-n", A, "--cluster", "k8s:one", "-f", "--server", self.url, env=self.env()) as process:
            seen = b""
            while b"line 8\n" not in seen:
                self.assertTrue(program.wait_readable(process.child.stdout, 20), seen)
                seen += os.read(process.child.stdout.fileno(), 4096)
            process.signal(2)
            self.assertEqual(process.wait(10), 0)
        answered = self.server.ask(self.admin, "POST", "/api/v1/operations/get_pod_logs", {"cluster": "k8s:one", "arguments": {"name": "counts", "namespace": A}, "follow": True})
        self.assertEqual((answered.status, answered.json["code"]), (400, "invalid_request"))


class Changes(Remotely):
    def ask_for(self, *words, token="agent-of-changes"):
        waits = self.failed(self.there("call", *words, "-n", A, "--cluster", "k8s:one", token=self.token(token, "agent")), "approval_required", 3, mentions=["as change "])
        return int(re.search(r"as change (\d+)", waits.error_line)[1])

    def test_a_change_from_question_to_rollback(self):
        self.deployment("asked")
        scale = ("scale_deployment", "asked", "--replicas", "4", "--reason", "more people come")
        number = self.ask_for(*scale)
        approver = self.token("approver-of-changes", "approver")
        self.same("changes", "list")
        self.same("changes", "list", "--state", "awaiting_approval", "-o", "json")
        for output in ("table", "json", "yaml"):
            shown = self.same("changes", "show", number, "-o", output)
        self.assertIn("It can be taken back.", shown.out)
        self.failed(self.there("changes", "approve", number, token=approver), "approval_required", 3, mentions=["no terminal"])
        status, shown = self.at_a_terminal("changes", "approve", number, types=[("[y/N]", "n\n")], token=approver)
        self.assertEqual(status, 3, shown)
        status, shown = self.at_a_terminal("changes", "approve", number, types=[("[y/N]", "y\n")], token=self.token("agent-of-changes"))
        self.assertEqual(status, 3, shown)
        self.assertIn("(policy_denied)", shown)
        status, shown = self.at_a_terminal("changes", "approve", number, types=[("[y/N]", "y\n")], token=approver)
        self.assertEqual(status, 0, shown)
        for words in ("api:agent-of-changes asks for change", "reason: more people come", "scale deployment", f"change {number} is approved: api:agent-of-changes carries it out"):
            self.assertIn(words, shown)
        self.ok(self.there("call", *scale, "-n", A, "--cluster", "k8s:one", token=self.token("agent-of-changes")))
        self.assertEqual(self.replicas("asked"), 4)
        self.same("changes", "show", number)
        self.same("changes", "list", "--who", "api:agent-of-changes", "-o", "wide")
        self.failed(self.there("changes", "approve", number, token=approver), "conflict")
        dry = self.ok(self.there("changes", "rollback", number, "--dry-run", token=self.token("operator", "operator")))
        self.assertEqual(dry.out, self.ok(program.run("changes", "rollback", number, "--dry-run", "--allow", "write", "--data-dir", self.data)).out)
        self.ok(self.there("changes", "rollback", number, "-o", "json", "--reason", "they went", token=self.token("operator"))).json()
        self.assertEqual(self.replicas("asked"), 1)
        self.failed(self.there("changes", "rollback", number, token=self.token("operator")), "conflict")
        self.failed(self.there("changes", "rollback", number, token=self.token("viewer", "viewer")), "policy_denied", 3)

    def test_what_destroys_is_typed_back(self):
        self.deployment("deleted")
        number = self.ask_for("delete_resource", "deleted", "--kind", "deployment", "--reason", "gone")
        approver = self.token("approver-of-changes", "approver")
        status, shown = self.at_a_terminal("changes", "approve", number, types=[("Type deleted", "y\n")], token=approver)
        self.assertEqual(status, 3, shown)
        status, shown = self.at_a_terminal("changes", "approve", number, types=[("Type deleted", "deleted\n")], token=approver)
        self.assertEqual(status, 0, shown)

    def test_reject_and_close(self):
        self.deployment("rejected")
        number = self.ask_for("scale_deployment", "rejected", "--replicas", "9")
        self.failed(self.there("changes", "reject", number, token=self.token("viewer", "viewer")), "policy_denied", 3)
        self.assertEqual(self.ok(self.there("changes", "reject", number)).notes, [f"change {number} is rejected"])
        self.assertEqual(self.there("changes", "reject", number).error_line, self.here("changes", "reject", number).error_line)
        self.assertEqual(self.there("changes", "close", number, "--reason", "x").error_line, self.here("changes", "close", number, "--reason", "x").error_line)

    def test_what_is_not_there(self):
        for words in (("show", "99999"), ("approve", "99999"), ("reject", "99999"), ("rollback", "99999"), ("close", "99999", "--reason", "x")):
            self.failed(self.there("changes", *words), "not_found", mentions=["99999"])
        self.failed(self.there("changes", "list", "--state", "done"), "invalid_request", 2, mentions=["awaiting_approval"])

    def test_a_list_of_many(self):
        self.deployment("many")
        for replicas in range(2, 8):
            self.ok(self.there("call", "scale_deployment", "many", "-n", A, "--cluster", "k8s:one", "--replicas", replicas, token=self.token("operator", "operator")))
        for limit in (1, 3, 5):
            listed = self.same("changes", "list", "--operation", "scale_deployment", "--limit", limit, "-o", "json")
            self.assertEqual(len(listed.json()["items"]), limit)


class Books(Remotely):
    def test_clusters(self):
        path = os.path.join(self.directory.name, "kubeconfig")
        with open(path, "w") as file:
            json.dump(self.config, file)
        added = self.ok(self.there("clusters", "add", "three", "--label", "Three", "--provider", "kind", "--kubeconfig", path, "-o", "json"))
        self.assertEqual(added.json()["target"], "k8s:three")
        self.assertNotIn("client-key-data", added.out)
        for output in ("table", "wide", "json", "yaml"):
            self.same("clusters", "list", "-o", output)
        for output in ("table", "json", "yaml"):
            self.same("clusters", "show", "three", "-o", output)
        self.assertEqual(self.failed(self.there("clusters", "add", "three", "--kubeconfig", path), "conflict").error_line, self.here("clusters", "add", "three", "--kubeconfig", path).error_line)
        tested = self.ok(self.there("clusters", "test", "three", "--timeout", "20", "-o", "json"))
        self.assertEqual(tested.json()["status"], "ok")
        self.assertEqual(untimed(self.ok(self.there("clusters", "test", "three")).err), untimed(self.ok(self.here("clusters", "test", "three")).err))
        self.assertEqual(self.ok(self.there("clusters", "set", "three", "--exposure", "load-balancer", "--source-ranges", "10.0.0.0/8", "-o", "json")).json()["exposure"], "load-balancer")
        for words in (("set", "three"), ("set", "three", "--source-ranges", "all"), ("show", "nothing"), ("set", "nothing", "--label", "x"), ("test", "nothing"), ("add", "A_b", "--kubeconfig", path)):
            here, there = self.here("clusters", *words), self.there("clusters", *words)
            self.assertEqual((there.status, there.code), (here.status, here.code), there)
        self.assertIs(self.ok(self.there("clusters", "disable", "three", "-o", "json")).json()["enabled"], False)
        self.same("clusters", "list")
        self.ok(self.there("clusters", "enable", "three"))
        self.assertEqual(self.ok(self.there("clusters", "remove", "three")).notes, ["cluster three is registered no more, and its credentials are gone"])
        self.failed(self.there("clusters", "remove", "three"), "not_found")

    def test_a_version_that_is_gone(self):
        problem = json.dumps({"status": 412, "code": "conflict", "detail": "change the cluster: it was changed since it was read. Read it again.", "remedy": "Read it again."})
        with Tiny(answer(problem, "412 Precondition Failed", "application/problem+json")) as server:
            self.failed(self.there("clusters", "set", "one", "--label", "x", url=server.url), "conflict", mentions=["it was changed since it was read. Read it again. (conflict)"])

    def test_tokens(self):
        made = self.ok(self.there("tokens", "create", "made", "--role", "viewer", "--role", "operator@k8s:one/shop", "--expires", "1h"))
        token = made.out.strip()
        self.assertEqual(self.server.ask(token, "GET", "/api/v1/whoami").json["name"], "api:made")
        self.assertIn("it is good until 20", made.notes[0])
        for output in ("table", "wide", "json", "yaml"):
            listed = self.same("tokens", "list", "-o", output)
            self.assertNotIn(token, listed.out)
        for words in (("create", "made", "--role", "viewer"), ("create", "other", "--role", "king"), ("create", "no name", "--role", "viewer"), ("create", "other", "--role", "viewer", "--expires", "soon"), ("revoke", "nobody")):
            here, there = self.here("tokens", *words), self.there("tokens", *words)
            self.assertEqual((there.status, there.error_line), (here.status, here.error_line))
        self.ok(self.there("tokens", "revoke", "made"))
        self.assertIn("revoked", self.same("tokens", "list").out)

    def test_audit(self):
        self.ok(self.there("call", "list_nodes", "--cluster", "k8s:one"))
        for words in ((), ("-o", "json"), ("--operation", "list_nodes", "--limit", "1"), ("--outcome", "done", "--since", "1h"), ("--who", "nobody"), ("--since", "2020-01-01T00:00:00Z", "--limit", "3")):
            self.same("audit", "show", *words)
        self.assertEqual(self.ok(self.same("audit", "export")).out.splitlines()[0][:9], '{"hash":"')
        self.assertIn("nothing is wrong", self.ok(self.same("audit", "verify")).out)
        self.failed(self.there("audit", "head"), "invalid_request", 2, mentions=["--key"])
        key, public, heads = (os.path.join(self.directory.name, name) for name in ("k.pem", "k.pub", "heads"))
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True, capture_output=True)
        head = self.ok(self.there("audit", "head", "--key", key))
        self.assertEqual(json.loads(head.out)["hash"], json.loads(self.ok(self.here("audit", "head", "--key", key)).out)["hash"])
        with open(heads, "w") as file:
            file.write(head.out)
        self.ok(self.there("audit", "verify", "--head", heads, "--key", public))

    def test_a_record_that_was_altered_is_found(self):
        with tempfile.TemporaryDirectory() as data:
            server = Server(data)
            try:
                token, url = server.first_token(), f"http://127.0.0.1:{server.port}"
                for number in range(3):
                    self.ok(self.there("tokens", "create", f"t{number}", "--role", "viewer", token=token, url=url))
                with sqlite3.connect(os.path.join(data, "fairlead.db")) as database:
                    for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'").fetchall():
                        database.execute(f"DROP TRIGGER {trigger}")
                    database.execute("UPDATE audit SET who = 'api:nobody' WHERE seq = 2")
                    database.execute("UPDATE audit SET record = 'nonsense' WHERE seq = 3")
                database.close()
                there, here = self.there("audit", "verify", token=token, url=url), program.run("audit", "verify", "--data", data)
                self.assertEqual((there.status, there.out, there.err), (here.status, here.out, here.err))
                self.assertEqual(there.status, 1)
                self.assertIn("the columns of record 2 contradict it", there.out)
                self.failed(self.there("audit", "show", token=token, url=url), "invalid_request", mentions=["It was altered"])
            finally:
                server.stop()


class Policies(Remotely):
    def test_what_is_checked_for_somebody_is_the_same(self):
        for words in (("list_pods", "-A"), ("scale_deployment", "web", "-n", A, "--replicas", "3", "--role", "operator"), ("delete_pod", "web-0", "-n", "kube-system", "-o", "json"), ("drain_node", "node-1"),
                      ("get_resource", "x", "--kind", "Gizmo"), ("scale_deployment", "web", "-n", A, "--replicas", "3", "--at", "2026-12-24T12:00:00Z", "--cluster", "k8s:one")):
            checked = self.same("policy", "check", *words, "--who", "mcp:ci")
            self.assertIn(checked.status, (0, 3), checked)
        for words in (("scale_deployment", "web", "--replicas", "-1"), ("list_pods", "--at", "noon")):
            here, there = self.here("policy", "check", *words), self.there("policy", "check", *words)
            self.assertEqual((there.status, there.code, there.out), (2, here.code, ""), there)

    def test_own_roles_count(self):
        scale = ("policy", "check", "scale_deployment", "web", "-n", A, "--replicas", "3", "--cluster", "k8s:one")

        def says(token, *more):
            checked = self.there(*scale, *more, token=token)
            self.assertEqual(checked.status, 0 if checked.out.startswith("allow") else 3, checked)
            return checked.out.split(":")[0].split()[0]

        for name, role, verdict in (("viewer", "viewer", "deny"), ("asker", "agent", "approve"), ("operator", "operator", "allow"), ("elsewhere", "operator@k8s:two", "deny"), ("of-a", f"operator@k8s:one/{A}", "allow")):
            # What decides is the policy's content, which admins alone read.
            refused = self.there(*scale, token=self.token(name, role))
            self.failed(refused, "policy_denied", 3, mentions=["for admins"])
            self.assertNotIn("operators", refused.out + refused.err)
            self.assertEqual(says(None, "--who", f"api:{name}"), verdict)
        self.assertEqual(says(None, "--who", "mcp:ci", "--role", "operator"), "allow")
        self.failed(self.there(*scale, "--who", "api:operator", "--role", "admin"), "invalid_request", 2, mentions=["roles of its own"])
        self.failed(self.there(*scale, "--role", "operator"), "invalid_request", 2, mentions=["'who'"])

    def test_show(self):
        for output in ("yaml", "json"):
            self.ok(self.same("policy", "show", "-o", output))
        self.failed(self.there("policy", "show", token=self.token("viewer", "viewer")), "policy_denied", 3)


class Doors(Remotely):
    NEWER = {"name": "whitewash", "family": "pods", "trust": "WRITE", "idempotent": True, "summary": "Paint \x1b[31mpods", "example": "-n shop --colour red", "columns": [], "access": [], "parameters": {
        "type": "object", "required": ["colour", "namespace"], "additionalProperties": False, "properties": {
            "namespace": {"type": "string", "description": "Where"}, "colour": {"type": "string", "enum": ["red", "green"], "description": "Which \x1b]0;one\x07"}, "coats": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2, "description": "How many"},
            "wet": {"type": "boolean", "description": "Now"}, "brushes": {"type": "array", "items": {"type": "string"}, "description": "With"}, "labels": {"type": "object", "description": "Marks"},
            "plan": {"anyOf": [{"type": "string"}, {"type": "object"}], "description": "How"}, "command": {"type": "array", "minItems": 1, "items": {"type": "string"}, "description": "What"}}}}

    def newer(self, *described):
        """A server with these operations, and what calls of them have sent."""
        bodies = []

        def reply(asked):
            head = asked.split("\r\n")[0]
            if head.startswith("GET /api/v1/operations "):
                return answer(json.dumps({"operations": list(described)}))
            bodies.append(asked)
            return answer('event: result\ndata: {"notes":[],"result":"painted\\n"}\n\n', "200 OK", "text/event-stream") if "/operations/" in head else answer('{"decision":"allow","why":"rule r","findings":[]}')
        return Tiny(reply), bodies

    def test_an_operation_that_only_the_server_knows(self):
        with self.newer(self.NEWER)[0] as server:
            shown = self.ok(program.run("call", "whitewash", "--server", server.url, "--help", env=self.env()))
            for word in ("--coats", "--colour", "[2]", "--brushes", "-n,--namespace", "fairlead call whitewash -n shop --colour red"):
                self.assertIn(word, shown.out)
            self.assertEqual(len(server.asked), 1)
            self.failed(program.run("call", "whitewash", "-n", "shop", "--colour", "red", "--coats", "10", "--server", server.url, env=self.env()), "invalid_request", 2, mentions=["coats"])
            self.failed(program.run("call", "whitewash", "-n", "shop", "--colour", "blue", "--server", server.url, env=self.env()), "invalid_request", 2, mentions=["red"])
            self.failed(program.run("call", "whitewash", "-n", "shop", "--server", server.url, env=self.env()), "invalid_request", 2, mentions=["colour", "call whitewash --help"])
            self.failed(program.run("call", "whitewash", "--thinner", "1", "--server", server.url, env=self.env()), "invalid_request", 2, mentions=["--thinner"])
            self.assertTrue(all(asked.startswith("GET /api/v1/operations ") for asked in server.asked), "nothing else was asked")
            self.assertIn("painted", self.ok(program.run("call", "whitewash", "-n", "shop", "--colour", "red", "--coats", "3", "--wet", "--brushes", "a,b", "--labels", "x=1", "--plan", '{"a":1}', env=self.env(FAIRLEAD_SERVER=server.url))).out)
            self.assertIn("POST /api/v1/operations/whitewash ", server.asked[-1])
            self.assertEqual(self.ok(program.run("policy", "check", "whitewash", "-n", "shop", "--colour", "red", "--server", server.url, env=self.env())).out, "allow: rule r\n")

    def test_what_no_server_knows(self):
        with self.newer(self.NEWER)[0] as server:
            self.failed(program.run("call", "whitewashed", "--server", server.url, env=self.env()), "invalid_request", 2, mentions=["no operation 'whitewashed'"])
            self.ok(program.run("call", "--help", env=self.env(FAIRLEAD_SERVER=server.url)))
            self.ok(program.run("policy", "check", "--help", env=self.env(FAIRLEAD_SERVER=server.url)))
            self.assertEqual(len(server.asked), 1, "help asks nobody")
        self.failed(program.run("call", "whitewash", env=self.env()), "invalid_request", 2, mentions=["no operation"])
        self.failed(program.run("call", "whitewash", "--server", "http://127.0.0.1:1", env=self.env()), "unreachable", 1)
        self.failed(self.there("call", "whitewash"), "invalid_request", 2, mentions=["no operation"])

    def test_an_operation_that_no_command_line_can_be_made_of(self):
        properties = self.NEWER["parameters"]["properties"]

        def with_parameter(name, schema):
            return {**self.NEWER, "parameters": {"properties": {**properties, name: schema}}}
        for described, said in [({**self.NEWER, "trust": "PAINT"}, "whitewash"), ({**self.NEWER, "parameters": None}, "its parameters"), (with_parameter("a b", {"type": "string"}), "parameter"), (with_parameter("--x", {"type": "string"}), "parameter"),
                                (with_parameter("sum", {"type": "number"}), "parameter"), (with_parameter("help", {"type": "string"}), "no options for"), (with_parameter("server", {"type": "string"}), "no options for"), (with_parameter("kubeconfig", {"type": "string"}), "no options for"),
                                (with_parameter("x", {"type": "string", "enum": [1]}), "in words")]:
            with self.subTest(said), self.newer(described)[0] as server:
                self.failed(program.run("call", "whitewash", "--server", server.url, env=self.env()), "server_error", 1, mentions=[said, "version of fairlead that serves"])
        for body in ("[]", "{}", '{"operations":7}', '{"operations":[7,{}]}'):
            with self.subTest(body), Tiny(answer(body)) as server:
                self.assertIn(program.run("call", "whitewash", "--server", server.url, env=self.env()).code, ("server_error", "invalid_request"))

    def test_tokens_that_do_not_let_in(self):
        listing = ("changes", "list")
        self.failed(self.there(*listing, token=""), "authentication_failed", mentions=["there is no token", "FAIRLEAD_TOKEN"])
        wrong = "flt_0123456789abcdef_" + "w" * 43
        self.assert_no_secret(self.failed(self.there(*listing, token=wrong), "authentication_failed", mentions=["wrong, has expired or was revoked", "tokens create"]), [wrong])
        self.assert_no_secret(self.failed(self.there(*listing, token="two words\nand a line"), "invalid_request", mentions=["holds what no token holds"]), ["two words"])
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        short = self.server.ask(self.admin, "POST", "/api/v1/tokens", {"name": "short", "roles": ["viewer"], "expires": soon}).json["token"]
        self.ok(self.there(*listing, token=short))
        program.eventually(lambda: self.failed(self.there(*listing, token=short), "authentication_failed"))
        self.failed(program.run(*listing, "--server", self.url, "--server-token-file", "/nonexistent/token"), "not_found", mentions=["--server-token-file"])
        with tempfile.NamedTemporaryFile("w") as file:
            self.failed(program.run(*listing, "--server", self.url, "--server-token-file", file.name, env=self.env()), "authentication_failed", mentions=["no token in --server-token-file"])
            file.write(self.admin + "\n")
            file.flush()
            self.ok(program.run(*listing, "--server", self.url, "--server-token-file", file.name, env=self.env("flt_wrong")))

    def test_urls(self):
        for url, words in (("http://example.com:8475", "in the clear"), ("http://127.0.0.1.example.com", "in the clear"), ("http://10.0.0.1", "in the clear"), ("ftp://127.0.0.1", "neither https nor http"), ("127.0.0.1:8475", "no scheme"),
                           ("https://user:hunter2@example.com", "more than a host"), ("https://example.com/?token=hunter2", "more than a host"), ("https://", "no host"), ("https://x y", "a space")):
            self.assert_no_secret(self.failed(self.there("changes", "list", url=url), "invalid_request", 2, mentions=[words]), ["hunter2", self.admin])
        self.ok(self.there("changes", "list", url=self.url + "/api/v1/"))
        self.ok(program.run("changes", "list", env=self.env(FAIRLEAD_SERVER=self.url)))
        with Tiny(answer('{"items":[],"next":null}')) as server:
            self.ok(self.there("changes", "list", url=server.url + "/below/"))
            self.assertTrue(server.asked[0].startswith("GET /below/api/v1/changes?limit=50 "), server.asked)

    def test_a_server_that_is_away(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.failed(self.there("changes", "list", url=f"http://127.0.0.1:{port}"), "unreachable", mentions=["fairlead serve"])
        self.failed(self.there("call", "list_pods", url=f"http://127.0.0.1:{port}"), "unreachable", mentions=["fairlead serve"])
        with Tiny("") as server:
            self.failed(self.there("changes", "list", url=server.url), "unreachable", mentions=["fairlead serve"])
            self.failed(self.there("call", "list_pods", url=server.url), "unreachable", mentions=["fairlead serve"])
            self.failed(self.there("call", "scale_deployment", "x", "--replicas", "1", url=server.url), "unreachable", mentions=["not known whether it was done"])
        events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: progress\ndata: {\"done\":1}\n\n"
        with Tiny(events) as server:
            self.failed(self.there("call", "list_pods", url=server.url), "unreachable", mentions=["ended without an answer"])
            self.failed(self.there("call", "scale_deployment", "x", "--replicas", "1", url=server.url), "unreachable", mentions=["not known whether it was done"])
        with Tiny(events, close=False) as server:
            self.failed(program.run("call", "list_pods", "--timeout", "0.5", "--server", server.url, env=self.env(), hang=20), "timeout", mentions=["--timeout"])

    def test_what_is_no_fairlead(self):
        page = f"<html>{self.admin}</html>"
        for reply in (answer(page, type="text/html; charset=utf-8"), answer(page, "502 Bad Gateway", "text/html"), answer(page, "401 Unauthorized", "text/html"), answer("", "302 Found", "text/html", "Location: http://127.0.0.1:1/"),
                      answer('{"kind":"Status"}', "401 Unauthorized"), answer("no JSON", "500 Internal Server Error", "application/problem+json"), answer('{"code":"who_knows"}', "400 Bad Request", "application/problem+json")):
            with Tiny(reply) as server:
                for words in (("changes", "list"), ("call", "list_pods"), ("tokens", "create", "x", "--role", "viewer")):
                    self.assert_no_secret(self.failed(self.there(*words, url=server.url), "server_error", mentions=["is no Fairlead", "Check the URL"]), [self.admin])
        for body in ("nonsense", "[]", '"x"'):
            with Tiny(answer(body)) as server:
                outcome = self.there("changes", "show", "1", url=server.url)
                self.assertIn(outcome.code, ("server_error", "invalid_request"), outcome)

    def test_an_answer_that_shows_the_token(self):
        detail = json.dumps({"code": "conflict", "detail": f"you sent Bearer {self.admin}", "foreign": self.admin})
        with Tiny(answer(detail, "409 Conflict", "application/problem+json")) as server:
            self.assert_no_secret(self.failed(self.there("changes", "list", url=server.url), "conflict"), [self.admin])
        result = json.dumps({"notes": [self.admin], "result": f"you sent {self.admin}"})
        with Tiny(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: result\ndata: {result}\n\n") as server:
            self.assert_no_secret(self.ok(self.there("call", "list_pods", url=server.url)), [self.admin])

    def test_an_answer_that_writes_to_the_terminal(self):
        hostile = "\x1b[2J\u202e\r# it is approved"
        stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nevent: result\ndata: "
        for words, reply in ((("call", "list_pods"), stream + json.dumps({"notes": [hostile], "result": hostile}) + "\n\n"), (("audit", "export"), answer(json.dumps({"items": [{"seq": 1, "line": hostile}], "next": None}))),
                             (("tokens", "create", "x", "--role", "viewer"), answer(json.dumps({"name": hostile, "token": hostile}))), (("changes", "list"), answer(json.dumps({"items": [{"id": 1, "summary": hostile, "state": hostile}], "next": None})))):
            with Tiny(reply) as server:
                said = self.ok(self.there(*words, url=server.url))
                self.assertNotIn("\r", said.out + said.err)
                self.assertIn("it is approved", said.out)
        with Tiny(stream.replace("result", "note") + json.dumps({"notes": [], "result": hostile}, ensure_ascii=False) + "\n\n") as server:
            self.failed(self.there("call", "list_pods", url=server.url), "unreachable")

    def test_an_answer_without_end(self):
        def flood(_):
            return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + b"[" * (80 << 20)

        with Tiny(flood) as server:
            self.failed(self.there("changes", "list", url=server.url), "server_error", mentions=["larger than 64 MiB"])

    def test_certificates(self):
        with tempfile.TemporaryDirectory() as directory:
            authority = certificates.Authority(directory)
            certificate, key = authority.issue("server")
            other = certificates.Authority(directory, "other")
            data = os.path.join(directory, "data")
            os.mkdir(data, 0o700)
            import ssl
            server = Server(data, "--tls-certificate", certificate, "--tls-key", key, context=ssl.create_default_context(cafile=authority.certificate))
            try:
                token, url = server.first_token(), f"https://127.0.0.1:{server.port}"
                self.ok(self.there("tokens", "list", "--server-ca", authority.certificate, token=token, url=url))
                self.failed(self.there("tokens", "list", token=token, url=url), "certificate_invalid", mentions=["--server-ca"])
                self.failed(self.there("tokens", "list", "--server-ca", other.certificate, token=token, url=url), "certificate_invalid", mentions=["--server-ca"])
                self.failed(self.there("tokens", "list", "--server-ca", "/dev/null", token=token, url=url), "invalid_request")
                self.failed(self.there("tokens", "list", "--server-ca", key, token=token, url=url), "invalid_request")
                self.failed(self.there("tokens", "list", token=token, url=url.replace("https", "http")), "server_error", mentions=["Check the URL"])
            finally:
                server.stop()

    def test_options_that_say_nothing_to_a_server(self):
        connection = [("--kubeconfig", "x"), ("--context", "x"), ("--api-server", "https://x"), ("--insecure-skip-tls-verify",)]
        books = [("--data-dir", "x"), ("--database", "postgres://x/y"), ("--policy", "x")]
        fleet = [("--kubeconfigs", "x"), ("--exec-plugins",)]
        for words, refused in ((("call", "list_pods"), connection + books + fleet + [("--allow", "write")]), (("changes", "list"), connection + books + fleet + [("-n", "x")]), (("changes", "show", "1"), connection + books + fleet),
                               (("changes", "approve", "1"), books), (("changes", "rollback", "1"), connection + books + fleet + [("--allow", "write")]), (("clusters", "list"), books[:2]), (("clusters", "test", "one"), books[:2] + fleet),
                               (("tokens", "list"), books[:2]), (("policy", "show"), books), (("policy", "check", "list_pods"), books), (("audit", "show"), books[:2]), (("audit", "verify"), books[:2] + [("--file", "x")])):
            for option in refused:
                extra = ("--api-server", "https://x") if option[0] == "--insecure-skip-tls-verify" else ()
                self.failed(self.there(*words, *option, *extra), "invalid_request", 2, mentions=["for work from here, and --server"])
            variable = program.run(*words, *refused[0], env=self.env(FAIRLEAD_SERVER=self.url))
            self.failed(variable, "invalid_request", 2, mentions=["unset FAIRLEAD_SERVER"])
        self.failed(program.run("changes", "list", "--server-ca", "x", env=self.env()), "invalid_request", 2, mentions=["none is given"])
        self.failed(self.there("changes", "list", "--server-ca", "x"), "invalid_request", 2, mentions=["https"])
        for words in (("ops",), ("rbac", "--trust", "read"), ("mcp",), ("sandbox",), ("serve",)):
            self.assertEqual(self.there(*words).status, 2, "it is about this machine alone")


if __name__ == "__main__":
    program.main()
