#!/usr/bin/env python3
"""who_can and can_i against what the API server itself says, and `fairlead rbac`: the roles that it prints are enough for
the operations that they are for, and for nothing else."""
import json
import os
import shutil
import tempfile
import unittest

from cluster_case import KUBECONFIG, ClusterCase
from kube_api import KubeApi
import kubeconfig
import program

NAMESPACE = "access-test"
OTHER = "access-test-other"
RBAC = "rbac.authorization.k8s.io"


def role(name, rules, namespace=None):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": f"{RBAC}/v1", "kind": "Role" if namespace else "ClusterRole", "metadata": metadata, "rules": rules}


def binding(name, to, subjects, namespace=None):
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    kind, role_name = to.split("/")
    subjects = [s if s["kind"] == "ServiceAccount" else {**s, "apiGroup": RBAC} for s in subjects]
    return {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding" if namespace else "ClusterRoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role_name}, "subjects": subjects}


def rule(verbs, resources, group="", names=None):
    return {"verbs": verbs.split(), "apiGroups": [group], "resources": resources.split(), **({"resourceNames": names} if names else {})}


def user(name):
    return {"kind": "User", "name": name}


def group(name):
    return {"kind": "Group", "name": name}


def account(name, namespace):
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


OBJECTS = [
    *({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}} for n in (NAMESPACE, OTHER)),
    role("access-test-pods", [rule("get list delete", "pods pods/log"), {"verbs": ["get"], "nonResourceURLs": ["/metrics", "/access-test/*"]}]),
    role("access-test-scale", [rule("get patch", "*/scale", "apps")]),
    role("access-test-star", [rule("get", "pods/*")]),
    role("access-test-all", [rule("*", "*", "*")]),
    role("access-test-named", [rule("get", "secrets", names=["db", "tls"])]),
    role("access-test-spaces", [rule("get delete list", "namespaces")]),
    role("own", [rule("create update", "configmaps"), rule("get", "secrets", names=["db"])], NAMESPACE),
    role("own", [rule("*", "secrets")], OTHER),
    binding("access-test-alice", "ClusterRole/access-test-pods", [user("alice"), group("devs")]),
    binding("access-test-scale", "ClusterRole/access-test-scale", [account("web", NAMESPACE)]),
    binding("access-test-star", "ClusterRole/access-test-star", [user("star")]),
    binding("access-test-named", "ClusterRole/access-test-named", [group(f"system:serviceaccounts:{OTHER}")]),
    binding("access-test-gone", "ClusterRole/access-test-gone", [user("gone")]),
    binding("all", "ClusterRole/access-test-all", [user("bob")], NAMESPACE),
    binding("own", "Role/own", [user("carol"), {"kind": "ServiceAccount", "name": "web"}], NAMESPACE),
    binding("own", "Role/own", [account("web", NAMESPACE)], OTHER),
    binding("spaces", "ClusterRole/access-test-spaces", [user("dora")], NAMESPACE),
]


def of_account(namespace, name):
    return f"system:serviceaccount:{namespace}:{name}", ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]


PEOPLE = [("alice", ["system:authenticated"]), ("bob", ["system:authenticated"]), ("carol", ["system:authenticated"]), ("dora", ["system:authenticated"]),
          ("dev", ["devs", "system:authenticated"]), ("star", ["system:authenticated"]), ("gone", ["system:authenticated"]), ("root", ["system:masters", "system:authenticated"]),
          ("system:anonymous", ["system:unauthenticated"]), ("system:kube-scheduler", ["system:authenticated"]), of_account(NAMESPACE, "web"), of_account(OTHER, "web"),
          of_account("kube-system", "generic-garbage-collector")]

# resource as it is written, group, resource, subresource, verbs, whether it is in namespaces
QUESTIONS = [("pods", "", "pods", "", "get list delete create", True), ("pods/log", "", "pods", "log", "get", True), ("po", "", "pods", "", "watch", True),
             ("secrets", "", "secrets", "", "get list", True), ("configmaps", "", "configmaps", "", "create get", True),
             ("deployments/scale", "apps", "deployments", "scale", "get patch", True), ("statefulsets.apps/scale", "apps", "statefulsets", "scale", "patch", True),
             ("deployments.apps", "apps", "deployments", "", "get patch deletecollection", True), ("nodes", "", "nodes", "", "list get", False),
             ("clusterroles", RBAC, "clusterroles", "", "get escalate bind", False), ("*", "*", "*", "", "* get", True)]


# What these change is known by their manifest or kind alone.
ANY_KIND = {"apply_manifest", "create_resource", "patch_resource", "delete_resource"}


class WhoCan(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.api = KubeApi(json.loads(cls.kubectl.text("config", "view", "--raw", "--minify", "-o", "json")))
        cls.addClassCleanup(cls.kubectl.run, "delete", "--ignore-not-found", "--wait=false", "-f", "-", stdin=as_list(OBJECTS))
        cls.kubectl.run("apply", "-f", "-", stdin=as_list(OBJECTS))

    def grants(self, verb, resource, *more):
        return self.rows("who_can", "--verb", verb, "--resource", resource, *more)

    @staticmethod
    def told(rows, who, groups, namespace, name):
        def fits(row):
            if row["kind"] == "ServiceAccount":
                someone = who == f"system:serviceaccount:{row['subject_namespace']}:{row['subject']}"
            else:
                someone = row["subject"] in (groups if row["kind"] == "Group" else [who])
            return someone and row["scope"] in ("cluster", f"namespace/{namespace}") and (not row["names"] or name in row["names"])
        return any(fits(row) for row in rows)

    def test_agrees_with_the_api_server(self):
        asked = 0
        for written, api_group, resource, subresource, verbs, namespaced in QUESTIONS:
            for verb in verbs.split():
                rows = self.grants(verb, written)
                by_namespace = {n: self.grants(verb, written, "-n", n) for n in (NAMESPACE, OTHER)} if namespaced else {}
                for who, groups in PEOPLE:
                    for namespace in (NAMESPACE, OTHER, "kube-system") if namespaced else ("",):
                        for name in ("", "db"):
                            attributes = {"verb": verb, "group": api_group, "resource": resource, "subresource": subresource, "namespace": namespace, "name": name}
                            allowed = self.api.may(who, groups, attributes)
                            asked += 1
                            with self.subTest(who=who, **attributes):
                                self.assertEqual(self.told(rows, who, groups, namespace, name), allowed)
                                if namespace in by_namespace:
                                    self.assertEqual(self.told(by_namespace[namespace], who, groups, namespace, name), allowed)
        self.assertGreater(asked, 1000)

    def test_names(self):
        for name in ("db", "tls", "other"):
            rows = self.grants("get", "secrets", "--name", name)
            for who, groups in PEOPLE:
                for namespace in (NAMESPACE, OTHER):
                    allowed = self.api.may(who, groups, {"verb": "get", "group": "", "resource": "secrets", "namespace": namespace, "name": name})
                    with self.subTest(who=who, namespace=namespace, name=name):
                        self.assertEqual(self.told(rows, who, groups, namespace, name), allowed)

    def test_namespaces_are_in_themselves(self):
        for verb in ("get", "delete", "list"):
            rows = self.grants(verb, "namespaces")
            for who, groups in PEOPLE:
                for name in (NAMESPACE, OTHER):
                    attributes = {"verb": verb, "group": "", "resource": "namespaces", "name": name, "namespace": "" if verb == "list" else name}
                    with self.subTest(who=who, verb=verb, name=name):
                        self.assertEqual(self.told(rows, who, groups, name, name), self.api.may(who, groups, attributes))

    def test_paths(self):
        for path in ("/metrics", "/healthz", "/access-test/a/b", "/access-test", "/openapi/v2"):
            rows = self.grants("get", path)
            for who, groups in PEOPLE:
                with self.subTest(who=who, path=path):
                    self.assertEqual(self.told(rows, who, groups, "", ""), self.api.may(who, groups, {"verb": "get", "path": path}))

    def test_agrees_with_kubectl_auth_can_i(self):
        rows = {r: self.grants("get", r) for r in ("pods", "deployments/scale", "secrets")}
        for who, groups in PEOPLE[:7]:
            for resource, answer in rows.items():
                words = resource.split("/")
                sub = [f"--subresource={words[1]}"] if len(words) > 1 else []
                flags = [f for g in groups for f in ("--as-group", g)]
                said = self.kubectl.run("auth", "can-i", "get", words[0], *sub, "-n", NAMESPACE, "--as", who, *flags, check=False).stdout.decode().strip()
                with self.subTest(who=who, resource=resource):
                    self.assertEqual("yes" if self.told(answer, who, groups, NAMESPACE, "") else "no", said.split(" ")[0].split("\n")[-1])

    def test_what_it_says_beside_the_rows(self):
        outcome = self.ok(self.call("who_can", "--verb", "get", "--resource", "/healthz"))
        self.assertTrue(any("Group" in n and "system:masters" in n for n in outcome.notes), outcome)
        self.assertTrue(any("without logging in" in n for n in outcome.notes), outcome)
        row = next(r for r in self.grants("create", "configmaps", "-n", NAMESPACE) if r["subject"] == "carol")
        self.assertEqual((row["scope"], row["binding"], row["role"]), (f"namespace/{NAMESPACE}", "RoleBinding/own", "Role/own"))

    def test_can_i(self):
        yes = self.document("can_i", "--verb", "delete", "--resource", "pods", "-n", NAMESPACE)
        self.assertEqual((yes["allowed"], yes["namespace"]), (True, NAMESPACE))
        self.failed(self.call("can_i", "--verb", "fetch", "--resource", "pods"), "invalid_request", 2, mentions=["get", "list"])
        self.failed(self.call("can_i", "--verb", "get", "--resource", "pods/nothing"), "not_found", 1, mentions=["pods/log"])
        self.failed(self.call("can_i", "--verb", "get"), "invalid_request", 2, mentions=["without resource"])
        self.assertIn("*.*", {r for row in self.rows("can_i") for r in row["resources"]})


def as_list(objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode()


class LeastRoles(ClusterCase):
    """An account with the roles that are printed runs what they are for, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = tempfile.mkdtemp(prefix="access-test-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.operations = {o["name"]: o for o in program.operations()}
        cls.reads = [n for n, o in cls.operations.items() if o["trust"] == "READ"]
        cls.config = json.loads(cls.kubectl.text("config", "view", "--raw", "--minify", "-o", "json"))

    def setUp(self):
        self.namespace, self.deployment, self.replicas = self.ready_deployment()
        self.elsewhere = "default" if self.namespace == "kube-system" else "kube-system"
        pod = self.pods_of(self.namespace, self.deployment)[0]
        self.names = {"pod": pod["metadata"]["name"], "deployment": self.deployment, "node": pod["spec"]["nodeName"],
                      "service": (self.kubectl.items("services", "-n", self.namespace) or [{"metadata": {"name": "none"}}])[0]["metadata"]["name"]}

    def make_account(self, *arguments, name="access-test"):
        """A kubeconfig of a service account with the roles that `fairlead rbac` prints for these arguments."""
        text = self.ok(program.run("rbac", *arguments, "--name", name, "--service-account", f"{self.namespace}/{name}")).out.encode()
        self.addCleanup(self.kubectl.run, "delete", "--ignore-not-found", "-f", "-", stdin=text)
        self.kubectl.run("apply", "-f", "-", stdin=text)
        token = KubeApi(self.config).post(f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{name}/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        cluster = {k: v for k, v in self.config["clusters"][0]["cluster"].items() if k != "server"}
        config = kubeconfig.kubeconfig(self.config["clusters"][0]["cluster"]["server"], user={"token": token["status"]["token"]}, cluster=cluster)
        return kubeconfig.write(os.path.join(self.directory, name), config)

    def arguments(self, operation, namespace):
        """Of the catalog's example, with names that are there where this cluster has such objects."""
        given = self.operations[operation]["example"].split()
        out = []
        for i, word in enumerate(given):
            before = given[i - 1] if i else ""
            kind = next((k for k in self.names if k in operation), "deployment" if operation == "get_events_for_resource" else None)
            if word.startswith("'") or before.startswith("'"):
                word = word.strip("'")
            if before == "--namespace":
                word = namespace or self.namespace
            elif before == "--name" and kind:
                word = self.names[kind]
            elif before == "--name" and operation == "get_endpoints":
                word = self.names["service"]
            elif before == "--name" and operation == "get_namespace":
                word = namespace or self.namespace
            elif before == "--kind" and operation in ("list_resources", "get_resource"):
                word = "poddisruptionbudgets"
            out.append(word)
        if namespace is None and operation.startswith("list_"):
            out = [w for i, w in enumerate(out) if w != "--namespace" and (i == 0 or out[i - 1] != "--namespace")]
        elif namespace and "namespace" in self.operations[operation]["parameters"]["properties"] and "--namespace" not in out and operation not in ("explain", "list_resources"):
            out += ["--namespace", namespace]
        if self.operations[operation]["trust"] != "READ":
            end = out.index("--") if "--" in out else len(out)
            out[end:end] = ["--dry-run", "--allow", "destructive"]
        return out

    def run_as(self, config, operation, namespace):
        return program.run("call", operation, *self.arguments(operation, namespace), env={"KUBECONFIG": config})

    def document_as(self, config, operation):
        return self.ok(program.run("call", operation, *self.arguments(operation, None), "-o", "json", env={"KUBECONFIG": config})).json()

    def run_all(self, config, operations, namespace):
        return program.parallel(lambda operation: self.run_as(config, operation, namespace), operations, 4)

    def assert_enough(self, outcomes):
        for operation, outcome in outcomes:
            with self.subTest(operation):
                self.assertIn(outcome.code, (None, "not_found"), outcome)
                self.assertFalse([n for n in outcome.notes if "read" in n and "permission_denied" in n or "cannot be read" in n], outcome)

    def checked(self, config, *arguments):
        outcome = program.run("rbac", "check", *arguments, "-o", "json", env={"KUBECONFIG": config})
        self.assertIn(outcome.status, (0, 1), outcome)
        return {r["operation"]: r["allowed"] for r in outcome.json()["items"] if r["operation"] in self.operations}, outcome

    def test_in_a_namespace(self):
        """Every operation that can be had there: named, so that Secrets are among them."""
        every = ",".join(o for o in self.operations if o != "drain_node")  # which is about all of them
        config = self.make_account("--operations", every, "--kinds", "poddisruptionbudgets.policy", "--namespace", self.namespace)
        outcomes = self.run_all(config, [o for o in self.operations if o not in ("describe_node", "drain_node", *ANY_KIND)], self.namespace)
        self.assert_enough(outcomes)
        self.failed(self.run_as(config, "list_pods", self.elsewhere), "permission_denied", 1)
        everywhere = self.ok(self.run_as(config, "list_secrets", None))
        self.assertTrue(any("you may not list secrets in" in n for n in everywhere.notes), everywhere)
        node = self.ok(self.run_as(config, "describe_node", self.namespace))
        self.assertTrue(any("pods could not be read" in n for n in node.notes), node)
        allowed, outcome = self.checked(config, "--operations", every, "--kinds", "poddisruptionbudgets.policy", "-n", self.namespace)
        self.assertEqual(outcome.status, 0, outcome)
        self.assertEqual({o: a for o, a in allowed.items() if a != "yes"}, {"describe_node": "partly", "cordon_node": "partly", "uncordon_node": "partly"})
        again, outcome = self.checked(config, "--trust", "read", "-n", self.elsewhere)
        self.assertEqual((outcome.status, again["list_pods"], again["list_nodes"], again["can_i"], again["list_resources"]), (1, "no", "yes", "yes", "by kind"))

    def test_by_trust_in_the_whole_cluster(self):
        config = self.make_account("--trust", "read", "--cluster-wide")
        unnamed = ["list_secrets", "get_secret", "list_resources", "get_resource"]
        self.assert_enough(self.run_all(config, [o for o in self.reads if o not in unnamed], None))
        for operation, outcome in self.run_all(config, unnamed, self.namespace):
            with self.subTest(operation):
                self.failed(outcome, "permission_denied", 1)
        for operation, outcome in self.run_all(config, [o for o in self.operations if o not in self.reads and o not in ("uncordon_node", "resume_rollout", "drain_node")], self.namespace):
            with self.subTest(operation):
                self.failed(outcome, ("permission_denied", "not_found"), 1)
        # Nothing is to be done there, and to see that takes no more than reading.
        self.assertFalse(self.document_as(config, "uncordon_node")["changed"])
        allowed, _ = self.checked(config, "--trust", "destructive")
        self.assertEqual({o for o, a in allowed.items() if a == "no"}, {o for o in self.operations if o not in self.reads and o not in ANY_KIND} | {"list_secrets", "get_secret"})

    def test_one_operation_gives_no_other(self):
        config = self.make_account("--operations", "list_configmaps", "--namespace", self.namespace)
        self.ok(self.run_as(config, "list_configmaps", self.namespace))
        others = [o for o in self.operations if o != "list_configmaps" and any(not a["optional"] for a in self.operations[o]["access"])]
        for operation, outcome in self.run_all(config, [o for o in others if o != "get_namespace"], self.namespace):
            with self.subTest(operation):
                self.failed(outcome, "permission_denied", 1)
        # The namespace itself may be read, to tell an empty one from one that is not there.
        self.ok(self.run_as(config, "get_namespace", self.namespace))
        allowed, outcome = self.checked(config, "--trust", "destructive", "-n", self.namespace)
        self.assertEqual(outcome.status, 1)
        self.assertEqual({o for o, a in allowed.items() if a == "no"}, {o for o in others if o not in ("get_namespace", "list_resources", "get_resource", *ANY_KIND)})
        outcome = program.run("rbac", "check", "--operations", "list_configmaps", "-n", self.namespace, env={"KUBECONFIG": config})
        self.assertEqual(self.ok(outcome).out.split(), ["OPERATION", "ALLOWED", "list_configmaps", "yes"])

    def test_check_tells_what_is_missing(self):
        config = self.make_account("--operations", "list_nodes", "--namespace", self.namespace)
        outcome = program.run("rbac", "check", "--operations", "list_nodes,scale_deployment,describe_node", "-n", self.namespace, env={"KUBECONFIG": config})
        self.assertEqual(outcome.status, 1, outcome)
        self.assertIn("get deployments/scale.apps", outcome.out)
        self.assertIn("get nodes in the cluster", outcome.out)
        self.assertTrue(any("2 of 3 operations may not be run" in n for n in outcome.notes), outcome)


if __name__ == "__main__":
    program.main()
