#!/usr/bin/env python3
"""What kubectl does that takes a while or moves the cluster: follows logs, runs commands, forwards ports, watches, edits, drains.

What it prints in one go is compared with a recording, by agreement/ (kubectl_reads, kubectl_changes)."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "operations"))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import program  # noqa: E402
from cluster_case import KUBECONFIG, ClusterCase, place  # noqa: E402


class Kubectl(ClusterCase):
    def started(self, *arguments):
        """A kubectl that goes on running, and is ended by its id when the test is over."""
        command = [self.kubectl.program, f"--kubeconfig={KUBECONFIG}", f"--cache-dir={self.kubectl.cache}", *arguments]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)

        def end():
            if child.poll() is None:
                child.send_signal(signal.SIGINT)
            child.communicate(timeout=10)
        self.addCleanup(end)
        return child

    def line(self, child, seconds=15):
        if not program.wait_readable(child.stdout, seconds):
            self.fail(f"no line within {seconds} s from {child.args}")
        return child.stdout.readline().rstrip("\n")

    def scratch(self, name):
        """A namespace that goes when the test is over."""
        self.kubectl.run("create", "namespace", name)
        self.addCleanup(self.kubectl.run, "delete", "namespace", name, "--wait=false")
        return name

    def serving_pod(self):
        """(namespace, name, container, port) of one that is ready and says where it listens."""
        def wanted(pod):
            ready = any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
            return ready and "deletionTimestamp" not in pod["metadata"] and any(c.get("ports") for c in pod["spec"]["containers"]) and pod["metadata"]["namespace"] == "shop"
        pod = self.some_pod(wanted, "pod that serves")
        container = next(c for c in pod["spec"]["containers"] if c.get("ports"))
        return (*place(pod), container["name"], container["ports"][0]["containerPort"])

    def test_logs(self):
        namespace, name, container, _ = self.serving_pod()
        logs = ("logs", name, "-n", namespace, "-c", container)
        self.assertEqual(len(self.kubectl.text(*logs, "--tail=2").splitlines()), 2)
        self.assertEqual(self.kubectl.text(*logs, "--tail=0"), "")
        self.assertRegex(self.kubectl.text(*logs, "--tail=1", "--timestamps"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ")
        self.assertLessEqual(len(self.kubectl.text(*logs, "--limit-bytes=10")), 10)
        self.assertIn("not found", self.kubectl.run(*logs, "--previous", check=False).stderr.decode())
        self.assertTrue(self.kubectl.text("logs", name, "-n", namespace, "--all-containers", "--tail=1"))

    def test_follows_logs(self):
        namespace, name, container, _ = self.serving_pod()
        child = self.started("logs", "-f", "--tail=1", name, "-n", namespace, "-c", container)
        self.assertTrue(self.line(child), "what was there")
        self.assertTrue(self.line(child, 20), "what comes later")
        self.assertIsNone(child.poll(), "it goes on")

    def test_runs_commands(self):
        namespace, name, container, _ = self.serving_pod()
        run = ("exec", name, "-n", namespace, "-c", container)
        self.assertEqual(self.kubectl.text(*run, "--", "echo", "hello").strip(), "hello")
        self.assertEqual(self.kubectl.run(*run, "-i", "--", "cat", stdin=b"from here").stdout, b"from here")
        self.assertEqual(self.kubectl.run(*run, "--", "sh", "-c", "exit 7", check=False).returncode, 7)
        both = self.kubectl.run(*run, "--", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((both.stdout, both.stderr), (b"out\n", b"err\n"))
        self.assertNotEqual(self.kubectl.run(*run, "--", "no-such-program", check=False).returncode, 0)

    def test_forwards_ports(self):
        namespace, name, _, port = self.serving_pod()
        child = self.started("port-forward", f"pod/{name}", f":{port}", "-n", namespace)
        found = re.search(r"Forwarding from 127\.0\.0\.1:(\d+) -> " + str(port), self.line(child))
        self.assertTrue(found)
        for _ in range(2):
            with urllib.request.urlopen(f"http://127.0.0.1:{found.group(1)}/", timeout=10) as answer:
                self.assertEqual(answer.status, 200)
                self.assertTrue(answer.read())

    def test_watches(self):
        namespace = self.scratch("kubectl-watch")
        child = self.started("get", "configmaps", "-n", namespace, "-w", "--no-headers", "-o", "name", "--field-selector=metadata.name=seen")
        time.sleep(1)
        self.kubectl.run("create", "configmap", "seen", "-n", namespace)
        self.assertEqual(self.line(child), "configmap/seen")
        self.kubectl.run("label", "configmap", "seen", "-n", namespace, "a=b")
        self.assertEqual(self.line(child), "configmap/seen")

    def test_edits(self):
        namespace = self.scratch("kubectl-edit")
        self.kubectl.run("create", "configmap", "c", "-n", namespace, "--from-literal=k=before")
        with tempfile.NamedTemporaryFile("w", suffix=".sh") as editor:
            editor.write("#!/bin/sh\nsed -i s/before/after/ \"$1\"\n")
            editor.flush()
            os.chmod(editor.name, 0o700)
            editor.file.close()
            done = subprocess.run([self.kubectl.program, f"--kubeconfig={KUBECONFIG}", "edit", "configmap", "c", "-n", namespace], capture_output=True, text=True, timeout=30,
                                  env={**os.environ, "KUBE_EDITOR": f"sh {editor.name}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.kubectl.text("get", "configmap", "c", "-n", namespace, "-o", "jsonpath={.data.k}"), "after")

    def test_cordons_and_drains(self):
        node = self.kubectl.items("nodes")[-1]["metadata"]["name"]
        namespace = self.scratch("kubectl-drain")
        self.kubectl.run("create", "deployment", "d", "--image=fairlead.test/busybox:1", "-n", namespace, "--", "sleep", "1000")
        self.kubectl.run("rollout", "status", "deployment/d", "-n", namespace, "--timeout=30s")
        self.addCleanup(self.kubectl.run, "uncordon", node)
        self.assertEqual(self.kubectl.text("cordon", node).strip(), f"node/{node} cordoned")
        self.assertIn("SchedulingDisabled", self.kubectl.text("get", "node", node))
        self.assertEqual(self.kubectl.text("cordon", node).strip(), f"node/{node} already cordoned")
        done = self.kubectl.run("drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--grace-period=1", "--pod-selector=app=d", "--timeout=40s")
        self.assertIn("drained", done.stdout.decode())
        self.assertEqual(self.kubectl.text("uncordon", node).strip(), f"node/{node} uncordoned")

    def test_explains(self):
        for kind in ("pods", "deployment.spec.strategy", "service.spec.ports", "ingress.spec", "cronjob", "networkpolicy"):
            said = self.kubectl.text("explain", kind)
            self.assertIn("FIELDS:" if "FIELDS:" in said else "FIELD:", said, kind)
            self.assertIn("DESCRIPTION:", said, kind)

    def test_describes_every_kind(self):
        for kind in ("nodes", "pods", "services", "deployments", "replicasets", "configmaps", "secrets", "serviceaccounts", "events", "namespaces"):
            said = self.kubectl.text("describe", kind, "-n", "shop")
            self.assertTrue(kind == "events" or re.search(r"^Name: +\S", said, re.MULTILINE), kind)

    def test_tells_of_the_cluster(self):
        self.assertIn("is running at", self.kubectl.text("cluster-info"))
        self.assertIn("Server Version", self.kubectl.text("version"))
        self.assertIn("apps/v1", self.kubectl.text("api-versions").splitlines())
        resources = self.kubectl.text("api-resources", "-o", "name").splitlines()
        for name in ("pods", "deployments.apps", "ingresses.networking.k8s.io", "roles.rbac.authorization.k8s.io", "customresourcedefinitions.apiextensions.k8s.io"):
            self.assertIn(name, resources)
        self.assertEqual(self.kubectl.text("auth", "can-i", "delete", "nodes").strip(), "yes")


if __name__ == "__main__":
    program.main()
