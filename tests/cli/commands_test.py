#!/usr/bin/env python3
"""The command line itself: help, usage errors, what goes to which stream. Needs no cluster."""
import json
import os
import pty
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program

COMMANDS = ["call", "ops", "rbac", "mcp", "changes", "audit", "policy", "with-kubeconfig", "sandbox"]


class Help(program.Case):
    def test_every_command_has_help_with_an_example(self):
        operations = [o["name"] for o in program.run("ops", "-o", "json").json()["operations"]]
        self.assertGreater(len(operations), 10)
        for words in [[], *([c] for c in COMMANDS), *(["call", o] for o in operations)]:
            for flag in ("--help", "-h"):
                outcome = program.run(*words, flag)
                with self.subTest(" ".join(words + [flag])):
                    self.ok(outcome)
                    self.assertEqual(outcome.err, "")
                    self.assertIn(" ".join(["Usage: fairlead", *words]) + " ", outcome.out)
                    self.assertRegex(outcome.out.lower(), "example")
                    self.assertTrue(all(len(line) <= 200 for line in outcome.out.splitlines()))

    def test_help_needs_no_cluster_and_no_kubeconfig(self):
        self.ok(program.run("call", "list_pods", "--help", env={"KUBECONFIG": "/nonexistent"}))

    def test_version(self):
        self.assertRegex(self.ok(program.run("--version")).out, r"^fairlead \d+\.\d+\.\d+\n$")

    def test_help_of_an_operation_names_every_parameter(self):
        for operation in program.run("ops", "-o", "json").json()["operations"]:
            text = program.run("call", operation["name"], "--help").out
            for parameter in operation["parameters"]["properties"]:
                if parameter not in ("format",):
                    self.assertRegex(text, rf"(?m)--{parameter.replace('_', '-')}|^  {parameter} ", operation["name"])

    def test_examples_of_the_catalog_are_accepted(self):
        """They get as far as looking for a kubeconfig."""
        for operation in program.operations():
            with self.subTest(operation["name"]):
                outcome = program.run("call", operation["name"], "--allow", "destructive", "--kubeconfig", "/nonexistent/kubeconfig", *operation["example"].split())
                self.assertIn("/nonexistent/kubeconfig", outcome.err, outcome)


class Usage(program.Case):
    def test_wrong_usage(self):
        cases = [["nonsense"], ["--nonsense"], ["call"], ["call", "nonsense"], ["call", "list_pod"], ["call", "list_pods", "--nonsense"], ["call", "list_pods", "-o", "xml"],
                 ["call", "list_pods", "-o"], ["call", "list_pods", "--timeout", "0"], ["call", "list_pods", "--timeout", "soon"], ["call", "list_pods", "--allow", "everything"],
                 ["call", "list_pods", "--allow", ""], ["call", "list_pods", "--kubeconfig", ""], ["call", "list_pods", "--context", ""], ["call", "list_pods", "-n", ""], ["mcp", "--context", ""],
                 ["call", "list_pods", "--api-server", ""], ["call", "list_pods", "--api-server", "https://h", "--token-file", ""], ["call", "list_pods", "-l", ""], ["call", "get_pod", ""], ["ops", "nonsense"], ["ops", "-o", "yaml"], ["mcp", "--allow", "root"], ["mcp", "extra"], ["with-kubeconfig"],
                 ["call", "scale_deployment", "web", "--replicas", "three"], ["call", "list_pods", "--token-file", "x"], ["call", "list_pods\x1b[31m"], ["call", "list_pods", "--x\x1b[31m"]]
        for case in cases:
            outcome = program.run(*case)
            with self.subTest(case):
                self.assertEqual(outcome.status, 2, outcome)
                self.assertEqual(outcome.out, "", outcome)
                self.assertTrue(outcome.err.startswith("error: "), outcome)
                self.assertEqual(outcome.err.count("\n"), 1, outcome)
                self.assert_calm(outcome)

    def test_nothing_at_all_shows_the_help(self):
        outcome = program.run()
        self.assertEqual((outcome.status, outcome.out), (2, ""))
        self.assertIn("Usage:", outcome.err)

    def test_did_you_mean(self):
        self.assertIn("list_pods", program.run("call", "list_pod").err)
        self.assertIn("scale_deployment", program.run("ops", "scale_deploymant").err)

    def test_pointers_for_beginners(self):
        self.assertIn("fairlead call list_pods", program.run("list_pods").err)
        outcome = program.run("call", "list_pods", "kube-system")
        self.assertIn("-n", outcome.err)
        self.assertIn("'fairlead call list_pods --help'", outcome.err)


class Catalog(program.Case):
    def test_ops(self):
        text = self.ok(program.run("ops")).out
        operations = self.ok(program.run("ops", "-o", "json")).json()["operations"]
        for operation in operations:
            line = next(l for l in text.splitlines() if operation["name"] in l.split())
            self.assertIn(operation["trust"], line)

    def test_the_operations_of_the_first_cut(self):
        operations = {o["name"]: o["trust"] for o in program.run("ops", "-o", "json").json()["operations"]}
        reads = ["list_pods", "get_pod", "describe_pod", "get_pod_logs", "list_nodes", "list_namespaces", "list_deployments", "list_events"]
        writes = ["scale_deployment", "restart_deployment", "cordon_node", "uncordon_node"]
        for name in reads:
            self.assertEqual(operations[name], "READ")
        for name in writes:
            self.assertEqual(operations[name], "WRITE")
        self.assertEqual(operations["delete_pod"], "DESTRUCTIVE")

    def test_one_operation(self):
        for operation in program.run("ops", "-o", "json").json()["operations"]:
            self.assertEqual(self.ok(program.run("ops", operation["name"], "-o", "json")).json(), operation)
            text = self.ok(program.run("ops", operation["name"])).out
            for parameter in operation["parameters"]["properties"]:
                self.assertIn(parameter, text)
            self.assertEqual(set(operation) - {"follows"}, {"name", "family", "trust", "idempotent", "summary", "parameters", "columns", "access", "example"})


class Streams(program.Case):
    def test_a_closed_output_is_no_crash(self):
        for arguments in (["ops"], ["ops", "-o", "json"], ["--help"]):
            import subprocess
            reading, writing = os.pipe()
            os.close(reading)
            child = subprocess.run([program.fairlead(), *arguments], stdout=writing, stderr=subprocess.PIPE, env=program.bare_environment(), timeout=20)
            os.close(writing)
            self.assertGreaterEqual(child.returncode, 0, arguments)

    def test_a_full_disk_is_a_failure(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        import subprocess
        with open("/dev/full", "w") as full:
            for arguments in (["ops"], ["ops", "-o", "json"], ["--help"]):
                child = subprocess.run([program.fairlead(), *arguments], stdout=full, stderr=subprocess.PIPE, env=program.bare_environment(), timeout=20)
                with self.subTest(arguments):
                    self.assertNotEqual(child.returncode, 0, "what could not be written was reported as done")

    def test_a_full_disk_is_told_by_a_call_too(self):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
        import protobuf
        import subprocess
        from fault_case import FaultCase, SERVER_TLS
        from hostile import Server
        case = FaultCase()
        case.setUp()
        with Server(lambda e: e.reply(200, protobuf.pods_body(), protobuf.MEDIA_TYPE), SERVER_TLS) as server, open("/dev/full", "w") as full:
            child = subprocess.run([program.fairlead(), "call", "list_pods", "--kubeconfig", case.config(server)], stdout=full, stderr=subprocess.PIPE, env=program.bare_environment(), timeout=20)
            self.assertEqual(child.returncode, 1)
            self.assertIn(b"error: write standard output: it could not be written whole", child.stderr)

    def test_a_closed_input_is_an_empty_one(self):
        """Else the first file or connection that is opened would be taken for standard input."""
        import subprocess
        child = subprocess.run(["sh", "-c", 'exec "$0" mcp <&-', program.fairlead()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.bare_environment(), timeout=20)
        self.assertEqual((child.returncode, child.stdout), (0, b""), child.stderr)

    def test_a_closed_output_is_a_failure(self):
        import subprocess
        child = subprocess.run(["sh", "-c", 'exec "$0" ops >&-', program.fairlead()], stderr=subprocess.PIPE, env=program.bare_environment(), timeout=20)
        self.assertEqual(child.returncode, 1)
        self.assertIn(b"(output_failed)", child.stderr)

    def test_too_few_descriptors_are_told(self):
        import subprocess
        for limit in (4, 5, 6, 7, 8):
            child = subprocess.run(["sh", "-c", f'ulimit -n {limit}; exec "$0" call list_pods --api-server http://127.0.0.1:1', program.fairlead()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=program.bare_environment(), timeout=20)
            self.assertIn(child.returncode, (1, 2, 127), child.stderr)
            self.assertNotIn(b"terminate called", child.stderr)

    def test_no_escape_sequences_without_a_terminal(self):
        for arguments in (["ops"], ["--help"], ["call", "nonsense"], ["ops", "list_pods"]):
            self.assert_calm(program.run(*arguments, env={"TERM": "xterm-256color", "CLICOLOR_FORCE": "1"}))

    def test_no_color_on_a_terminal_where_it_is_not_wanted(self):
        master, slave = pty.openpty()
        import subprocess
        child = subprocess.Popen([program.fairlead(), "ops"], stdout=slave, stderr=slave, env=program.bare_environment(NO_COLOR="1", TERM="xterm-256color"))
        os.close(slave)
        out = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            out += data
        os.close(master)
        self.assertEqual(child.wait(10), 0)
        self.assertNotIn(b"\x1b", out)

    def test_progress_is_for_terminals_and_is_wiped(self):
        """A call that takes over a second says so on a terminal, and leaves nothing behind."""
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults"))
        import protobuf
        import subprocess
        import time
        from fault_case import FaultCase, SERVER_TLS
        from hostile import Server

        def slow(exchange):
            time.sleep(2.3)
            exchange.reply(200, protobuf.pods_body(), protobuf.MEDIA_TYPE)
        case = FaultCase()
        case.setUp()
        with Server(slow, SERVER_TLS) as server:
            config = case.config(server)
            master, slave = pty.openpty()
            child = subprocess.Popen([program.fairlead(), "call", "list_pods", "--kubeconfig", config], stdout=subprocess.PIPE, stderr=slave, env=program.bare_environment(TERM="xterm"))
            os.close(slave)
            out = child.stdout.read()
            err = b""
            while True:
                try:
                    data = os.read(master, 65536)
                except OSError:
                    break
                err += data
            os.close(master)
            child.stdout.close()
            self.assertEqual(child.wait(10), 0)
            self.assertNotIn(b"\x1b", out)
            self.assertIn(b"list_pods", err)
            self.assertTrue(err.endswith(b"\r\x1b[K"), err)
            quiet = self.ok(program.run("call", "list_pods", "--kubeconfig", config))
            self.assertEqual(quiet.err, "")


if __name__ == "__main__":
    program.main()
