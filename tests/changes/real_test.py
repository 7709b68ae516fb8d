#!/usr/bin/env python3
"""Each change on a cluster that lives: done, seen by its controllers, and taken back to what was there before.

    tests/cluster/cluster run -- tests/changes/real_test.py
    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/changes/real_test.py"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support")]

import program  # noqa: E402
import script  # noqa: E402
from cluster_case import KUBECONFIG, ClusterCase  # noqa: E402
from recording import Recording  # noqa: E402

NAMESPACE = "changes"
IMAGE = "fairlead.test/busybox:1"
SLEEP = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"]
NO_UNDO = {"restart_deployment", "restart_statefulset", "restart_daemonset"}


def template(name, **spec):
    return {"metadata": {"labels": {"app": name}},
            "spec": {"terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False, "containers": [{"name": "web", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": SLEEP}], **spec}}


def workload(kind, name, **more):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": {"app": name}}, "template": template(name), **({} if kind == "DaemonSet" else {"replicas": 1}), **more}}


def essence(item):
    out = script.essence(item)
    if isinstance(out, dict):
        out["annotations"].pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return out


class LivingCase(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        cls.versions = cls.kubectl.text("api-versions").split()
        cls.sandbox = os.environ.get("FAIRLEAD_TEST_SANDBOX") == "1"

        def account():
            cls.kubectl.json("get", "serviceaccount", "default", "-n", NAMESPACE)
        program.eventually(account, 30)

    def create(self, item):
        self.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(item).encode())

    def get(self, kind, name, namespace=NAMESPACE):
        done = self.kubectl.run("get", kind, name, *(["-n", namespace] if namespace else []), "-o", "json", check=False)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def essence(self, kind, name, namespace=NAMESPACE):
        return essence(self.get(kind, name, namespace))

    def change(self, operation, *arguments, **options):
        """The id of a change that is done."""
        return self.ok(self.call(operation, *arguments, "--allow", "destructive", "-o", "json", **options)).json()["change"]

    def changes(self, *arguments, **options):
        return program.run("changes", *arguments, env={"KUBECONFIG": KUBECONFIG}, **options)

    def show(self, number):
        return self.ok(self.changes("show", number, "-o", "json")).json()

    def back(self, number, *more):
        return self.changes("rollback", number, "--allow", "destructive", "-o", "json", *more)

    def take_back(self, number):
        self.ok(self.back(number))
        return self.show(number)["undone_by"]

    def rolled_out(self, kind, name):
        def look():
            item = self.get(kind, name)
            status, wanted = item["status"], item["spec"].get("replicas", item["status"].get("desiredNumberScheduled"))
            self.assertEqual(status.get("observedGeneration"), item["metadata"]["generation"])
            self.assertEqual(status.get("readyReplicas", status.get("numberReady", 0)), wanted)
            self.assertEqual(status.get("updatedReplicas", status.get("updatedNumberScheduled", 0)), wanted)
            return item
        return program.eventually(look, 90)


class Undo(LivingCase):
    """undo after do is identity, and the undo of the undo is do."""

    def made(self, operation):
        """(arguments, [(kind, name, namespace)]), its objects made."""
        name = operation.replace("_", "-")
        named = ("--name", name, "-n", NAMESPACE)
        deployment = [("deployment", name, NAMESPACE)]
        configmap = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"kept": "yes"}}, "data": {"mode": "light", "kept": "x"}}
        if operation in ("scale_deployment", "pause_rollout", "patch_deployment"):
            self.create(workload("Deployment", name))
            return {"scale_deployment": (*named, "--replicas", 2), "pause_rollout": named,
                    "patch_deployment": (*named, "--image", "fairlead.test/busybox:2", "--env", '{"MODE":"dark"}', "--replicas", 2)}[operation], deployment
        if operation == "resume_rollout":
            self.create(workload("Deployment", name, paused=True))
            return named, deployment
        if operation == "rollout_undo":
            self.create(workload("Deployment", name))
            self.rolled_out("deployment", name)
            self.kubectl.run("set", "env", f"deployment/{name}", "-n", NAMESPACE, "MODE=dark")
            self.rolled_out("deployment", name)
            return named, deployment
        if operation == "scale_statefulset":
            self.create(workload("StatefulSet", name, serviceName=name))
            return (*named, "--replicas", 2), [("statefulset", name, NAMESPACE)]
        if operation in ("cordon_node", "uncordon_node"):
            node = self.kubectl.items("nodes")[-1]["metadata"]["name"]
            if operation == "uncordon_node":
                self.kubectl.run("cordon", node)
            self.addCleanup(self.kubectl.run, "uncordon", node)
            return ("--name", node), [("node", node, None)]
        if operation == "rotate_secret":
            self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": "old", "gone": "x", "kept": "y"}})
            return (*named, "--data", '{"password":"new","gone":null,"more":"z"}'), [("secret", name, NAMESPACE)]
        if operation in ("suspend_cronjob", "resume_cronjob", "create_job_from_cronjob"):
            version = "batch/v1" if self.kubectl.run("get", "--raw", "/apis/batch/v1/cronjobs", check=False).returncode == 0 else "batch/v1beta1"
            self.create({"apiVersion": version, "kind": "CronJob", "metadata": {"name": name},
                         "spec": {"schedule": "0 0 1 1 *", "suspend": operation == "resume_cronjob", "jobTemplate": {"spec": {"template": {"spec": {**template(name)["spec"], "restartPolicy": "Never"}}}}}})
            if operation == "create_job_from_cronjob":
                return (*named, "--job-name", name), [("job", name, NAMESPACE), ("cronjob", name, NAMESPACE)]
            return named, [("cronjob", name, NAMESPACE)]
        if operation == "apply_manifest":
            self.create(configmap)
            limited = workload("Deployment", name)
            limited["spec"]["template"]["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "0.01", "memory": "8388608"}}
            items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"by": "apply"}}, "data": {"mode": "light", "new": "y"}}, limited,
                     {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}]}}]
            return ("-n", NAMESPACE, "--manifest", json.dumps({"apiVersion": "v1", "kind": "List", "items": items})), \
                [("configmap", name, NAMESPACE), ("deployment", name, NAMESPACE), ("service", name, NAMESPACE)]
        if operation == "create_resource":
            return ("-n", NAMESPACE, "--manifest", json.dumps(workload("Deployment", name)) + "\n"), deployment
        if operation == "patch_resource":
            self.create(configmap)
            return (*named, "--kind", "configmap", "--patch", '{"data":{"mode":"dark","kept":null},"metadata":{"labels":{"a.b/c":"d","kept":null},"annotations":{"x":"y"}}}'), [("configmap", name, NAMESPACE)]
        if operation == "delete_resource":
            self.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}})
            return (*named, "--kind", "service"), [("service", name, NAMESPACE)]
        if operation == "delete_pod":
            self.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"a": "b"}}, "spec": template(name)["spec"]})
            program.eventually(lambda: self.assertEqual(self.get("pod", name)["status"].get("phase"), "Running"), 60)
            return (*named, "--grace-period", 0), [("pod", name, NAMESPACE)]
        raise AssertionError(f"nothing is known here of {operation}")

    def test_each(self):
        operations = [o["name"] for o in program.operations() if o["trust"] == "WRITE"]
        self.assertLessEqual(NO_UNDO, set(operations))
        for operation in [o for o in operations if o not in NO_UNDO] + ["delete_resource", "delete_pod"]:
            with self.subTest(operation):
                self.one(operation)

    def one(self, operation):
        arguments, objects = self.made(operation)

        def look():
            return [self.essence(*place) for place in objects]
        before = look()
        number = self.change(operation, *arguments)
        after = look()
        self.assertNotEqual(after, before)
        shown = self.show(number)
        self.assertEqual(shown["state"], "completed", shown)
        self.assertTrue(all(write["state"] == "done" for write in shown["writes"]), shown)
        if operation == "delete_pod":
            program.eventually(lambda: self.assertIsNone(self.get("pod", objects[0][1])), 60)
        undone_by = self.take_back(number)
        self.assertEqual(self.show(number)["state"], "rolled_back")
        program.eventually(lambda: self.assertEqual(look(), before), 60)
        self.failed(self.back(number), "conflict", mentions=["already"])
        if operation == "create_job_from_cronjob":
            return  # a Job cannot be created again with the labels that its controller gave it
        if operation == "delete_pod":
            program.eventually(lambda: self.assertEqual(self.get("pod", objects[0][1])["status"].get("phase"), "Running"), 60)
        self.take_back(undone_by)
        program.eventually(lambda: self.assertEqual(look(), after), 60)


class InAPod(LivingCase):
    def test_a_rotated_secret_is_seen_in_the_volume_of_a_running_pod(self):
        name = "mounted"
        self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": "first"}})
        spec = template(name, volumes=[{"name": "s", "secret": {"secretName": name}}])["spec"]
        spec["containers"][0]["volumeMounts"] = [{"name": "s", "mountPath": "/secret"}]
        self.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})

        def seen(wanted):
            self.assertEqual(self.kubectl.run("exec", "-n", NAMESPACE, name, "--", "cat", "/secret/password", check=False).stdout.decode(), wanted)
        program.eventually(lambda: seen("first"), 60)
        pod = self.get("pod", name)
        outcome = self.ok(self.call("rotate_secret", name, "-n", NAMESPACE, "--data", '{"password":"second"}', "--allow", "write", "-o", "json"))
        self.assertNotIn("second", outcome.out + outcome.err)
        program.eventually(lambda: seen("second"), 150, 1)
        number = outcome.json()["change"]
        shown = self.changes("show", number)
        self.assertNotIn("first", shown.out)
        self.assertNotIn("second", shown.out)
        self.take_back(number)
        program.eventually(lambda: seen("first"), 150, 1)
        self.assertEqual(self.get("pod", name)["metadata"]["uid"], pod["metadata"]["uid"], "the same pod all the time")

    def test_consumers_are_restarted(self):
        name = "consumer"
        self.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"password": "first"}})
        item = workload("Deployment", name)
        item["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": name, "key": "password"}}}]
        self.create(item)
        self.rolled_out("deployment", name)
        old = {pod["metadata"]["uid"] for pod in self.pods_of(NAMESPACE, name)}
        number = self.change("rotate_secret", name, "-n", NAMESPACE, "--data", '{"password":"second"}', "--restart-consumers", "--wait-seconds", 60)
        self.assertEqual(self.show(number)["state"], "completed")

        def fresh():
            pods = self.pods_of(NAMESPACE, name)
            self.assertEqual(len(pods), 1)
            self.assertFalse(old & {pod["metadata"]["uid"] for pod in pods})
            self.assertEqual(self.kubectl.text("exec", "-n", NAMESPACE, pods[0]["metadata"]["name"], "--", "sh", "-c", "echo $PASSWORD").strip(), "second")
        program.eventually(fresh, 60)

    def test_a_restart_is_watched_through_its_rollout(self):
        for kind, operation in (("Deployment", "restart_deployment"), ("StatefulSet", "restart_statefulset"), ("DaemonSet", "restart_daemonset")):
            with self.subTest(kind):
                name = "restarted-" + kind.lower()
                self.create(workload(kind, name, **({"serviceName": name} if kind == "StatefulSet" else {})))
                item = self.rolled_out(kind.lower(), name)
                old = {pod["metadata"]["uid"] for pod in self.kubectl.items("pods", "-n", NAMESPACE, "-l", f"app={name}")}
                outcome = self.ok(self.call(operation, name, "-n", NAMESPACE, "--allow", "write", "--wait-seconds", 90, "--timeout", 100, "-o", "json", hang=120))
                shown = self.show(outcome.json()["change"])
                self.assertEqual(shown["state"], "completed", shown)
                self.assertRegex(shown["verification"], r"^[A-Z]\w+ \S+: (\d+) of \1 replicas are up to date, \1 ready$")
                now = self.get(kind.lower(), name)
                self.assertGreater(now["metadata"]["generation"], item["metadata"]["generation"])
                ready = {pod["metadata"]["uid"] for pod in self.kubectl.items("pods", "-n", NAMESPACE, "-l", f"app={name}")
                         if "deletionTimestamp" not in pod["metadata"] and any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])}
                self.assertTrue(ready)
                self.assertFalse(ready & old, "when it says that it is complete, no old pod serves")
                self.failed(self.back(outcome.json()["change"]), "conflict", mentions=["cannot be taken back"])


class Drain(LivingCase):
    def test_a_disruption_budget_blocks_until_it_is_lifted(self):
        name = "guarded"
        self.create(workload("Deployment", name))
        version = "policy/v1" if "policy/v1" in self.versions else "policy/v1beta1"
        self.create({"apiVersion": version, "kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": name}}}})
        self.rolled_out("deployment", name)
        program.eventually(lambda: self.assertEqual(self.get("pdb", name)["status"].get("currentHealthy"), 1), 30)
        pod = self.pods_of(NAMESPACE, name)[0]
        node = pod["spec"]["nodeName"]
        self.addCleanup(self.kubectl.run, "uncordon", node)
        arguments = ("drain_node", node, "--force", "--allow", "destructive", "-o", "json")

        def unschedulable():
            return self.get("node", node, None)["spec"].get("unschedulable", False)
        blocked = self.call(*arguments, "--timeout", 20)
        self.assertIn(blocked.code, ("rate_limited", "timeout"), blocked)
        self.assertIn("disruption budget", blocked.err)
        self.assertEqual(self.get("pod", pod["metadata"]["name"])["metadata"]["uid"], pod["metadata"]["uid"])
        self.assertNotIn("deletionTimestamp", self.get("pod", pod["metadata"]["name"])["metadata"])
        self.assertTrue(unschedulable())
        listed = self.ok(self.changes("list", "--operation", "drain_node", "-o", "json")).json()["items"]
        shown = self.show(listed[0]["id"])
        self.assertEqual(shown["state"], "failed", shown)
        self.assertEqual(shown["writes"][0]["state"], "done", shown)
        self.ok(self.back(listed[0]["id"]))
        self.assertFalse(unschedulable(), "what was done of it is taken back")

        lift = threading.Timer(6, lambda: self.kubectl.run("delete", "pdb", name, "-n", NAMESPACE))
        lift.start()
        done = self.ok(self.call(*arguments, "--timeout", 60, hang=90))
        lift.join()
        self.assertGreater(done.seconds, 5)
        self.assertTrue(any(f"{NAMESPACE}/{name}-" in one for one in done.json()["evicted"]), done)
        self.assertTrue(unschedulable())
        program.eventually(lambda: self.assertIsNone(self.get("pod", pod["metadata"]["name"])), 180)
        self.take_back(done.json()["change"])
        self.assertFalse(unschedulable())
        self.rolled_out("deployment", name)


class Tokens(LivingCase):
    def secrets_of(self, account):
        return [s for s in self.kubectl.items("secrets", "-n", NAMESPACE) if s["type"] == "kubernetes.io/service-account-token"
                and s["metadata"].get("annotations", {}).get("kubernetes.io/service-account.name") == account]

    def whoami(self, secret):
        token = base64.b64decode(secret["data"]["token"]).decode()
        config = self.kubectl.json("config", "view", "--raw", "--minify", "--flatten")
        config["users"][0]["user"] = {"token": token}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(config, file)
            file.flush()
            done = subprocess.run([self.kubectl.program, "--kubeconfig", file.name, "get", "pods", "-n", NAMESPACE], capture_output=True, text=True)
        return "401" if "Unauthorized" in done.stderr or "logged in" in done.stderr else f"system:serviceaccount:{NAMESPACE}:" in done.stderr

    def test_rotation(self):
        account = "robot"
        self.kubectl.run("create", "serviceaccount", account, "-n", NAMESPACE)
        time.sleep(2)
        old = self.secrets_of(account)
        outcome = self.ok(self.call("rotate_service_account_token", account, "-n", NAMESPACE, "--allow", "destructive", "--timeout", 90, "-o", "json", hang=120))
        answer = outcome.json()
        self.assertEqual(answer["deleted"], [s["metadata"]["name"] for s in old])
        new = self.secrets_of(account)
        self.assertFalse({s["metadata"]["uid"] for s in old} & {s["metadata"]["uid"] for s in new})
        self.assertEqual(len(new), 1)
        self.assertIs(self.whoami(new[0]), True)
        self.assertEqual("created" in answer, not old, "where the cluster makes them by itself, none is made")
        if old:
            self.assertEqual(self.get("serviceaccount", account)["secrets"], [{"name": new[0]["metadata"]["name"]}])
            program.eventually(lambda: self.assertEqual(self.whoami(old[0]), "401"), 30)
        shown = self.show(answer["change"])
        self.assertEqual(shown["state"], "completed", shown)
        for secret in old + new:
            self.assertNotIn(secret["data"]["token"], outcome.out + outcome.err + json.dumps(shown))
        self.failed(self.back(answer["change"]), "conflict", mentions=["cannot be taken back"])

        again = self.ok(self.call("rotate_service_account_token", account, "-n", NAMESPACE, "--allow", "destructive", "--timeout", 90, "-o", "json", hang=120)).json()
        self.assertEqual(again["deleted"], [new[0]["metadata"]["name"]])
        newest = self.secrets_of(account)
        self.assertEqual(len(newest), 1)
        self.assertNotEqual(newest[0]["metadata"]["uid"], new[0]["metadata"]["uid"])
        if not old:
            self.assertEqual(newest[0]["metadata"]["name"], new[0]["metadata"]["name"], "whoever mounts it finds the new one")
        program.eventually(lambda: self.assertEqual(self.whoami(new[0]), "401"), 30)


class Gate(Recording):
    """Holds the first PATCH back until `passes`."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.held, self.passes = threading.Event(), threading.Event()

    def _forward(self, exchange):
        if exchange.request.method == "PATCH" and "dryRun" not in exchange.request.target and not self.held.is_set():
            self.held.set()
            self.passes.wait(30)
        super()._forward(exchange)


class TwoClients(LivingCase):
    def race(self, name, first, second):
        """`first` has read and planned, then `second` is done, then `first` is sent. Both outcomes."""
        self.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "0", "b": "0"}})
        with tempfile.TemporaryDirectory() as directory, Gate(self.kubectl, directory) as gate:
            outcomes = []

            def patch(data, config):
                return program.run("call", "patch_resource", name, "--kind", "configmap", "-n", NAMESPACE, "--patch", json.dumps({"data": data}), "--allow", "write", "-o", "json", env={"KUBECONFIG": config})
            thread = threading.Thread(target=lambda: outcomes.append(patch(first, gate.config)))
            thread.start()
            self.assertTrue(gate.held.wait(20))
            done = patch(second, KUBECONFIG)
            gate.passes.set()
            thread.join()
            patches = [r for r in gate.requests if r.method == "PATCH" and "dryRun" not in r.target]
        return self.ok(outcomes[0]), self.ok(done), len(patches)

    def data(self, name):
        return self.get("configmap", name)["data"]

    def test_different_fields(self):
        first, second, patches = self.race("both", {"a": "1"}, {"b": "2"})
        self.assertEqual(patches, 2, "the first one met a conflict, and was planned anew")
        self.assertEqual(self.data("both"), {"a": "1", "b": "2"})
        # Its cluster has another name behind the proxy; the one that is known here is taken back without the other.
        self.take_back(second.json()["change"])
        self.assertEqual(self.data("both"), {"a": "1", "b": "0"})
        self.assertEqual(self.show(first.json()["change"])["fields"], ['ConfigMap changes/both data.a: "0" -> "1"'])

    def test_the_same_field(self):
        first, second, patches = self.race("same", {"a": "1"}, {"a": "2"})
        self.assertEqual(patches, 2)
        self.assertEqual(self.data("same")["a"], "1")
        self.assertEqual(self.show(first.json()["change"])["fields"], ['ConfigMap changes/same data.a: "2" -> "1"'], "what it truly replaced")
        self.assertIn('"2"', self.back(second.json()["change"]).err)
        stopped = self.back(second.json()["change"])
        self.assertEqual((stopped.status, stopped.code), (1, "conflict"), stopped)
        self.assertEqual(self.data("same")["a"], "1")
        forced = self.ok(self.back(second.json()["change"], "--force"))
        self.assertEqual(self.data("same")["a"], "0", forced)

    def test_an_apply_that_meets_anothers_field(self):
        item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owned", "namespace": NAMESPACE}, "data": {"mode": "light"}}
        self.kubectl.run("apply", "--server-side", "--field-manager=somebody", "-f", "-", stdin=json.dumps(item).encode())
        item["data"]["mode"] = "dark"
        arguments = ("apply_manifest", "--manifest", json.dumps(item), "--allow", "write", "-o", "json")
        met = self.call(*arguments)
        self.assertEqual((met.status, met.code), (1, "conflict"), met)
        self.assertIn("somebody", met.err)
        self.assertIn("data.mode", met.err)
        self.assertEqual(self.data("owned"), {"mode": "light"})
        number = self.change(*arguments[:-4], "--force")
        self.assertEqual(self.data("owned"), {"mode": "dark"})
        self.take_back(number)
        self.assertEqual(self.data("owned"), {"mode": "light"})


if __name__ == "__main__":
    program.main()
