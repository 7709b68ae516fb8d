#!/usr/bin/env python3
"""Other clients of the Kubernetes API work the cluster of KUBECONFIG: @kubernetes/client-node, and kubernetes-mcp-server by its tools.

They are installed once, from package-lock.json, below ~/.cache/fairlead."""
import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "operations"))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import npm  # noqa: E402
import program  # noqa: E402
from cluster_case import KUBECONFIG, ClusterCase  # noqa: E402

DIRECTORY = None


class ClientNode(unittest.TestCase):
    def test_works(self):
        done = subprocess.run(["node", "client_node.mjs"], cwd=DIRECTORY, capture_output=True, text=True, timeout=120, env={**os.environ, "KUBECONFIG": KUBECONFIG})
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertEqual(done.stdout.count("ok "), 5, done.stdout)


class McpServer(ClusterCase):
    def setUp(self):
        command = ["node", os.path.join(DIRECTORY, "node_modules", ".bin", "kubernetes-mcp-server"), "--kubeconfig", KUBECONFIG]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1)
        self.addCleanup(self.end)
        self.next_id = 0
        self.ask("initialize", {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
        self.send({"method": "notifications/initialized"})

    def end(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child.stdout.close()

    def send(self, message):
        self.child.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")

    def ask(self, method, params):
        self.next_id += 1
        self.send({"id": self.next_id, "method": method, "params": params})
        while True:
            self.assertTrue(program.wait_readable(self.child.stdout, 30), f"no answer to {method}")
            line = self.child.stdout.readline()
            self.assertTrue(line, "the server has ended")
            message = json.loads(line)
            if message.get("id") == self.next_id:
                return message["result"]

    def tool(self, name, /, **arguments):
        result = self.ask("tools/call", {"name": name, "arguments": arguments})
        text = result["content"][0]["text"]
        self.assertFalse(result.get("isError", False), f"{name}: {text}")
        return text

    def test_works(self):
        pod = self.running_pod()
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        self.assertIn(namespace, self.tool("namespaces_list"))
        self.assertIn(name, self.tool("pods_list_in_namespace", namespace=namespace))
        self.assertIn(f"name: {name}", self.tool("pods_get", name=name, namespace=namespace))
        self.tool("pods_log", name=name, namespace=namespace, container=pod["spec"]["containers"][0]["name"], tail=2)
        self.tool("events_list")
        self.assertIn("hello", self.tool("pods_exec", name=name, namespace=namespace, container=pod["spec"]["containers"][0]["name"], command=["echo", "hello"]))
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mcp-made", "namespace": namespace}, "data": {"key": "value"}}
        self.tool("resources_create_or_update", resource=json.dumps(config))
        self.assertIn("key: value", self.tool("resources_get", apiVersion="v1", kind="ConfigMap", name="mcp-made", namespace=namespace))
        self.tool("resources_delete", apiVersion="v1", kind="ConfigMap", name="mcp-made", namespace=namespace)
        self.assertNotEqual(self.kubectl.run("get", "configmap", "mcp-made", "-n", namespace, check=False).returncode, 0)


if __name__ == "__main__":
    DIRECTORY = npm.install(HERE, "clients")
    shutil.copy(os.path.join(HERE, "client_node.mjs"), DIRECTORY)
    program.main()
