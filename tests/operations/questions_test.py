#!/usr/bin/env python3
"""The example questions of users, each answered over MCP by at most two calls: what a model would be asked, what it would
call, and what must stand in the answer for it to be one."""
import json
import os
import sys

from cluster_case import ClusterCase, KUBECONFIG
from mcp_client import Mcp
import program

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "diagnosis"))
from objects import claim, crash, deployment, service, shell  # noqa: E402

NAMESPACE, NODE, MOST = "questions", "question-node", 2


class Asked:
    """Calls of one question, counted."""

    def __init__(self, test, client):
        self.test, self.client, self.calls = test, client, 0

    def text(self, operation, **arguments):
        self.calls += 1
        self.test.assertLessEqual(self.calls, MOST, "a question may take two calls")
        text, failed = self.client.call(operation, arguments)
        self.test.assertFalse(failed, text)
        return text

    def rows(self, operation, **arguments):
        text = self.text(operation, format="json", **arguments)
        return json.JSONDecoder().raw_decode(text[text.index("{"):])[0]["items"]


class Questions(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found")
        cls.kubectl.run("create", "namespace", NAMESPACE)
        cls.addClassCleanup(lambda: cls.kubectl.run("delete", "namespace", NAMESPACE, "--wait=false"))
        cls.addClassCleanup(lambda: cls.kubectl.run("delete", "node", NODE, "--ignore-not-found"))
        cls.make_a_node_that_is_not_ready()
        for made in (deployment("web", shell("for i in $(seq 1 300); do echo line $i; done; exec sleep 86400"), port=None),
                     deployment("frontend", crash("cannot open /etc/frontend.conf")), deployment("nginx", ["sleep", "86400"], replicas=1, port=None),
                     deployment("stranded", ["sleep", "86400"], port=None, pod={"nodeName": NODE}), claim("waits", "no-such-class"),
                     service("web"), service("typo", {"app": "wbe"})):
            api = {"Deployment": "apps/v1"}.get(made["kind"], "v1")
            cls.kubectl.run("apply", "-n", NAMESPACE, "-f", "-", stdin=json.dumps({"apiVersion": api, **made}).encode())

        def settled():
            pods = {p["metadata"]["labels"]["app"]: p for p in cls.kubectl.items("pods", "-n", NAMESPACE)}
            for app in ("web", "nginx"):
                assert pods[app]["status"]["phase"] == "Running", app
            state = pods["frontend"]["status"]["containerStatuses"][0]["state"]
            assert state.get("waiting", {}).get("reason") == "CrashLoopBackOff", state
            assert pods["stranded"]["spec"]["nodeName"] == NODE
            log = cls.kubectl.text("logs", "-n", NAMESPACE, pods["web"]["metadata"]["name"], "--tail=1")
            assert log == "line 300\n", log
            return pods
        cls.pods = {app: pod["metadata"]["name"] for app, pod in program.eventually(settled, 90).items()}
        cls.client = cls.enterClassContext(Mcp("--kubeconfig", KUBECONFIG, "--allow", "write"))
        cls.client.initialize()

    @classmethod
    def make_a_node_that_is_not_ready(cls):
        cls.kubectl.run("delete", "node", NODE, "--ignore-not-found")
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "annotations": {"sandbox.fairlead.dev/lost": "true"}}}
        cls.kubectl.run("create", "-f", "-", stdin=json.dumps(node).encode())
        node["status"] = {"conditions": [{"type": "Ready", "status": "False", "reason": "KubeletNotReady", "message": "network plugin not ready"}]}
        cls.kubectl.run("replace", "--raw", f"/api/v1/nodes/{NODE}/status", "-f", "-", stdin=json.dumps(node).encode())

    def setUp(self):
        self.asked = Asked(self, self.client)

    def test_show_me_all_pods_in_crash_loop_back_off_in_the_namespace(self):
        text = self.asked.text("list_pods", namespace=NAMESPACE, only_problems=True)
        line = next(line for line in text.splitlines() if "CrashLoopBackOff" in line)
        self.assertIn(self.pods["frontend"], line)
        self.assertNotIn(self.pods["nginx"], text)

    def test_what_is_the_resource_utilization_of_a_node(self):
        node = next(n["metadata"]["name"] for n in self.kubectl.items("nodes") if n["metadata"]["name"] != NODE)
        requested = self.asked.text("describe_node", name=node)
        self.assertRegex(requested, r"cpu.*\d+%")
        if self.kubectl.run("get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes", check=False).returncode == 0:
            self.assertRegex(self.asked.text("top_nodes"), rf"{node} \d+m")

    def test_scale_the_deployment_to_5_replicas(self):
        text = self.asked.text("scale_deployment", name="nginx", namespace=NAMESPACE, replicas=5)
        self.assertIn("from 1 to 5", text)
        self.assertEqual(self.kubectl.json("get", "deployment", "nginx", "-n", NAMESPACE)["spec"]["replicas"], 5)

    def test_which_pods_are_running_on_nodes_that_are_not_ready(self):
        nodes = [r["name"] for r in self.asked.rows("list_nodes") if "NotReady" in r["status"]]
        self.assertEqual(nodes, [NODE])
        pods = self.asked.rows("list_pods", field_selector=f"spec.nodeName={nodes[0]}")
        self.assertEqual([(r["namespace"], r["name"]) for r in pods], [(NAMESPACE, self.pods["stranded"])])

    def test_get_the_logs_of_a_pod_the_last_200_lines(self):
        text = self.asked.text("get_pod_logs", name=self.pods["web"], namespace=NAMESPACE, tail_lines=200)
        lines = [line for line in text.splitlines() if line.startswith("line ")]
        self.assertEqual(lines, [f"line {i}" for i in range(101, 301)])

    def test_list_all_claims_that_are_pending(self):
        text = self.asked.text("list_pvcs", namespace=NAMESPACE)
        self.assertRegex(text, r"(?m)^waits .*Pending")

    def test_what_events_happened_in_the_namespace_in_the_last_hour(self):
        text = self.asked.text("list_events", namespace=NAMESPACE, since_seconds=3600)
        self.assertRegex(text, r"BackOff.*" + self.pods["frontend"] + "|" + self.pods["frontend"] + ".*BackOff")

    def test_describe_the_deployment_and_show_me_why_its_pods_fail(self):
        described = self.asked.text("describe_deployment", name="frontend", namespace=NAMESPACE)
        self.assertRegex(described, "0.* (ready|available)|ready: 0|0/1")
        why = self.asked.text("diagnose_workload", name="frontend", namespace=NAMESPACE)
        self.assertIn("cannot open /etc/frontend.conf", why)

    def test_which_services_have_no_endpoints_behind_them(self):
        rows = self.asked.rows("list_services", namespace=NAMESPACE, only_without_endpoints=True)
        self.assertEqual([r["name"] for r in rows], ["typo"])

    def test_cordon_a_node_so_that_no_new_pods_get_scheduled_there(self):
        self.asked.text("cordon_node", name=NODE)
        self.assertTrue(self.kubectl.json("get", "node", NODE)["spec"]["unschedulable"])


if __name__ == "__main__":
    program.main()
