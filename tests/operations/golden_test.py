#!/usr/bin/env python3
"""The shape of every operation's JSON is held in golden/: keys and types, which scripts rely on.

--update adds what this cluster answers to the golden files; what a change really takes away is taken out by hand."""
import json
import os
import sys
import unittest

from cluster_case import ClusterCase
import program
import shape

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
UPDATE = "--update" in sys.argv


class Golden(ClusterCase):
    def answers(self):
        """operation -> documents as -o json gives them."""
        pods = [(p["metadata"]["name"], "-n", p["metadata"]["namespace"]) for p in self.kubectl.items("pods", "-A")]
        ready = self.running_pod()
        namespace, name, replicas = self.ready_deployment()
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        dry = ("--dry-run", "--allow", "destructive")
        lists = [o for o in self.catalog if o.startswith("list_") and o != "list_resources"]
        place = ("-n", namespace)
        nodes = [(i["metadata"]["name"],) for i in self.kubectl.items("nodes")[:2]]
        services = [(i["metadata"]["name"], "-n", i["metadata"]["namespace"]) for i in self.kubectl.items("services", "-A")]
        wanted = {operation: [("--limit", 1), ("--limit", 100000)] for operation in lists} | {
            "list_resources": [("--kind", "deployments", "--limit", 1)], "explain": [("--kind", "pod"), ("--kind", "pod", "--field", "spec.containers")],
             "get_cluster_info": [()], "describe_node": nodes, "describe_service": services, "get_endpoints": services, "describe_deployment": [(name, *place)],
             "can_i": [(), ("--verb", "get", "--resource", "pods"), ("--verb", "get", "--resource", "pods", "-n", namespace, "--name", name)],
             "who_can": [("--verb", "get", "--resource", "pods")],
            "get_events_for_resource": [(name, "--kind", "deployment", *place)],
            "describe_pod": pods, "get_pod_logs": [(ready["metadata"]["name"], "-n", ready["metadata"]["namespace"], "-c", ready["spec"]["containers"][0]["name"])],
            "scale_deployment": [(name, "-n", namespace, "--replicas", replicas + 1, *dry), (name, "-n", namespace, "--replicas", replicas, *dry)],
            "restart_deployment": [(name, "-n", namespace, *dry)], "cordon_node": [(node, *dry)], "uncordon_node": [(node, *dry)],
            "delete_pod": [(ready["metadata"]["name"], "-n", ready["metadata"]["namespace"], *dry)],
        }
        if self.measured:
            wanted |= {"top_pods": [("--limit", 100), ("--limit", 100, "--containers")], "top_nodes": [()]}
        return {operation: [self.document(operation, *arguments) for arguments in calls] for operation, calls in wanted.items()}

    @property
    def measured(self):
        return self.kubectl.run("get", "--raw", "/apis/metrics.k8s.io/v1beta1/nodes", check=False).returncode == 0

    def test_shapes(self):
        self.catalog = catalog = {o["name"]: o for o in program.operations()}
        answers = self.answers()
        # These answer Kubernetes' own objects: objects_test and kinds_test compare them with kubectl's.
        own = {o for o in catalog if o.startswith("get_") and o not in answers}
        own |= {o for o, one in catalog.items() if one["trust"] != "READ" and o not in answers}  # they answer alike
        own |= {"diagnose_pod", "diagnose_workload", "cluster_health"}  # tests/diagnosis
        if not self.measured:
            own |= {"top_pods", "top_nodes"}
        self.assertEqual(set(answers) | own, set(catalog), "an operation has no golden file")
        answers["ops"] = [{"operations": list(catalog.values())}]
        for name, documents in answers.items():
            path = os.path.join(GOLDEN, name + ".json")
            if UPDATE:
                shapes = [shape.shape_of(d) for d in documents]
                if os.path.exists(path):
                    shapes.insert(0, load(path))
                merged = shapes[0]
                for one in shapes[1:]:
                    merged = shape.merge(merged, one)
                with open(path, "w") as file:
                    file.write(json.dumps(merged, indent=1) + "\n")
                continue
            for document in documents:
                with self.subTest(name):
                    self.assertEqual(shape.differences(document, load(path)), [], f"{name}: if this is meant, run golden_test.py --update")

    def test_columns_stand_in_the_order_of_the_catalog(self):
        for operation in program.operations():
            if operation["columns"] and (self.measured or operation["family"] != "cluster"):
                needed = [w for p in operation["parameters"].get("required", []) for w in ("--" + p, {"verb": "get", "resource": "pods"}[p])]
                rows = self.rows(operation["name"], *needed)
                if not rows:
                    continue
                # Usage is shown where it is asked for.
                self.assertEqual(list(rows[0]), [c["name"] for c in operation["columns"] if c["name"] not in ("cpu_usage", "memory_usage")])


def load(path):
    with open(path) as file:
        return json.load(file)


if __name__ == "__main__":
    sys.argv = [a for a in sys.argv if a != "--update"]
    program.main()
