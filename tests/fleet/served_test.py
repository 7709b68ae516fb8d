#!/usr/bin/env python3
"""Registered clusters at a Fairlead that serves: with a key that is not the right one, where it listens, and fields that
are not taken.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/fleet/served_test.py"""
import base64
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", name) for name in ("operations", "support", "rest")]

import certificates  # noqa: E402
import program  # noqa: E402
import serve_test  # noqa: E402

RIGHT, WRONG = "a" * 64, "b" * 64


class Served(serve_test.Serving):
    def refused(self, fields, says, status=400, code="invalid_request"):
        if "\\u0000" in json.dumps(fields) or "\\n" in json.dumps(fields.get("label", "")):
            status, says = 422, "control character"
        answer = self.ask(self.admin, "POST", "/clusters", {"id": "refused", **fields}, status)
        self.assertEqual(answer.json["code"], code, answer)
        self.assertIn(says, answer.body)
        return answer

    def test_what_is_shown_holds_nothing_secret(self):
        with tempfile.TemporaryDirectory() as directory, open(certificates.Authority(directory).certificate) as file:
            pem = file.read()
        key = "-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(b"CANARY" * 20).decode() + "\n-----END PRIVATE KEY-----\n"
        fields = {"server": "https://127.0.0.1:1", "token": "t"}
        answer = self.refused({**fields, "certificate_authority": pem + key}, "private key")
        self.assertNotIn("CANARY", answer.body)
        self.refused({**fields, "certificate_authority": "-----BEGIN CERTIFICATE-----\n"}, "certificate_authority")
        for url in ("https://x/?access_token=CANARY", "https://x#CANARY", "https://a:CANARY@x"):
            self.assertNotIn("CANARY", self.refused({**fields, "server": url}, "server: ").body)
        for token in ("a b", "a\r\nb", "a\0b", "\u00e9"):
            self.refused({**fields, "token": token}, "token: ")
        row = self.ask(self.admin, "POST", "/clusters", {"id": "shown", **fields, "certificate_authority": "CANARY\n" + pem}, 201)
        self.assertNotIn("CANARY", self.ask(self.admin, "GET", "/clusters/shown").body + row.body)
        self.ask(self.admin, "DELETE", "/clusters/shown", status=204)

    def test_kubeconfigs_are_refused_as_what_they_are(self):
        def config(**user):
            return json.dumps({"clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}], "users": [{"name": "u", "user": {"token": "t"}}, {"name": "v", "user": user}],
                               "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}], "current-context": "x"})
        self.refused({"kubeconfig": config(**{"auth-provider": {"name": "gcp"}})}, "auth-provider")
        self.refused({"kubeconfig": config(username="a", password="CANARY")}, "basic authentication")
        self.refused({"kubeconfig": config(tokenFile="/etc/passwd")}, "tokenFile", 403, "policy_denied")
        self.refused({"kubeconfig": config(token="t") + "\n---\n" + config(tokenFile="/etc/passwd")}, "second document")
        self.assertEqual(self.ask(self.admin, "PUT", "/integrations/two/kubernetes", {"kubeconfig": config(token="t") + "\n---\n{}"}, 400).json["code"], "invalid_request")

    def test_fields_as_a_form_has_them(self):
        row = self.ask(self.admin, "POST", "/clusters", {"id": "form", "service_annotations": '{"example.com/a": "b"}'}, 201).json
        self.assertEqual(row["service_annotations"], {"example.com/a": "b"})
        self.ask(self.admin, "DELETE", "/clusters/form", status=204)
        for fields in ({"service_annotations": "{"}, {"service_annotations": "[]"}, {"service_annotations": {"a": "b\0c"}}, {"runtime_host": "http://x"}, {"runtime_host": "a\0b"}, {"runtime_host": "a" * 300},
                       {"source_ranges": ["10.0.0.0\0evil/8"]}, {"source_ranges": ["10.0.0.0/08"]}, {"label": "a\nb"}, {"impersonate_user": "f:{name}", "impersonate_groups": ["{name}"]}):
            with self.subTest(fields):
                self.refused(fields, list(fields)[-1])


class Keys(program.Case):
    def test_a_wrong_key_says_so_and_destroys_nothing(self):
        with tempfile.TemporaryDirectory() as data:
            os.chmod(data, 0o700)
            right, wrong = {"ENCRYPTION_KEY": RIGHT}, {"ENCRYPTION_KEY": WRONG}
            server = serve_test.Server(data, env=right)
            try:
                admin = server.first_token()
                self.assertEqual(server.ask(admin, "POST", "/api/v1/clusters", {"id": "kept", "server": "https://127.0.0.1:1", "token": "t"}).status, 201)
                self.assertEqual(server.ask(None, "GET", "/readyz").json, {"status": "ready"})
            finally:
                server.stop()
            for env in (wrong, {"ENCRYPTION_KEY": None}):
                server = serve_test.Server(data, env=env)
                try:
                    self.assertTrue(any("warning: not ready" in line for line in server.said), server.said)
                    ready = server.ask(None, "GET", "/readyz")
                    self.assertEqual((ready.status, ready.json["status"]), (503, "not ready"), ready)
                    self.assertIn("key", ready.json["reason"])
                    self.assertEqual(server.ask(admin, "GET", "/api/v1/clusters/kept").status, 200, "what is not encrypted goes on")
                finally:
                    server.stop()
            server = serve_test.Server(data, env=right)
            try:
                self.assertFalse(any("not ready" in line for line in server.said), server.said)
                self.assertEqual(server.ask(None, "GET", "/readyz").status, 200)
                report = server.ask(admin, "POST", "/api/v1/clusters/kept/test", {}).json
                self.assertEqual(report["checks"][0]["check"], "reach the API server", report)
            finally:
                server.stop()


class Places(program.Case):
    def test_this_machine_by_all_its_names(self):
        for place in ("localhost:0", "LOCALHOST:0", "127.0.0.2:0", "[::ffff:127.0.0.1]:0"):
            with self.subTest(place), tempfile.TemporaryDirectory() as data:
                server = serve_test.Server(data, listen=place)
                self.assertEqual(server.stop(), 0)
        for place in ("0.0.0.0:0", "[::ffff:10.0.0.1]:0", "localhost.example.com:0"):
            with self.subTest(place), tempfile.TemporaryDirectory() as data:
                outcome = program.run("serve", "--data", data, "--listen", place)
                self.failed(outcome, "invalid_request", 2, mentions=["beyond this machine"])


if __name__ == "__main__":
    program.main()
