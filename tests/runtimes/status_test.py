#!/usr/bin/env python3
"""Why an agent does not run, what differs from what is wanted, where it is reached, and whether it answers.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/status_test.py"""
import json
import os
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from agent_case import AgentCase, NAMESPACE, ON_SANDBOX, READY  # noqa: E402
import program  # noqa: E402

PATIENCE = 120  # seconds: a pod that does not listen to SIGTERM takes 30 of them to go


def annotated(fate):
    return {"spec": {"template": {"metadata": {"annotations": {"sandbox.fairlead.dev/fate": fate}}}}}


def container(**fields):
    return {"spec": {"template": {"spec": {"containers": [{"name": "agent", **fields}]}}}}


class StatusCase(AgentCase):
    def show_until(self, wanted, what):
        """What `show` says as soon as `wanted` of it is so."""
        end = time.monotonic() + PATIENCE
        while True:
            shown = self.show()
            if wanted(shown):
                return shown
            if time.monotonic() > end:
                self.fail(f"{what}: {json.dumps(shown, indent=1)}")
            time.sleep(0.5)

    def fails_with(self, *words):
        def is_so(shown):
            return shown["status"]["phase"] == "failing" and all(word in shown["status"]["cause"] for word in words)

        return self.show_until(is_so, f"no cause with {words}")

    def patch(self, deployment, patch):
        self.kubectl.run("patch", "deployment", deployment, "-n", NAMESPACE, "-p", json.dumps(patch))

    def repaired(self):
        self.ok(self.agents("repair", self.name, "--wait-seconds", READY))
        shown = self.show()
        self.assertEqual((shown["status"]["phase"], shown["status"]["cause"], shown["drift"]), ("running", None, []))

    def gone(self):
        # The stand-in does not listen to SIGTERM.
        self.kubectl.run("delete", "pods", "-n", NAMESPACE, "-l", f"fairlead.dev/agent={self.name}", "--grace-period", "1", "--wait=false")
        self.ok(self.agents("delete", self.name, "--delete-state"))


class Causes(StatusCase):
    def test_an_image_that_cannot_be_pulled(self):
        made = self.deploy()
        self.kubectl.run("set", "image", f"deployment/{made['deployment']}", "-n", NAMESPACE, "agent=127.0.0.1:1/no-such:1")
        shown = self.fails_with("its image 127.0.0.1:1/no-such:1 cannot be pulled", ": ")
        self.assertIn(shown["status"]["pods"][0]["phase"], ("ErrImagePull", "ImagePullBackOff"))
        self.assertEqual((shown["status"]["pods"][0]["ready"], shown["status"]["replicas"]["ready"]), ("0/1", 0))
        self.assertTrue(any("image: \"127.0.0.1:1/no-such:1\" instead of \"fairlead.test/busybox:1\"" in line for line in shown["drift"]), shown["drift"])
        notes = self.ok(self.agents("show", self.name)).notes
        self.assertTrue(any("diagnose_workload" in note and made["deployment"] in note for note in notes), notes)
        self.repaired()
        self.gone()

    def test_a_quota(self):
        made = self.deploy()
        quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "none"}, "spec": {"hard": {"pods": "0"}}}
        self.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(quota).encode())
        self.addCleanup(lambda: self.kubectl.run("delete", "quota", "none", "-n", NAMESPACE, "--ignore-not-found"))
        time.sleep(1)  # it is counted first
        self.kubectl.run("delete", "pods", "-n", NAMESPACE, "-l", f"fairlead.dev/agent={self.name}", "--grace-period", "1")
        shown = self.fails_with("no pod can be created: a quota of its namespace is exceeded", "exceeded quota: none")
        self.assertEqual(shown["drift"], [])
        late = self.agents("restart", self.name, "--wait-seconds", "3")
        self.assertIn("a quota of its namespace is exceeded", late.out + late.err)
        self.kubectl.run("delete", "quota", "none", "-n", NAMESPACE)
        self.gone()

    def test_unschedulable(self):
        made = self.deploy()
        self.patch(made["deployment"], {"spec": {"template": {"spec": {"nodeSelector": {"no.such/label": "x"}}}}})
        shown = self.fails_with("its pod cannot be scheduled: no node takes it", "nodes are available")
        self.assertEqual((shown["status"]["pods"][0]["phase"], shown["status"]["pods"][0]["node"]), ("Pending", None))
        self.gone()

    def test_a_probe_that_fails(self):
        made = self.deploy()
        probes = {probe: {"tcpSocket": {"port": 1}, "periodSeconds": 1} for probe in ("readinessProbe",)}
        self.patch(made["deployment"], annotated("not-ready") if ON_SANDBOX else container(**probes))
        self.fails_with("its container runs, and its readiness probe fails: Readiness probe failed")
        shown = self.show()
        self.assertEqual(shown["exposure"]["endpoints"]["ready"], 0)
        self.gone()

    def test_a_crash_loop(self):
        made = self.deploy()
        words = "echo first; echo these are the last words; exit 3"
        self.patch(made["deployment"], annotated("crashes") if ON_SANDBOX else container(env=[{"name": "AGENT_COMMAND", "value": words}]))
        if ON_SANDBOX:
            self.fails_with("its bootstrap script, or what that runs, ended with exit status 1", "was started again")
        else:
            self.fails_with("ended with exit status 3, and was started again", ": these are the last words")
        self.gone()

    def test_out_of_memory(self):
        if not ON_SANDBOX:
            self.skipTest("only the sandbox kills for memory without filling it")
        made = self.deploy()
        self.patch(made["deployment"], annotated("out-of-memory"))
        self.fails_with("it took more memory than its limit of 32Mi")
        self.gone()

    def test_a_volume_that_nobody_provisions(self):
        self.agents("deploy", self.name, "--runtime", "openclaw", "--cluster", "k8s:box", "--storage", "1Gi", "--storage-class", "no-such-class")
        self.show_until(lambda shown: "state volume" in f"{shown['status']['cause']} {shown['status']['waits_for']}", "nothing of its volume")
        self.gone()

    def test_what_is_missing(self):
        made = self.deploy()
        self.kubectl.run("delete", "secret", made["deployment"] + "-env", "-n", NAMESPACE)
        self.kubectl.run("delete", "service", made["service"], "-n", NAMESPACE)
        self.patch(made["deployment"], {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
        shown = self.fails_with("its container cannot be configured: what it refers to is missing", made["deployment"] + "-env")
        self.assertEqual(shown["drift"], [f"Service {NAMESPACE}/{made['service']} is missing"])
        self.assertIsNone(shown["exposure"])
        self.repaired()
        self.gone()


class Shown(StatusCase):
    def test_a_settled_agent(self):
        self.deploy()
        self.recording.requests.clear()
        shown = self.show()
        self.assertEqual((shown["status"]["phase"], shown["status"]["cause"], shown["status"]["waits_for"], shown["drift"]), ("running", None, None, []))
        self.assertNotIn("unread", shown)
        (pod,) = shown["status"]["pods"]
        self.assertEqual((pod["phase"], pod["ready"], pod["restarts"]), ("Running", "1/1", 0))
        self.assertTrue(pod["node"])
        exposure = shown["exposure"]
        self.assertEqual(exposure["type"], "ClusterIP")
        self.assertEqual(exposure["endpoints"], {"ready": 1, "not_ready": 0})
        self.assertEqual([(p["name"], p["address"]) for p in exposure["ports"]], [("runtime", exposure["cluster_ip"] + ":9090"), ("gateway", exposure["cluster_ip"] + ":18789")])
        reads = [r.target.split("?")[0].split("/")[-2 if "/" + shown["deployment"] in r.target else -1] for r in self.recording.requests]
        self.assertEqual(sorted(reads), ["configmaps", "deployments", "endpointslices", "persistentvolumeclaims", "pods", "services"])
        self.assertEqual({r.method for r in self.recording.requests}, {"GET"})
        self.ok(self.agents("stop", self.name))
        shown = self.show()
        self.assertEqual((shown["status"]["phase"], shown["drift"]), ("stopped", []))
        self.gone()

    def test_node_ports(self):
        self.deploy(None, "--exposure", "node-port")
        exposure = self.show()["exposure"]
        self.assertEqual(exposure["type"], "NodePort")
        for port in exposure["ports"]:
            self.assertEqual(port["address"], f"host.docker.internal:{port['node_port']}")
        self.gone()

    def test_a_cluster_that_is_not_reached_is_told(self):
        self.deploy()
        mounted = os.path.join(self.environment["FAIRLEAD_KUBECONFIGS"], "box")
        with open(mounted) as file:
            text = file.read()
        with open(mounted, "w") as file:
            file.write(text.replace(self.recording.url, "http://127.0.0.1:1"))
        try:
            shown = self.ok(self.agents("show", self.name, "--timeout", "15", "-o", "json")).json()
            self.assertEqual((shown["desired"], shown["status"]["phase"]), ("running", "unknown"))
            self.assertIn("deployments cannot be read", shown["status"]["cause"])
            self.assertEqual(len(shown["revisions"]), 1)
        finally:
            with open(mounted, "w") as file:
                file.write(text)
        self.gone()


class LoadBalancers(StatusCase):
    def test_a_load_balancer(self):
        # Of a class that nobody serves, so that no address comes.
        self.ok(self.fairlead("clusters", "set", "box", "--load-balancer-timeout-ms", "2000", "--load-balancer-class", "example.com/nobody"))
        made = self.deploy(None, "--exposure", "load-balancer")
        shown = self.fails_with("its load balancer is still pending", "longer than the 2s")
        self.assertEqual((shown["exposure"]["load_balancer"], shown["exposure"]["ports"][0]["address"]), (None, None))
        if not ON_SANDBOX:  # which takes an address away that its own controller did not give
            self.give_address(made["service"], "192.0.2.7")
            shown = self.show()
            self.assertEqual((shown["status"]["phase"], shown["exposure"]["load_balancer"]), ("running", "192.0.2.7"))
            self.assertEqual(shown["exposure"]["ports"][0]["address"], "192.0.2.7:9090")
        self.gone()

    def give_address(self, service, ip):
        """kubectl before 1.24 patches no status: the request is sent as it is."""
        url = f"{self.recording.url}/api/v1/namespaces/{NAMESPACE}/services/{service}/status"
        patch = {"status": {"loadBalancer": {"ingress": [{"ip": ip}]}}}
        request = urllib.request.Request(url, json.dumps(patch).encode(), {"Content-Type": "application/merge-patch+json"}, method="PATCH")
        urllib.request.urlopen(request).read()


class Checks(StatusCase):
    def check(self, *arguments):
        return self.ok(self.fairlead("agents", "check", self.name, *arguments, "-o", "json")).json()

    def test_checks(self):
        self.deploy()
        done = self.check()
        self.assertEqual([(c["port"], c["path"], c["attempts"]) for c in done["checks"]], [("runtime", "/health", 1), ("gateway", "/", 1)])
        if ON_SANDBOX:
            self.assertFalse(done["accepted"])
            self.assertIn("no proxy to Services", done["checks"][0]["cause"])
        else:
            # The stand-in has a file for the first, and busybox's httpd no page for the second.
            self.assertEqual((done["checks"][0]["status"], done["checks"][0]["accepted"], done["checks"][0]["cause"]), (200, True, None))
            self.assertEqual((done["checks"][1]["status"], done["checks"][1]["accepted"], done["checks"][1]["cause"]), (404, False, "it answered 404, and 200, 401, 403 is accepted"))
            self.assertEqual(self.check("--attempts", "2", "--timeout", "25")["checks"][1]["attempts"], 2)
        self.ok(self.agents("stop", self.name))
        done = self.check()
        self.assertEqual([c["accepted"] for c in done["checks"]], [False, False])
        if not ON_SANDBOX:
            self.assertIn("nothing answers behind its Service", done["checks"][0]["cause"])
        self.failed(self.fairlead("agents", "check", "nobody"), "not_found", mentions=["no agent 'nobody'"])
        self.gone()


if __name__ == "__main__":
    program.main()
