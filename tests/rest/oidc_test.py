#!/usr/bin/env python3
"""`fairlead serve --oidc` with npm's oidc-provider: who is let in with its tokens, and what happens when its keys change or it goes away.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/rest/oidc_test.py

The provider is installed once, from tests/oidc/package-lock.json, below ~/.cache/fairlead."""
import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), HERE]

import npm  # noqa: E402
import program  # noqa: E402
import serve_test  # noqa: E402
from serve_test import A, B, Server  # noqa: E402

PEER = os.path.join(HERE, "..", "oidc")
AUDIENCE = "urn:fairlead"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CLIENTS = {
    "sre-bot": {"claims": {"groups": ["dev", "sre"]}},
    "watcher": {"claims": {"groups": ["dev"]}},
    "guest": {"claims": {"groups": ["guests"]}},
    "nobody": {"claims": {}},
    "opaque": {"claims": {"groups": ["sre"]}, "opaque": True},
    "both": {"claims": {"groups": ["sre", "approvers"]}},
    "second": {"claims": {"groups": ["approvers"]}},
    "short": {"claims": {"groups": ["sre"]}, "seconds": 4},
    "liar": {"claims": {"groups": ["sre"], "sub": "sre-bot"}},
    **{f"with-{alg.lower()}": {"claims": {"groups": ["dev"]}, "alg": alg} for alg in ALGORITHMS},
}
CONFIG = """issuer: {issuer}
audience: urn:fairlead
skew_seconds: 0
roles:
- {{claim: groups, value: sre, roles: ["operator@k8s:one/rest-a"]}}
- {{claim: groups, value: dev, roles: [viewer]}}
- {{claim: groups, value: approvers, roles: [approver]}}
"""
MODULES = None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Provider:
    def __init__(self, port=None):
        self.port, self.child = port or free_port(), None
        self.issuer = f"http://127.0.0.1:{self.port}"

    def start(self, *keys):
        """With new keys: (kid, kind) each."""
        settings = {"port": self.port, "keys": [{"kid": kid, "kind": kind} for kid, kind in keys], "clients": CLIENTS}
        self.child = subprocess.Popen(["node", os.path.join(PEER, "provider.mjs")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      env={"PATH": os.environ["PATH"], "NODE_MODULES": MODULES, "SETTINGS": json.dumps(settings)}, text=True)
        assert program.wait_readable(self.child.stdout, 60) and self.child.stdout.readline() == "listening\n", "the provider does not start"
        return self

    def stop(self):
        if self.child:
            self.child.kill()
            self.child.wait(10)
            self.child.stdout.close()
            self.child = None

    def token(self, client, resource=AUDIENCE):
        form = {"grant_type": "client_credentials", "resource": resource, "scope": "read"}
        basic = base64.b64encode(f"{client}:secret-of-{client}".encode()).decode()
        request = urllib.request.Request(f"{self.issuer}/token", urllib.parse.urlencode(form).encode(), {"Authorization": f"Basic {basic}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)["access_token"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read()) from None


def keys(generation):
    return [(f"{generation}-{kind}", kind) for kind in ("P-256", "RSA", "P-384", "P-521", "Ed25519")]


class OidcCase(serve_test.Serving):
    """A server of its own, and a provider."""
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = Provider().start(*keys("first"))
        cls.addClassCleanup(cls.provider.stop)
        cls.file = os.path.join(cls.directory.name, "oidc.yaml")
        with open(cls.file, "w") as file:
            file.write(CONFIG.format(issuer=cls.provider.issuer))
        cls.restart()

    @classmethod
    def restart(cls):
        assert cls.server.stop() == 0
        cls.server = Server(cls.data, "--oidc", cls.file)

    def refused(self, token):
        answer = self.denied(token, "GET", "/whoami", status=401, code="authentication_failed")
        self.assertEqual(answer.json["detail"], "authenticate: the token is none of this Fairlead's, has expired, or was revoked. Ask an admin for another one.")
        self.assertIn("WWW-Authenticate", answer.headers)
        time.sleep(0.12)  # ten wrong ones a second are answered so

    def name_of(self, token):
        return self.ask(token, "GET", "/whoami").json["name"]


class LettingIn(OidcCase):
    def test_whoever_has_a_role(self):
        who = self.ask(self.provider.token("sre-bot"), "GET", "/whoami").json
        self.assertEqual(who["name"], "oidc:sre-bot")
        self.assertEqual(who["roles"], [{"role": "operator", "clusters": ["k8s:one"], "namespaces": ["rest-a"]}, {"role": "viewer"}])
        self.assertEqual(self.name_of(self.admin), "api:first-admin")

    def test_each_algorithm(self):
        for alg in ALGORITHMS:
            token = self.provider.token(f"with-{alg.lower()}")
            self.assertEqual(json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"], alg)
            self.assertEqual(self.name_of(token), f"oidc:with-{alg.lower()}", alg)

    def test_roles_by_claim(self):
        self.deployment("by-claim")
        self.deployment("by-claim", B)
        sre, watcher = self.provider.token("sre-bot"), self.provider.token("watcher")
        scale = {"name": "by-claim", "replicas": 2}
        self.call(sre, "scale_deployment", {"namespace": A, **scale})
        self.assertEqual(self.replicas("by-claim"), 2)
        self.call(sre, "scale_deployment", {"namespace": B, **scale}, 403)
        self.call(watcher, "scale_deployment", {"namespace": A, **scale}, 403)
        self.call(watcher, "list_namespaces")
        self.denied(sre, "GET", "/tokens")
        who = {change["who"] for change in self.ask(self.admin, "GET", "/changes").json["items"]}
        self.assertIn("oidc:sre-bot", who)

    def test_nobody_else(self):
        good = self.provider.token("sre-bot")
        self.refused(self.provider.token("guest"))
        self.refused(self.provider.token("nobody"))
        self.refused(self.provider.token("sre-bot", "urn:something-else"))
        self.refused(self.provider.token("opaque"))
        for other in (good[:-10] + "AAAAAAAAAA", good + ".", good.replace(".", ".A", 1), good.split(".")[0] + ".e30.", good.rsplit(".", 1)[0] + "."):
            self.refused(other)
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        self.refused(".".join([none, *good.split(".")[1:]]))
        stranger = Provider().start(*keys("first"))
        self.addCleanup(stranger.stop)
        self.refused(stranger.token("sre-bot"))
        self.assertEqual(self.name_of(good), "oidc:sre-bot")
        said = "".join(self.server.said)
        self.assertIn("let nobody in: it was made for another audience", said)
        for part in good.split("."):
            self.assertNotIn(part, said)

    def test_a_flood_of_tokens_that_look_well(self):
        """Their signatures are not checked, but for ten a second; who was let in before comes in meanwhile."""
        good, new, fresh = self.provider.token("sre-bot"), self.provider.token("watcher"), self.token("fresh-in-a-flood", "viewer")
        self.assertEqual(self.name_of(good), "oidc:sre-bot")
        head, claims, signature = good.split(".")
        connection, statuses, begun = self.server.connect(), {}, time.monotonic()
        for i in range(3000):
            connection.request("GET", "/api/v1/whoami", headers={"Authorization": f"Bearer {head}.{claims}.{i:04}{signature[4:]}"})
            response = connection.getresponse()
            response.read()
            statuses[response.status] = statuses.get(response.status, 0) + 1
            if i % 500 == 499:
                self.assertEqual(self.name_of(good), "oidc:sre-bot")
        took = time.monotonic() - begun
        answer = self.server.ask(new, "GET", "/api/v1/whoami")
        if answer.status == 429:
            self.assertEqual((answer.json["code"], answer.headers["Retry-After"]), ("rate_limited", "1"))
        self.assertEqual(self.name_of(fresh), "api:fresh-in-a-flood")
        connection.close()
        self.assertEqual(set(statuses), {401, 429}, statuses)
        self.assertLessEqual(statuses[401], 10 * (took + 2), statuses)
        program.eventually(lambda: self.name_of(new), 5)
        records = self.ask(self.admin, "GET", "/audit?operation=request&outcome=rate_limited").json["items"]
        self.assertEqual(records[0]["arguments"], {"address": "127.0.0.1", "method": "GET", "route": "/api/v1/whoami"})
        time.sleep(1)

    def test_a_claim_of_another_subject_is_no_other_subject(self):
        token = self.provider.token("liar")
        subject = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["sub"]
        self.assertEqual(self.name_of(token), f"oidc:{subject}")

    def test_nobody_approves_their_own(self):
        self.deployment("own")
        asked = self.call(self.provider.token("both"), "delete_resource", {"namespace": A, "kind": "deployment", "name": "own", "reason": "a test"}, 403)
        self.assertEqual(asked.json["code"], "approval_required", asked)
        path = f"/changes/{asked.json['change']}"
        typed = {"typed": self.ask(self.admin, "GET", path).json["type_back"]}
        self.denied(self.provider.token("both"), "POST", path + "/approve", typed)
        self.ask(self.provider.token("second"), "POST", path + "/approve", typed)
        self.assertEqual(self.ask(self.admin, "GET", path).json["approver"], "oidc:second")

    def test_an_expired_token_ends_its_streams(self):
        self.deployment("waits-oidc", replicas=0)
        self.kubectl.run("patch", "deployment", "waits-oidc", "-n", A, "-p", json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"no": "where"}}}}}))
        token = self.provider.token("short")
        expires = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["exp"]
        connection = self.server.connect()
        connection.request("POST", "/api/v1/operations/scale_deployment", json.dumps({"cluster": "k8s:one", "arguments": {"namespace": A, "name": "waits-oidc", "replicas": 2, "wait_seconds": 40}}),
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "text/event-stream"})
        response = connection.getresponse()
        self.assertIn(b"event: progress", response.read1(65536))
        self.assertLess(time.time(), expires)
        try:
            response.read()
        except http.client.IncompleteRead:
            pass
        self.assertGreater(time.time(), expires - 0.1)
        self.assertLess(time.time(), expires + 2)
        connection.close()
        self.refused(token)

    def test_nothing_of_a_token_is_kept(self):
        token = self.provider.token("sre-bot")
        self.name_of(token)
        for name in os.listdir(self.data):
            path = os.path.join(self.data, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    kept = file.read()
                for part in token.split(".")[1:]:
                    self.assertNotIn(part.encode(), kept, name)
        records = self.ask(self.admin, "GET", "/audit?operation=first_sign_in").json["items"]
        mine = [record["arguments"] for record in records if record["who"] == "oidc:sre-bot"]
        self.assertEqual(mine, [{"issuer": self.provider.issuer, "subject": "sre-bot"}])


class Rotation(OidcCase):
    def test_new_keys_are_found_and_old_ones_forgotten(self):
        old = self.provider.token("sre-bot")
        self.assertEqual(self.name_of(old), "oidc:sre-bot")
        self.provider.stop()
        self.assertEqual(self.name_of(old), "oidc:sre-bot")  # nobody has to be asked
        self.provider.start(*keys("second"))
        new = self.provider.token("sre-bot")

        def let_in():
            answer = self.server.ask(new, "GET", "/api/v1/whoami")
            self.assertEqual(answer.status, 200, answer)

        program.eventually(let_in, 15, 0.5)
        time.sleep(1)
        self.refused(old)
        self.assertEqual(self.name_of(new), "oidc:sre-bot")


class Withdrawn(OidcCase):
    def test_a_key_that_is_withdrawn_is_good_for_keys_seconds(self):
        with open(self.file, "a") as file:
            file.write("keys_seconds: 10\n")
        self.restart()
        old = self.provider.token("sre-bot")
        self.assertEqual(self.name_of(old), "oidc:sre-bot")
        self.provider.stop()
        self.provider.start(*keys("next"))
        begun = time.monotonic()
        # Nobody comes with a key that is new: it is asked for by itself.
        while self.server.ask(old, "GET", "/api/v1/whoami").status == 200:
            self.assertLess(time.monotonic() - begun, 14)
            time.sleep(0.5)
        self.refused(old)
        self.assertEqual(self.name_of(self.provider.token("sre-bot")), "oidc:sre-bot")


class Rewritten(OidcCase):
    def write(self, text):
        with open(self.file, "w") as file:
            file.write(text)

    def said(self, words):
        program.eventually(lambda: self.assertIn(words, "".join(self.server.said)), 15, 0.2)

    def test_the_file_is_read_anew(self):
        text = CONFIG.format(issuer=self.provider.issuer)
        self.addCleanup(self.write, text)
        token = self.provider.token("watcher")
        self.assertEqual([role["role"] for role in self.ask(token, "GET", "/whoami").json["roles"]], ["viewer"])
        self.write(text.replace("roles: [viewer]", "roles: [root]"))
        self.said("stays in force: ")
        self.assertEqual(self.name_of(token), "oidc:watcher")
        self.write(text.replace("roles: [viewer]", "roles: [approver]"))
        self.said("was read anew")
        self.assertEqual([role["role"] for role in self.ask(token, "GET", "/whoami").json["roles"]], ["approver"])
        # As a mounted ConfigMap is: another file takes its place.
        other = self.file + ".new"
        with open(other, "w") as file:
            file.write(text.replace("value: dev", "value: devs"))
        os.rename(other, self.file)
        program.eventually(lambda: self.assertEqual(self.server.ask(token, "GET", "/api/v1/whoami").status, 401), 15, 0.3)
        self.assertEqual(self.name_of(self.provider.token("sre-bot")), "oidc:sre-bot")


class Away(OidcCase):
    def test_a_provider_that_is_away(self):
        token = self.provider.token("sre-bot")
        self.provider.stop()
        self.restart()
        said = "".join(self.server.said)
        self.assertIn("warning: ask the identity provider for its keys: the issuer's /.well-known/openid-configuration: ", said)
        answer = self.denied(token, "GET", "/whoami", status=502, code="unreachable")
        self.assertEqual(answer.json["detail"], "authenticate: the identity provider could not be asked for its keys. Ask again in a moment; the server has said on its standard error what is wrong.")
        self.refused("x")
        self.assertEqual(self.name_of(self.admin), "api:first-admin")
        self.provider.start(*keys("third"))
        token = self.provider.token("sre-bot")
        program.eventually(lambda: self.assertEqual(self.server.ask(token, "GET", "/api/v1/whoami").status, 200), 15, 0.5)


class Starting(program.Case):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-oidc-"))
        self.file = os.path.join(self.directory, "oidc.yaml")

    def serve(self, text, *arguments, **options):
        with open(self.file, "w") as file:
            file.write(text)
        return program.run("serve", "--listen", "127.0.0.1:0", "--data", os.path.join(self.directory, "data"), *arguments, **options)

    def test_a_wrong_configuration_is_refused(self):
        good = CONFIG.format(issuer="https://login.example.com")
        for text, words in ((good.replace("https:", "http:"), "'issuer' does not begin with https://"), ("", "no mapping"), (good.replace("audience", "audiences"), "'audiences' means nothing"),
                            (good.replace("operator@", "root@"), "a role in rule 1"), (good + "ca: oidc.yaml\n", "'ca' names a file without certificates"), (good + "issuer: x\n", "issuer")):
            self.failed(self.serve(text, "--oidc", self.file), "invalid_request", 2, mentions=[words])
            self.failed(self.serve(text, env={"FAIRLEAD_OIDC": self.file}), "invalid_request", 2, mentions=[words])
        self.failed(self.serve(good, "--oidc", self.file + ".not"), "not_found", 1)

    def test_another_name_for_the_issuer_is_refused(self):
        provider = Provider().start(("one", "P-256"))
        self.addCleanup(provider.stop)
        self.failed(self.serve(CONFIG.format(issuer=provider.issuer + "/"), "--oidc", self.file), "invalid_request", 2, mentions=["calls itself by another 'issuer'", "a slash counts"])
        self.failed(self.serve(CONFIG.format(issuer=f"http://localhost:{provider.port}"), "--oidc", self.file), "invalid_request", 2, mentions=["calls itself by another 'issuer'"])


if __name__ == "__main__":
    MODULES = npm.install(PEER, "oidc")
    program.main()
