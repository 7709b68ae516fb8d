#!/usr/bin/env python3
"""The objects of agents, applied by kubectl: a server takes them without a warning, and a second time nothing changes.

    PRINT_OBJECTS=build/dev/print_objects tests/support/with-sandbox --pods 0 -- tests/runtimes/manifests_test.py"""
import base64
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support")]

import program  # noqa: E402
from kubectl import Kubectl  # noqa: E402

DOCS = os.path.join(HERE, "..", "..", "docs", "runtimes.md")
MODES = ("cluster-ip", "node-port", "load-balancer")
next_id = itertools.count(0x0a000000)


def profile_of_the_docs(directory):
    """The complete example of docs/runtimes.md as a file."""
    with open(DOCS) as file:
        text = re.search(r"```yaml\n(name: .*?)```", file.read(), re.S).group(1)
    path = os.path.join(directory, "example.yaml")
    with open(path, "w") as file:
        file.write(text)
    return path


class Manifests(program.Case):
    @classmethod
    def setUpClass(cls):
        cls.kubectl = Kubectl(os.environ["KUBECONFIG"])
        version = cls.kubectl.json("version")["serverVersion"]
        cls.minor = int(re.match(r"\d+", version["minor"]).group())
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fairlead-runtimes-"))
        cls.example = profile_of_the_docs(cls.directory)

    def objects(self, profile, mode, *, name="billing", agent_id=None, ns="runtimes", **keys):
        arguments = [os.environ["PRINT_OBJECTS"], profile, mode, ns, name, agent_id or f"{next(next_id):08x}", *(f"{key}={value}" for key, value in keys.items())]
        return json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=20).stdout)

    def apply(self, *things, check=True):
        body = {"apiVersion": "v1", "kind": "List", "items": things}
        done = self.kubectl.run("apply", "--server-side", "--field-manager", "fairlead", "-o", "json", "-f", "-", stdin=json.dumps(body).encode(), check=check)
        if not check:
            return done
        self.assertEqual(done.stderr, b"", "a warning")
        return self.versions(done.stdout)

    def versions(self, text):
        answer = json.loads(text)
        return {(thing["kind"], thing["metadata"]["name"]): thing["metadata"]["resourceVersion"] for thing in answer.get("items", [answer])}

    def live(self, thing):
        where = ["-n", thing["metadata"]["namespace"]] if "namespace" in thing["metadata"] else []
        return self.kubectl.json("get", thing["kind"], thing["metadata"]["name"], *where)

    def settled(self, objects):
        """Applied again they are as they were. Controllers write too, so it is tried until none has in between; an apply
        that writes would leave its time, to the second, in managedFields."""
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()

        def unchanged():
            time.sleep(1.1)
            before = self.versions(self.kubectl.run("get", "-o", "json", "-f", "-", stdin=body).stdout)
            self.assertEqual(self.apply(*objects), before)
        program.eventually(unchanged, 20)

    def delete(self, objects):
        body = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects[1:]}).encode()
        self.kubectl.run("delete", "--wait=false", "-f", "-", stdin=body)

    def test_are_taken_and_a_second_time_change_nothing(self):
        for profile in ("openclaw", "hermes", self.example):
            for mode in MODES:
                with self.subTest(profile=profile, mode=mode):
                    fixed = {"runtime_node_port": 30909, "gateway_node_port": 31879} if mode == "node-port" else {}
                    objects = self.objects(profile, mode, network_policy="true", **fixed)
                    self.apply(*objects)
                    self.settled(objects)
                    service = self.live(objects[4])
                    if mode == "node-port":
                        self.assertEqual([port["nodePort"] for port in service["spec"]["ports"]], [30909, 31879])
                    self.delete(objects)

    def test_are_what_was_meant(self):
        objects = self.objects("hermes", "load-balancer", replicas=0)
        self.apply(*objects)
        _, config, secret, claim, service, deployment = (self.live(thing) for thing in objects)
        self.assertTrue(config["data"]["bootstrap.sh"].startswith("#!/bin/sh\n"))
        self.assertEqual(base64.b64decode(secret["data"]["PROVIDER_TOKEN"]), b"canary")
        self.assertEqual(claim["spec"]["accessModes"], ["ReadWriteOnce"])
        self.assertEqual(claim["spec"]["resources"]["requests"]["storage"], "10Gi")
        self.assertEqual((service["spec"]["type"], service["spec"]["externalTrafficPolicy"]), ("LoadBalancer", "Local"))
        self.assertEqual(service["spec"]["loadBalancerSourceRanges"], ["192.0.2.0/24", "198.51.100.7/32"])
        self.assertEqual(service["metadata"]["annotations"]["example.com/annotation"], "value")
        self.assertEqual({port["name"]: port["port"] for port in service["spec"]["ports"]}, {"runtime": 8642, "dashboard": 9119})
        spec = deployment["spec"]["template"]["spec"]
        container = spec["containers"][0]
        self.assertEqual(deployment["spec"]["strategy"], {"type": "Recreate"})
        self.assertEqual(deployment["spec"]["replicas"], 0)
        self.assertFalse(spec["automountServiceAccountToken"])
        self.assertEqual(spec["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
        self.assertEqual(container["securityContext"], {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"]}})
        self.assertEqual(container["resources"]["requests"], container["resources"]["limits"])
        self.assertEqual({kind: (container[f"{kind}Probe"]["periodSeconds"], container[f"{kind}Probe"]["failureThreshold"]) for kind in ("startup", "readiness", "liveness")},
                         {"startup": (10, 30), "readiness": (10, 3), "liveness": (30, 4)})
        self.assertEqual(spec["volumes"][0]["configMap"]["defaultMode"], 0o555)
        self.assertNotIn("canary", json.dumps([config, claim, service, deployment]))
        self.assertNotIn(base64.b64encode(b"canary").decode(), json.dumps([config, claim, service, deployment]))
        self.delete(objects)

    def test_an_agent_goes_through_every_way_of_exposure(self):
        agent_id = f"{next(next_id):08x}"
        for mode in ("cluster-ip", "load-balancer", "node-port", "cluster-ip", "node-port", "load-balancer", "cluster-ip"):
            objects = self.objects("openclaw", mode, agent_id=agent_id, replicas=0)
            self.apply(*objects)
            self.settled(objects)
            spec = self.live(objects[4])["spec"]
            self.assertEqual(spec["type"].lower(), mode.replace("-", ""))
            self.assertEqual(spec.get("externalTrafficPolicy", "Cluster") == "Local", mode == "load-balancer")
            self.assertEqual("loadBalancerSourceRanges" in spec, mode == "load-balancer")
        self.delete(objects)

    def test_a_new_revision_takes_away_what_it_does_not_have(self):
        agent_id = f"{next(next_id):08x}"
        first = self.objects("openclaw", "node-port", agent_id=agent_id, replicas=0, revision=1, runtime_node_port=30911, memory="1Gi")
        self.apply(*first)
        second = self.objects("openclaw", "node-port", agent_id=agent_id, replicas=0, revision=2)
        self.apply(*second)
        self.settled(second)
        deployment = self.live(second[-1])
        self.assertEqual(deployment["metadata"]["annotations"]["fairlead.dev/revision"], "2")
        self.assertEqual(deployment["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"], "2Gi")
        self.delete(second)

    def test_a_node_port_that_is_taken_is_refused(self):
        one = self.objects("openclaw", "node-port", runtime_node_port=30912)
        other = self.objects("openclaw", "node-port", runtime_node_port=30912)
        self.apply(one[0])
        self.apply(one[4])
        refused = self.apply(other[4], check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(b"provided port is already allocated", refused.stderr)
        self.kubectl.run("delete", "service", one[4]["metadata"]["name"], "-n", "runtimes")

    def test_a_load_balancer_class_needs_1_21(self):
        objects = self.objects("openclaw", "load-balancer", **{"class": "example.com/internal"})
        self.apply(objects[0])
        done = self.apply(objects[4], check=False)
        if self.minor < 21:
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(b"loadBalancerClass", done.stderr)
            return
        self.assertEqual(done.returncode, 0, done.stderr)
        self.settled(objects[4:5])
        self.kubectl.run("delete", "service", objects[4]["metadata"]["name"], "-n", "runtimes")


if __name__ == "__main__":
    program.main()
