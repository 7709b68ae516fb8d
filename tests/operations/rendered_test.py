#!/usr/bin/env python3
"""What a model reads of each READ operation is held in golden/rendered/, as the sandbox has it: times, addresses and names
that chance makes are masked. --update writes it anew. Elsewhere than on the sandbox there is nothing to hold it against."""
import os
import re
import sys
import unittest

from cluster_case import ClusterCase, KUBECONFIG
from mcp_client import Mcp
import program

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden", "rendered")
UPDATE = "--update" in sys.argv

# What an operation is called with where it needs more than a name.
ARGUMENTS = {
    "list_resources": {"kind": "poddisruptionbudgets"}, "get_resource": {"kind": "priorityclasses", "name": "PRIORITY"}, "explain": {"kind": "pod", "field": "spec.containers"},
    "get_events_for_resource": {"kind": "deployment"}, "get_pod_logs": {"tail_lines": 3}, "who_can": {"verb": "delete", "resource": "pods"}, "can_i": {"verb": "delete", "resource": "pods"},
    "list_events": {"limit": 10}, "list_api_resources": {"limit": 20}, "list_cluster_roles": {"limit": 10}, "list_cluster_role_bindings": {"limit": 10},
}
# What these show changes by the second; the answers of diagnoses are held by tests/diagnosis.
MEASURED = {"top_pods", "top_nodes", "describe_node", "get_pod_logs", "list_events", "get_events_for_resource"}
MASKS = [
    (r"<cluster-data id=[0-9a-f]+>", "<cluster-data id=N>"), (r"</cluster-data id=[0-9a-f]+>", "</cluster-data id=N>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "TIME"), (r"\b\d{4}-\d\d-\d\d\b", "DATE"), (r"\b\d{1,3}(\.\d{1,3}){3}\b", "IP"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UID"), (r"sha256:[0-9a-f]{8,}", "sha256:HASH"),
    (r"(?<![A-Za-z0-9.])(\d+y)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(?=\b)(?<=[ydhms])(?![A-Za-z0-9])", "AGE"),
    (r"-29\d{6}\b", "-MINUTE"), (r"resourceVersion: \"\d+\"", "resourceVersion: N"), (r"(?ms)^events:.*?(?=^[^\s-]|\Z)", "events: SOME\n"),
    (r"\bIP:\d+", "SERVER"), (r"(cursor[ =:]+\"?)[A-Za-z0-9_=-]{8,}", r"\1CURSOR"),
]


def masked(text):
    for pattern, word in MASKS:
        text = re.sub(pattern, word, text)
    return text


class Rendered(ClusterCase):
    def setUp(self):
        if not os.environ.get("FAIRLEAD_TEST_SANDBOX"):
            self.skipTest("the golden files are the sandbox's")

    def object_of(self, operation):
        """(name, namespace) of one that it is about: the first in order."""
        resource = next(r for r in operation["access"] if "/" not in r["resource"] and r["resource"] not in ("*", "events", "endpointslices"))
        kind = resource["resource"] + (f".{resource['group']}" if resource["group"] else "")
        items = sorted(self.kubectl.items(kind, "-A"), key=lambda i: (i["metadata"].get("namespace", ""), i["spec"]["claimRef"]["name"] if kind == "persistentvolumes" else i["metadata"]["name"]))
        # A name that chance has made is another one tomorrow.
        steady = [i for i in items if not i["metadata"].get("generateName")] or items
        shop = [i for i in steady if i["metadata"].get("namespace") == "shop"] or steady
        return shop[0]["metadata"]

    def test_each_read(self):
        os.makedirs(GOLDEN, exist_ok=True)
        catalog = program.operations()
        seen = set()
        with Mcp(env={"KUBECONFIG": KUBECONFIG}) as client:
            client.initialize()
            for operation in catalog:
                if operation["trust"] != "READ" or operation["name"] in MEASURED or operation["family"] == "diagnosis":
                    continue
                name, schema = operation["name"], operation["parameters"]
                arguments = dict(ARGUMENTS.get(name, {}))
                if "name" in schema.get("required", []):
                    kind = arguments.get("kind")
                    about = self.object_of({"access": [{"group": "", "resource": kind + "s" if kind and not kind.endswith("s") else kind}]} if kind else operation)
                    arguments["name"] = about["name"]
                    if "namespace" in about and "namespace" in schema["properties"]:
                        arguments["namespace"] = about["namespace"]
                text, failed = client.call(name, arguments)
                self.assertFalse(failed, f"{name}: {text}")
                seen.add(name + ".txt")
                self.hold(name, masked(text))
        self.assertEqual(sorted(set(os.listdir(GOLDEN)) - seen), [], "of no operation any more")

    def hold(self, name, text):
        path = os.path.join(GOLDEN, name + ".txt")
        if UPDATE:
            with open(path, "w") as file:
                file.write(text)
            return
        with self.subTest(name), open(path) as file:
            order = sorted if name == "list_pvs" else list  # their names are chance
            self.assertEqual(order(text.splitlines()), order(file.read().splitlines()), f"{name}: if this is meant, run rendered_test.py --update")


if __name__ == "__main__":
    sys.argv = [a for a in sys.argv if a != "--update"]
    program.main()
