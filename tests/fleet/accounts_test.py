#!/usr/bin/env python3
"""Calls that go with a short-lived token of the caller's own service account: whom the cluster sees, who is refused, and
what is told of the tokens, which is nothing.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/fleet/accounts_test.py"""
import base64
import json
import os
import pwd
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", name) for name in ("operations", "support", "rest")]

import program  # noqa: E402
import serve_test  # noqa: E402

ACCOUNTS, STORED, A = "caller-accounts", "fairlead-itself", serve_test.A
WEB_TOKEN = r"eyJ[\w-]+\.eyJ"  # as all of the cluster's begin
TRICKS = {"Impersonate_User": "kubernetes-admin", "Impersonate_Group": "system:masters", "X_Remote_User": "kubernetes-admin", "X_Remote_Group": "system:masters"}


class Accounts(serve_test.Serving):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for namespace in (ACCOUNTS, STORED):
            cls.kubectl.run("create", "namespace", namespace, check=False)
        context = next(c["context"] for c in cls.config["contexts"] if c["name"] == cls.config["current-context"])
        cluster = next(c["cluster"] for c in cls.config["clusters"] if c["name"] == context["cluster"])
        cls.reached = {"server": cluster["server"], "certificate_authority": base64.b64decode(cluster["certificate-authority-data"]).decode()}
        cls.stored_token = cls.stored("minter")
        cls.kubectl.run("create", "role", "tokens", "-n", ACCOUNTS, "--verb", "create", "--resource", "serviceaccounts/token", check=False)
        cls.grant()
        cls.fields = {**cls.reached, "token": cls.stored_token, "service_account": ACCOUNTS + "/{name}"}
        answer = cls.server.ask(cls.admin, "POST", "/api/v1/clusters", {"id": "accounts", **cls.fields})
        assert answer.status == 201, answer

    @classmethod
    def tearDownClass(cls):
        for namespace in (ACCOUNTS, STORED):
            cls.kubectl.run("delete", "namespace", namespace, "--wait=false", check=False)
        super().tearDownClass()

    @classmethod
    def stored(cls, name):
        """A token of a service account of Fairlead's own."""
        cls.kubectl.run("create", "serviceaccount", name, "-n", STORED, check=False)
        return cls.kubectl.run("create", "token", name, "-n", STORED, "--duration", "2h").stdout.decode().strip()

    @classmethod
    def grant(cls):
        cls.kubectl.run("create", "rolebinding", "tokens", "-n", ACCOUNTS, "--role", "tokens", "--serviceaccount", f"{STORED}:minter", check=False)

    def account(self, name):
        self.kubectl.run("create", "serviceaccount", name, "-n", ACCOUNTS, check=False)

    def bind(self, name, role="view"):
        self.kubectl.run("create", "rolebinding", f"{name}-{role}", "-n", A, "--clusterrole", role, "--serviceaccount", f"{ACCOUNTS}:{name}", check=False)

    def pods(self, token, status=200, cluster="accounts", **headers):
        return self.ask(token, "POST", "/operations/list_pods", {"cluster": f"k8s:{cluster}", "arguments": {"namespace": A}}, status, **headers)

    def seen(self, account):
        return f'system:serviceaccount:{ACCOUNTS}:{account}\\" cannot list'

    def test_the_cluster_sees_each_caller_by_an_account_of_their_own(self):
        a, b = self.token("caller-a", "viewer"), self.token("caller-b", "viewer")
        for name in ("api-caller-a", "api-caller-b"):
            self.account(name)
        for headers in ({}, TRICKS):
            self.assertIn(self.seen("api-caller-a"), self.pods(a, 403, **headers).body)
        self.bind("api-caller-a")
        program.eventually(lambda: self.pods(a))
        self.pods(a, **TRICKS)
        for headers in ({}, TRICKS):
            self.assertIn(self.seen("api-caller-b"), self.pods(b, 403, **headers).body)
        self.assertEqual(self.server.ask(None, "POST", "/api/v1/operations/list_pods", {"cluster": "k8s:accounts"}, {"Authorization": f"Bearer {self.stored_token}"}).status, 401, "a token of the cluster is none of Fairlead's")
        everything = "".join(answer.body for answer in (self.pods(a), self.pods(b, 403), self.ask(self.admin, "GET", "/clusters"), self.ask(self.admin, "GET", "/clusters/accounts"), self.ask(self.admin, "GET", "/audit"),
                                                        self.ask(self.admin, "POST", "/clusters/accounts/test"), self.ask(self.admin, "GET", "/audit/lines"))) + "".join(self.server.said)
        self.assertNotRegex(everything, WEB_TOKEN)
        self.assertNotIn(self.stored_token, everything)

    def test_a_certificate_of_the_stored_identity_does_not_go_along(self):
        """A server asks for a certificate first, and would believe it."""
        self.ask(self.admin, "POST", "/clusters", {"id": "by-config", "kubeconfig": json.dumps(self.config), "service_account": ACCOUNTS + "/{name}"}, 201)
        token = self.token("by-config", "viewer")
        self.account("api-by-config")
        for _ in range(2):
            self.assertIn(self.seen("api-by-config"), self.pods(token, 403, "by-config").body)
        self.bind("api-by-config")
        program.eventually(lambda: self.pods(token, cluster="by-config"))

    def test_who_has_no_account_is_told_what_to_do(self):
        token = self.token("nobody-yet", "viewer")
        refused = self.pods(token, 502)
        self.assertEqual(refused.json["code"], "authentication_failed")
        self.assertIn(f"kubectl create serviceaccount api-nobody-yet -n {ACCOUNTS}", refused.json["detail"])
        self.assertNotRegex(refused.body, WEB_TOKEN)
        self.account("api-nobody-yet")
        self.bind("api-nobody-yet")
        program.eventually(lambda: self.pods(token))

    def test_a_name_that_is_none_for_an_account(self):
        token = self.token("under_score", "viewer")
        refused = self.pods(token, 403)
        self.assertEqual(refused.json["code"], "policy_denied")
        self.assertIn("service_accounts", refused.json["detail"])
        self.account("under-score")
        self.bind("under-score")
        self.account("api-caller-a")
        theirs = {"service_accounts": {"api:under_score": f"{ACCOUNTS}/api-caller-a"}}
        self.assertIn("is the account of 'api:caller-a'", self.ask(self.admin, "POST", "/clusters", {"id": "theirs", **self.fields, **theirs}, 400).json["detail"])
        self.ask(self.admin, "POST", "/clusters", {"id": "named", **self.fields, "service_account": "", "service_accounts": {"api:under_score": f"{ACCOUNTS}/under-score"}}, 201)
        program.eventually(lambda: self.pods(token, cluster="named"))
        self.assertIn("no service account there", self.pods(self.token("caller-a", "viewer"), 403, "named").json["detail"])

    def test_tokens_are_kept_and_a_right_that_is_gone_is_missed(self):
        known, new = self.token("known", "viewer"), self.token("new", "viewer")
        for name in ("api-known", "api-new"):
            self.account(name)
            self.bind(name)
        program.eventually(lambda: self.pods(known))
        self.kubectl.run("delete", "rolebinding", "tokens", "-n", ACCOUNTS)
        self.addCleanup(self.grant)
        refused = program.eventually(lambda: self.pods(new, 502))
        self.assertEqual(refused.json["code"], "authentication_failed")
        self.assertIn("create serviceaccounts/token", refused.json["detail"])
        self.pods(known)
        # Whatever changes the row's credentials ends what was kept for it.
        self.ask(self.admin, "PATCH", "/clusters/accounts", {"token": self.stored_token})
        self.pods(known, 502)
        self.grant()
        program.eventually(lambda: self.pods(known))
        self.ask(self.admin, "PATCH", "/clusters/accounts", {"enabled": False})
        self.assertIn("is disabled", self.pods(known, 403).json["detail"])
        self.ask(self.admin, "PATCH", "/clusters/accounts", {"enabled": True})
        self.pods(known)
        self.ask(self.admin, "DELETE", "/tokens/known")
        self.assertEqual(self.server.ask(known, "GET", "/api/v1/whoami").status, 401)

    def test_an_account_that_was_made_anew_has_other_tokens(self):
        token = self.token("again", "viewer")
        self.account("api-again")
        self.bind("api-again")
        program.eventually(lambda: self.pods(token))
        self.kubectl.run("delete", "serviceaccount", "api-again", "-n", ACCOUNTS)
        program.eventually(lambda: self.pods(token, 502), seconds=40)
        self.account("api-again")
        program.eventually(lambda: self.pods(token), seconds=40)

    def test_a_change_goes_as_its_caller(self):
        self.deployment("owned")
        token = self.token("changer", "operator")
        self.account("api-changer")
        self.bind("api-changer")
        scale = {"cluster": "k8s:accounts", "arguments": {"namespace": A, "name": "owned", "replicas": 3}}
        refused = program.eventually(lambda: self.ask(token, "POST", "/operations/scale_deployment", scale, 403))
        self.assertIn(f"system:serviceaccount:{ACCOUNTS}:api-changer", refused.body)
        self.assertEqual(self.replicas("owned"), 1)
        self.bind("api-changer", "edit")
        program.eventually(lambda: self.ask(token, "POST", "/operations/scale_deployment", scale))
        self.assertEqual(self.replicas("owned"), 3)

    def test_the_missing_right_is_named_and_granted_by_the_manifest(self):
        token = self.stored("narrow")
        self.ask(self.admin, "POST", "/clusters", {"id": "narrow", **self.fields, "token": token, "service_accounts": {"oidc:alice": "people/alice"}}, 201)
        self.kubectl.run("create", "namespace", "people", check=False)
        self.addCleanup(self.kubectl.run, "delete", "namespace", "people", "--wait=false", check=False)
        report = self.ask(self.admin, "POST", "/clusters/narrow/test").json
        self.assertEqual(report["status"], "failed", report)
        failed = [check["check"] for check in report["checks"] if check["status"] == "failed"]
        self.assertEqual(failed, [f"create serviceaccounts/token in {ACCOUNTS}", "create serviceaccounts/token of alice in people"])
        self.assertNotIn("pods", report["manifest"], "it needs nothing else")
        self.assertIn("resourceNames", report["manifest"])
        manifest = report["manifest"]
        self.kubectl.run("apply", "-f", "-", stdin=manifest.encode())
        self.addCleanup(self.kubectl.run, "delete", "-f", "-", stdin=manifest.encode(), check=False)
        program.eventually(lambda: self.assertEqual(self.ask(self.admin, "POST", "/clusters/narrow/test").json["status"], "ok"))
        self.assertTrue(self.ask(self.admin, "GET", "/clusters/narrow").json["available"])

    def test_from_the_command_line(self):
        me = pwd.getpwuid(os.geteuid()).pw_name
        self.account("cli-" + me)
        path = os.path.join(self.directory.name, "token")
        with open(path, "w") as file:
            file.write(self.stored_token)
        authority = os.path.join(self.directory.name, "ca.crt")
        with open(authority, "w") as file:
            file.write(self.reached["certificate_authority"])
        added = self.ok(program.run("clusters", "add", "by-hand", "--api-server", self.reached["server"], "--token-file", path, "--certificate-authority", authority, "--service-account", ACCOUNTS + "/{name}", "--service-accounts", "oidc:alice=people/alice",
                                    "--service-account-seconds", "900", "--data", self.data, "-o", "json")).json()
        self.assertEqual((added["service_account"], added["service_accounts"], added["service_account_seconds"]), (ACCOUNTS + "/{name}", {"oidc:alice": "people/alice"}, 900))
        refused = self.failed(program.run("call", "list_pods", "-n", A, "--cluster", "k8s:by-hand", "--data-dir", self.data, env={"KUBECONFIG": "/dev/null"}), "permission_denied", 1)
        self.assertIn(f"system:serviceaccount:{ACCOUNTS}:cli-{me}", refused.err if hasattr(refused, "err") else json.dumps(str(refused)))
        for words, said in [(["--service-account", "agents/all"], "no {name}"), (["--service-account", "kube-system/{name}"], "the cluster's own"), (["--service-account", "a/{name}", "--impersonate-user", "f:{name}"], "one or the other"), (["--service-account-seconds", "599"], "at least 600")]:
            with self.subTest(words):
                outcome = program.run("clusters", "add", "wrong", *words, "--data", self.data)
                self.assertEqual(outcome.status, 2, outcome)
                self.assertIn(said, outcome.err)


if __name__ == "__main__":
    program.main()
