#!/usr/bin/env python3
"""Kubeconfigs that are missing, broken, huge or dangerous, and every way in which one is found, at the command line."""
import base64
import json
import os
import stat
import tempfile
import ssl
import time
import unittest

from fault_case import AUTHORITY, SERVER_TLS, TOKEN, FaultCase
import certificates
import fault_case
import program
import protobuf
from hostile import Proxy, Server
from kubeconfig import kubeconfig, write

CA = certificates.file_base64(AUTHORITY.certificate)


def pods(exchange):
    exchange.reply(200, protobuf.pods_body(), protobuf.MEDIA_TYPE)


def script(directory, text, name="plugin"):
    path = os.path.join(directory, name)
    with open(path, "w") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


class Broken(FaultCase):
    def file(self, data, name="config"):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def refused(self, path, code="invalid_request", mentions=(), arguments=()):
        outcome = self.call(path, *arguments)
        self.failed(outcome, code, mentions=mentions)
        self.assertLess(outcome.seconds, 5)
        return outcome

    def test_missing(self):
        path = os.path.join(self.directory, "nothing-here")
        self.refused(path, ("invalid_request", "not_found"), [path])
        self.failed(program.run("call", "list_pods", env={"KUBECONFIG": path}), ("invalid_request", "not_found"), mentions=[path])

    @unittest.skipIf(os.geteuid() == 0, "root can read every file")
    def test_unreadable(self):
        self.refused(write(os.path.join(self.directory, "config"), kubeconfig("https://127.0.0.1:1"), 0), mentions=["permission"])

    def test_files_that_are_no_kubeconfig(self):
        valid = kubeconfig("https://127.0.0.1:1", {"token": TOKEN})
        cases = {
            "empty": "", "blank": "\n\n  \n", "a comment": "# nothing\n", "binary": bytes(range(256)) * 40, "zeros": b"\0" * 4096, "a word": "hello", "a number": "5", "a list": "- a\n- b\n",
            "HTML": "<html><body>Sign in</body></html>", "not closed": '{"clusters": [', "tabs": "clusters:\n\t- a", "another kind": "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n",
            "no clusters": json.dumps({**valid, "clusters": []}), "null clusters": json.dumps({**valid, "clusters": None}),
            "clusters of a wrong type": json.dumps({**valid, "clusters": {"a": 1}}), "a token that is a number": json.dumps({**valid, "users": [{"name": "test", "user": {"token": 12345}}]}),
            "no server": json.dumps({**valid, "clusters": [{"name": "test", "cluster": {}}]}),
            "a server that is no URL": json.dumps({**valid, "clusters": [{"name": "test", "cluster": {"server": "not a url"}}]}),
            "a server of another scheme": json.dumps({**valid, "clusters": [{"name": "test", "cluster": {"server": "ftp://127.0.0.1"}}]}),
            "a server with a password": json.dumps({**valid, "clusters": [{"name": "test", "cluster": {"server": f"https://me:{TOKEN}@127.0.0.1:1"}}]}),
            "a dangling user": json.dumps({**valid, "users": []}), "a dangling cluster": json.dumps({**valid, "contexts": [{"name": "test", "context": {"cluster": "other", "user": "test"}}]}),
            "no current context": json.dumps({**valid, "current-context": ""}), "a current context that is not there": json.dumps({**valid, "current-context": "other"}),
            "bad base64 of the CA": json.dumps(kubeconfig("https://127.0.0.1:1", {"token": TOKEN}, {"certificate-authority-data": "!!!not base64"})),
            "a CA that is none": json.dumps(kubeconfig("https://127.0.0.1:1", {"token": TOKEN}, {"certificate-authority-data": base64.b64encode(b"hello").decode()})),
            "a CA file that is missing": json.dumps(kubeconfig("https://127.0.0.1:1", {"token": TOKEN}, {"certificate-authority": "nothing.crt"})),
            "bad base64 of the key": json.dumps(kubeconfig("https://127.0.0.1:1", {"client-certificate-data": CA, "client-key-data": TOKEN + "!!"})),
            "a token with a line break": json.dumps(kubeconfig("https://127.0.0.1:1", {"token": TOKEN + "\r\nX-Evil: 1"})),
            "deep flow": "[" * 100000 + "]" * 100000, "deep maps": '{"a":' * 50000 + "1" + "}" * 50000,
            "deep blocks": "".join(" " * i + "a:\n" for i in range(3000)),
            "aliases that multiply": "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)),
        }
        paths = {name: self.file(data, name.replace(" ", "-")) for name, data in cases.items()}
        for name, outcome in program.parallel(lambda name: self.call(paths[name]), cases):
            with self.subTest(name):
                self.failed(outcome, ("invalid_request", "not_found"), 2 if outcome.code == "invalid_request" else 1)
                self.assertLess(outcome.seconds, 5)

    def test_100_megabytes(self):
        path = os.path.join(self.directory, "config")
        with open(path, "wb") as file:
            file.write(b"apiVersion: v1\nkind: Config\nx: ")
            for _ in range(100):
                file.write(b"y" * (1 << 20))
        self.assertLess(self.refused(path).seconds, 3)
        with open(path, "wb") as file:
            file.truncate(100 << 30)  # sparse
        self.assertLess(self.refused(path).seconds, 3)

    def test_a_directory_a_pipe_and_a_device(self):
        self.refused(self.directory, mentions=["directory"])
        fifo = os.path.join(self.directory, "fifo")
        os.mkfifo(fifo)
        self.assertLess(self.refused(fifo).seconds, 3)
        self.assertLess(self.refused("/dev/zero").seconds, 3)
        link = os.path.join(self.directory, "loop")
        os.symlink(link, link)
        self.refused(link, ("invalid_request", "not_found"))

    def test_unknown_context(self):
        config = self.config("https://127.0.0.1:1")
        self.refused(config, ("invalid_request", "not_found"), ["nowhere", "test"], ["--context", "nowhere"])

    def test_kinds_of_credentials_that_are_refused(self):
        secret = "canary-password-5521"
        self.secrets.append(secret)
        with Server(pods, SERVER_TLS) as server:
            for user in ({"username": "me", "password": secret}, {"auth-provider": {"name": "gcp", "config": {"access-token": secret}}}):
                with self.subTest(list(user)):
                    self.failed(self.call(self.config(server, user=user)), "authentication_failed")
            self.assertEqual(server.requests, [])

    def test_a_token_over_plain_http_to_another_machine(self):
        self.failed(self.call(self.config("http://192.0.2.1:8080")), ("authentication_failed", "invalid_request"), mentions=["http"])

    def test_an_expired_client_certificate(self):
        certificate, key = AUTHORITY.issue("expired-client", expired=True, client=True)
        self.secrets += fault_case.key_canaries(key)
        user = {"client-certificate-data": certificates.file_base64(certificate), "client-key-data": certificates.file_base64(key)}
        with Server(pods, SERVER_TLS) as server:
            self.failed(self.call(self.config(server, user=user)), ("certificate_invalid", "authentication_failed"), mentions=["expired"])
            self.assertEqual(server.requests, [])

    def test_a_key_that_belongs_to_another_certificate(self):
        one, other = AUTHORITY.issue("one", client=True), AUTHORITY.issue("other", client=True)
        self.secrets += fault_case.key_canaries(other[1])
        user = {"client-certificate": one[0], "client-key": other[1]}
        self.failed(self.call(self.config("https://127.0.0.1:1", user=user)), ("certificate_invalid", "invalid_request", "authentication_failed"))

    def test_hostile_names_in_a_kubeconfig_do_not_reach_the_terminal(self):
        name = "x\x1b[31m\u202eevil\nerror: forged"
        config = kubeconfig("https://127.0.0.1:1", {"token": TOKEN}, name=name)
        config["users"] = []
        outcome = self.call(write(os.path.join(self.directory, "config"), config))
        self.failed(outcome, "invalid_request")
        self.assertNotIn("\u202e", outcome.err)


class Plugins(FaultCase):
    def user(self, text=None, command=None, **more):
        command = command or script(tempfile.mkdtemp(dir=self.directory), text)
        return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "interactiveMode": "Never", **more}}

    def credential(self, token=TOKEN, version="v1", **status):
        return json.dumps({"apiVersion": f"client.authentication.k8s.io/{version}", "kind": "ExecCredential", "status": {"token": token, **status}})

    def test_good(self):
        with Server(pods, SERVER_TLS) as server:
            for version in ("v1", "v1beta1"):
                user = self.user(f"test -n \"$KUBERNETES_EXEC_INFO\" || exit 3\ntest \"$EXTRA\" = some || exit 4\necho '{self.credential(version=version)}'",
                                 apiVersion=f"client.authentication.k8s.io/{version}", env=[{"name": "EXTRA", "value": "some"}])
                self.ok(self.call(self.config(server, user=user)))
                self.assertEqual(server.requests[-1].headers["authorization"], "Bearer " + TOKEN)

    def test_relative_to_the_kubeconfig_and_in_path(self):
        with Server(pods, SERVER_TLS) as server:
            config = self.config(server, user=self.user(command="fairlead-test-plugin"))
            directory = os.path.dirname(script(tempfile.mkdtemp(dir=self.directory), f"echo '{self.credential()}'", "fairlead-test-plugin"))
            self.ok(self.call(config, env={"PATH": directory + ":" + os.environ["PATH"]}))
            config = self.config(server, user=self.user(command="./plugin"))
            script(os.path.dirname(config), f"echo '{self.credential()}'")
            self.ok(self.call(config))

    def test_bad(self):
        huge = "head -c 200000000 /dev/zero"
        cases = {
            "fails": (f"echo {TOKEN}; exit 7", "authentication_failed", ["exit code 7"]),
            "prints nothing": ("true", "authentication_failed", []), "prints garbage": (f"echo 'token is {TOKEN}'", "authentication_failed", []),
            "prints another kind": (f"""echo '{{"kind":"Secret","data":"{TOKEN}"}}'""", "authentication_failed", []),
            "prints another version": (f"echo '{self.credential(version='v1alpha1')}'", "authentication_failed", []),
            "prints no token": ("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{}}'""", "authentication_failed", []),
            "prints a token with a line break": ("echo '" + self.credential(token=TOKEN + "\\r\\nX-Evil: 1").replace("\\\\", "\\") + "'", "authentication_failed", []),
            "prints without end": (huge, "authentication_failed", []), "is killed": ("kill -9 $$", "authentication_failed", []),
        }

        def attempt(name):
            with Server(pods, SERVER_TLS) as server:
                outcome = self.call(self.config(server, user=self.user(cases[name][0])))
                return outcome, len(server.requests)
        for name, (outcome, requests) in program.parallel(attempt, cases):
            with self.subTest(name):
                self.failed(outcome, cases[name][1], mentions=cases[name][2])
                self.assertEqual(requests, 0)
        missing = self.failed(self.call(self.config("https://127.0.0.1:1", user=self.user(command="nobody-installed-this", installHint="Install it from the shop"))),
                              ("authentication_failed", "invalid_request"), mentions=["nobody-installed-this", "Install it from the shop"])
        self.assertTrue(missing)

    def test_what_a_plugin_says_is_seen(self):
        """Its standard error is ours, as with kubectl: it may ask for a login."""
        outcome = self.call(self.config("https://127.0.0.1:1", user=self.user("echo 'cannot reach the login server' >&2; exit 7")))
        self.assertEqual((outcome.status, outcome.code, outcome.out), (1, "authentication_failed", ""), outcome)
        self.assertIn("cannot reach the login server", outcome.err)

    def test_hanging_ones_are_killed(self):
        mark = os.path.join(self.directory, "pid")
        user = self.user(f"echo $$ > {mark}; exec sleep 60")
        outcome = self.failed(self.call(self.config("https://127.0.0.1:1", user=user), timeout=1.5), ("timeout", "authentication_failed"))
        self.assertLess(outcome.seconds, 4)
        with open(mark) as file:
            pid = int(file.read())
        program.eventually(lambda: self.assertFalse(os.path.exists(f"/proc/{pid}") and "Z" not in open(f"/proc/{pid}/stat").read().split(")")[1][:3]))

    def test_an_expired_answer_is_asked_for_again_and_a_rejected_one_once(self):
        count = os.path.join(self.directory, "count")
        user = self.user(f"echo x >> {count}; echo '{self.credential()}'")
        with Server(lambda e: e.status(401, "Unauthorized", "no"), SERVER_TLS) as server:
            self.failed(self.call(self.config(server, user=user)), "authentication_failed")
            self.assertEqual(len(server.requests), 2)
        with open(count) as file:
            self.assertEqual(len(file.readlines()), 2)

    def test_a_plugin_does_not_get_what_is_meant_for_fairlead(self):
        seen = os.path.join(self.directory, "seen")
        user = self.user(f"env > {seen}; echo '{self.credential()}'")
        with Server(pods, SERVER_TLS) as server:
            self.ok(self.call(self.config(server, user=user), env={"KUBECONFIG_CONTENTS": "x: canary-contents", "FAIRLEAD_TOKEN": "canary-own-token", "ENCRYPTION_KEY": "0" * 64, "PGPASSWORD": "canary-password", "AWS_PROFILE": "staging"}))
        with open(seen) as file:
            text = file.read()
        self.assertIn("AWS_PROFILE=staging", text)
        self.assertIn("KUBERNETES_EXEC_INFO=", text)
        self.assertNotIn("canary", text)
        self.assertNotIn("ENCRYPTION_KEY", text)

    def test_a_client_certificate_from_a_plugin(self):
        certificate, key = AUTHORITY.issue("plugin-client", client=True)
        self.secrets += fault_case.key_canaries(key)
        answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {"clientCertificateData": open(certificate).read(), "clientKeyData": open(key).read()}}
        path = write(os.path.join(self.directory, "answer"), answer)
        with Server(pods, SERVER_TLS, client_authority=AUTHORITY.certificate) as server:
            self.ok(self.call(self.config(server, user=self.user(f"cat {path}"))))
            self.assertEqual(server.peers[-1]["subject"], ((("commonName", "plugin-client"),),))
        # It gives a token alone from now on: nobody is shown the certificate any more.
        token = write(os.path.join(self.directory, "token"), self.credential())
        first = os.path.join(self.directory, "first")
        user = self.user(f"if [ -e {first} ]; then cat {token}; else touch {first}; cat {path}; fi")

        def once(exchange):
            pods(exchange) if exchange.request.headers.get("authorization") else exchange.status(401, "Unauthorized", "withdrawn")
        with Server(once, SERVER_TLS, client_authority=AUTHORITY.certificate) as server:
            server.context.verify_mode = ssl.CERT_OPTIONAL
            self.ok(self.call(self.config(server, user=user)))
            self.assertEqual([peer.get("subject") if peer else None for peer in server.peers], [((("commonName", "plugin-client"),),), None])


class Found(FaultCase):
    """Where a kubeconfig is looked for."""

    def setUp(self):
        super().setUp()
        self.server = Server(pods, SERVER_TLS)
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def run_bare(self, *arguments, **env):
        outcome = program.run("call", "list_pods", "--timeout", "10", *arguments, env=env)
        self.assert_no_secret(outcome, self.secrets)
        return outcome

    def used(self):
        for _ in range(200):
            if self.server.requests:
                break
            time.sleep(0.02)
        return self.server.requests[-1].headers.get("authorization", "").removeprefix("Bearer ")

    def text(self, token):
        return json.dumps(kubeconfig(self.server.url, {"token": token}, {"certificate-authority-data": CA}))

    def write(self, token, name):
        return write(os.path.join(self.directory, name), self.text(token))

    def test_order(self):
        home = os.path.join(self.directory, "home")
        os.makedirs(home + "/.kube")
        write(home + "/.kube/config", self.text("home"))
        everything = {"KUBECONFIG": self.write("variable", "a"), "KUBECONFIG_CONTENTS": self.text("contents"), "HOME": home}
        self.ok(self.run_bare("--kubeconfig", self.write("flag", "b"), **everything))
        self.assertEqual(self.used(), "flag")
        for variable, expected in (("KUBECONFIG", "variable"), ("KUBECONFIG_CONTENTS", "contents"), ("HOME", "home")):
            self.ok(self.run_bare(**everything))
            self.assertEqual(self.used(), expected)
            del everything[variable]
        outcome = self.failed(self.run_bare(HOME="/nonexistent"), "not_found", 1, mentions=["kubeconfig"])
        self.assertTrue(outcome)

    def test_a_kubeconfig_that_is_named_but_missing_is_not_replaced_in_silence(self):
        outcome = self.ok(self.run_bare(KUBECONFIG=self.directory + "/nothing", KUBECONFIG_CONTENTS=self.text("contents")))
        self.assertTrue(any(n.startswith("warning: KUBECONFIG_CONTENTS is used") for n in outcome.notes), outcome)
        home = os.path.join(self.directory, "home")
        os.makedirs(home + "/.kube")
        write(home + "/.kube/config", self.text("home"))
        self.failed(self.run_bare(KUBECONFIG=self.directory + "/nothing", HOME=home), "invalid_request", mentions=["does not exist"])

    def test_several_files_are_merged(self):
        one = kubeconfig(self.server.url, {"token": "one"}, {"certificate-authority-data": CA}, name="one")
        two = kubeconfig(self.server.url, {"token": "two"}, {"certificate-authority-data": CA}, name="two")
        two["users"].append({"name": "one", "user": {"token": "overruled"}})
        paths = ":".join(["", os.path.join(self.directory, "missing"), write(os.path.join(self.directory, "1"), one), write(os.path.join(self.directory, "2"), two)])
        self.ok(self.run_bare(KUBECONFIG=paths))
        self.assertEqual(self.used(), "one")
        self.ok(self.run_bare("--context", "two", KUBECONFIG=paths))
        self.assertEqual(self.used(), "two")

    def test_what_a_shell_hands_over_in_a_pipe(self):
        import subprocess
        config = self.write("piped", "a")
        child = subprocess.run(["bash", "-c", f'exec "$0" call list_pods --timeout 10 --kubeconfig <(cat {config})', program.fairlead()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=program.bare_environment(), timeout=30)
        self.assertEqual(child.returncode, 0, child.stderr)
        self.assertEqual(self.used(), "piped")

    def test_utf_16_is_told(self):
        path = os.path.join(self.directory, "powershell")
        with open(path, "wb") as file:
            file.write(self.text("x").encode("utf-16"))
        self.failed(self.run_bare("--kubeconfig", path), "invalid_request", mentions=["UTF-16", "UTF-8"])

    def test_dev_null_is_an_empty_one(self):
        self.ok(self.run_bare(KUBECONFIG="/dev/null:" + self.write("listed", "a")))
        self.assertEqual(self.used(), "listed")
        self.failed(self.run_bare(KUBECONFIG="/dev/null"), "invalid_request", mentions=["KUBECONFIG"])

    def test_paths_in_a_kubeconfig_are_relative_to_it(self):
        os.makedirs(self.directory + "/a/b")
        with open(AUTHORITY.certificate) as source, open(self.directory + "/a/ca.crt", "w") as target:
            target.write(source.read())
        with open(self.directory + "/a/b/token", "w") as target:
            target.write("from a file\n".replace(" ", "-"))
        config = write(self.directory + "/a/b/config", kubeconfig(self.server.url, {"tokenFile": "token"}, {"certificate-authority": "../ca.crt"}))
        self.ok(self.run_bare(KUBECONFIG=config))
        self.assertEqual(self.used(), "from-a-file")

    def test_contents_and_context(self):
        both = kubeconfig(self.server.url, {"token": "one"}, {"certificate-authority-data": CA}, name="one")
        two = kubeconfig(self.server.url, {"token": "two"}, {"certificate-authority-data": CA}, {"namespace": "shop"}, name="two")
        for part in ("clusters", "users", "contexts"):
            both[part] += two[part]
        self.ok(self.run_bare(KUBECONFIG_CONTENTS=json.dumps(both)))
        self.assertEqual(self.used(), "one")
        self.ok(self.run_bare(KUBECONFIG_CONTENTS=json.dumps(both), KUBECONFIG_CONTEXT="two"))
        self.assertEqual(self.used(), "two")
        self.ok(self.run_bare("--context", "one", KUBECONFIG_CONTENTS=json.dumps(both), KUBECONFIG_CONTEXT="two"))
        self.assertEqual(self.used(), "one", "what is typed wins over the environment")
        self.failed(self.run_bare(KUBECONFIG_CONTENTS=json.dumps(both), KUBECONFIG_CONTEXT="three"), ("invalid_request", "not_found"), mentions=["three"])
        self.failed(self.run_bare(KUBECONFIG_CONTENTS="{"), "invalid_request", mentions=["KUBECONFIG_CONTENTS"])

    def test_the_namespace_of_the_context(self):
        config = self.config(self.server, context={"namespace": "shop"})
        self.call(config, "web", operation="get_pod")
        self.assertIn("/api/v1/namespaces/shop/pods/web", [r.target for r in self.server.requests])
        self.call(config, "web", "-n", "other", operation="get_pod")
        self.assertIn("/api/v1/namespaces/other/pods/web", [r.target for r in self.server.requests])
        self.call(config)
        self.assertEqual(self.server.requests[-1].target.split("?")[0], "/api/v1/pods", "a list without a namespace is of all")
        self.call(self.config(self.server), "web", operation="get_pod")
        self.assertIn("/api/v1/namespaces/default/pods/web", [r.target for r in self.server.requests])

    def test_a_server_without_a_kubeconfig(self):
        flags = ("--api-server", self.server.url, "--certificate-authority", AUTHORITY.certificate)
        self.ok(self.run_bare(*flags, FAIRLEAD_TOKEN=TOKEN, KUBECONFIG="/nonexistent"))
        self.assertEqual(self.used(), TOKEN)
        file = os.path.join(self.directory, "token")
        with open(file, "w") as target:
            target.write("of-a-file\n")
        self.ok(self.run_bare(*flags, "--token-file", file))
        self.assertEqual(self.used(), "of-a-file")
        self.failed(self.run_bare("--api-server", self.server.url, FAIRLEAD_TOKEN=TOKEN), "certificate_invalid")
        outcome = self.ok(self.run_bare("--api-server", self.server.url, "--insecure-skip-tls-verify", FAIRLEAD_TOKEN=TOKEN))
        self.assertTrue(any("warning" in n for n in outcome.notes), outcome)
        self.ok(self.run_bare(*flags[:3], flags[3], "--tls-server-name", "localhost", FAIRLEAD_TOKEN=TOKEN))
        self.failed(self.run_bare(*flags, "--tls-server-name", "elsewhere", FAIRLEAD_TOKEN=TOKEN), "certificate_invalid")
        self.failed(self.run_bare(*flags, "--token-file", "/nonexistent"), ("authentication_failed", "invalid_request"))
        self.assertNotIn("--token ", program.run("call", "list_pods", "--help").out, "a token on the command line is seen by everybody on the machine")

    def test_a_token_file_that_rotates_is_read_again_after_a_401(self):
        file = os.path.join(self.directory, "token")
        with open(file, "w") as target:
            target.write("old")

        def answer(exchange):
            if exchange.request.headers.get("authorization") == "Bearer old":
                with open(file, "w") as target:
                    target.write("new")
                exchange.status(401, "Unauthorized", "the token has expired")
            else:
                pods(exchange)
        with Server(answer, SERVER_TLS) as server:
            self.ok(self.call(self.config(server, user={"tokenFile": file})))
            self.assertEqual([r.headers["authorization"] for r in server.requests], ["Bearer old", "Bearer new"])

    def test_token_files_that_are_none(self):
        for name, data in (("empty", b""), ("binary", bytes(range(256))), ("two lines", b"one\ntwo\n"), ("huge", b"x" * (8 << 20))):
            file = os.path.join(self.directory, name)
            with open(file, "wb") as target:
                target.write(data)
            with self.subTest(name):
                self.failed(self.call(self.config(self.server, user={"tokenFile": file})), ("authentication_failed", "invalid_request"))
        self.failed(self.call(self.config(self.server, user={"tokenFile": self.directory})), ("authentication_failed", "invalid_request"))
        fifo = os.path.join(self.directory, "fifo")
        os.mkfifo(fifo)
        self.failed(self.call(self.config(self.server, user={"tokenFile": fifo}), timeout=3), ("authentication_failed", "invalid_request", "timeout"))


class Proxies(FaultCase):
    def test_through_a_proxy(self):
        with Server(pods, SERVER_TLS) as server, Proxy() as proxy:
            cluster = {"certificate-authority-data": CA, "proxy-url": proxy.url}
            self.ok(self.call(self.config(server, cluster=cluster)))
            self.assertTrue(proxy.asked[0].startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n"), proxy.asked)
            self.assertNotIn(TOKEN, "".join(proxy.asked))

    def test_of_the_environment(self):
        with Server(pods, SERVER_TLS) as server, Proxy() as proxy:
            cluster = {"certificate-authority-data": CA}
            config = self.config(server.url, cluster={**cluster, "server": f"https://localhost:{server.port}"})
            # As in Go, an address of this machine is never reached through the proxy of the environment.
            self.ok(self.call(config, env={"HTTPS_PROXY": proxy.url}))
            self.assertEqual(proxy.asked, [])
            away = self.config("https://fairlead.invalid:6443", cluster=cluster)
            self.failed(self.call(away, env={"HTTPS_PROXY": proxy.url}), "unreachable")
            self.assertEqual(len(proxy.asked) > 0 and proxy.asked[0].split("\r\n")[0], "CONNECT fairlead.invalid:6443 HTTP/1.1")
            before = len(proxy.asked)
            self.failed(self.call(away, env={"HTTPS_PROXY": proxy.url, "NO_PROXY": ".invalid"}), "unreachable")
            self.assertEqual(len(proxy.asked), before)

    def test_a_password_for_the_proxy(self):
        password = "canary-proxy-password-91"
        self.secrets += [password, base64.b64encode(f"me:{password}".encode()).decode()]
        with Server(pods, SERVER_TLS) as server, Proxy() as proxy:
            url = proxy.url.replace("http://", f"http://me:{password}@")
            self.ok(self.call(self.config(server, cluster={"certificate-authority-data": CA, "proxy-url": url})))
            wanted = "Basic " + base64.b64encode(f"me:{password}".encode()).decode()
            self.assertIn(f"proxy-authorization: {wanted}".lower(), proxy.asked[0].lower())
            self.assertNotIn("proxy-authorization", str([r.headers for r in server.requests]))
        with Server(pods, SERVER_TLS) as server, Proxy(refuse="407 Proxy Authentication Required") as proxy:
            url = proxy.url.replace("http://", f"http://me:{password}@")
            self.failed(self.call(self.config(server, cluster={"certificate-authority-data": CA, "proxy-url": url})), ("unreachable", "authentication_failed"), mentions=["proxy"])
            self.assertEqual(server.requests, [])

    def test_proxies_that_refuse_or_hang(self):
        cases = {"403": Proxy(refuse="403 Forbidden"), "502": Proxy(refuse="502 Bad Gateway"), "hangs": Proxy(hang=True)}
        with Server(pods, SERVER_TLS) as server:
            for name, proxy in cases.items():
                with proxy, self.subTest(name):
                    outcome = self.call(self.config(server, cluster={"certificate-authority-data": CA, "proxy-url": proxy.url}), timeout=2)
                    self.failed(outcome, "timeout" if name == "hangs" else ("unreachable", "permission_denied"), mentions=["proxy"] if name != "hangs" else [])
            self.failed(self.call(self.config(server, cluster={"certificate-authority-data": CA, "proxy-url": "http://127.0.0.1:1"})), "unreachable", mentions=["proxy"])
            for url in ("nonsense", "ftp://127.0.0.1:1", "http://", "://"):
                self.failed(self.call(self.config(server, cluster={"certificate-authority-data": CA, "proxy-url": url})), "invalid_request", mentions=["proxy"])


if __name__ == "__main__":
    program.main()
