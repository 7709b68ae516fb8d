#!/usr/bin/env python3
"""Kubeconfigs of agents: stored, never shown, refused, sealed anew, and given to a command.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/fleet/integrations_test.py"""
import json
import os
import secrets
import sqlite3
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "rest")]

import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402
from kubeconfig import kubeconfig  # noqa: E402
from postgres import Postgres, programs  # noqa: E402
from serve_test import Server  # noqa: E402

STORED = "Kubeconfig stored — cluster connectivity not verified from control plane."
CANARY = "canary-token-0a1b2c3d4e"
LOOK = "import json, os; print(json.dumps(dict(os.environ)))"


def config(**user):
    out = kubeconfig("https://127.0.0.1:6443", user or {"token": CANARY})
    out["contexts"].append({"name": "other", "context": dict(out["contexts"][0]["context"])})
    return out


class IntegrationsCase(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.kubectl.json("config", "view", "--raw", "--flatten")

    def setUp(self):
        self.base = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-integrations-"))
        self.data = os.path.join(self.base, "data")
        self.environment = {}

    def write(self, name, content):
        path = os.path.join(self.base, name)
        with open(path, "w") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))
        return path

    def fairlead(self, *arguments, **env):
        return program.run(*arguments, env={"FAIRLEAD_DATA": self.data, "KUBECONFIG": "/dev/null", "TMPDIR": self.base, **self.environment, **env})

    def integrations(self, *arguments, **env):
        return self.fairlead("integrations", *arguments, **env)

    def set(self, agent, content, *more, **env):
        return self.integrations("set", agent, "--kubeconfig", self.write("given", content), *more, **env)

    def seen_by(self, agent, **env):
        return self.ok(self.integrations("run", agent, "--", sys.executable, "-c", LOOK, **env)).json()

    def sql(self, text):
        database = sqlite3.connect(os.path.join(self.data, "fairlead.db"))
        with database:
            rows = database.execute(text).fetchall()
        database.close()
        return rows


class Integrations(IntegrationsCase):
    def test_what_is_stored_is_not_shown(self):
        outcomes = [self.ok(self.set("ops-bot", config(), "--context", "other"))]
        self.assertEqual(outcomes[0].notes, [STORED])
        for words in (("list",), ("list", "-o", "json"), ("list", "-o", "wide"), ("show", "ops-bot", "-o", "yaml"), ("test", "ops-bot"), ("set", "ops-bot", "--context", "test", "-o", "json"), ("list", "--help"), ("run", "--help"), ("--help",)):
            outcomes.append(self.ok(self.integrations(*words)))
        outcomes.append(self.ok(self.fairlead("audit", "export")))
        shown = self.ok(self.integrations("show", "ops-bot", "-o", "json")).json()
        self.assertEqual((shown["agent"], shown["provider"], shown["context"], shown["variables"]), ("ops-bot", "kubernetes", "test", ["KUBECONFIG_CONTENTS", "KUBECONFIG_CONTEXT"]))
        self.assertEqual((shown["last_validation"]["status"], shown["last_validation"]["message"]), ("ok", STORED))
        outcomes.append(self.ok(self.integrations("remove", "ops-bot")))
        outcomes.append(self.failed(self.integrations("show", "ops-bot"), "not_found"))
        for outcome in outcomes:
            self.assert_no_secret(outcome, [CANARY])
        for name in os.listdir(self.data):
            path = os.path.join(self.data, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    self.assertNotIn(CANARY.encode(), file.read(), name)
        records = [json.loads(line) for line in outcomes[10].out.splitlines()]
        self.assertEqual([r["operation"] for r in records], ["set_integration", "test_integration", "set_integration"])
        self.assertEqual(records[0]["arguments"], {"agent": "ops-bot", "provider": "kubernetes", "fields": ["kubeconfig", "context"]})

    def test_what_is_refused(self):
        exec_plugin = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "interactiveMode": "Never"}}
        metadata = config()
        metadata["clusters"][0]["cluster"]["server"] = "https://169.254.169.254"
        beside = config()
        beside["users"].append({"name": "beside", "user": exec_plugin})
        no_clusters = config()
        no_clusters["clusters"] = []
        for content, code, mentions in (("{ [", "invalid_request", []), ("", "invalid_request", ["empty"]), ("[]", "invalid_request", ["a list"]), (no_clusters, "invalid_request", ["no clusters"]), (config(tokenFile="/etc/shadow"), "policy_denied", ["tokenfile"]), (config(**exec_plugin), "policy_denied", ["program"]), (beside, "policy_denied", ["beside"]), (metadata, "policy_denied", ["link-local"]), ("# " + "x" * 130_000 + "\n" + json.dumps(config()), "invalid_request", ["120 kib"])):
            self.assert_no_secret(self.failed(self.set("bot", content), code, mentions=mentions), [CANARY])
        self.failed(self.set("bot", config(), "--context", "missing"), "invalid_request", mentions=['no context "missing"'])
        self.failed(self.set("../bot", config()), "invalid_request", mentions=["the agent's name"])
        self.failed(self.integrations("set", "bot"), "invalid_request", mentions=["nothing is to be set"])
        self.failed(self.integrations("set", "bot", "--context", "other"), "not_found")
        self.failed(self.integrations("show", "bot"), "not_found")
        self.ok(self.set("bot", metadata, "--allow-link-local"))
        self.ok(self.integrations("test", "bot", "--allow-link-local"))
        tested = self.integrations("test", "bot", "-o", "json")
        self.assertEqual((tested.status, tested.json()["last_validation"]["status"]), (1, "failed"), tested)

    def test_an_agent_works_with_its_own(self):
        self.ok(self.set("ops-bot", self.config))
        pods = self.ok(self.integrations("run", "ops-bot", "--", program.fairlead(), "with-kubeconfig", "--", self.kubectl.program, "get", "pods", "-A"))
        self.assertTrue("NAMESPACE" in pods.out or "No resources found" in pods.err, pods)
        self.assertEqual(pods.notes, [])
        seen = self.seen_by("ops-bot", KUBECONFIG_CONTEXT="somebody-elses", ENCRYPTION_KEY="", FAIRLEAD_TOKEN="flt_x", PGPASSWORD="p")
        self.assertEqual(json.loads(seen["KUBECONFIG_CONTENTS"]), self.config)
        for name in ("KUBECONFIG", "KUBECONFIG_CONTEXT", "ENCRYPTION_KEY", "FAIRLEAD_TOKEN", "FAIRLEAD_DATABASE", "PGPASSWORD"):
            self.assertNotIn(name, seen)
        self.ok(self.set("other", config(), "--context", "other"))
        self.assertEqual(self.seen_by("other")["KUBECONFIG_CONTEXT"], "other")
        self.assertEqual(self.integrations("run", "other", "--", "sh", "-c", "exit 7").status, 7)
        self.assertEqual(self.integrations("run", "other", "--", "sh", "-c", "kill -TERM $$").status, -15, "in its place")
        self.assertEqual(self.integrations("run", "other", "--", "no-such-program").status, 127)
        self.assert_no_secret(self.failed(self.integrations("run", "nobody", "--", "env"), "not_found"), [CANARY])
        self.failed(self.integrations("run", "other"), "invalid_request", mentions=["no command"])
        self.failed(self.integrations("run", "other", "--", "env", FAIRLEAD_SERVER="http://127.0.0.1:1"), "invalid_request", mentions=["no server gives"])
        given = [json.loads(line) for line in self.ok(self.fairlead("audit", "export")).out.splitlines() if "give_integration" in line]
        self.assertEqual(given[0]["arguments"], {"agent": "ops-bot", "provider": "kubernetes"})

    def test_what_is_sealed_belongs_to_its_row_and_key(self):
        old, new = secrets.token_hex(32), secrets.token_hex(32)
        self.environment = {"ENCRYPTION_KEY": old}
        self.ok(self.set("aa", config()))
        self.ok(self.set("bb", config(token="another")))
        for words in (("run", "aa", "--", "env"), ("test", "aa"), ("set", "aa", "--context", "other")):
            self.failed(self.integrations(*words, ENCRYPTION_KEY=new), "server_error", mentions=["another key"])
        self.assertEqual(json.loads(self.seen_by("aa")["KUBECONFIG_CONTENTS"]), config(), "nothing was destroyed")
        self.assertIn("2 kubeconfigs of agents", self.ok(self.fairlead("vault", "rotate-key", ENCRYPTION_KEY=f"{new},{old}")).err)
        self.environment = {"ENCRYPTION_KEY": new}
        self.assertEqual(json.loads(self.seen_by("aa")["KUBECONFIG_CONTENTS"]), config(), "the new key alone opens it")
        self.sql("UPDATE integrations SET credential = (SELECT credential FROM integrations WHERE agent = 'aa') WHERE agent = 'bb'")
        self.failed(self.integrations("run", "bb", "--", "env"), "server_error", mentions=["belongs elsewhere"])
        outcome = self.fairlead("vault", "rotate-key", ENCRYPTION_KEY=f"{old},{new}")
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("1 of it could not be opened, and is as it was: the kubeconfig of agent bb", outcome.err)


class Served(IntegrationsCase):
    def over_rest_of(self, env):
        os.makedirs(self.data, 0o700, exist_ok=True)
        self.environment = env
        self.server = Server(self.data, env=env)
        try:
            self.admin = self.server.first_token()
            self.over_rest()
            self.assertEqual(json.loads(self.seen_by("bot-1")["KUBECONFIG_CONTENTS"]), config())
        finally:
            self.server.stop()

    def ask(self, method, path, body=None, status=200, token=None, **headers):
        answer = self.server.ask(token or self.admin, method, "/api/v1/integrations" + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        self.assertEqual(answer.status, status, answer)
        self.assertNotIn(CANARY, answer.body + str(answer.headers))
        return answer

    def test_over_rest(self):
        self.over_rest_of({})

    def test_over_rest_with_postgresql(self):
        if not programs():
            self.skipTest("PostgreSQL is not installed")
        with Postgres() as postgres:
            self.over_rest_of({"FAIRLEAD_DATABASE": postgres.create("fairlead"), "ENCRYPTION_KEY": secrets.token_hex(32)})

    def over_rest(self):
        path = "/ops-bot/kubernetes"
        made = self.ask("PUT", path, {"kubeconfig": config()}, 201)
        self.assertEqual(made.json["last_validation"]["message"], STORED)
        first = made.headers["ETag"]
        self.assertEqual(self.ask("GET", path).headers["ETag"], first)
        second = self.ask("PUT", path, {"context": "other"}, If_Match=first).headers["ETag"]
        late = self.ask("PUT", path, {"context": "test"}, 412, If_Match=first)
        self.assertEqual((late.json["code"], late.headers["ETag"]), ("conflict", self.ask("GET", path).headers["ETag"]))
        self.ask("DELETE", path, None, 412, If_Match=first)
        self.assertEqual(self.ask("GET", path).json["context"], "other")
        self.assertNotEqual(self.ask("POST", path + "/test", {}).headers["ETag"], second)
        self.ask("PUT", path, {}, 200)
        for body, status in (({"kubeconfig": "[]"}, 400), ({"kubeconfig": 7}, 400), ({"kubeconfig": config(tokenFile="/x")}, 403), ({"kubeconfig": config(), "x": 1}, 400), ({"kubeconfig": config(), "context": "\x00"}, 422)):
            self.ask("PUT", path, body, status)
        self.ask("GET", "/ops-bot/github", status=404)
        self.ask("PUT", "/Ops/kubernetes", {"kubeconfig": config()}, 400)
        for name in ("bot-2", "bot-1"):
            self.ask("PUT", f"/{name}/kubernetes", {"kubeconfig": json.dumps(config())}, 201)
        page = self.ask("GET", "?limit=2").json
        self.assertEqual(([row["agent"] for row in page["items"]], page["next"]), (["bot-1", "bot-2"], "bot-2"))
        self.assertEqual([row["agent"] for row in self.ask("GET", "?limit=2&after=bot-2").json["items"]], ["ops-bot"])
        for role in ("viewer", "agent", "operator", "approver"):
            made = self.server.ask(self.admin, "POST", "/api/v1/tokens", {"name": f"ops-{role}", "roles": [role]})
            for method, body in (("GET", None), ("PUT", {"kubeconfig": config()}), ("DELETE", None)):
                self.ask(method, path, body, 403, made.json["token"])
            self.ask("GET", "", None, 403, made.json["token"])
        env = {"FAIRLEAD_SERVER": f"http://127.0.0.1:{self.server.port}", "FAIRLEAD_TOKEN": self.admin}
        self.ok(self.set("by-cli", config(), **env))
        self.assertEqual([row["agent"] for row in self.ok(self.integrations("list", "-o", "json", **env)).json()["items"]], ["bot-1", "bot-2", "by-cli", "ops-bot"])
        self.ok(self.integrations("test", "by-cli", **env))
        self.ok(self.integrations("show", "by-cli", **env))
        self.ok(self.integrations("remove", "by-cli", **env))
        self.failed(self.integrations("remove", "by-cli", **env), "not_found")
        document = self.server.ask(None, "GET", "/api/v1/openapi.json").json["paths"]["/api/v1/integrations/{agent}/kubernetes"]
        self.assertEqual(set(document), {"get", "put", "delete"})
        self.ask("DELETE", path, status=204)
        self.ask("GET", path, status=404)
        audit = self.server.ask(self.admin, "GET", "/api/v1/audit?operation=set_integration").body
        self.assertIn("api:first-admin", audit)
        self.assertNotIn(CANARY, audit)


if __name__ == "__main__":
    program.main()
