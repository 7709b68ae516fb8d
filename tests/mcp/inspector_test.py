#!/usr/bin/env python3
"""A real MCP client, the CLI of @modelcontextprotocol/inspector, works the cluster of KUBECONFIG through `fairlead mcp`.

The client is installed once, from package-lock.json, below ~/.cache/fairlead."""
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "operations"))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import npm
import program
from cluster_case import ClusterCase, KUBECONFIG

CLIENT = None


class Inspector(ClusterCase):
    def inspect(self, *arguments, server=()):
        """What the client prints for `--method …`, as JSON."""
        command = [CLIENT, "--cli", program.fairlead(), "mcp", *server, "-e", f"KUBECONFIG={KUBECONFIG}", "-e", f"FAIRLEAD_DATA={program.data_directory()}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

    def call(self, tool, *server, **arguments):
        words = [word for name, value in arguments.items() for word in ("--tool-arg", f"{name}={value}")]
        return self.inspect("--method", "tools/call", "--tool-name", tool, *words, server=server)

    def test_lists_the_tools(self):
        tools = self.inspect("--method", "tools/list")["tools"]
        names = [o["name"] for o in program.operations()]
        self.assertEqual([t["name"] for t in tools], names)
        self.assertTrue(next(t for t in tools if t["name"] == "list_pods")["annotations"]["readOnlyHint"])

    def test_list_pods(self):
        pod = self.running_pod()["metadata"]
        result = self.call("list_pods", namespace=pod["namespace"])
        self.assertFalse(result.get("isError", False), result)
        self.assertIn(pod["name"], result["content"][0]["text"])

    def test_get_pod_logs(self):
        def attempt():
            pod = self.running_pod()
            name, namespace, container = pod["metadata"]["name"], pod["metadata"]["namespace"], pod["spec"]["containers"][0]["name"]
            first = self.kubectl.text("logs", name, "-n", namespace, "-c", container, "--tail=1")
            result = self.call("get_pod_logs", name=name, namespace=namespace, container=container, tail_lines=100)
            self.assertFalse(result.get("isError", False), result)
            self.assertTrue(first.strip())
            self.assertIn(first.strip(), result["content"][0]["text"])
        program.eventually(attempt)

    def test_prompts(self):
        prompts = self.inspect("--method", "prompts/list")["prompts"]
        self.assertEqual([p["name"] for p in prompts], ["why_is_this_pod_failing", "what_changed", "review_namespace"])
        answer = self.inspect("--method", "prompts/get", "--prompt-name", "review_namespace", "--prompt-args", "namespace=shop")
        self.assertIn("Review the namespace shop", answer["messages"][0]["content"]["text"])

    def test_resources(self):
        resource = self.inspect("--method", "resources/list")["resources"][0]
        self.assertEqual(len(self.inspect("--method", "resources/templates/list")["resourceTemplates"]), 2)
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        contents = self.inspect("--method", "resources/read", "--uri", resource["uri"])["contents"]
        self.assertEqual(contents[0]["uri"], resource["uri"])
        for word in (node, "Pods with problems", "<cluster-data id="):
            self.assertIn(word, contents[0]["text"])
        namespace, name, _ = self.ready_deployment()
        uri = f"fairlead://cluster/current/namespaces/{namespace}"
        self.assertIn(name, self.inspect("--method", "resources/read", "--uri", uri)["contents"][0]["text"])

    def test_scale_deployment(self):
        namespace, name, replicas = self.ready_deployment()

        def wanted():
            return self.kubectl.json("get", "deployment", name, "-n", namespace)["spec"]["replicas"]
        refused = self.call("scale_deployment", name=name, namespace=namespace, replicas=replicas + 1)
        self.assertTrue(refused["isError"])
        self.assertIn("approval_required", refused["content"][0]["text"])
        self.assertEqual(wanted(), replicas)
        self.addCleanup(self.kubectl.run, "scale", "deployment", name, "-n", namespace, f"--replicas={replicas}")
        result = self.call("scale_deployment", "--allow", "write", name=name, namespace=namespace, replicas=replicas + 1)
        self.assertFalse(result.get("isError", False), result)
        self.assertEqual(wanted(), replicas + 1)


if __name__ == "__main__":
    CLIENT = os.path.join(npm.install(HERE, "mcp-client"), "node_modules", ".bin", "mcp-inspector")
    program.main()
