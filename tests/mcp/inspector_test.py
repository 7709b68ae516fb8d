#!/usr/bin/env python3
"""A real MCP client, the CLI of @modelcontextprotocol/inspector, works the cluster of KUBECONFIG through `fairlead mcp`.

The client is installed once, from package-lock.json, below ~/.cache/fairlead."""
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "operations"))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import program
from cluster_case import ClusterCase, KUBECONFIG

CLIENT = None


def client():
    """Path of the inspector's program, installed when it is not there yet."""
    for needed in ("node", "npm"):
        if not shutil.which(needed):
            program.skip_all(f"{needed} is missing: apt-get install nodejs npm")
    with open(os.path.join(HERE, "package-lock.json"), "rb") as file:
        lock = file.read()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = os.path.join(cache, "fairlead", "mcp-client-" + hashlib.sha256(lock).hexdigest()[:12])
    os.makedirs(directory, exist_ok=True)
    done = os.path.join(directory, "installed")
    with open(os.path.join(directory, "lock"), "w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        if not os.path.exists(done):
            for name in ("package.json", "package-lock.json"):
                shutil.copy(os.path.join(HERE, name), directory)
            npm = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=directory, capture_output=True, text=True)
            if npm.returncode != 0:
                reason = (npm.stderr.strip().splitlines() or ["no reason given"])[0]
                program.skip_all(f"the MCP client could not be installed (npm ci in tests/mcp needs the npm registry): {reason}")
            open(done, "w").close()
    return os.path.join(directory, "node_modules", ".bin", "mcp-inspector")


class Inspector(ClusterCase):
    def inspect(self, *arguments, server=()):
        """What the client prints for `--method …`, as JSON."""
        command = [CLIENT, "--cli", program.fairlead(), "mcp", *server, "-e", f"KUBECONFIG={KUBECONFIG}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return json.loads(done.stdout)

    def call(self, tool, *server, **arguments):
        words = [word for name, value in arguments.items() for word in ("--tool-arg", f"{name}={value}")]
        return self.inspect("--method", "tools/call", "--tool-name", tool, *words, server=server)

    def test_lists_the_tools(self):
        tools = self.inspect("--method", "tools/list")["tools"]
        names = [o["name"] for o in program.run("ops", "-o", "json").json()["operations"]]
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

    def test_scale_deployment(self):
        namespace, name, replicas = self.ready_deployment()

        def wanted():
            return self.kubectl.json("get", "deployment", name, "-n", namespace)["spec"]["replicas"]
        refused = self.call("scale_deployment", name=name, namespace=namespace, replicas=replicas + 1)
        self.assertTrue(refused["isError"])
        self.assertIn("policy_denied", refused["content"][0]["text"])
        self.assertEqual(wanted(), replicas)
        self.addCleanup(self.kubectl.run, "scale", "deployment", name, "-n", namespace, f"--replicas={replicas}")
        result = self.call("scale_deployment", "--allow", "write", name=name, namespace=namespace, replicas=replicas + 1)
        self.assertFalse(result.get("isError", False), result)
        self.assertEqual(wanted(), replicas + 1)


if __name__ == "__main__":
    CLIENT = client()
    program.main()
