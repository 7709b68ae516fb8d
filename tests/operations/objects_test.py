#!/usr/bin/env python3
"""Single objects and logs against a cluster: what kubectl answers, less what nobody must see."""
import json
import re
import unittest

from cluster_case import ClusterCase
import program


def without_noise(pod):
    """A pod as kubectl gives it, less what Fairlead leaves out for good."""
    pod["metadata"].pop("managedFields", None)
    annotations = pod["metadata"].get("annotations", {})
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if not annotations:
        pod["metadata"].pop("annotations", None)
    return pod


class Objects(ClusterCase):
    def test_get_pod_as_json_is_the_whole_object(self):
        for pod in self.kubectl.items("pods", "-A"):
            namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
            with self.subTest(name):
                self.settled(lambda: without_noise(self.kubectl.json("get", "pod", name, "-n", namespace)),
                             lambda before: (lambda ours: lambda: self.compare_redacted(ours, before))(self.document("get_pod", name, "-n", namespace)), 60)

    def compare_redacted(self, ours, theirs, path=""):
        if ours == "<redacted>":
            self.assertIsInstance(theirs, str, path)
            return
        self.assertIs(type(ours), type(theirs), path)
        if isinstance(ours, dict):
            if path == ".metadata" and ours.get("annotations") == {}:
                ours = {k: v for k, v in ours.items() if k != "annotations"}
            self.assertEqual(sorted(ours), sorted(theirs), path)
            for name in ours:
                self.compare_redacted(ours[name], theirs[name], f"{path}.{name}")
        elif isinstance(ours, list):
            self.assertEqual(len(ours), len(theirs), path)
            for i, (a, b) in enumerate(zip(ours, theirs)):
                self.compare_redacted(a, b, f"{path}[{i}]")
        elif isinstance(ours, str) and "<redacted>" in ours:
            pattern = ".*".join(map(re.escape, ours.split("<redacted>")))
            self.assertRegex(theirs, re.compile(pattern, re.S), path)
        else:
            self.assertEqual(ours, theirs, path)

    def test_get_pod_as_yaml_is_the_same(self):
        pod = self.running_pod()["metadata"]

        def attempt():
            yaml = self.ok(self.call("get_pod", pod["name"], "-n", pod["namespace"], "-o", "yaml")).out
            self.assertEqual(self.kubectl.yaml(yaml), self.document("get_pod", pod["name"], "-n", pod["namespace"]))
        program.eventually(attempt)

    def test_the_brief_form(self):
        for pod in self.kubectl.items("pods", "-A"):
            namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
            for operation in ("get_pod", "describe_pod"):
                with self.subTest(name=name, operation=operation):
                    def attempt():
                        status = next(r["STATUS"] for r in self.kubectl.table("pods", name, "-n", namespace))
                        outcome = self.ok(self.call(operation, name, "--namespace", namespace))
                        brief = self.kubectl.yaml(outcome.out)
                        self.assertEqual((brief["namespace"], brief["name"], brief["status"]), (namespace, name, status))
                        return outcome, brief
                    outcome, brief = program.eventually(attempt)
                    for spec, key in (("containers", "containers"), ("initContainers", "init_containers")):
                        self.assertEqual(sorted(brief.get(key, {})), sorted(c["name"] for c in pod["spec"].get(spec, [])))
                    for container in pod["spec"]["containers"]:
                        self.assertEqual(brief["containers"][container["name"]]["image"], container["image"])
                    self.assertNotIn("managedFields", outcome.out)
                    self.assertNotIn("last-applied", outcome.out)
                    whole = len(self.kubectl.text("get", "pod", name, "-n", namespace, "-o", "yaml"))
                    if operation == "get_pod":
                        events = len(json.dumps(brief.get("events") or [])) + 100  # which kubectl get does not show
                        self.assertLess(len(outcome.out) - events, whole)

    def test_describe_pod_tells_its_events(self):
        events = self.kubectl.items("events", "-A", "--field-selector", "involvedObject.kind=Pod")
        present = {(p["metadata"]["namespace"], p["metadata"]["name"]) for p in self.kubectl.items("pods", "-A")}
        event = next((e for e in events if (e["involvedObject"]["namespace"], e["involvedObject"]["name"]) in present), None)
        self.assertIsNotNone(event, "no pod of this cluster has events")
        namespace, name = event["involvedObject"]["namespace"], event["involvedObject"]["name"]

        def read():
            return sorted((e["reason"], e.get("message", "")) for e in self.kubectl.items("events", "-n", namespace, "--field-selector", f"involvedObject.name={name}"))

        def compare(before):
            document = self.document("describe_pod", name, "-n", namespace)

            def check():
                self.assertEqual({(e["reason"], e["message"]) for e in document["events"]}, set(before))
                seen = [e["last_seen"] for e in document["events"]]
                self.assertEqual(seen, sorted(seen, reverse=True), "newest first")
            return check
        self.settled(read, compare)
        table = self.ok(self.call("describe_pod", name, "-n", namespace)).out
        self.assertIn(event["reason"], table)

    def test_a_pod_that_does_not_exist(self):
        namespace = self.running_pod()["metadata"]["namespace"]
        for operation in ("get_pod", "describe_pod", "get_pod_logs"):
            for format in ("table", "json", "yaml"):
                self.failed(self.call(operation, "nobody-made-this", "-n", namespace, "-o", format), "not_found", mentions=["nobody-made-this"])

    def test_a_namespace_that_does_not_exist(self):
        for operation in ("get_pod", "describe_pod", "get_pod_logs"):
            self.failed(self.call(operation, "web", "-n", "nobody-made-this"), "not_found")

    def test_the_format_name_is_for_lists(self):
        pod = self.running_pod()["metadata"]
        self.failed(self.call("get_pod", pod["name"], "-n", pod["namespace"], "-o", "name"), "invalid_request")


class Logs(ClusterCase):
    def same_as_kubectl(self, pod, kubectl, ours):
        """The log goes on: what kubectl said before must be there between what it said after, line for line."""
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]

        def read():
            text = self.kubectl.text("logs", name, "-n", namespace, *kubectl)
            return text if text.endswith("\n") or not text else text + "\n"

        def compare(before):
            outcome = self.ok(self.call("get_pod_logs", name, "-n", namespace, *ours))
            return lambda: self.assertEqual(outcome.out, before)
        return self.settled(read, compare, 30)

    def test_tail(self):
        pod = self.running_pod()
        container = pod["spec"]["containers"][0]["name"]
        for lines in (1, 2, 5):
            text = self.same_as_kubectl(pod, ["--tail", lines, "-c", container], ["--tail", lines, "-c", container])
            self.assertLessEqual(len(text.splitlines()), lines)

    def test_timestamps(self):
        pod = self.running_pod()
        container = pod["spec"]["containers"][0]["name"]
        text = self.same_as_kubectl(pod, ["--tail", 3, "--timestamps", "-c", container], ["--tail-lines", 3, "--timestamps", "-c", container])
        for line in text.splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")

    def test_since(self):
        pod = self.running_pod()
        container = pod["spec"]["containers"][0]["name"]
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]

        def attempt():
            """The server's Date has whole seconds, so up to one second more may be shown."""
            ours = self.ok(self.call("get_pod_logs", name, "-n", namespace, "-c", container, "--since", "10", "--tail", "1000000")).out
            least, most = (self.kubectl.text("logs", name, "-n", namespace, "-c", container, f"--since={span}s") for span in (8, 15))
            self.assertIn(ours, most)
            self.assertTrue(set(ours.splitlines()) >= set(least.splitlines()[:-4]), (ours, least))
        program.eventually(attempt, 30)
        self.same_as_kubectl(pod, ["--since-time", "2020-01-01T00:00:00Z", "--tail", "2", "-c", container],
                             ["--since-time", "2020-01-01T00:00:00Z", "--tail", "2", "-c", container])

    def test_each_container_and_the_default_one(self):
        pod = self.some_pod(lambda p: len(p["spec"]["containers"]) > 1 and p["status"]["phase"] == "Running", "running pod of several containers")
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        containers = [c["name"] for kind in ("initContainers", "containers") for c in pod["spec"].get(kind, [])]
        for container in containers:
            self.same_as_kubectl(pod, ["-c", container, "--tail", "2"], ["-c", container, "--tail", "2"])
        outcome = self.ok(self.call("get_pod_logs", name, "-n", namespace, "--tail", "1"))
        chosen = pod["metadata"].get("annotations", {}).get("kubectl.kubernetes.io/default-container", pod["spec"]["containers"][0]["name"])
        note = next(n for n in outcome.notes if "container" in n)
        self.assertIn(f"container {chosen};", note)
        for container in containers:
            self.assertIn(container, note)
        self.failed(self.call("get_pod_logs", name, "-n", namespace, "-c", "nobody"), "invalid_request", mentions=["nobody"])

    def test_previous_run_of_a_crashing_container(self):
        def crashed(pod):
            return any(c.get("restartCount", 0) > 0 and "terminated" in c.get("lastState", {}) for c in pod["status"].get("containerStatuses", []))
        pod = self.some_pod(crashed, "pod that has crashed")
        container = next(c["name"] for c in pod["status"]["containerStatuses"] if c.get("restartCount", 0) > 0)
        text = self.same_as_kubectl(pod, ["--previous", "-c", container, "--tail=-1"], ["--previous", "-c", container])
        self.assertTrue(text)

    def test_previous_where_there_is_none(self):
        def fresh(pod):
            return pod["status"].get("containerStatuses") and all(c["restartCount"] == 0 and c["ready"] for c in pod["status"]["containerStatuses"])
        pod = self.some_pod(fresh, "pod that never restarted")
        container = pod["spec"]["containers"][0]["name"]
        self.failed(self.call("get_pod_logs", pod["metadata"]["name"], "-n", pod["metadata"]["namespace"], "-c", container, "--previous"), "invalid_request",
                    mentions=["previous"])

    def test_a_container_that_waits(self):
        def waits(pod):
            return any("waiting" in c.get("state", {}) and c["state"]["waiting"].get("reason") in ("ErrImagePull", "ImagePullBackOff")
                       for c in pod["status"].get("containerStatuses", []))
        pod = self.some_pod(waits, "pod that cannot pull its image")
        outcome = self.failed(self.call("get_pod_logs", pod["metadata"]["name"], "-n", pod["metadata"]["namespace"]), "invalid_request")
        self.assertIn("describe_pod", outcome.err)

    def test_as_json(self):
        pod = self.running_pod()  # asked once: the next answer may be another pod
        container = pod["spec"]["containers"][0]["name"]
        document = self.document("get_pod_logs", pod["metadata"]["name"], "-n", pod["metadata"]["namespace"], "-c", container, "--tail", "1")
        self.assertEqual(list(document), ["text"])
        self.assertIsInstance(document["text"], str)

    def test_bounds(self):
        for case in (("--tail", "0"), ("--tail", "-1"), ("--tail", "all"), ("--tail", "1000001"), ("--since", "0"), ("--since", "5x"), ("--since-time", "yesterday")):
            with self.subTest(case):
                self.failed(self.call("get_pod_logs", "web", *case), "invalid_request")


if __name__ == "__main__":
    program.main()
