#!/usr/bin/env python3
"""exec_in_pod: what a program in a container answers, and what must be said before one runs."""
import json
import os

from cluster_case import ClusterCase
import program


class Exec(ClusterCase):
    def setUp(self):
        super().setUp()
        self.namespace, deployment, _ = self.ready_deployment()
        self.pod = self.some_container_with_a_shell(deployment)

    def some_container_with_a_shell(self, deployment):
        for pod in self.kubectl.items("pods", "-A"):
            name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
            ready = any("running" in c.get("state", {}) for c in pod["status"].get("containerStatuses", []))
            if ready and self.kubectl.run("exec", name, "-n", namespace, "--", "sh", "-c", "exit 0", check=False).returncode == 0:
                self.namespace = namespace
                return name
        raise AssertionError("no container of the cluster has a shell")

    def exec(self, *words, options=("--allow", "destructive", "-o", "json")):
        return self.call("exec_in_pod", self.pod, "-n", self.namespace, *options, "--", *words)

    def test_output(self):
        answer = self.ok(self.exec("sh", "-c", "echo to out; echo to err >&2")).json()
        self.assertEqual((answer["exit_code"], answer["stdout"], answer["stderr"]), (0, "to out\n", "to err\n"))
        self.assertEqual((answer["namespace"], answer["pod"]), (self.namespace, self.pod))
        self.assertEqual(answer["stdout"], self.kubectl.text("exec", self.pod, "-n", self.namespace, "--", "echo", "to out"))

    def test_words_are_not_read_by_a_shell(self):
        for words in (["echo", "a b", "$HOME", "; exit 3", "`x`", "&command=ls", "--", "ü"], ["echo", "-n"], ["printf", "%s", "*"]):
            answer = self.ok(self.exec(*words)).json()
            self.assertEqual(answer["stdout"], self.kubectl.text("exec", self.pod, "-n", self.namespace, "--", *words))

    def test_exit_codes(self):
        for code in (1, 7, 126):
            outcome = self.ok(self.exec("sh", "-c", f"exit {code}"))
            self.assertEqual(outcome.json()["exit_code"], code)
            self.assertIn(f"it ended with exit code {code}", outcome.notes)

    def test_a_program_that_is_not_there(self):
        outcome = self.exec("/nope/nothing")
        if outcome.status == 0:  # some runtimes tell by the exit code
            self.assertIn(outcome.json()["exit_code"], (126, 127))
        else:
            self.failed(outcome, "server_error", mentions=["could not be run"])

    def test_much_output_is_counted(self):
        answer = self.ok(self.exec("sh", "-c", "i=0; while [ $i -lt 300 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done")).json()
        self.assertEqual(len(answer["stdout"]), 300 * 41)

    def test_credentials_stay(self):
        answer = self.ok(self.exec("echo", "DB_PASSWORD=hunter2hunter2")).json()
        self.assertEqual(answer["stdout"], "DB_PASSWORD=<redacted>\n")

    def test_is_journaled_and_cannot_be_taken_back(self):
        outcome = self.ok(self.exec("true"))
        number = str(outcome.json()["change"])
        shown = self.ok(program.run("changes", "show", number, "-o", "json")).json()
        self.assertEqual((shown["state"], shown["verification"]), ("completed", "exit code 0"))
        self.failed(program.run("changes", "rollback", number, env={"KUBECONFIG": os.environ["KUBECONFIG"]}), "conflict", mentions=["cannot be taken back"])

    def test_needs_an_approval_of_the_exact_words(self):
        options = ("-o", "json", "--reason", "to look")
        words = ("sh", "-c", f"echo {self.id()}")
        waits = self.failed(self.exec(*words, options=options), "approval_required") or self.exec(*words, options=options)
        number = waits.err.split("changes approve ")[1].split("'")[0]
        shown = self.ok(program.run("changes", "show", number)).out
        self.assertIn(json.dumps(words[2]), shown)
        self.failed(self.exec(*words, "more", options=options), "approval_required")

    def test_dry_run_runs_nothing(self):
        outcome = self.ok(self.exec("sh", "-c", "exit 9", options=("--dry-run", "-o", "json")))
        self.assertNotIn("exit_code", outcome.json())
        self.assertIn("exit 9", outcome.json()["fields"][0])

    def test_bad_input(self):
        self.failed(self.call("exec_in_pod", self.pod, "-n", self.namespace, "--allow", "destructive"), "invalid_request", mentions=["command"])
        self.failed(self.call("exec_in_pod", self.pod, "-n", self.namespace, "--allow", "destructive", "--container", "nope", "--", "ls"), "not_found", mentions=["nope"])
        self.failed(self.call("exec_in_pod", "no-such-pod", "-n", self.namespace, "--allow", "destructive", "--", "ls"), "not_found")
        self.failed(self.exec("", "x"), "invalid_request", mentions=["empty"])
        self.failed(self.exec("echo", "x" * 20000), "invalid_request", mentions=["16 KiB"])


if __name__ == "__main__":
    program.main()
