#!/usr/bin/env python3
"""Names and arguments that are none are refused before anything is sent: the server of this test must never be asked."""
import unittest

from fault_case import SERVER_TLS, FaultCase
import program
from hostile import Server

BAD_NAMES = ["--server=https://x", "../x", "a/b", "..", ".", "", "a" * 300, "Web", "wéb", "web\u202e", "%2F", "a%2Fb", "web pod", "web\n", "web?x=1", "web#x", "-web", "web-",
             "web..x", "web_1", "secret/name", "\u0430dmin", "web;id", "$(id)", "`id`", "a\\b", "web\x1b[31m", "*"]
NAMED = {"get_pod": [], "describe_pod": [], "get_pod_logs": [], "delete_pod": ["--allow", "destructive"], "scale_deployment": ["--replicas", "1", "--allow", "write"],
         "restart_deployment": ["--allow", "write"], "cordon_node": ["--allow", "write"], "uncordon_node": ["--allow", "write"]}
NAMESPACED = {"list_pods": [], "list_deployments": [], "list_events": [], "get_pod": ["web"], "get_pod_logs": ["web"], "delete_pod": ["web", "--allow", "destructive"]}


class Names(FaultCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(lambda e: e.reply(200, {}), SERVER_TLS)
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def setUp(self):
        super().setUp()
        self.path = self.config(self.server)

    def refuse_all(self, jobs):
        jobs = list(jobs)
        for job, outcome in program.parallel(lambda job: self.call(self.path, *job[1:], operation=job[0]), jobs):
            with self.subTest(str(job)[:100]):
                self.failed(outcome, "invalid_request", 2)
        self.assertEqual(self.server.connections, 0, "the server was asked")

    def test_bad_names(self):
        self.refuse_all((operation, f"--name={name}", *more) for operation, more in NAMED.items() for name in BAD_NAMES if name)

    def test_an_empty_value_does_not_swallow_the_next_flag(self):
        """`--reason= --dry-run` must stay a dry run."""
        def answer(exchange):
            exchange.reply(200, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "uid": "u", "resourceVersion": "1"}, "spec": {"replicas": 1}})
        for operation, more in (("delete_pod", ["web"]), ("scale_deployment", ["web", "--replicas", "3"]), ("restart_deployment", ["web"]), ("cordon_node", ["web"])):
            for empty in (["--reason="], ["--reason", ""]):
                with Server(answer, SERVER_TLS) as server:
                    self.call(self.config(server), *more, *empty, "--dry-run", "--allow", "destructive", operation=operation)
                    for request in server.requests:
                        with self.subTest(operation=operation, empty=empty):
                            self.assertTrue(request.method == "GET" or "dryRun" in request.target or b"dryRun" in request.body, f"{request} was no dry run")
        for operation, more in NAMED.items():
            for empty in (["--name="], ["--name", ""], ["--name"]):
                outcome = self.call(self.path, *empty, *more, operation=operation)
                with self.subTest(operation=operation, empty=empty):
                    self.assertEqual(outcome.status, 2, outcome)
        self.assertEqual(self.server.connections, 0, "the server was asked")

    def test_bad_names_by_position(self):
        for name in [n for n in BAD_NAMES if n]:
            outcome = self.call(self.path, name, operation="get_pod")
            with self.subTest(name):
                self.assertEqual(outcome.status, 2, outcome)
                self.assertEqual(outcome.out, "")
                self.assertTrue(outcome.err.startswith("error: ") and outcome.err.count("\n") == 1, outcome)
                self.assert_calm(outcome)
        self.assertEqual(self.server.connections, 0, "the server was asked")

    def test_bad_namespaces(self):
        bad = [n for n in BAD_NAMES if n] + ["a.b", "a" * 64]
        self.refuse_all((operation, *more, f"--namespace={name}") for operation, more in NAMESPACED.items() for name in bad)

    def test_bad_containers(self):
        self.refuse_all(("get_pod_logs", "web", f"--container={name}") for name in BAD_NAMES + ["a.b", "a" * 64] if name)

    def test_bad_objects_of_events(self):
        self.refuse_all(("list_events", f"--object={name}") for name in BAD_NAMES if name)

    def test_values_of_events_cannot_add_to_the_selector(self):
        for flag in ("--reason", "--kind"):
            for value in ("a,involvedObject.name=b", "a=b", "a!=b"):
                with self.subTest(flag=flag, value=value):
                    self.refuse_all([("list_events", f"{flag}={value}")])

    def test_required_and_unknown(self):
        for arguments in (("get_pod",), ("scale_deployment", "web"), ("scale_deployment", "--replicas", "1"), ("get_pod", "web", "more"), ("get_pod", "web", "--nonsense", "1"),
                          ("list_pods", "--only-problem"), ("list_pods", "web")):
            outcome = self.call(self.path, *arguments[1:], operation=arguments[0])
            with self.subTest(arguments):
                self.assertEqual(outcome.status, 2, outcome)
                self.assertEqual(outcome.out, "")
                self.assertTrue(outcome.err.startswith("error: ") and outcome.err.count("\n") == 1, outcome)
        self.assertEqual(self.server.connections, 0)

    def test_the_sentence_names_the_parameter(self):
        self.failed(self.call(self.path, "--name=a/b", operation="get_pod"), "invalid_request", mentions=["parameter name", "a/b"])
        self.failed(self.call(self.path, "--namespace=A", operation="list_pods"), "invalid_request", mentions=["parameter namespace"])


if __name__ == "__main__":
    program.main()
