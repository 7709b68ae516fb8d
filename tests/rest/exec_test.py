#!/usr/bin/env python3
"""Sessions in containers over a WebSocket of `fairlead serve`, and by `call exec_in_pod -i --server`.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/rest/exec_test.py"""
import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), HERE]

import program  # noqa: E402
import serve_test  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from session_test import ENDS_INPUT, Terminal, pod  # noqa: E402
from websocket import Refused, WebSocket  # noqa: E402

NAMESPACE = "rest-sessions"
PROTOCOL = "fairlead.exec.v1"
POLICY = """version: 1
roles: {operator: []}
rules:
  - name: operators
    roles: [operator]
    trust: [WRITE, DESTRUCTIVE]
    decision: allow
"""


class Ended:
    def __init__(self):
        self.out, self.err, self.told, self.last, self.code, self.reason = b"", b"", [], None, None, ""

    @property
    def exit_code(self):
        return self.last["result"]["exit_code"]


class Sessions(ClusterCase):
    token, ask = serve_test.Serving.token, serve_test.Serving.ask

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        program.eventually(lambda: cls.kubectl.json("get", "serviceaccount", "default", "-n", NAMESPACE))
        cls.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(pod("main")).encode())

        def runs():
            statuses = cls.kubectl.json("get", "pod", "main", "-n", NAMESPACE)["status"].get("containerStatuses", [])
            assert statuses and "running" in statuses[0]["state"], statuses
        program.eventually(runs, 60)
        cls.directory = tempfile.TemporaryDirectory(prefix="fairlead-sessions-")
        data = os.path.join(cls.directory.name, "data")
        os.mkdir(data, 0o700)
        with open(os.path.join(data, "policy.yaml"), "w") as file:
            file.write(POLICY)
        cls.server = serve_test.Server(data, "--session-idle", "3")
        cls.admin, cls.tokens = cls.server.first_token(), {}
        config = cls.kubectl.json("config", "view", "--raw", "--flatten")
        answer = cls.server.ask(cls.admin, "POST", "/api/v1/clusters", {"id": "one", "label": "One", "kubeconfig": json.dumps(config)})
        assert answer.status == 201, answer

    @classmethod
    def tearDownClass(cls):
        said = "".join(cls.server.said)
        assert cls.server.stop() == 0
        for token in cls.tokens.values():
            assert token not in said and base64.urlsafe_b64encode(token.encode()).decode().rstrip("=") not in said
        cls.directory.cleanup()
        cls.kubectl.run("delete", "namespace", NAMESPACE, "--wait=false", check=False)

    def path(self, *words, query="", name="main", cluster="one"):
        command = "&".join("command=" + quote(word, safe="") for word in words)
        return f"/api/v1/clusters/{cluster}/namespaces/{NAMESPACE}/pods/{name}/exec?{command}{query}"

    def open(self, *words, token=None, protocols=(PROTOCOL,), headers=None, **more):
        token = token or self.token("operator", "operator")
        return WebSocket(self.server.port, self.path(*words, **more), protocols, {"Authorization": f"Bearer {token}", **(headers or {})})

    def rest(self, socket):
        """All that comes, to the end."""
        out = Ended()
        while True:
            opcode, payload = socket.next()
            if opcode == WebSocket.TEXT:
                out.told.append(json.loads(payload))
            elif opcode == WebSocket.CLOSE:
                out.code, out.reason = int.from_bytes(payload[:2], "big"), payload[2:].decode()
                socket.close()
                return out
            elif opcode == WebSocket.PING:
                socket.send(payload, WebSocket.PONG)
            elif payload[0] == 3:
                out.last = json.loads(payload[1:])
            else:
                out.out += payload[1:] if payload[0] == 1 else b""
                out.err += payload[1:] if payload[0] == 2 else b""

    def begun(self, socket):
        opcode, payload = socket.next()
        self.assertEqual(opcode, WebSocket.TEXT, payload)
        self.assertEqual(json.loads(payload), {"begun": True, "input_can_end": ENDS_INPUT})

    def refused(self, status, code, *words, **more):
        with self.assertRaises(Refused) as raised:
            self.open(*words, **more)
        self.assertEqual(raised.exception.status, status, raised.exception)
        self.assertEqual(raised.exception.json["code"], code)
        return raised.exception.json

    def newest_change(self, state="completed"):
        def find():
            newest = self.ask(self.admin, "GET", "/changes?limit=1").json["items"][0]
            whole = self.ask(self.admin, "GET", f"/changes/{newest['id']}").json
            assert whole["state"] == state, whole
            return whole
        return program.eventually(find, 5)

    def test_output_and_exit_codes(self):
        end = self.rest(self.open("sh", "-c", "echo to out; echo to err >&2; exit 7"))
        self.assertEqual((end.out, end.err, end.exit_code, end.code), (b"to out\n", b"to err\n", 7, 1000))
        self.assertEqual(end.told[0]["begun"], True)
        change = self.newest_change()
        self.assertEqual((change["id"], change["verification"]), (end.last["result"]["change"], "exit code 7"))
        for code in (0, 1, 126, 137):
            self.assertEqual(self.rest(self.open("sh", "-c", f"exit {code}")).exit_code, code)

    def test_input_comes_back_and_ends(self):
        socket = self.open(*(["cat"] if ENDS_INPUT else ["head", "-c", "8"]), query="&stdin=true")
        self.begun(socket)
        socket.send(b"\x00one ")
        socket.send(b"\x00tw", last=False)
        socket.send(b"x", WebSocket.PING)
        socket.send(b"o\n", 0)
        socket.send(b"\xff\x00")
        end = self.rest(socket)
        self.assertEqual((end.out, end.exit_code), (b"one two\n", 0))

    def test_a_terminal(self):
        socket = self.open("sh", query="&tty=true")
        self.begun(socket)
        socket.send(b'\x04{"Width":132,"Height":43}')
        time.sleep(0.5)
        socket.send(b"\x00" + (b"echo $((40 + 2)); exit 3\r" if ENDS_INPUT else b"stty size; exit 3\r"))
        end = self.rest(socket)
        self.assertIn(b"42" if ENDS_INPUT else b"43 132", end.out)
        self.assertEqual(end.exit_code, 3)

    def test_who_is_let_in(self):
        good = self.token("operator", "operator")
        encoded = base64.urlsafe_b64encode(good.encode()).decode().rstrip("=")
        prefix = "base64url.bearer.authorization.fairlead."
        for protocols in ((PROTOCOL, prefix + encoded), (prefix + encoded, PROTOCOL)):
            socket = WebSocket(self.server.port, self.path("echo", "x"), protocols, {"Origin": f"http://127.0.0.1:{self.server.port}"})
            self.assertNotIn(encoded, socket.head)
            self.assertIn(f"Sec-WebSocket-Protocol: {PROTOCOL}", socket.head)
            self.assertEqual(self.rest(socket).out, b"x\n")
        for protocols, headers, status in (((PROTOCOL,), {}, 401), ((PROTOCOL, prefix + encoded + "x"), {}, 401), ((PROTOCOL, prefix + "="), {}, 401), ((PROTOCOL, prefix), {}, 401),
                                           ((PROTOCOL, prefix + encoded), {"Authorization": f"Bearer {good}"}, 401), ((prefix + encoded,), {}, 400),
                                           ((PROTOCOL, prefix + encoded), {"Origin": "https://evil.example"}, 403), ((PROTOCOL, prefix + encoded), {"Origin": "null"}, 403)):
            with self.assertRaises(Refused) as raised:
                WebSocket(self.server.port, self.path("echo", "x"), protocols, headers)
            self.assertEqual(raised.exception.status, status, (protocols, headers))
            self.assertNotIn(good, raised.exception.body)
            self.assertNotIn(encoded, raised.exception.body)
        answer = self.server.ask(None, "GET", self.path("echo", "x", query=f"&token={good}"))
        self.assertEqual(answer.status, 401, "no token in a query")

    def test_what_is_refused_before_it_opens(self):
        self.refused(400, "invalid_request", "ls", query="&tty=yes")
        self.refused(400, "invalid_request", "ls", query="&nonsense=1")
        self.ask(self.admin, "GET", "/whoami?command=ls", status=400)
        self.refused(400, "invalid_request", "ls", protocols=("v5.channel.k8s.io",))
        answer = self.ask(self.token("operator", "operator"), "GET", self.path("ls")[len("/api/v1"):], status=400)
        self.assertIn(PROTOCOL, answer.json["detail"])

    def test_what_is_refused_by_the_gate(self):
        for code, more in (("policy_denied", {"token": self.token("viewer", "viewer")}), ("not_found", {"name": "nobody"}), ("not_found", {"cluster": "none"})):
            end = self.rest(self.open("ls", **more))
            self.assertIn(end.last["code"], (code, "not_found", "approval_required"), end.last)
            self.assertEqual((end.out, end.told, end.code), (b"", [], 1000))
        end = self.rest(self.open("ls", query="&container=nope"))
        self.assertEqual(end.last["code"], "not_found")
        end = self.rest(self.open())
        self.assertEqual(end.last["code"], "invalid_request")
        end = self.rest(self.open("/nope/nothing"))
        if "result" not in end.last:
            self.assertIn("could not be run", end.last["detail"])

    def test_an_approval(self):
        script = "true " + self.id()
        end = self.rest(self.open("sh", "-c", script, token=self.admin, query="&tty=true&reason=to+look"))
        self.assertEqual(end.last["code"], "approval_required", end.last)
        change = self.ask(self.admin, "GET", f"/changes/{end.last['change']}").json
        self.assertIn("what is typed is not known beforehand", change["summary"])
        other = self.token("second", "admin")
        self.ask(other, "POST", f"/changes/{change['id']}/approve", {"typed": change["question"]["type_back"] if "question" in change else change["type_back"]})
        self.assertEqual(self.rest(self.open("sh", "-c", script, token=self.admin, query="&stdin=true&reason=to+look")).last["code"], "approval_required", "another kind of session")
        self.assertEqual(self.rest(self.open("sh", "-c", script, token=self.admin, query="&tty=true&reason=to+look")).exit_code, 0)

    def test_a_call_without_streams_is_no_session(self):
        body = {"cluster": "k8s:one", "arguments": {"namespace": NAMESPACE, "name": "main", "command": ["ls"], "session": "terminal"}}
        answer = self.ask(self.token("operator", "operator"), "POST", "/operations/exec_in_pod", body, 400)
        self.assertIn("nobody is there", answer.json["detail"])

    def test_a_token_that_is_revoked(self):
        token = self.token("revoked", "operator")
        socket = self.open("sleep", "1000", token=token, query="&stdin=true")
        self.begun(socket)
        self.ask(self.admin, "DELETE", "/tokens/revoked")
        begun = time.monotonic()
        end = self.rest(socket)
        self.assertLess(time.monotonic() - begun, 2)
        self.assertEqual((end.code, end.reason), (1008, "the token is good no longer"))
        self.assertIn("the token is good no longer", self.newest_change()["verification"])

    def test_a_client_that_leaves(self):
        for leave in (lambda one: one.close(), lambda one: one.send(b"\x03\xe8", WebSocket.CLOSE), lambda one: one.send(b"\x00x", masked=False)):
            socket = self.open("sleep", "1000", query="&stdin=true")
            self.begun(socket)
            leave(socket)
            begun = time.monotonic()
            self.assertIn("the client", self.newest_change()["verification"])
            self.assertLess(time.monotonic() - begun, 1.5)
            socket.close()

    def test_one_that_leaves_while_its_input_waits(self):
        socket = self.open("sleep", "1000", query="&stdin=true")
        self.begun(socket)
        socket.socket.settimeout(0.5)
        sent = 0
        try:
            while sent < 200 << 20:
                socket.send(b"\x00" + bytes(60_000))
                sent += 60_000
        except TimeoutError:
            pass
        self.assertLess(sent, 50 << 20, "what nobody reads is not taken")
        socket.close()
        self.newest_change()

    def test_one_that_reads_nothing(self):
        socket = self.open("cat", query="&stdin=true")
        self.begun(socket)
        socket.socket.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            for _ in range(4000):
                socket.send(b"\x00" + bytes(60_000))
        change = self.newest_change()  # nothing moves, so it is idle
        self.assertIn("no byte came from either side", change["verification"])
        socket.close()

    def test_idle_ones_end(self):
        end = self.rest(self.open("sleep", "1000", query="&stdin=true"))
        self.assertEqual((end.exit_code, end.code), (None, 1000))
        self.assertIn("no byte came from either side for 3 seconds", end.last["result"]["left"])

    def test_messages_that_mean_nothing(self):
        socket = self.open(*(["cat"] if ENDS_INPUT else ["head", "-c", "2"]), query="&stdin=true")
        self.begun(socket)
        for payload in (b"", b"\x00", b"\x01x", b"\x03{}", b"\x04", b"\x04{", b"\x04{\"Width\":-1,\"Height\":1}", b"\x09x", b"\xff", b"\xff\x01"):
            socket.send(payload)
        socket.send("text".encode(), WebSocket.TEXT)
        socket.send(b"\x00ok")
        socket.send(b"\xff\x00")
        socket.send(b"\x00too late")
        end = self.rest(socket)
        self.assertEqual((end.out, end.exit_code), (b"ok", 0))
        socket = self.open("sleep", "1000", query="&stdin=true")
        self.begun(socket)
        socket.send(bytes((1 << 20) + 1))
        self.assertEqual(self.rest(socket).code, 1009)

    def test_a_server_that_ends(self):
        data = os.path.join(self.directory.name, "other")
        os.mkdir(data, 0o700)
        with open(os.path.join(data, "policy.yaml"), "w") as file:
            file.write(POLICY)
        server = serve_test.Server(data)
        admin = server.first_token()
        config = self.kubectl.json("config", "view", "--raw", "--flatten")
        self.assertEqual(server.ask(admin, "POST", "/api/v1/clusters", {"id": "one", "label": "One", "kubeconfig": json.dumps(config)}).status, 201)
        token = server.ask(admin, "POST", "/api/v1/tokens", {"name": "operator", "roles": ["operator"]}).json["token"]
        socket = WebSocket(server.port, self.path("sleep", "1000", query="&stdin=true"), (PROTOCOL,), {"Authorization": f"Bearer {token}"})
        self.begun(socket)
        begun = time.monotonic()
        server.child.send_signal(signal.SIGTERM)
        end = self.rest(socket)
        self.assertEqual((end.code, end.reason), (1001, "this server is about to end"))
        self.assertEqual(server.child.wait(20), 0)
        self.assertLess(time.monotonic() - begun, 5)
        server.child.stdout.close()
        server.child.stderr.close()
        changes = self.ok(program.run("changes", "list", "-o", "json", env={"FAIRLEAD_DATA": data})).json()["items"]
        self.assertEqual([one["state"] for one in changes], ["completed"])

    # ---- the command line

    def env(self, token=None):
        return {"FAIRLEAD_SERVER": f"http://127.0.0.1:{self.server.port}", "FAIRLEAD_TOKEN": token or self.token("operator", "operator")}

    def call(self, *words, options=(), stdin=b"", token=None, name="main"):
        return program.run("call", "exec_in_pod", name, "-n", NAMESPACE, "--cluster", "k8s:one", "-i", *options, "--", *words, env=self.env(token), stdin=stdin)

    def test_by_the_command_line(self):
        outcome = self.call("sh", "-c", "echo to out; echo to err >&2; exit 9")
        self.assertEqual((outcome.status, outcome.out), (9, "to out\n"), outcome)
        self.assertIn("to err", outcome.err)
        self.failed(self.call("ls", name="nobody"), "not_found")
        self.failed(self.call("ls", token="flt_wrong"), "authentication_failed")
        self.failed(self.call("ls", options=("--session-idle", "9")), "invalid_request", mentions=["--session-idle"])
        idle = self.call("sleep", "1000")
        self.assertEqual(idle.status, 1, idle)
        self.assertIn("no byte came from either side", idle.err)
        gone = program.run("call", "exec_in_pod", "main", "-n", NAMESPACE, "-i", "--", "ls", env=self.env())
        self.failed(gone, "invalid_request", mentions=["--cluster"])

    def test_ten_megabytes_by_the_command_line(self):
        data = random.Random(1).randbytes(10 << 20)
        outcome = self.call(*(["cat"] if ENDS_INPUT else ["head", "-c", str(len(data))]), stdin=data)
        self.assertEqual(outcome.status, 0, outcome.err)
        self.assertTrue(outcome.out_bytes == data, f"{len(outcome.out_bytes)} bytes came back")

    def test_a_command_line_that_is_killed(self):
        child = subprocess.Popen([program.fairlead(), "call", "exec_in_pod", "main", "-n", NAMESPACE, "--cluster", "k8s:one", "-i", "--", "sleep", "1000"], env=program.bare_environment(**self.env()), stdin=subprocess.PIPE)
        time.sleep(1)
        child.kill()
        child.wait()
        child.stdin.close()
        self.assertIn("the client has gone", self.newest_change()["verification"])

    def test_a_terminal_by_the_command_line(self):
        terminal = Terminal(["call", "exec_in_pod", "main", "-n", NAMESPACE, "--cluster", "k8s:one", "-it", "--", "sh"], environment=self.env())
        program.eventually(lambda: self.assertTrue(terminal.is_raw()))
        terminal.type("echo one-$((40 + 2)); exit 5\r")
        self.assertEqual(terminal.wait(), 5, terminal.seen)
        self.assertIn("one-42", terminal.seen)


if __name__ == "__main__":
    program.main()
