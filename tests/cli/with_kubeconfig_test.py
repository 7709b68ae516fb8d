#!/usr/bin/env python3
"""`fairlead with-kubeconfig`: a private file for one command, and no trace of it afterwards."""
import json
import os
import pty
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program
from kubeconfig import kubeconfig

TOKEN = "canary-token-0a1b2c3d4e"
CONFIG = kubeconfig("https://127.0.0.1:6443", {"token": TOKEN})
CONFIG["contexts"].append({"name": "other", "context": {"cluster": "test", "user": "test", "namespace": "shop"}})

LOOK = """
import json, os, stat, sys
path = os.environ["KUBECONFIG"]
directory = os.path.dirname(path)
print(json.dumps({"path": path, "mode": stat.S_IMODE(os.stat(path).st_mode), "directory": stat.S_IMODE(os.stat(directory).st_mode), "text": open(path).read(),
                  "others": os.listdir(directory), "environment": dict(os.environ), "arguments": sys.argv[1:], "open": sorted(os.listdir("/proc/self/fd"))}))
"""


class WithKubeconfig(program.Case):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="fairlead-with-")
        self.addCleanup(self.directory.cleanup)

    def run_with(self, *command, contents=CONFIG, context=None, **env):
        text = contents if isinstance(contents, str) or contents is None else json.dumps(contents)
        return program.run("with-kubeconfig", *command, env={"KUBECONFIG_CONTENTS": text, "KUBECONFIG_CONTEXT": context, "TMPDIR": self.directory.name, **env})

    def left_over(self):
        return os.listdir(self.directory.name)

    def look(self, *arguments, **options):
        outcome = self.run_with("--", sys.executable, "-c", LOOK, *arguments, **options)
        self.assertEqual(outcome.status, 0, outcome)
        return outcome.json()

    def test_a_private_file(self):
        old = os.umask(0)
        try:
            seen = self.look()
        finally:
            os.umask(old)
        self.assertEqual(oct(seen["mode"]), oct(0o600))
        self.assertEqual(oct(seen["directory"]), oct(0o700))
        self.assertEqual(seen["others"], ["kubeconfig"])
        self.assertEqual(json.loads(seen["text"]), CONFIG)
        self.assertTrue(seen["path"].startswith(self.directory.name + "/"))
        self.assertEqual(self.left_over(), [], "something was left behind")

    def test_the_environment_of_the_command(self):
        seen = self.look(KUBECONFIG="/somewhere/else", OTHER="kept")
        self.assertEqual(seen["environment"]["KUBECONFIG"], seen["path"])
        self.assertEqual(seen["environment"]["OTHER"], "kept")
        self.assertNotIn("KUBECONFIG_CONTENTS", seen["environment"])
        self.assertNotIn("KUBECONFIG_CONTEXT", seen["environment"])
        self.assertNotIn(TOKEN, json.dumps(seen["environment"]))
        self.assertLessEqual(len(seen["open"]), 4, "a file stays open in the command")

    def test_the_arguments_of_the_command(self):
        arguments = ["a b", "", "--help", "-n", "--", "*", "$HOME", "é"]
        self.assertEqual(self.look(*arguments)["arguments"], arguments)

    def test_kubectl_reads_it(self):
        kubectl = os.environ.get("KUBECTL", "kubectl")
        import shutil
        if not shutil.which(kubectl):
            self.skipTest("kubectl is missing (apt-get install kubernetes-client)")
        outcome = self.run_with("--", kubectl, "config", "current-context", context="other")
        self.assertEqual((outcome.status, outcome.out), (0, "other\n"), outcome)
        outcome = self.run_with("--", kubectl, "config", "view", "--raw", "-o", "json", context="other")
        self.assertEqual(outcome.json()["users"][0]["user"], {"token": TOKEN})

    def test_fairlead_reads_it(self):
        outcome = self.run_with("--", program.fairlead(), "call", "list_pods", "--timeout", "3", contents=kubeconfig("https://127.0.0.1:1", {"token": TOKEN}))
        self.failed(outcome, "unreachable", mentions=["127.0.0.1:1"])
        self.assert_no_secret(outcome, [TOKEN])

    def test_the_context_is_pinned(self):
        self.assertIn("other", self.run_with("--", "sh", "-c", "grep current-context $KUBECONFIG", context="other").out)
        outcome = self.run_with("--", "true", context="nowhere")
        self.failed(outcome, "invalid_request", mentions=["nowhere"])
        self.assertEqual(self.left_over(), [])

    def test_the_exit_status_is_the_commands(self):
        for status in (0, 1, 2, 3, 42, 255):
            self.assertEqual(self.run_with("--", "sh", "-c", f"exit {status}").status, status)
        self.assertEqual(self.run_with("--", "sh", "-c", "kill -TERM $$").status, 128 + signal.SIGTERM)
        self.assertEqual(self.run_with("--", "sh", "-c", "kill -KILL $$").status, 128 + signal.SIGKILL)
        self.assertEqual(self.left_over(), [])

    def test_a_command_that_cannot_be_run(self):
        missing = self.run_with("--", "nobody-installed-this")
        self.assertEqual(missing.status, 127, missing)
        self.assertIn("nobody-installed-this", missing.err)
        self.assertTrue(missing.err.startswith("error: ") and missing.err.count("\n") == 1)
        self.assertEqual(self.run_with("--", self.directory.name).status, 126)
        self.assertEqual(self.left_over(), [])

    def test_streams_are_the_commands(self):
        outcome = program.run("with-kubeconfig", "--", "cat", env={"KUBECONFIG_CONTENTS": json.dumps(CONFIG), "TMPDIR": self.directory.name}, stdin=b"through\n")
        self.assertEqual((outcome.status, outcome.out, outcome.err), (0, "through\n", ""))

    def test_signals_are_handed_on(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
            text = f"trap 'echo got it; exit 7' {number.name.removeprefix('SIG')}; echo ready; while :; do sleep 0.05; done"
            with program.Process("with-kubeconfig", "--", "sh", "-c", text, env={"KUBECONFIG_CONTENTS": json.dumps(CONFIG), "TMPDIR": self.directory.name}) as process:
                self.assertEqual(process.child.stdout.readline(), b"ready\n")
                self.assertEqual(len(self.left_over()), 1)
                process.signal(number)
                self.assertEqual(process.wait(10), 7, number)
                self.assertEqual(process.child.stdout.read(), b"got it\n")
            self.assertEqual(self.left_over(), [], "the file was left behind")

    def test_a_key_at_the_terminal_comes_once(self):
        text = "n=0; trap 'n=$((n + 1))' INT; echo ready; i=0; while [ $i -lt 20 ]; do sleep 0.05; i=$((i + 1)); done; echo count $n"
        program_path = program.fairlead()
        environment = program.bare_environment(KUBECONFIG_CONTENTS=json.dumps(CONFIG), TMPDIR=self.directory.name)
        child, terminal = pty.fork()
        if child == 0:
            os.execve(program_path, [program_path, "with-kubeconfig", "--", "sh", "-c", text], environment)
        shown = b""
        while b"count" not in shown:
            shown += os.read(terminal, 1000)
            if shown.endswith(b"ready\r\n"):
                os.write(terminal, b"\x03")
        os.waitpid(child, 0)
        os.close(terminal)
        self.assertIn(b"count 1", shown)

    def test_signals_that_were_ignored_stay_so(self):
        outcome = subprocess.run([program.fairlead(), "with-kubeconfig", "--", "sh", "-c", "kill -HUP $$; echo alive; grep SigIgn /proc/self/status"], check=True, text=True, capture_output=True,
                                 env=program.bare_environment(KUBECONFIG_CONTENTS=json.dumps(CONFIG)), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN), restore_signals=True)
        self.assertTrue(outcome.stdout.startswith("alive\n"), outcome.stdout)
        self.assertEqual(int(outcome.stdout.split()[-1], 16) & (1 << (signal.SIGPIPE - 1)), 0, "SIGPIPE is ignored in the command")

    def test_a_command_that_dies_of_the_signal(self):
        with program.Process("with-kubeconfig", "--", "sh", "-c", "echo ready; exec sleep 60", env={"KUBECONFIG_CONTENTS": json.dumps(CONFIG), "TMPDIR": self.directory.name}) as process:
            self.assertEqual(process.child.stdout.readline(), b"ready\n")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 128 + signal.SIGTERM)
        self.assertEqual(self.left_over(), [])

    def test_contents_that_are_none(self):
        cases = {"missing": None, "empty": "", "garbage": "\x01\x02 not yaml: [", "no clusters": json.dumps({**CONFIG, "clusters": []}), "another kind": "kind: Pod\napiVersion: v1\n",
                 "a word": TOKEN, "a dangling token": json.dumps({"token": TOKEN}), "deep": "[" * 100000}
        mark = os.path.join(self.directory.name, "ran")
        for name, contents in cases.items():
            with self.subTest(name):
                outcome = self.run_with("--", "touch", mark, contents=contents)
                self.failed(outcome, "invalid_request", 2)
                self.assertIn("KUBECONFIG_CONTENTS", outcome.err)
                self.assert_no_secret(outcome, [TOKEN])
                self.assertEqual(self.left_over(), [], "the command was run, or a file was left")

    def test_a_runtime_directory_that_is_not_there(self):
        outcome = self.run_with("--", "true", XDG_RUNTIME_DIR="/nonexistent/directory")
        self.assertEqual(outcome.status, 0, outcome)

    def test_a_directory_that_cannot_be_written(self):
        outcome = self.run_with("--", "true", TMPDIR="/nonexistent/directory")
        self.failed(outcome, "invalid_request", mentions=["TMPDIR"])

    def test_without_a_command(self):
        outcome = self.run_with()
        self.assertEqual((outcome.status, outcome.out), (2, ""), outcome)


if __name__ == "__main__":
    program.main()
