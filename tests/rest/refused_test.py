#!/usr/bin/env python3
"""`fairlead serve`: what is refused at its door, how it is answered, and what is told of it in the audit log.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/rest/refused_test.py"""
import http.client
import json
import os
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), HERE]

import program  # noqa: E402
import serve_test  # noqa: E402
from serve_test import A, Server  # noqa: E402


class Recorded(serve_test.Serving):
    """Refused calls leave a trace."""
    def records(self, **wanted):
        items = self.ask(self.admin, "GET", "/audit?operation=request&limit=1000").json["items"]
        return [item for item in items if all(item.get(key, item["arguments"].get(key)) == value for key, value in wanted.items())]

    def test_who_is_no_admin(self):
        viewer = self.token("nosy", "viewer@k8s:one")
        asked = [("GET", "/tokens", None), ("POST", "/tokens", {"name": "mine", "roles": ["admin"]}), ("DELETE", "/tokens/{id}", None), ("POST", "/clusters", {"id": "x1"}), ("PATCH", "/clusters/{id}", {}),
                 ("GET", "/integrations", None), ("PUT", "/integrations/{agent}/kubernetes", {"kubeconfig": "secret words"}), ("GET", "/policy", None), ("GET", "/audit", None), ("GET", "/audit/head", None),
                 ("POST", "/clusters/{id}/test", None)]
        for method, route, body in asked:
            self.denied(viewer, method, route.replace("{id}", "one").replace("{agent}", "bot"), body)
            found = self.records(who="api:nosy", method=method, route="/api/v1" + route)
            self.assertEqual(len(found), 1, (method, route))  # on the disk before the answer
            self.assertEqual((found[0]["outcome"], found[0]["decision"], found[0]["rule"]), ("policy_denied", "deny", "roles"))
            self.assertEqual(found[0]["arguments"], {"address": "127.0.0.1", "method": method, "route": "/api/v1" + route})
        self.denied(viewer, "GET", "/tokens")
        self.assertEqual(len(self.records(who="api:nosy", route="/api/v1/tokens", method="GET")), 1, "one a minute")
        self.assertEqual(self.server.ask(viewer, "GET", "/metrics").status, 403)
        self.assertEqual(len(self.records(who="api:nosy", route="/metrics")), 1)
        self.assertNotIn("secret words", json.dumps(self.records()))
        # Of a call the gate has its record, and it is the only one.
        self.call(viewer, "scale_deployment", {"namespace": A, "name": "x", "replicas": 1}, 403)
        self.assertEqual(self.records(who="api:nosy", route="/api/v1/operations/{name}"), [])
        shown = program.run("audit", "show", "--data", self.data, "--operation", "request", "--who", "api:nosy")
        self.ok(shown)
        self.assertIn("route=/api/v1/audit/head", shown.out)
        self.assertIn("nothing is wrong", program.run("audit", "verify", "--data", self.data).out)


class Unreadable(serve_test.Serving):
    def test_what_is_no_http_is_answered_with_a_problem_too(self):
        for text, status in ((b"GET /api/v1/whoami HTTP/1.1\r\nA: " + b"x" * 200_000, 431), (b"POST /api/v1/tokens HTTP/1.1\r\nContent-Length: 3000000\r\n\r\n", 413),
                             (b"POST /api/v1/tokens HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501), (b"POST /api/v1/tokens HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400),
                             (b"GET /api/v1/a b HTTP/1.1\r\n\r\n", 400), (b"\x16\x03\x01\x02", 400), (b"GET /api/v1/x\0 HTTP/1.1\r\n\r\n", 400)):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as connection:
                connection.sendall(text)
                response = http.client.HTTPResponse(connection)
                response.begin()
                problem = json.loads(response.read())
            self.assertEqual((response.status, response.headers["Content-Type"]), (status, "application/problem+json"), text[:60])
            self.assertEqual((problem["status"], problem["type"], problem["code"]), (status, "about:blank", "invalid_request"))
            self.assertTrue(problem["detail"].startswith("read the request: "), problem)


class Characters(serve_test.Serving):
    def test_control_characters_are_refused_everywhere(self):
        kubeconfig = json.dumps(self.config)
        for bad in ("a\0b", "a\x1b[31mb", "a\x7f", "\nb"):
            for method, path, body in (("POST", "/tokens", {"name": bad, "roles": ["viewer"]}), ("POST", "/tokens", {"name": "x", "roles": ["viewer@k8s:" + bad]}), ("POST", "/clusters", {"id": "odd", "label": bad, "kubeconfig": kubeconfig}),
                                       ("POST", "/clusters", {"id": "odd", "cluster_name": bad, "kubeconfig": kubeconfig}), ("PATCH", "/clusters/one", {"label": bad}), ("PATCH", "/clusters/one", {"context": bad}),
                                       ("PATCH", "/clusters/one", {"namespace": bad}), ("PATCH", "/clusters/one", {"source_ranges": [bad]}), ("PATCH", "/clusters/one", {bad: "x"}), ("PUT", "/integrations/bot/kubernetes", {"kubeconfig": kubeconfig, "context": bad}),
                                       ("POST", "/operations/list_pods", {"cluster": bad}), ("POST", "/operations/list_pods", {"clusters": [bad]}), ("POST", "/changes/1/approve", {"typed": bad}), ("POST", "/policy/check", {"operation": "list_pods", "who": "api:" + bad})):
                answer = self.ask(self.admin, method, path, body, 422)
                self.assertEqual((answer.json["code"], answer.json["title"]), ("invalid_request", "invalid request"))
                self.assertIn("control character", answer.json["detail"])
        for path in ("/tokens/%00", "/clusters/a%00", "/integrations/%00/kubernetes", "/audit?who=%00", "/changes?who=a%0Ab", "/tokens?after=%00", "/operations/%00"):
            self.ask(self.admin, "DELETE" if path == "/tokens/%00" else "GET", path, None, 422)
        for method, path, body in (("PUT", "/integrations/bot/kubernetes", {"kubeconfig": kubeconfig + "\0"}), ("POST", "/operations/list_pods", {"cluster": "k8s:one", "arguments": {"namespace": "\0"}}), ("POST", "/changes/1/close", {"reason": "\0"})):
            self.ask(self.admin, method, path, body, 422)
        self.assertEqual(self.ask(self.admin, "GET", "/clusters/one").json["label"], "One")


class Connections(program.Case):
    def test_one_address_has_so_many(self):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-refused-"))
        server = Server(data, "--connections-per-address", "5")
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        for one in slow[:5]:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        for one in slow[5:]:
            one.settimeout(10)
            try:
                self.assertEqual(one.recv(100), b"", "closed at once")
            except ConnectionResetError:
                pass
        with self.assertRaises(OSError):
            server.ask(None, "GET", "/healthz")
        # From another address it answers.
        with socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0), timeout=10) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")
            self.assertTrue(other.recv(100).startswith(b"HTTP/1.1 200 OK"))
        for one in slow:
            one.close()
        program.eventually(lambda: self.assertEqual(server.ask(None, "GET", "/healthz").status, 200))
        self.assertEqual(server.stop(), 0)
        self.failed(program.run("serve", "--connections-per-address", "-1", "--data", data), "invalid_request", 2)

    def test_loopback_addresses_have_as_many_as_there_are(self):
        data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-refused-"))
        server = Server(data)
        many = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(800)]
        self.assertEqual(server.ask(None, "GET", "/healthz").status, 200)
        for one in many:
            one.close()
        self.assertEqual(server.stop(), 0)


class Flooded(program.Case):
    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-refused-"))

    def records(self):
        shown = program.run("audit", "show", "--data", self.data, "--operation", "request", "-o", "json")
        self.ok(shown)
        return json.loads(shown.out) if shown.out.strip() else []

    def test_a_flood_of_wrong_tokens_is_two_records(self):
        server = Server(self.data)
        admin = server.first_token()
        made = server.ask(admin, "POST", "/api/v1/tokens", {"name": "gone", "roles": ["viewer"]}).json["token"]
        server.ask(admin, "DELETE", "/api/v1/tokens/gone")
        time.sleep(1.1)
        self.assertEqual(server.ask(made, "GET", "/api/v1/whoami").status, 401)
        connection = server.connect()
        wrong = f"flt_{7:016x}_{'A' * 43}"
        for i in range(2000):
            connection.request("GET", "/api/v1/whoami" if i % 2 else f"/api/v1/made-up-{i}", headers={"Authorization": f"Bearer {wrong}"})
            response = connection.getresponse()
            response.read()
            self.assertIn(response.status, (401, 429))
        connection.close()
        self.assertEqual(server.ask(None, "GET", "/api/v1/clusters").status, 401)
        self.assertEqual(server.stop(), 0)
        records = self.records()
        known = [record for record in records if record["who"]]
        self.assertEqual([(record["who"], record["outcome"], record["arguments"]["route"]) for record in known], [("api:gone", "authentication_failed", "/api/v1/whoami")])
        others = [record for record in records if not record["who"]]
        self.assertLessEqual(len(others), 4, others)  # a minute may have ended meanwhile
        self.assertEqual(sum(record["arguments"].get("count", 1) for record in others), 2001, others)
        self.assertEqual({record["outcome"] for record in others}, {"authentication_failed"})
        for secret in (wrong, made, "made-up"):
            self.assertNotIn(secret, json.dumps(records))
        self.assertIn("nothing is wrong", program.run("audit", "verify", "--data", self.data).out)


if __name__ == "__main__":
    program.main()
