#!/usr/bin/env python3
"""The lists and single objects of every other kind, against a cluster: the same facts as kubectl's."""

import re
import unittest

from cluster_case import ClusterCase, controller
import program

# operation -> kubectl's resource, and our columns by kubectl's (of -o wide). What kubectl computes in another way is
# compared by checks of its own below.
TABLES = {
    "list_deployments": ("deployments", {"READY": "ready", "UP-TO-DATE": "updated", "AVAILABLE": "available", "IMAGES": "images", "SELECTOR": "selector"}),
    "list_replicasets": ("replicasets", {"CURRENT": "current", "IMAGES": "images", "SELECTOR": "selector"}),
    "list_statefulsets": ("statefulsets", {"READY": "ready", "IMAGES": "images"}),
    "list_daemonsets": ("daemonsets", {"UP-TO-DATE": "updated", "AVAILABLE": "available", "IMAGES": "images", "SELECTOR": "selector"}),
    "list_jobs": ("jobs", {"COMPLETIONS": "completions", "IMAGES": "images"}),
    "list_cronjobs": ("cronjobs", {"SCHEDULE": "schedule", "SUSPEND": "suspended", "ACTIVE": "active", "IMAGES": "images"}),
    "list_services": ("services", {"TYPE": "type", "CLUSTER-IP": "cluster_ip", "EXTERNAL-IP": "external", "PORT(S)": "ports", "SELECTOR": "selector"}),
    "list_ingresses": ("ingresses", {"CLASS": "class", "HOSTS": "hosts", "ADDRESS": "addresses"}),
    "list_network_policies": ("networkpolicies", {}),
    "list_pvcs": ("persistentvolumeclaims", {"STATUS": "status", "VOLUME": "volume", "CAPACITY": "capacity", "ACCESS MODES": "access_modes", "STORAGECLASS": "storage_class"}),
    "list_pvs": ("persistentvolumes", {"STATUS": "status", "CAPACITY": "capacity", "ACCESS MODES": "access_modes", "RECLAIM POLICY": "reclaim_policy", "CLAIM": "claim",
                                       "STORAGECLASS": "storage_class", "REASON": "reason"}),
    "list_storageclasses": ("storageclasses", {"PROVISIONER": "provisioner", "RECLAIMPOLICY": "reclaim_policy", "VOLUMEBINDINGMODE": "binding_mode", "ALLOWVOLUMEEXPANSION": "expansion"}),
    "list_configmaps": ("configmaps", {}),
    "list_secrets": ("secrets", {"TYPE": "type"}),
    "list_service_accounts": ("serviceaccounts", {}),
    "list_roles": ("roles", {}),
    "list_role_bindings": ("rolebindings", {"ROLE": "role"}),
    "list_cluster_roles": ("clusterroles", {}),
    "list_cluster_role_bindings": ("clusterrolebindings", {"ROLE": "role"}),
}
SINGLE = {"list_deployments": "get_deployment", "list_replicasets": "get_replicaset", "list_statefulsets": "get_statefulset", "list_daemonsets": "get_daemonset",
          "list_jobs": "get_job", "list_cronjobs": "get_cronjob", "list_services": "get_service", "list_ingresses": "get_ingress",
          "list_network_policies": "get_network_policy", "list_pvcs": "get_pvc", "list_pvs": "get_pv", "list_storageclasses": "get_storageclass",
          "list_configmaps": "get_configmap", "list_secrets": "get_secret", "list_service_accounts": "get_service_account", "list_roles": "get_role",
          "list_role_bindings": "get_role_binding", "list_cluster_roles": "get_cluster_role", "list_cluster_role_bindings": "get_cluster_role_binding"}


def said(value):
    """A cell as kubectl would print it."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(value)
    return str(value)


def theirs(text):
    text = re.sub(r" \(default\)$", "", text)
    text = re.sub(r" \+ \d+ more\.\.\.$", "", text)
    return "" if text in ("<none>", "<unset>") else text.capitalize() if text in ("True", "False") else text


def place(item):
    return item["metadata"].get("namespace"), item["metadata"]["name"]


class Tables(ClusterCase):
    def test_the_same_cells_as_kubectl(self):
        for operation, (resource, cells) in TABLES.items():
            with self.subTest(operation):
                def compare(items):
                    told = self.kubectl.table(resource, "-A", "-o", "wide")
                    rows = self.rows(operation)

                    def check():
                        ours = {(r.get("namespace"), r["name"]): r for r in rows}
                        self.assertEqual(sorted(map(str, ours)), sorted(str(place(i)) for i in items))
                        self.assertEqual(len(ours), len(rows), "an object is there twice")
                        for line in told:
                            row = ours[line.get("NAMESPACE"), re.sub(r" \(default\)$", "", line["NAME"])]
                            for their_name, our_name in cells.items():
                                if their_name not in line:
                                    continue  # of another version
                                expected = theirs(line[their_name])
                                mine = said(row[our_name])
                                if our_name in ("suspended", "expansion"):
                                    expected = expected.lower()
                                self.assertEqual(mine, expected, f"{our_name} of {line['NAME']}")
                        for item in items:
                            row = ours[place(item)]
                            self.assertEqual(row["created"], item["metadata"]["creationTimestamp"])
                            if "owner" in row:
                                self.assertEqual(row["owner"], controller(item))
                            if "keys" in row:
                                keys = list(item.get("data", {})) + list(item.get("binaryData", {}))
                                self.assertEqual(sorted(row["keys"]), sorted(keys))
                    return check

                def read():
                    items = self.kubectl.items(resource, "-A")
                    for item in items:  # a leader's lease is no change
                        item["metadata"].pop("resourceVersion"), item["metadata"].pop("managedFields", None), item["metadata"].pop("annotations", None)
                    return items
                self.settled(read, compare, 30)

    def test_names_can_be_handed_to_kubectl(self):
        for operation, (resource, _) in TABLES.items():
            rows = self.rows(operation)
            if not rows:
                continue
            with self.subTest(operation):
                row = rows[0]
                where = ["-n", row["namespace"]] if row.get("namespace") else []
                out = self.ok(self.call(operation, *where, "--field-selector", "metadata.name=" + row["name"], "-o", "name")).out.split()
                self.assertEqual(len(out), 1)
                self.assertIn(row["name"], self.kubectl.text("get", out[0], *where, "-o", "name"))


class Single(ClusterCase):
    def test_json_is_kubernetes_own_object_less_what_nobody_must_see(self):
        for operation, one in SINGLE.items():
            resource = TABLES[operation][0]
            for item in self.kubectl.items(resource, "-A")[:3]:
                namespace, name = place(item)
                where = ["-n", namespace] if namespace else []
                with self.subTest(operation=one, name=name):
                    ours = self.document(one, name, *where)
                    self.assertEqual(ours["kind"], item["kind"])
                    self.assertEqual(ours["metadata"]["uid"], item["metadata"]["uid"])
                    self.assertNotIn("managedFields", ours["metadata"])
                    brief = self.kubectl.yaml(self.ok(self.call(one, name, *where)).out)
                    self.assertEqual((brief.get("namespace"), brief["name"]), (namespace, name))

    def test_values_of_secrets_stay(self):
        for item in self.kubectl.items("secrets", "-A"):
            namespace, name = place(item)
            for arguments in (("get_secret", name), ("get_resource", name, "--kind", "secret")):
                for output in ("table", "json", "yaml"):
                    outcome = self.ok(self.call(*arguments, "-n", namespace, "-o", output))
                    for key, value in item.get("data", {}).items():
                        self.assertIn(key, outcome.out)
                        if len(value) > 8:
                            self.assertNotIn(value, outcome.out, (name, key))

    def test_names_of_rbac_have_colons(self):
        brief = self.kubectl.yaml(self.ok(self.call("get_cluster_role", "system:basic-user")).out)
        self.assertEqual(brief["name"], "system:basic-user")
        for odd in ("../pods", "a/b", "x?y", "%2e%2e", "-x", ".."):
            self.failed(self.call("get_cluster_role", "--name", odd) if not odd.startswith("-") else self.call("get_cluster_role", f"--name={odd}"), "invalid_request", 2)


class AnyKind(ClusterCase):
    def test_lists_by_every_name_of_a_kind(self):
        expected = {place(i) for i in self.kubectl.items("deployments", "-A")}
        for kind in ("deployments", "Deployment", "deploy", "deployments.apps", "DEPLOY"):
            with self.subTest(kind):
                self.assertEqual({(r["namespace"], r["name"]) for r in self.rows("list_resources", "--kind", kind)}, expected)

    def test_every_kind_that_can_be_listed(self):
        for row in self.rows("list_api_resources"):
            if "list" not in row["verbs"]:
                continue
            group = row["api_version"].rpartition("/")[0]
            kind = row["name"] + ("." + group if group else "")
            with self.subTest(kind):
                rows = self.rows("list_resources", "--kind", kind, "--limit", "1")
                if rows and row["namespaced"]:
                    self.assertTrue(rows[0]["namespace"])

    def test_scopes(self):
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        self.assertEqual(self.document("get_resource", node, "--kind", "node")["kind"], "Node")
        self.failed(self.call("get_resource", node, "--kind", "node", "-n", "default"), "invalid_request", 2)
        self.failed(self.call("list_resources", "--kind", "nodes", "-n", "default"), "invalid_request", 2)

    def test_only_kinds_can_be_reached(self):
        pod = self.running_pod()["metadata"]
        for kind, status in (("pods/exec", 2), ("pods/log", 2), ("nodes/proxy", 2), ("..", 1), ("pods%2Flog", 2), ("", 2), ("podz", 1)):
            with self.subTest(kind):
                self.assertEqual(self.call("get_resource", pod["name"], f"--kind={kind}", "-n", pod["namespace"]).status, status)
        for name in ("x/log", "..", "x%2Flog", "x?watch=1"):
            with self.subTest(name):
                self.failed(self.call("get_resource", "--name", name, "--kind", "pod", "-n", pod["namespace"]), "invalid_request", 2)

    def test_explain(self):
        whole = self.document("explain", "--kind", "deployment")
        self.assertEqual((whole["kind"], whole["api_version"]), ("Deployment", "apps/v1"))
        self.assertIn("spec", whole["fields"])
        replicas = self.document("explain", "--kind", "deploy", "--field", "spec.replicas")
        self.assertEqual(replicas["type"], "integer")
        self.assertIn("desired pods", replicas["description"])
        ports = self.document("explain", "--kind", "pods", "--field", "spec.containers.ports")
        self.assertTrue(ports["fields"]["containerPort"].startswith("integer, required"))
        self.failed(self.call("explain", "--kind", "pod", "--field", "spec.contaners"), "not_found", 1, mentions=["containers"])


class Described(ClusterCase):
    def test_endpoints(self):
        for item in self.kubectl.items("endpoints", "-A"):
            namespace, name = place(item)
            ready = sorted(a["ip"] for s in item.get("subsets", []) for a in s.get("addresses", []))
            not_ready = sorted(a["ip"] for s in item.get("subsets", []) for a in s.get("notReadyAddresses", []))
            if not ready and not not_ready:
                continue
            with self.subTest(name):
                ours = self.document("get_endpoints", name, "-n", namespace)
                self.assertEqual(sorted(a["address"] for a in ours["ready"]), ready)
                self.assertEqual(sorted(a["address"] for a in ours["not_ready"]), not_ready)
                row = next(r for r in self.rows("list_endpoints", "-n", namespace) if r["name"] == name)
                self.assertEqual((row["ready"], row["not_ready"]), (len(ready), len(not_ready)))

    def test_services_without_endpoints(self):
        empty = {place(i) for i in self.kubectl.items("services", "-A") if i["spec"].get("type") != "ExternalName"}
        for item in self.kubectl.items("endpoints", "-A"):
            if any(s.get("addresses") for s in item.get("subsets", [])):
                empty.discard(place(item))
        self.assertEqual({(r["namespace"], r["name"]) for r in self.rows("list_services", "--only-without-endpoints")}, empty)

    def test_describe_node_counts_as_kubectl_does(self):
        node = self.kubectl.items("nodes")[0]["metadata"]["name"]
        text = self.kubectl.text("describe", "node", node)
        told = re.search(r"Allocated resources:.*?cpu\s+(\S+) \((\d+)%\)\s+(\S+) \((\d+)%\)", text, re.S)
        ours = self.document("describe_node", node)
        percent = re.search(r"\((\d+)%\)", ours["allocated"]["cpu_requests"])
        self.assertAlmostEqual(int(percent.group(1) if percent else 0), int(told.group(2)), delta=1)
        pods = re.search(r"Non-terminated Pods:\s+\((\d+) in total\)", text)
        self.assertEqual(len(ours["pods"]), int(pods.group(1)))

    def test_describe_deployment_has_history_pods_and_events(self):
        namespace, name, _ = self.ready_deployment()
        ours = self.document("describe_deployment", name, "-n", namespace)
        self.assertTrue(any("revision" in line for line in ours["history"]))
        self.assertTrue(ours["pods"])
        self.assertIn("events", ours)

    def test_events_of_one_object(self):
        row = self.rows("list_events", "--limit", "1")[0]
        kind, name = row["object"].split("/")
        ours = self.document("get_events_for_resource", name, "--kind", kind, *(["-n", row["namespace"]] if kind != "Node" else []))
        self.assertIn(row["reason"], [e["reason"] for e in ours["events"]])


if __name__ == "__main__":
    program.main()
