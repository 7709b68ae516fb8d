#!/usr/bin/env python3
"""API servers that are down, hang, lie, cut and refuse: each gives one sentence, the right code and exit status, within the
deadline, and never a crash, a hang or a credential."""
import json
import socket
import tempfile
import time
import unittest

from fault_case import AUTHORITY, DIRECTORY, SERVER_TLS, TOKEN, FaultCase
import certificates
import fault_case
import program
import protobuf
from hostile import Server, closed_port, drip

HTML = "<html><head><title>Sign in</title></head><body>" + "<p>Please sign in to the corporate portal</p>" * 50 + "</body></html>"


def pods(exchange, count=3):
    exchange.reply(200, protobuf.pods_body(count), protobuf.MEDIA_TYPE)


def head(length=None, chunked=False, content_type=protobuf.MEDIA_TYPE):
    text = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n"
    if length is not None:
        text += f"Content-Length: {length}\r\n"
    if chunked:
        text += "Transfer-Encoding: chunked\r\n"
    return text.encode() + b"\r\n"


class Works(FaultCase):
    def test_the_servers_of_these_tests_are_understood(self):
        """Else everything below would fail for another reason than it should."""
        with Server(pods, SERVER_TLS) as server:
            outcome = self.ok(self.call(self.config(server), "-o", "json"))
            self.assertEqual([p["name"] for p in outcome.json()["items"]], ["web-0", "web-1", "web-2"])
            self.assertEqual(server.requests[0].headers["authorization"], "Bearer " + TOKEN)
            self.assertTrue(server.requests[0].headers["user-agent"].startswith("fairlead/"))


class Connecting(FaultCase):
    def test_down(self):
        outcome = self.failed(self.call(self.config(f"https://127.0.0.1:{closed_port()}")), "unreachable")
        self.assertIn("127.0.0.1", outcome.err)
        self.assertLess(outcome.seconds, 5)

    def test_a_name_that_does_not_resolve(self):
        self.failed(self.call(self.config("https://nobody.fairlead.invalid:6443")), "unreachable", mentions=["nobody.fairlead.invalid"])

    def test_plain_http_on_the_port(self):
        with Server(lambda e: e.reply(400, "Client sent an HTTP request"), None) as server:
            outcome = self.failed(self.call(self.config(f"https://127.0.0.1:{server.port}")), ("unreachable", "certificate_invalid"))
            self.assertRegex(outcome.err.lower(), r"http|tls")

        def greet(server, connection):
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        with Server(pods, None, on_connect=greet) as server:
            self.failed(self.call(self.config(f"https://127.0.0.1:{server.port}")), ("unreachable", "certificate_invalid"), mentions=["http"])

    def test_tls_where_the_kubeconfig_says_http(self):
        with Server(pods, SERVER_TLS) as server:
            outcome = self.failed(self.call(self.config(f"http://127.0.0.1:{server.port}", user={})), ("unreachable", "server_error", "invalid_request"), 1)
            self.assertTrue(outcome.error_line)

    def test_another_authority(self):
        other = certificates.Authority(self.directory, "other-ca")
        with Server(pods, other.issue("server")) as server:
            self.failed(self.call(self.config(server)), "certificate_invalid")
            self.assertEqual(server.requests, [])

    def test_another_name(self):
        with Server(pods, AUTHORITY.issue("elsewhere", "DNS:elsewhere.example")) as server:
            self.failed(self.call(self.config(server)), "certificate_invalid", mentions=["127.0.0.1"])
            self.assertEqual(server.requests, [])
            named = {"certificate-authority-data": certificates.file_base64(AUTHORITY.certificate), "tls-server-name": "elsewhere.example"}
            self.ok(self.call(self.config(server, cluster=named)))

    def test_a_common_name_is_no_name(self):
        with Server(pods, AUTHORITY.issue("common", None, subject="/CN=127.0.0.1")) as server:
            self.failed(self.call(self.config(server)), "certificate_invalid")

    def test_an_expired_certificate(self):
        with Server(pods, AUTHORITY.issue("old", expired=True)) as server:
            self.failed(self.call(self.config(server)), "certificate_invalid", mentions=["expired"])
            self.assertEqual(server.requests, [])

    def test_no_check_where_the_kubeconfig_says_so_and_a_warning(self):
        other = certificates.Authority(self.directory, "other-ca")
        with Server(pods, other.issue("server", "DNS:elsewhere.example")) as server:
            outcome = self.ok(self.call(self.config(server, cluster={"insecure-skip-tls-verify": True})))
            self.assertTrue(any(n.startswith("warning:") for n in outcome.notes), outcome)

    def test_a_client_certificate_is_wanted(self):
        client = AUTHORITY.issue("client", client=True)
        self.secrets += fault_case.key_canaries(client[1])
        data = {"client-certificate-data": certificates.file_base64(client[0]), "client-key-data": certificates.file_base64(client[1])}
        with Server(pods, SERVER_TLS, client_authority=AUTHORITY.certificate) as server:
            self.ok(self.call(self.config(server, user=data)))
            self.assertEqual(server.peers[0]["subject"], ((("commonName", "client"),),))
            self.failed(self.call(self.config(server, user={})), ("certificate_invalid", "authentication_failed", "unreachable"))
        other = certificates.Authority(self.directory, "other-ca")
        with Server(pods, SERVER_TLS, client_authority=other.certificate) as server:
            self.failed(self.call(self.config(server, user=data)), ("certificate_invalid", "authentication_failed"), mentions=["certificate"])

    def test_the_connection_is_closed_at_once(self):
        with Server(pods, None, on_connect=lambda server, connection: connection.close()) as server:
            self.failed(self.call(self.config(f"https://127.0.0.1:{server.port}")), "unreachable")

    def test_garbage_instead_of_tls(self):
        with Server(pods, None, on_connect=lambda server, connection: connection.sendall(bytes(range(256)) * 64)) as server:
            self.failed(self.call(self.config(f"https://127.0.0.1:{server.port}")), ("unreachable", "certificate_invalid"))


class Hanging(FaultCase):
    def test_all_kinds_of_hanging(self):
        body = protobuf.pods_body(2000)

        def before_tls(server, connection):
            server.stopping.wait(30)

        def mid_list(exchange):
            exchange.raw(head(len(body)) + body[:len(body) // 2])
            exchange.wait(30)

        def mid_chunk(exchange):
            exchange.raw(head(chunked=True) + b"%x\r\n" % len(body) + body[:1000])
            exchange.wait(30)

        def mid_head(exchange):
            exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Ty")
            exchange.wait(30)

        def slow_head(exchange):
            drip(exchange, b"HTTP/1.1 200 OK\r\n" + b"X-Slow: very\r\n" * 1000)

        def slow_body(exchange):
            exchange.raw(head(len(body)))
            drip(exchange, body)

        def before_the_end(exchange):
            exchange.raw(head(chunked=True) + b"%x\r\n" % len(body) + body + b"\r\n")
            exchange.wait(30)

        cases = {"before TLS": (pods, before_tls), "before the head": (lambda e: e.wait(30), None), "mid-head": (mid_head, None),
                 "mid-list": (mid_list, None), "mid-chunk": (mid_chunk, None), "a byte at a time, head": (slow_head, None),
                 "a byte at a time, body": (slow_body, None), "all but the last chunk": (before_the_end, None)}

        def attempt(name):
            answer, on_connect = cases[name]
            with Server(answer, SERVER_TLS, on_connect=on_connect) as server:
                return self.call(self.config(server), timeout=1.5)
        for name, outcome in program.parallel(attempt, cases, 8):
            with self.subTest(name):
                self.failed(outcome, "timeout")
                self.assertGreater(outcome.seconds, 1.3)

    def test_a_change_that_hangs_says_that_it_may_have_happened(self):
        def answer(exchange):
            if exchange.request.method == "GET":
                exchange.reply(200, {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"resourceVersion": "1"}, "spec": {"replicas": 1}, "status": {"replicas": 1}})
            else:
                exchange.wait(30)
        with Server(answer, SERVER_TLS) as server:
            outcome = self.call(self.config(server), "web", "--replicas", "3", "--allow", "write", operation="scale_deployment", timeout=1.5)
            self.failed(outcome, "timeout", mentions=["not known whether the change was made"])
            self.assertEqual([r.method for r in server.requests if r.method != "GET"], ["PATCH"])


class Cutting(FaultCase):
    def test_cuts(self):
        body = protobuf.pods_body(500)
        half = len(body) // 2
        cases = {
            "mid-list, by length": head(len(body)) + body[:half],
            "mid-list, chunked": head(chunked=True) + b"%x\r\n" % len(body) + body[:half],
            "between chunks": head(chunked=True) + b"%x\r\n" % half + body[:half] + b"\r\n",
            "between objects, without a length": head() + protobuf.unknown("PodList", protobuf.pod_list([protobuf.pod("web-0")]))[:-20],
            "mid-head": b"HTTP/1.1 200 OK\r\nContent-Type: appl",
            "nothing": b"",
        }

        def attempt(name):
            def answer(exchange):
                exchange.raw(cases[name])
                exchange.close()
            with Server(answer, SERVER_TLS) as server:
                return self.call(self.config(server), timeout=8), len(server.requests)
        for name, (outcome, requests) in program.parallel(attempt, cases):
            with self.subTest(name):
                self.failed(outcome, ("unreachable", "server_error"))
                self.assertLessEqual(requests, 5)

    def test_a_list_that_is_cut_once_is_read_again_and_told_once(self):
        body = protobuf.pods_body(500)

        def answer(exchange):
            if exchange.count == 1:
                exchange.raw(head(len(body)) + body[:len(body) // 2])
                exchange.close()
            exchange.raw(head(len(body)) + body)
        with Server(answer, SERVER_TLS) as server:
            outcome = self.ok(self.call(self.config(server), "-o", "json"))
            names = [p["name"] for p in outcome.json()["items"]]
            self.assertEqual((len(names), len(set(names)), len(server.requests)), (500, 500, 2))

    def test_a_change_whose_answer_is_cut_is_not_sent_twice(self):
        def answer(exchange):
            if exchange.request.method == "GET":
                exchange.reply(200, {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"resourceVersion": "1"}, "spec": {"replicas": 1}, "status": {"replicas": 1}})
            else:
                exchange.close()
        with Server(answer, SERVER_TLS) as server:
            outcome = self.call(self.config(server), "web", "--replicas", "3", "--allow", "write", operation="scale_deployment")
            self.failed(outcome, "unreachable", mentions=["not known whether the change was made"])
            self.assertEqual([r.method for r in server.requests].count("PATCH"), 1)


class Nonsense(FaultCase):
    def test_answers_that_are_no_answers(self):
        def body(data, content_type=protobuf.MEDIA_TYPE, status=200):
            return lambda e: e.reply(status, data, content_type)

        def raw(data):
            def answer(exchange):
                exchange.raw(data)
                exchange.close()
            return answer

        huge_length = b"k8s\0" + protobuf.varint(2 << 3 | 2) + protobuf.varint(1 << 40)
        cases = {
            "garbage instead of HTTP": raw(b"\x00\xff\xfegarbage\r\n\r\n" * 100),
            "an endless line": raw(b"HTTP/1.1 200 " + b"x" * 400000),
            "a status that is no number": raw(b"HTTP/1.1 abc OK\r\n\r\n"),
            "a negative length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
            "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
            "a chunk size that is no number": raw(head(chunked=True) + b"zz\r\nabc\r\n"),
            "a chunk size beyond all bounds": raw(head(chunked=True) + b"fffffffffffffffffff\r\nabc\r\n"),
            "SSH": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "a login page": body(HTML, "text/html"),
            "empty": body(b""),
            "no protobuf": body(b"not protobuf at all"),
            "protobuf without its mark": body(protobuf.pods_body()[4:]),
            "protobuf that ends early": body(protobuf.pods_body(100)[:-50]),
            "protobuf of a length beyond all bounds": body(huge_length),
            "protobuf of another kind": body(protobuf.unknown("NodeList", protobuf.pod_list([protobuf.pod("web-0")]))),
            "a pod instead of a list": body(protobuf.unknown("Pod", protobuf.pod("web-0"))),
            "random bytes after the mark": body(b"k8s\0" + bytes((i * 7919) % 256 for i in range(5000))),
            "JSON that ends early": body('{"kind":"PodList","items":[{"metadata":', "application/json"),
            "JSON of another kind": body({"kind": "NodeList", "apiVersion": "v1", "items": []}, "application/json"),
            "204": lambda e: e.raw(b"HTTP/1.1 204 No Content\r\n\r\n"),
            "switching protocols": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        }

        def attempt(name):
            with Server(cases[name], SERVER_TLS) as server:
                return self.call(self.config(server), timeout=8)
        for name, outcome in program.parallel(attempt, cases):
            with self.subTest(name):
                self.failed(outcome, ("server_error", "unreachable"))
                self.assertNotIn("<html", outcome.err.lower())

    def test_deep_protobuf_is_harmless(self):
        nested = b""
        for _ in range(20000):
            nested = protobuf.field(2, nested)
        with Server(lambda e: e.reply(200, protobuf.unknown("PodList", nested), protobuf.MEDIA_TYPE), SERVER_TLS) as server:
            outcome = self.call(self.config(server))
            self.assertIn(outcome.status, (0, 1), outcome)
            self.assert_calm(outcome)

    def test_a_login_page_is_recognised(self):
        for status, code in ((200, ("server_error",)), (403, ("permission_denied", "server_error")), (401, ("authentication_failed",)), (502, ("server_error",))):
            with Server(lambda e: e.reply(status, HTML, "text/html; charset=utf-8"), SERVER_TLS) as server:
                for operation, arguments in (("list_pods", []), ("get_pod", ["web"])):
                    with self.subTest(status=status, operation=operation):
                        outcome = self.failed(self.call(self.config(server), *arguments, operation=operation), code)
                        self.assertNotIn("<p>", outcome.err)
                        if status == 200:
                            self.assertRegex(outcome.err, "HTML|address is that of a Kubernetes API server")

    def test_documents_that_are_none(self):
        deep = '{"a":' * 100000 + "1" + "}" * 100000
        cases = {"an array": "[]", "a number": "5", "null": "null", "cut": '{"kind":"Pod",', "empty": "", "not UTF-8": b'{"kind":"\xff\xfe"}', "deep": deep,
                 "another kind": '{"kind":"Node","apiVersion":"v1","metadata":{"name":"web"}}', "two": "{}{}"}

        def attempt(name):
            with Server(lambda e: e.reply(200, cases[name]), SERVER_TLS) as server:
                return self.call(self.config(server), "web", operation="get_pod", timeout=8)
        for name, outcome in program.parallel(attempt, cases):
            with self.subTest(name):
                self.failed(outcome, "server_error")

    def test_strange_pods_are_shown_or_refused_but_harmless(self):
        """Wrong types where a pod's fields are: no crash, no escape sequence."""
        strange = [{"metadata": 5}, {"metadata": {"name": "x", "labels": ["a"]}, "spec": {"containers": {"a": 1}}, "status": []},
                   {"metadata": {"name": "web", "annotations": {"a": None, "b": 1}}, "spec": {"containers": [1, None, {"env": "x", "command": 7}]},
                    "status": {"containerStatuses": [5, {"state": [], "restartCount": "many"}], "conditions": "none"}},
                   {"metadata": {"name": "web\u001b[31m\u202e\u0007", "creationTimestamp": "never"}, "spec": {}, "status": {"phase": "\u001b]0;x\u0007"}},
                   {"status": {"containerStatuses": [{"restartCount": 1e300}]}, "spec": {"containers": [{"resources": {"requests": {"cpu": "1e999999999"}}}]}}]
        jobs = [(i, o, f) for i in range(len(strange)) for o in ("get_pod", "describe_pod") for f in ("table", "json", "yaml")]

        def attempt(job):
            index, operation, format = job
            document = {"kind": "Pod", "apiVersion": "v1", **strange[index]}

            def answer(exchange):
                if "/events" in exchange.request.target:
                    exchange.reply(200, protobuf.unknown("EventList", protobuf.event_list([])), protobuf.MEDIA_TYPE)
                else:
                    exchange.reply(200, document)
            with Server(answer, SERVER_TLS) as server:
                return self.call(self.config(server), "web", "-o", format, operation=operation)
        for job, outcome in program.parallel(attempt, jobs):
            with self.subTest(job):
                self.assertIn(outcome.status, (0, 1), outcome)
                self.assert_calm(outcome)
                self.assertNotIn("\u202e", outcome.out)

    def test_a_length_of_10_gigabytes(self):
        with Server(lambda e: (e.raw(head(10 << 30) + protobuf.pods_body()), e.close()), SERVER_TLS) as server:
            self.failed(self.call(self.config(server), timeout=8), ("unreachable", "server_error"))
        with Server(lambda e: (e.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10737418240\r\n\r\n{"), e.close()), SERVER_TLS) as server:
            self.failed(self.call(self.config(server), "web", operation="get_pod", timeout=8), ("unreachable", "server_error"))

    def test_huge_headers(self):
        for lines in (b"X-Padding: " + b"x" * (4 << 20) + b"\r\n", b"X-Many: 1\r\n" * 200000):
            def answer(exchange):
                exchange.raw(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 0\r\n\r\n")
                exchange.close()
            with Server(answer, SERVER_TLS) as server:
                self.failed(self.call(self.config(server), timeout=8), ("server_error", "unreachable"))

    def test_an_endless_error_is_not_read_for_ever(self):
        def answer(exchange):
            exchange.raw(b"HTTP/1.1 500 Broken\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            for _ in range(4000):
                exchange.raw(chunk)
        with Server(answer, SERVER_TLS) as server:
            self.failed(self.call(self.config(server), timeout=8), ("server_error", "timeout", "unreachable"))


class Refusing(FaultCase):
    STATUSES = [(400, "BadRequest", "invalid_request"), (401, "Unauthorized", "authentication_failed"), (403, "Forbidden", "permission_denied"),
                (404, "NotFound", "not_found"), (409, "Conflict", "conflict"), (410, "Expired", "expired"), (422, "Invalid", "invalid_request"),
                (405, "MethodNotAllowed", "invalid_request"), (406, "NotAcceptable", "server_error"), (415, "UnsupportedMediaType", "invalid_request")]

    def test_each_status_has_its_code_and_keeps_the_message(self):
        def attempt(job):
            code, reason, _, operation, arguments = job
            # Nothing that others have left in the middle is looked at there.
            with Server(lambda e: e.status(code, reason, f"the server said {reason} about \x1b[31mthis\u202e"), SERVER_TLS) as server, tempfile.TemporaryDirectory(prefix="fairlead-data-") as data:
                return self.call(self.config(server), *arguments, operation=operation, env={"FAIRLEAD_DATA": data}), len(server.requests)
        changes = [("list_pods", ("-n", "shop")), ("get_pod", ("web", "-o", "json")), ("get_pod_logs", ("web",)), ("delete_pod", ("web", "--allow", "destructive"))]
        jobs = [(*s, *c) for s in self.STATUSES for c in changes]
        for job, (outcome, requests) in program.parallel(attempt, jobs):
            code, reason, wanted, operation, _ = job
            if code in (405, 406, 415):
                wanted = (wanted, "server_error", "invalid_request")
            with self.subTest(status=code, operation=operation):
                if isinstance(wanted, tuple):
                    self.assertIn(outcome.code, wanted, outcome)
                else:
                    self.failed(outcome, wanted)
                self.assertIn(f"said {reason}", outcome.err)
                self.assertNotIn("\u202e", outcome.err)
                # After a 404 it is asked whether the namespace is there.
                self.assertLessEqual(requests, 2 if code in (401, 404) else 1, "it was asked again")

    def test_without_a_status_body(self):
        for code, wanted in ((401, "authentication_failed"), (403, "permission_denied"), (404, "not_found"), (409, "conflict"), (410, "expired"), (422, "invalid_request")):
            with Server(lambda e: e.reply(code, b"", "text/plain"), SERVER_TLS) as server:
                with self.subTest(code):
                    self.failed(self.call(self.config(server)), wanted)

    def test_forbidden_says_what_to_do(self):
        message = 'pods is forbidden: User "agent" cannot list resource "pods" in API group "" at the cluster scope'
        with Server(lambda e: e.status(403, "Forbidden", message), SERVER_TLS) as server:
            outcome = self.failed(self.call(self.config(server)), "permission_denied")
            self.assertIn('User "agent" cannot list resource "pods"', outcome.err)

    def test_too_many_requests_once_is_read_again(self):
        def answer(exchange):
            exchange.status(429, "TooManyRequests", "slow down", [("Retry-After", "1")]) if exchange.count == 1 else pods(exchange)
        with Server(answer, SERVER_TLS) as server:
            outcome = self.ok(self.call(self.config(server), "-o", "json"))
            self.assertEqual((len(outcome.json()["items"]), len(server.requests)), (3, 2))
            self.assertGreater(outcome.seconds, 0.9)

    def test_a_retry_after_of_an_hour_ends_it(self):
        with Server(lambda e: e.status(429, "TooManyRequests", "slow down", [("Retry-After", "3600")]), SERVER_TLS) as server:
            outcome = self.failed(self.call(self.config(server), timeout=20), "rate_limited")
            self.assertLess(outcome.seconds, 3)
            self.assertEqual(len(server.requests), 1)

    def test_a_retry_after_beyond_the_deadline_ends_it(self):
        with Server(lambda e: e.status(429, "TooManyRequests", "slow down", [("Retry-After", "5")]), SERVER_TLS) as server:
            outcome = self.failed(self.call(self.config(server), timeout=2), ("rate_limited", "timeout"))
            self.assertLess(outcome.seconds, 3)

    def test_odd_values_of_retry_after(self):
        for value in ("-1", "soon", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "", "1.5"):
            def answer(exchange):
                exchange.status(429, "TooManyRequests", "slow down", [("Retry-After", value)]) if exchange.count == 1 else pods(exchange)
            with Server(answer, SERVER_TLS) as server:
                with self.subTest(value):
                    outcome = self.call(self.config(server))
                    self.assertIn((outcome.status, outcome.code), [(0, None), (1, "rate_limited")], outcome)
                    self.assertLess(len(server.requests), 4)

    def test_a_change_is_not_sent_again(self):
        scale = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"resourceVersion": "1"}, "spec": {"replicas": 1}, "status": {"replicas": 1}}
        for code, reason, wanted in ((429, "TooManyRequests", "rate_limited"), (500, "InternalError", "server_error"), (503, "ServiceUnavailable", "server_error"), (504, "Timeout", ("server_error", "timeout"))):
            def answer(exchange):
                if exchange.request.method == "GET":
                    exchange.reply(200, scale)
                else:
                    exchange.status(code, reason, "not now", [("Retry-After", "1")])
            with Server(answer, SERVER_TLS) as server:
                with self.subTest(code):
                    outcome = self.call(self.config(server), "web", "--replicas", "2", "--allow", "write", operation="scale_deployment")
                    self.failed(outcome, wanted)
                    self.assertEqual([r.method for r in server.requests if r.method != "GET"], ["PATCH"])

    def test_server_errors_are_read_again(self):
        for code, reason in ((500, "InternalError"), (502, ""), (503, "ServiceUnavailable"), (504, "Timeout")):
            def answer(exchange):
                exchange.status(code, reason, "not now") if exchange.count <= 2 else pods(exchange)
            with Server(answer, SERVER_TLS) as server:
                with self.subTest(code):
                    self.ok(self.call(self.config(server)))
                    self.assertEqual(len(server.requests), 3)

    def test_server_errors_that_stay(self):
        with Server(lambda e: e.status(500, "InternalError", "etcdserver: request timed out"), SERVER_TLS) as server:
            outcome = self.failed(self.call(self.config(server)), "server_error", mentions=["etcdserver"])
            self.assertLessEqual(len(server.requests), 6)

    def test_redirects_are_not_followed(self):
        with Server(pods, SERVER_TLS) as elsewhere:
            for code in (301, 302, 303, 307, 308):
                with Server(lambda e: e.reply(code, b"", headers=[("Location", elsewhere.url + e.request.target)]), SERVER_TLS) as server:
                    with self.subTest(code):
                        self.failed(self.call(self.config(server)), ("server_error", "invalid_request", "unreachable"), 1)
            self.assertEqual(elsewhere.connections, 0, "a redirect was followed")

    def test_a_message_that_holds_the_token_does_not_get_out(self):
        """Some proxies print the request's head into their error page."""
        with Server(lambda e: e.reply(400, f"bad request: Authorization: Bearer {TOKEN}", "text/plain"), SERVER_TLS) as server:
            self.failed(self.call(self.config(server)), "invalid_request")
        with Server(lambda e: e.status(500, "InternalError", f"Bearer {TOKEN} is odd"), SERVER_TLS) as server:
            self.failed(self.call(self.config(server)), "server_error")


class Changing(FaultCase):
    SCALE = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"resourceVersion": "7"}, "spec": {"replicas": 1}, "status": {"replicas": 1}}

    def test_a_conflict_is_read_and_tried_again(self):
        def answer(exchange):
            if exchange.request.method == "GET":
                exchange.reply(200, self.SCALE)
            elif sum(r.method == "PATCH" for r in exchange.server.requests) == 1:
                exchange.status(409, "Conflict", "the object has been modified")
            else:
                exchange.reply(200, {**self.SCALE, "spec": {"replicas": 3}})
        with Server(answer, SERVER_TLS) as server:
            self.ok(self.call(self.config(server), "web", "--replicas", "3", "--allow", "write", operation="scale_deployment"))
            patches = [json.loads(r.body) for r in server.requests if r.method == "PATCH"]
            self.assertEqual(len(patches), 2)
            self.assertEqual(patches[0]["metadata"]["resourceVersion"], "7", "a patch must be bound to what was read")

    def test_conflicts_that_stay(self):
        def answer(exchange):
            exchange.reply(200, self.SCALE) if exchange.request.method == "GET" else exchange.status(409, "Conflict", "the object has been modified")
        with Server(answer, SERVER_TLS) as server:
            self.failed(self.call(self.config(server), "web", "--replicas", "3", "--allow", "write", operation="scale_deployment"), "conflict")
            self.assertLess(len(server.requests), 20)

    def test_delete_is_bound_to_the_pod_that_was_read(self):
        def answer(exchange):
            if exchange.request.method == "GET":
                exchange.reply(200, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "shop", "uid": "uid-1", "resourceVersion": "1"}})
            else:
                exchange.status(409, "Conflict", "the UID in the precondition (uid-1) does not match the UID in record (uid-2)")
        with Server(answer, SERVER_TLS) as server:
            outcome = self.call(self.config(server), "web", "-n", "shop", "--allow", "destructive", operation="delete_pod")
            self.failed(outcome, "conflict", mentions=["uid"])
            request = server.requests[-1]
            self.assertEqual(request.method, "DELETE")
            options = json.loads(request.body)
            self.assertEqual(options["preconditions"], {"uid": "uid-1", "resourceVersion": "1"})
            self.assertNotIn("gracePeriodSeconds", options)

    def test_dry_run_is_asked_of_the_server(self):
        def answer(exchange):
            target = exchange.request.target
            if "/scale" in target:
                exchange.reply(200, self.SCALE)
            elif "/nodes/" in target:
                exchange.reply(200, {"kind": "Node", "apiVersion": "v1", "metadata": {"name": "n", "resourceVersion": "1"}, "spec": {"unschedulable": False}})
            elif "/deployments/" in target:
                exchange.reply(200, {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "web", "resourceVersion": "1", "generation": 1}, "spec": {"template": {}}})
            else:
                exchange.reply(200, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "uid": "u", "resourceVersion": "1"}})
        for operation, arguments in (("scale_deployment", ("web", "--replicas", "5")), ("restart_deployment", ("web",)), ("cordon_node", ("n",)), ("delete_pod", ("web",))):
            with Server(answer, SERVER_TLS) as server:
                with self.subTest(operation):
                    self.ok(self.call(self.config(server), *arguments, "--allow", "destructive", "--dry-run", operation=operation))
                    change = server.requests[-1]
                    self.assertIn(change.method, ("PATCH", "DELETE"))
                    self.assertTrue("dryRun=All" in change.target or json.loads(change.body).get("dryRun") == ["All"], change)
                    self.assertEqual([r.method for r in server.requests[:-1]].count("PATCH"), 0)


class Paging(FaultCase):
    def test_a_cursor_stays_good_while_time_passes(self):
        """Events are ordered by their age: what was shown must not come again because it has grown older."""
        now = int(time.time())
        events = [protobuf.event(f"e{i}", "shop", "Pod", f"web-{i}", "Warning", "Failed", f"message {i}", 1, now - 59, now - 59 + i // 2) for i in range(6)]
        body = protobuf.unknown("EventList", protobuf.event_list(events))
        with Server(lambda e: e.reply(200, body, protobuf.MEDIA_TYPE), SERVER_TLS) as server:
            config = self.config(server)

            def page(*arguments):
                return self.ok(self.call(config, "--limit", "2", "-o", "json", *arguments, operation="list_events")).json()
            first = page()
            while time.time() < now + 4:  # past the minute for all of them
                time.sleep(0.2)
            rows, cursor = first["items"], first["continue"]
            for _ in range(10):
                if not cursor:
                    break
                answer = page("--cursor", cursor)
                rows, cursor = rows + answer["items"], answer["continue"]
            self.assertEqual(sorted(r["message"] for r in rows), [f"message {i}" for i in range(6)])

    def test_a_list_in_pages_of_the_server_is_followed_or_said(self):
        """A server may answer with a part and a continue token though nobody asked for parts."""
        def answer(exchange):
            if "continue=" in exchange.request.target:
                exchange.reply(200, protobuf.unknown("PodList", protobuf.pod_list([protobuf.pod("web-1")])), protobuf.MEDIA_TYPE)
            else:
                exchange.reply(200, protobuf.unknown("PodList", protobuf.pod_list([protobuf.pod("web-0")], "more")), protobuf.MEDIA_TYPE)
        with Server(answer, SERVER_TLS) as server:
            outcome = self.ok(self.call(self.config(server), "-o", "json"))
            names = [p["name"] for p in outcome.json()["items"]]
            self.assertTrue(names == ["web-0", "web-1"] or any("more" in n for n in outcome.notes), outcome)

    def test_pages_without_end(self):
        for items in ([protobuf.pod("web-0")], []):
            with Server(lambda e: e.reply(200, protobuf.unknown("PodList", protobuf.pod_list(items, "again")), protobuf.MEDIA_TYPE), SERVER_TLS) as server:
                self.failed(self.call(self.config(server)), "server_error", mentions=["pages", "look at the API server"])
                self.assertLessEqual(len(server.requests), 3)


if __name__ == "__main__":
    program.main()
