#!/usr/bin/env python3
"""`fairlead serve`: what ends an open stream: its token, the policy, its cluster's row, a database that is away, the server's end.

    python3 tests/rest/streams_test.py"""
import datetime
import http.client
import json
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), HERE]

import program  # noqa: E402
from hostile import Server as Api  # noqa: E402
from kubeconfig import kubeconfig  # noqa: E402
from postgres import Postgres  # noqa: E402
from serve_test import Server  # noqa: E402

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "resourceVersion": "1"},
       "spec": {"containers": [{"name": "web", "image": "x"}]},
       "status": {"phase": "Running", "containerStatuses": [{"name": "web", "ready": True, "restartCount": 0, "image": "x", "imageID": "", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
LOGS = {"arguments": {"namespace": "shop", "name": "web"}, "cluster": "k8s:fake", "follow": True}
DENY = """version: 1
rules:
  - {name: no-shop, namespaces: [shop], decision: deny}
"""


def log(exchange):
    """A log that never ends: first as fast as it is read, so that whoever does not read is behind, then line by line."""
    exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    begun, floods = time.time(), exchange.server.floods
    while not exchange.server.stopping.is_set():
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        flood = floods and time.time() - begun < 2
        text = "".join(f"{now} STAMP {time.time():.3f} {'x' * 100 if flood else ''}\n" for _ in range(200 if flood else 1)).encode()
        exchange.raw(b"%x\r\n" % len(text) + text + b"\r\n")
        time.sleep(0.005 if flood else 0.1)


def answer(exchange):
    target = exchange.request.target
    if "/pods/web/log" in target and "follow" in target:
        return log(exchange)
    if "/pods/web/log" in target:
        return exchange.wait(60) if exchange.server.holds else exchange.reply(200, "", "text/plain")
    if "/pods/web" in target:
        return exchange.reply(200, POD)
    if target.startswith("/version"):
        return exchange.reply(200, {"major": "1", "minor": "30", "gitVersion": "v1.30.0"})
    return exchange.status(404, "NotFound", "nothing is here")


class Stream:
    """A followed log, read as it comes, or not at all."""

    def __init__(self, server, token, reads=True, body=None):
        self.socket = socket.socket()
        if not reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.connect(("127.0.0.1", server.port))
        data = json.dumps(body or LOGS).encode()
        self.socket.sendall(f"POST /api/v1/operations/get_pod_logs HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
        self.got, self.ended = b"", None
        self.reader = threading.Thread(target=self.read, daemon=True)
        if reads:
            self.reader.start()
            program.eventually(lambda: self.has(b"STAMP"))

    def has(self, text):
        assert text in self.got, self.got[-500:]

    def read(self):
        try:
            while data := self.socket.recv(65536):
                self.got += data
        except OSError:
            pass
        self.ended = time.time()

    def ends_within(self, seconds, since):
        self.reader.join(seconds + 5)
        assert self.ended, "it goes on"
        assert self.ended - since < seconds, self.ended - since

    def latest(self):
        return max(float(found) for found in re.findall(rb"STAMP (\d+\.\d+)", self.got))

    def close(self):
        self.socket.close()


class Streams(program.Case):
    database = None

    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-streams-"))
        self.api = self.enterContext(Api(answer))
        self.api.floods = self.api.holds = False
        self.server = Server(self.data, env=self.environment())
        self.addCleanup(self.stop)
        self.admin = self.server.first_token()
        self.ask("POST", "/clusters", {"id": "fake", "kubeconfig": json.dumps(kubeconfig(self.api.url, {"token": "t"}))}, 201)

    def environment(self):
        return {}

    def stop(self):
        if self.server.child.poll() is None:
            self.server.stop()

    def ask(self, method, path, body=None, status=200):
        answer = self.server.ask(self.admin, method, "/api/v1" + path, body)
        self.assertEqual(answer.status, status, answer)
        return answer

    def token(self, **more):
        return self.ask("POST", "/tokens", {"name": "reader", "roles": ["viewer"], **more}, 201).json["token"]

    def open(self, token, **more):
        stream = Stream(self.server, token, **more)
        self.addCleanup(stream.close)
        return stream


class Ending(Streams):
    def test_a_revoked_token_whether_or_not_its_client_reads(self):
        token = self.token()
        reading = self.open(token)
        self.api.floods = True
        stalled = self.open(token, reads=False)
        time.sleep(4)
        self.ask("DELETE", "/tokens/reader")
        revoked = time.time()
        reading.ends_within(1.5, revoked)
        reading.has(b'"authentication_failed"')
        program.eventually(lambda: self.has_left(stalled), 3)
        time.sleep(1)
        stalled.read()
        self.assertLess(stalled.latest(), revoked + 0.1, "what the cluster wrote after it")

    def has_left(self, stream):
        """The server has closed its end: Linux shows the state of both."""
        mine, theirs = (f"{port:04X}" for port in (stream.socket.getsockname()[1], self.server.port))
        with open("/proc/net/tcp") as table:
            states = [line.split()[3] for line in table if line.split()[1].endswith(":" + theirs) and line.split()[2].endswith(":" + mine)]
        assert "01" not in states, states

    def test_a_disabled_cluster(self):
        stream = self.open(self.token())
        self.ask("PATCH", "/clusters/fake", {"enabled": False})
        stream.ends_within(3, time.time())
        stream.has(b'"policy_denied"')
        stream.has(b"disabled")

    def test_a_policy_that_denies(self):
        stream = self.open(self.token())
        time.sleep(1)
        self.assertIsNone(stream.ended)
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write(DENY.replace("shop", "elsewhere"))
        time.sleep(1.5)
        self.assertIsNone(stream.ended, "another policy that allows it")
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write(DENY)
        stream.ends_within(2, time.time())
        stream.has(b"the policy allows it no longer")

    def test_a_token_that_expires(self):
        ends = int(time.time()) + 4
        stream = self.open(self.token(expires=datetime.datetime.fromtimestamp(ends, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")))
        stream.ends_within(1.5, ends)
        self.assertGreater(stream.ended, ends - 0.1)

    def test_the_servers_end(self):
        stream = self.open(self.token())
        begun = time.time()
        self.assertEqual(self.server.stop(), 0)
        self.assertLess(time.time() - begun, 4)
        stream.ends_within(1.5, begun)
        stream.has(b"about to end")

    def test_while_it_ends_it_lives_and_is_not_ready(self):
        # A call that takes its time holds the server up.
        self.api.holds = True
        held = self.server.connect()
        self.addCleanup(held.close)
        held.request("POST", "/api/v1/operations/get_pod_logs", json.dumps({**LOGS, "follow": False}), {"Authorization": f"Bearer {self.admin}", "Content-Type": "application/json"})
        program.eventually(lambda: self.assertTrue(any("/log" in request.target for request in self.api.requests)))
        self.server.child.send_signal(signal.SIGTERM)
        program.eventually(lambda: self.assertEqual(self.server.ask(None, "GET", "/readyz").status, 503), 2)
        self.assertEqual(self.server.ask(None, "GET", "/readyz").json["status"], "not ready")
        self.assertEqual(self.server.ask(None, "GET", "/healthz").status, 200)
        self.assertEqual(self.server.ask(self.admin, "GET", "/api/v1/clusters").status, 503)
        begun = time.time()
        self.assertEqual(self.server.child.wait(20), 0)
        self.assertLess(time.time() - begun, 10)


class WithoutItsDatabase(Streams):
    def environment(self):
        self.postgres = Postgres()
        self.addCleanup(self.postgres.__exit__)
        return {"FAIRLEAD_DATABASE": self.postgres.create("fairlead"), "ENCRYPTION_KEY": "ab" * 32}

    def test_a_stream_ends_after_ten_seconds_and_at_its_expiry(self):
        ends = int(time.time()) + 8
        short = self.open(self.token(expires=datetime.datetime.fromtimestamp(ends, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")))
        long = self.open(self.ask("POST", "/tokens", {"name": "long", "roles": ["viewer"]}, 201).json["token"])
        time.sleep(max(0, ends - 4 - time.time()))
        self.postgres.stop(signal.SIGQUIT)
        away = time.time()
        short.ends_within(1.5, ends)
        long.ends_within(12.5, away)
        self.assertGreater(long.ended - away, 7, "it comes back as a rule")
        long.has(b"nobody could tell")


class Starting(program.Case):
    def test_a_port_that_is_taken(self):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-streams-"))
        with socket.create_server(("127.0.0.1", 0)) as taken:
            failed = program.run("serve", "--data", data, "--listen", f"127.0.0.1:{taken.getsockname()[1]}")
        self.assertEqual((failed.status, failed.code), (1, "unreachable"), failed)
        self.assertIn("flt_", failed.err, "it is made, and never shown again")


if __name__ == "__main__":
    program.main()
