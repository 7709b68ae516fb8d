#!/usr/bin/env python3
"""What pods and nodes use, as kubectl top has it; and a cluster that measures nothing, as the real one of these tests."""
import base64
import json
import os
import subprocess
import tempfile

from cluster_case import ClusterCase
import program

GROUP = "/apis/metrics.k8s.io/v1beta1"
ABSENT = "this cluster does not measure what pods and nodes use"


def number(text):
    """250m, 64Mi, 8% -> a number."""
    return int("".join(c for c in text if c.isdigit()))


def bytes_of(text):
    return number(text) * {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}.get(text[-2:], 1)


def nanocores(text):
    return number(text) * {"n": 1, "u": 1000, "m": 1000000}.get(text[-1], 1000000000)


class Usage(ClusterCase):
    def measured(self):
        return self.kubectl.run("get", "--raw", GROUP + "/nodes", check=False).returncode == 0

    def needs_metrics(self):
        if not self.measured():
            self.skipTest("this cluster has no metrics server")

    def top(self, *arguments):
        return [line.split() for line in self.kubectl.text("top", *arguments, "--no-headers").splitlines()]

    def test_top_pods_as_kubectl_has_it(self):
        self.needs_metrics()

        def compare(before):
            ours = self.rows("top_pods")
            rows = sorted([r["namespace"], r["name"], r["cpu"], r["memory"] >> 20] for r in ours)

            def check():
                self.assertEqual(rows, sorted([ns, name, number(cpu), number(memory)] for ns, name, cpu, memory in before))
                self.assertEqual([r["cpu"] for r in ours], sorted((r["cpu"] for r in ours), reverse=True))
            return check
        self.settled(lambda: self.top("pods", "-A"), compare)

    def test_top_pods_of_a_namespace_with_what_they_asked_for(self):
        self.needs_metrics()
        pod = self.some_pod(lambda p: any(c.get("resources", {}).get("requests", {}).get("cpu") for c in p["spec"]["containers"])
                            and any(s.get("state", {}).get("running") for s in p["status"].get("containerStatuses", [])), "running pod with requests")
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        outcome = self.ok(self.call("top_pods", "-n", namespace, "--sort-by", "memory"))
        self.assertIn("CPU-REQUEST", outcome.out.splitlines()[0])
        self.assertRegex(outcome.out, rf"(?m)^{name} +\d+m +\d+Mi +\d+m ")
        listed = {(r["namespace"], r["name"]): r for r in self.rows("list_pods", "-n", namespace)}
        for row in self.rows("top_pods", "-n", namespace, "--sort-by", "memory"):
            request = listed[row["namespace"], row["name"]]["cpu_request"]
            millicores = None if request is None else number(request) * (1 if request.endswith("m") else 1000)
            self.assertEqual(row["cpu_request"], millicores, row)
        containers = self.rows("top_pods", name, "-n", namespace, "--containers")
        self.assertEqual({r["container"] for r in containers},
                         {s["name"] for s in pod["status"]["containerStatuses"] if s.get("state", {}).get("running")})
        everywhere = self.ok(self.call("top_pods"))
        self.assertNotIn("REQUEST", everywhere.out.splitlines()[0], "whole pods are much to read")

    def test_top_nodes_as_kubectl_has_it(self):
        self.needs_metrics()

        def compare(before):
            rows = sorted([r["name"], r["cpu"], r["cpu_percent"], r["memory"] >> 20, r["memory_percent"]] for r in self.rows("top_nodes") if r["cpu"] is not None)
            theirs = sorted([name, *map(number, rest)] for name, *rest in before if "<unknown>" not in rest)
            return lambda: self.assertEqual(rows, theirs)
        self.settled(lambda: self.top("nodes"), compare)

    def test_how_much_of_one_node_is_used(self):
        """Page 003: 'What's the resource utilization of node worker-3?'"""
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        described = self.ok(self.call("describe_node", node))
        self.assertRegex(described.out, r"allocated:\n  cpu_requests: \S+ of \S+ \(\d+%\)")
        if not self.measured():
            self.assertTrue(any(ABSENT in n for n in described.notes), described)
            return
        self.assertRegex(described.out, r"usage:\n  cpu: \S+ of \S+ \(\d+%\)\n  memory: \S+ of \S+ \(\d+%\)")
        one = self.rows("top_nodes", node)
        self.assertEqual([r["name"] for r in one], [node])
        self.failed(self.call("top_nodes", "no-such-node"), "not_found", mentions=["no-such-node"])

    def test_usage_beside_lists_only_where_it_is_asked_for(self):
        for operation, raw in (("list_pods", "pods"), ("list_nodes", "nodes")):
            self.assertNotIn("cpu_usage", self.rows(operation)[0])
            asked = self.ok(self.call(operation, "--usage", "-o", "json"))
            columns = self.ok(self.call(operation, "--columns", "name,cpu_usage,memory_usage"))
            if not self.measured():
                self.assertNotIn("cpu_usage", asked.json()["items"][0])
                for outcome in (asked, columns):
                    self.assertEqual(len([n for n in outcome.notes if ABSENT in n]), 1, outcome)
                self.assertEqual(columns.out.split()[0], "NAME")
                self.assertNotIn("USAGE", columns.out)
                continue

            def compare(before):
                rows = {(r.get("namespace"), r["name"]): r for r in self.rows(operation, "--usage")}

                def check():
                    for item in before:
                        row = rows[item["metadata"].get("namespace"), item["metadata"]["name"]]
                        usages = [c["usage"] for c in item["containers"]] if "containers" in item else [item["usage"]]
                        self.assertEqual(row["cpu_usage"], -(-sum(nanocores(u["cpu"]) for u in usages) // 1000000))
                        self.assertEqual(row["memory_usage"], sum(bytes_of(u["memory"]) for u in usages))
                return check
            self.settled(lambda: json.loads(self.kubectl.text("get", "--raw", f"{GROUP}/{raw}"))["items"], compare)
            self.assertRegex(columns.out, r"^NAME +CPU-USAGE +MEMORY-USAGE\n")

    def test_a_cluster_that_measures_nothing(self):
        if self.measured():
            self.fault("gone", 404)
        for operation in ("top_pods", "top_nodes"):
            self.failed(self.call(operation), "not_found", mentions=[ABSENT, "metrics-server"])
        outcome = self.ok(self.call("list_pods", "--usage", "-o", "json"))
        self.assertEqual(len([n for n in outcome.notes if ABSENT in n]), 1, outcome)

    def test_a_metrics_server_that_does_not_answer(self):
        self.needs_metrics()
        self.fault("silent", 503)
        for operation in ("top_pods", "top_nodes"):
            self.failed(self.call(operation), "server_error", mentions=["metrics.k8s.io is registered", "metrics-server"])
        self.assertTrue(any("metrics.k8s.io is registered" in n for n in self.ok(self.call("list_nodes", "--usage")).notes))

    def fault(self, name, status):
        """Asks the sandbox for a fault, which only it has."""
        if not os.environ.get("FAIRLEAD_TEST_SANDBOX"):
            self.skipTest("only the sandbox has faults to ask for")
        config = self.kubectl.json("config", "view", "--raw", "--minify")
        server, user = config["clusters"][0]["cluster"]["server"], config["users"][0]["user"]
        directory = self.enterContext(tempfile.TemporaryDirectory())
        for key in ("client-certificate-data", "client-key-data"):
            with open(os.path.join(directory, key), "wb") as file:
                file.write(base64.b64decode(user[key]))
        command = ["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "--cert", directory + "/client-certificate-data", "--key", directory + "/client-key-data"]

        def send(*more):
            done = subprocess.run([*command, f"{server}/sandbox/faults/{name}", *more], capture_output=True, text=True, timeout=20)
            self.assertRegex(done.stdout, "^2", done)
        send("-X", "PUT", "-d", json.dumps({"match": {"path": GROUP + "*"}, "status": status}))
        self.addCleanup(send, "-X", "DELETE")

    def test_events_of_a_pod(self):
        """Page 003: get_pod shows them too."""
        event = next(e for e in self.kubectl.items("events", "-A") if e["involvedObject"]["kind"] == "Pod"
                     and self.kubectl.run("get", "pod", e["involvedObject"]["name"], "-n", e["involvedObject"]["namespace"], check=False).returncode == 0)
        place = (event["involvedObject"]["name"], "-n", event["involvedObject"]["namespace"])
        self.assertIn(event["reason"], self.ok(self.call("get_pod", *place)).out)
        self.assertNotIn("events", self.document("get_pod", *place))


if __name__ == "__main__":
    program.main()
