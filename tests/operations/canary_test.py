#!/usr/bin/env python3
"""Zero bytes leave: secrets are planted everywhere in a cluster, every operation of the catalog is called in every format
and by every face, and nothing of them may be in what comes back.

Operations are found in the catalog, so a new one is called without a word here. What it takes is made up from its
schema; one that needs more than a name, a namespace and a kind is told what in ARGUMENTS, and is missed else."""
import base64
import json
import os
import tempfile
import unittest

from cluster_case import ClusterCase, KUBECONFIG
import canary_objects
from canary_objects import NAMESPACE
from canaries import Canaries, forms, pem
from kubeconfig import write
from mcp_client import Mcp
import program

# What to call an operation with that needs more than name, namespace and kind. A list of calls; TEXTS: names of texts
# in the log.
LOGS = [{"name": "writes", "container": container, **more} for container in ("main", "ended")
        for more in ({}, {"timestamps": True}, {"since_seconds": 100000}, {"grep": "."}, {"grep": "^[ ]*[A-Za-z0-9+/]{10,}"}, {"grep": "[0-9]", "context_lines": 2}, {"previous": True})]
ARGUMENTS = {
    "get_pod_logs": LOGS + [{"name": "writes", "all_containers": True}, {"name": "writes"}, {"name": "waits"}],
    "who_can": [{"verb": "get", "resource": "secrets"}], "can_i": [{"verb": "get", "resource": "secrets"}],
    "diagnose_workload": [{"name": "deployment"}, {"name": "statefulset", "kind": "StatefulSet"}],
    "rotate_service_account_token": [{"name": "account"}], "rollout_undo": [{"name": "deployment"}],
    "exec_in_pod": [{"name": "writes", "container": "main", "command": ["env"]}],
    "patch_deployment": [{"name": "deployment", "replicas": 1}],
    "rotate_secret": [{"name": "opaque", "data": {"key": "value"}, "restart_consumers": True}],
    "patch_resource": [{"kind": "configmaps", "name": "texts", "patch": {"metadata": {"labels": {"a": "b"}}}}],
    "apply_manifest": [{"manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"a": "b"}}}],
    "create_resource": [{"manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}, "data": {"a": "b"}}}],
    "scale_deployment": [{"name": "deployment", "replicas": 2}], "scale_statefulset": [{"name": "statefulset", "replicas": 2}],
}
# These find nothing to do here: a Deployment without a history, and a node whose pods have no controller.
REFUSED = {"rollout_undo", "drain_node"}
# Log lines that a reader may ask for from the end: a cut must not take a secret apart.
TAILS = range(1, 130)


class Finder(unittest.TestCase):
    def test_every_form_is_found(self):
        canaries = Canaries()
        text = canaries.new("here")
        for form, data in forms(text):
            self.assertTrue(canaries.find(b"before " + data + b" after"), form)
        for around in range(3):
            for more in (b"", b"x", b"xy"):
                self.assertTrue(canaries.find(base64.b64encode(b"q" * around + text.encode() + more)))
        self.assertTrue(canaries.find(text[:12] + "\n" + text[12:]), "split in two")
        self.assertTrue(canaries.find("\n".join(text[i:i + 5] for i in range(0, len(text), 5))), "split in pieces")
        self.assertTrue(canaries.find(f"[main] {text[:6]}\\n{text[6:]}"), "split as JSON")
        self.assertTrue(canaries.find(text[3:14]), "a part of it")
        import gzip
        packed = base64.b64encode(gzip.compress(f"password: {text}".encode())).decode()
        self.assertTrue(canaries.find(f"x {packed} y"))
        self.assertTrue(canaries.find(base64.b64encode(packed.encode())))
        self.assertEqual(canaries.find("nothing\n" + pem(["A" * 64]) + "password=<redacted>\n"), [])


class Canary(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.catalog = program.operations()
        cls.canaries = Canaries()
        cls.addClassCleanup(cls.take_away)
        cls.plant()
        cls.directory = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fairlead-canary-"))
        cls.config = cls.with_token()

    @classmethod
    def plant(cls):
        versions = cls.kubectl.text("api-versions").split()
        objects = canary_objects.Objects(cls.canaries, "batch/v1" if "discovery.k8s.io/v1" in versions else "batch/v1beta1")
        # Our own credential, where no name and no shape says what it is.
        own = next((u["user"]["token"] for u in cls.raw_config()["users"] if u["user"].get("token")), None)
        if own:
            cls.own_token = cls.canaries.add("our own token", own)
            next(o for o in objects.made if o["metadata"]["name"] == "texts")["data"]["note.txt"] = f"hm {own} hm\n"
        cls.kubectl.run("create", "namespace", NAMESPACE)
        cls.kubectl.run("annotate", "namespace", NAMESPACE, f"example.com/token={cls.canaries.new('annotation of a namespace')}")
        cls.node = cls.kubectl.items("nodes")[0]["metadata"]["name"]
        cls.kubectl.run("annotate", "node", cls.node, f"canary.fairlead.test/join-token={cls.canaries.new('annotation of a node')}")
        custom = [o for o in objects.made if o["kind"] == "Canary"]
        first = [o for o in objects.made if o["kind"] != "Canary"]
        cls.apply(first)
        program.eventually(lambda: cls.apply(custom), 30)
        # One token more, that the cluster makes.
        cls.apply([{"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                    "metadata": {"name": "account-token", "namespace": NAMESPACE, "annotations": {"kubernetes.io/service-account.name": "account"}}}])
        cls.objects = [o for o in objects.made if o["kind"] != "CustomResourceDefinition"]
        for event in objects.events():
            cls.kubectl.run("create", "-f", "-", stdin=json.dumps(event).encode())
            cls.objects.append(event)
        pod = cls.kubectl.json("get", "pod", "waits", "-n", NAMESPACE)
        pod["status"] = objects.status()
        cls.kubectl.run("replace", "--raw", f"/api/v1/namespaces/{NAMESPACE}/pods/waits/status", "-f", "-", stdin=json.dumps(pod).encode())
        written = max(len(t) for t in objects.texts.values())

        def has_written():
            log = cls.kubectl.text("logs", "writes", "-n", NAMESPACE, "-c", "main", check=False)
            if len(log) < written or "CREATE USER" not in log:
                raise AssertionError("the pod has not written its log yet")
        program.eventually(has_written, 120)

        def token():
            data = cls.kubectl.json("get", "secret", "account-token", "-n", NAMESPACE).get("data", {})
            if "token" not in data:
                raise AssertionError("the token of a service account was not made")
            return base64.b64decode(data["token"]).decode()
        cls.canaries.add("token of a service account", program.eventually(token, 30))
        listed = program.run("call", "list_api_resources", "-o", "json", "--limit", 100000, env={"KUBECONFIG": KUBECONFIG}).json()["items"]
        cls.plurals = {(r["api_version"].rpartition("/")[0], r["kind"]): r["name"] for r in listed}

    @classmethod
    def apply(cls, objects):
        cls.kubectl.run("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}).encode())

    @classmethod
    def take_away(cls):
        cls.kubectl.run("annotate", "node", getattr(cls, "node", "none"), "canary.fairlead.test/join-token-", check=False)
        for kind, name in (("crd", "canaries.fairlead.test"), ("pv", "canary-volume"), ("storageclass", "canary-class"), ("clusterrole", "canary-role"),
                           ("clusterrolebinding", "canary-binding"), ("namespace", NAMESPACE)):
            cls.kubectl.run("delete", kind, name, "--ignore-not-found", "--timeout=50s", check=False)

    @classmethod
    def raw_config(cls):
        return cls.kubectl.json("config", "view", "--raw")

    @classmethod
    def with_token(cls):
        """The kubeconfig, by a token where it has one, with its private key among what must not be seen."""
        config = cls.raw_config()
        for user in config["users"]:
            key = user["user"].get("client-key-data")
            text = base64.b64decode(key).decode() if key else open(user["user"]["client-key"]).read() if user["user"].get("client-key") else ""
            lines = [line for line in text.splitlines() if "-----" not in line]
            if lines:
                cls.canaries.add("our own client key", "".join(lines))
        by_token = [c["name"] for c in config["contexts"] for u in config["users"] if c["context"]["user"] == u["name"] and u["user"].get("token")]
        if by_token:
            config["current-context"] = by_token[0]
        return write(os.path.join(cls.directory, "config"), config)

    def plural(self, item):
        group = item["apiVersion"].rpartition("/")[0]
        return self.plurals[group, item["kind"]].partition(".")[0], group

    # ---- what to call

    def calls_of(self, operation):
        """Arguments of each call, without format and columns."""
        properties, required = operation["parameters"]["properties"], set(operation["parameters"].get("required", []))
        place = {"namespace": NAMESPACE} if "namespace" in properties else {}
        if operation["name"] in ARGUMENTS:
            return [{**place, **arguments} for arguments in ARGUMENTS[operation["name"]]]
        if required - {"name", "namespace", "kind"}:
            return None
        if not required:
            return [place] + ([{}] if place else []) + ([{**place, "only_problems": True}] if "only_problems" in properties else [])
        if "name" not in required:
            kinds = sorted({self.plural(o) for o in self.objects})
            return [{**place, "kind": self.kind_word(kind, properties)} for kind in kinds if self.kind_word(kind, properties)]
        calls = []
        about = next((rule for rule in operation["access"] if set(rule["verbs"]) - {"list", "watch"}), operation["access"][0])
        for item in self.objects:
            plural, group = self.plural(item)
            name = {"name": item["metadata"]["name"]}
            where = {"namespace": NAMESPACE} if place and "namespace" in item["metadata"] else {}
            if "kind" in required:
                word = self.kind_word((plural, group), properties, item["kind"])
                if word:
                    calls.append({**where, **name, "kind": word})
            elif about["resource"].partition("/")[0] == plural and about["group"] == group:
                calls.append({**where, **name})
        if about["resource"] in ("namespaces", "nodes"):
            calls.append({"name": NAMESPACE if about["resource"] == "namespaces" else self.node})
        return calls

    def unmeasured(self):
        """Nothing to ask where no metrics server answers."""
        return set() if self.kubectl.run("top", "nodes", check=False).returncode == 0 else {"top_pods", "top_nodes"}

    @staticmethod
    def kind_word(kind, properties, name=""):
        """As the operation's schema wants to have it; None where it is not for this kind."""
        plural, group = kind
        choices = properties["kind"].get("enum")
        if not choices:
            return f"{plural}.{group}" if group else plural
        return next((c for c in choices if c.lower() in (plural, plural.rstrip("s"), name.lower())), None)

    def variants(self, operation, arguments):
        """Each format, and all columns."""
        properties = operation["parameters"]["properties"]
        if operation["trust"] != "READ":
            arguments = {**arguments, "dry_run": True}
        for format in properties.get("format", {}).get("enum", ["table"]):
            yield {**arguments, "format": format} if "format" in properties else arguments
        columns = [c["name"] for c in operation["columns"]]
        if columns and "columns" in properties:
            yield {**arguments, "columns": columns}

    def all_calls(self):
        for operation in self.catalog:
            for arguments in self.calls_of(operation) or []:
                for variant in self.variants(operation, arguments):
                    yield operation, variant

    def words(self, arguments):
        """The same for the command line."""
        for name, value in arguments.items():
            if name == "format":
                yield from ("-o", value)
            elif name == "namespace":
                yield from ("-n", value)
            elif value is True:
                yield f"--{name}"
            elif name == "command":
                pass  # behind all options
            else:
                yield from (f"--{name}", ",".join(value) if isinstance(value, list) else json.dumps(value) if isinstance(value, dict) else str(value))

    def command(self, operation, arguments, *more):
        behind = ("--", *arguments["command"]) if "command" in arguments else ()
        return program.run("call", operation, *self.words(arguments), *more, "--allow", "destructive", *behind, env={"KUBECONFIG": self.config})

    # ---- the tests

    def test_all_of_them_are_there(self):
        """Else nothing could be found."""
        seen = [self.kubectl.text("get", kind, "-A", "-o", "json") for kind in
                ("secrets", "configmaps", "pods", "events", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs", "services", "endpoints", "ingresses",
                 "networkpolicies", "pvc", "pv", "storageclasses", "serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "namespaces", "nodes",
                 "canaries.fairlead.test")]
        seen += [self.kubectl.text("logs", "writes", "-n", NAMESPACE, "-c", container) for container in ("main", "ended")]
        found = "\n".join(sentence for text in seen for sentence in self.canaries.find(text))
        for place in set(self.canaries.places.values()) - {"our own client key"}:
            self.assertIn(f"{place}: ", found)

    def test_every_operation_is_called(self):
        missing = [o["name"] for o in self.catalog if not self.calls_of(o)]
        self.assertEqual(missing, [], "ARGUMENTS has to say what these take")

    def check(self, outputs):
        """outputs: [(words, text)]"""
        leaks = {}
        for words, text in outputs:
            for sentence in self.canaries.find(text):
                leaks.setdefault(sentence.partition(": ")[0], f"{words}: {sentence}")
        self.assertEqual(sorted(leaks.values()), [], f"{len(leaks)} places leak")

    def test_by_the_command_line(self):
        calls = list(self.all_calls())
        outcomes = program.parallel(lambda call: self.command(call[0]["name"], call[1]), calls)
        wide = [o for o in self.catalog if o["columns"]]
        for form in ("wide", "name"):
            outcomes += program.parallel(lambda o: self.command(o["name"], {}, "-o", form), wide)
        self.check((" ".join(outcome.arguments), outcome.out + "\n" + outcome.err) for _, outcome in outcomes)
        worked = {outcome.arguments[1] for _, outcome in outcomes if outcome.status == 0}
        self.assertEqual(sorted({o["name"] for o in self.catalog} - worked - REFUSED - self.unmeasured()), [], "these never worked, so they prove nothing")

    def test_by_mcp(self):
        outputs, worked = [], set()
        with Mcp("--allow", "destructive", env={"KUBECONFIG": self.config}) as client:
            client.initialize()
            for operation, arguments in self.all_calls():
                try:
                    text, failed = client.call(operation["name"], arguments, seconds=60)
                except AssertionError as error:
                    raise AssertionError(f"{operation['name']} {arguments}: {error}") from error
                outputs.append((f"{operation['name']} {json.dumps(arguments)}", text))
                if not failed:
                    worked.add(operation["name"])
            outputs.append(("standard error", "".join(client.errors)))
        self.check(outputs)
        self.assertEqual(sorted({o["name"] for o in self.catalog} - worked - REFUSED - self.unmeasured()), [], "these never worked, so they prove nothing")

    def test_logs_from_every_line_on(self):
        outputs = []
        with Mcp(env={"KUBECONFIG": self.config}) as client:
            client.initialize()
            for lines in TAILS:
                arguments = {"name": "writes", "namespace": NAMESPACE, "container": "ended", "tail_lines": lines}
                text, failed = client.call("get_pod_logs", arguments)
                self.assertFalse(failed, text)
                outputs.append((str(arguments), text))
        self.check(outputs)


if __name__ == "__main__":
    program.main()
