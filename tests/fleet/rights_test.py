#!/usr/bin/env python3
"""The manifest of a connection test, applied as it is: a fresh identity without any right gets those that it needs, all of
them at once, and no other identity loses any.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/fleet/rights_test.py"""
import json
import os
import subprocess
import tempfile
import urllib.parse

from fleet_case import NAMESPACE, FleetCase
import program

ACCOUNT_DIRECTORY = "/run/secrets/kubernetes.io/serviceaccount"


class Rights(FleetCase):
    def kubeconfig(self, user):
        return json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "a", "clusters": [{"name": "a", "cluster": self.cluster}],
                           "users": [{"name": "a", "user": user}], "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}]})

    def report_of(self, row):
        return self.clusters("test", row, "-o", "json").json()

    def apply(self, report):
        said = self.kubectl.run("apply", "-f", "-", stdin=report["manifest"].encode())
        self.assertEqual(said.returncode, 0, said)

    def becomes_ok(self, row):
        def look():
            report = self.report_of(row)
            self.assertEqual(report["status"], "ok", report)
            return report
        return program.eventually(look)

    def granted(self, row, *options):
        """Registered, refused, given what the report says, and well."""
        self.ok(self.clusters("add", row, *options))
        report = self.report_of(row)
        self.assertEqual(report["status"], "failed", report)
        self.apply(report)
        return self.becomes_ok(row)

    def may(self, account, *question):
        return self.kubectl.run("auth", "can-i", *question, "--as", f"system:serviceaccount:{NAMESPACE}:{account}", check=False).stdout.decode().strip()

    def works(self, row, ns):
        """What agents need really works as that identity, in a namespace that was not there before."""
        def call(operation, *arguments):
            return self.fairlead("call", operation, "-n", ns, "--cluster", f"k8s:{row}", *arguments)

        labels = {"app": "agent"}
        pod = {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "agent", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}
        for manifest in ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "agent"}, "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}},
                         {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "agent"}, "spec": {"selector": labels, "ports": [{"port": 80}]}},
                         {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "agent"}, "data": {"a": "b"}}):
            self.ok(call("create_resource", "--manifest", json.dumps(manifest), "--allow", "write"))
        if not self.kubectl.items("nodes"):
            return
        def running():
            pods = [p for p in self.kubectl.items("pods", "-n", ns) if any(c.get("state", {}).get("running") for c in p["status"].get("containerStatuses", []))]
            self.assertTrue(pods)
            return pods[0]["metadata"]["name"]
        name = program.eventually(running, 60)
        self.assertIn(name, self.ok(call("list_pods")).out)
        self.ok(call("get_pod_logs", name))
        answer = self.ok(call("exec_in_pod", name, "--allow", "destructive", "-o", "json", "--", "echo", "here")).json()
        self.assertEqual(answer["exit_code"], 0, answer)

    def test_each_way_of_coming_by_credentials(self):
        ca = self.write("ca.crt", self.authority())
        ways = {"token": lambda token: ["--api-server", self.cluster["server"], "--token-file", self.write("token", token), "--certificate-authority", ca],
                "pasted": lambda token: ["--kubeconfig", self.write("pasted", self.kubeconfig({"token": token}))],
                "mounted": lambda token: ["--credential-mode", "path", "--kubeconfig-path", os.path.relpath(self.write("kubeconfigs/mounted", self.kubeconfig({"token": token})), self.mounted)]}
        ran = f"{os.getpid()}"
        for way, options in ways.items():
            with self.subTest(way):
                row, ns = f"way-{way}-{ran}", f"rights-{way}-{ran}"
                self.addCleanup(self.kubectl.run, "delete", "namespace", ns, "--wait=false", check=False)
                report = self.granted(row, "-n", ns, *options(self.account(row)))
                self.assertIn("all ", report["message"])
                self.works(row, ns)
                self.assertEqual(self.may(row, "create", "deployments", "-n", "default"), "no")
        for way in ways:  # each has its own still
            self.becomes_ok(f"way-{way}-{ran}")

    def test_a_client_certificate_names_a_user(self):
        name = f"rights user/{os.getpid()}"
        identity = self.certificate(name)
        if not identity:
            self.skipTest("the cluster signs no client certificates")
        row = f"certificate-{os.getpid()}"
        self.granted(row, "-n", NAMESPACE, "--kubeconfig", self.write("certificate", self.kubeconfig(identity)))
        self.ok(self.fairlead("call", "list_pods", "-n", NAMESPACE, "--cluster", f"k8s:{row}"))

    def certificate(self, name):
        """Signed by the cluster itself (certificates.k8s.io), or nothing."""
        import base64
        with tempfile.TemporaryDirectory() as base:
            key, request = os.path.join(base, "key"), os.path.join(base, "request")
            subject = "/CN=" + name.replace("/", "\\/")
            subprocess.run(["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", subject], check=True, capture_output=True)
            with open(request, "rb") as file:
                text = base64.b64encode(file.read()).decode()
            csr = f"rights-{os.getpid()}"
            manifest = {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": csr}, "spec": {"request": text, "signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"]}}
            if self.kubectl.run("create", "-f", "-", stdin=json.dumps(manifest).encode(), check=False).returncode != 0:
                return None
            self.addCleanup(self.kubectl.run, "delete", "csr", csr, check=False)
            if self.kubectl.run("certificate", "approve", csr, check=False).returncode != 0:
                return None
            def signed():
                status = self.kubectl.json("get", "csr", csr)["status"]
                self.assertTrue(status.get("certificate"), status)
                return status["certificate"]
            try:
                data = program.eventually(signed, 10)
            except AssertionError:
                return None
            with open(key, "rb") as file:
                return {"client-certificate-data": data, "client-key-data": base64.b64encode(file.read()).decode()}

    def test_the_pod_s_own_account(self):
        url = urllib.parse.urlparse(self.cluster["server"])
        row, ns = f"pod-{os.getpid()}", f"rights-pod-{os.getpid()}"
        directory = os.path.join(self.base, "account")
        os.mkdir(directory)
        for name, text in (("token", self.account(row)), ("ca.crt", self.authority()), ("namespace", NAMESPACE)):
            self.write(os.path.join("account", name), text)
        # A /run of its own, where the account is mounted as in a pod.
        script = f"mount -t tmpfs none /run && mkdir -p {ACCOUNT_DIRECTORY} && cp {directory}/* {ACCOUNT_DIRECTORY}/ && exec \"$@\""
        inside = ["unshare", "-m", "sh", "-c", script, "sh"]
        if subprocess.run([*inside, "true"], capture_output=True).returncode != 0:
            self.skipTest("no mount namespace can be made here")

        def run(*arguments):
            environment = program.bare_environment(FAIRLEAD_DATA=os.path.join(self.base, "data"), KUBERNETES_SERVICE_HOST=url.hostname, KUBERNETES_SERVICE_PORT=str(url.port), KUBECONFIG="/dev/null")
            done = subprocess.run([*inside, program.fairlead(), *arguments], env=environment, capture_output=True, timeout=60)
            return done.returncode, done.stdout.decode(), done.stderr.decode()

        self.ok(self.clusters("add", row, "--credential-mode", "in-cluster", "-n", ns))
        self.addCleanup(self.kubectl.run, "delete", "namespace", ns, "--wait=false", check=False)
        status, out, err = run("clusters", "test", row, "-o", "json")
        self.assertEqual(status, 1, err)
        self.apply(json.loads(out))

        def look():
            status, out, err = run("clusters", "test", row, "-o", "json")
            self.assertEqual(status, 0, out + err)
        program.eventually(look)
        status, out, err = run("call", "list_pods", "-n", ns, "--cluster", f"k8s:{row}")
        self.assertEqual(status, 0, err)

    def test_what_was_granted_before_stays(self):
        row = f"part-{os.getpid()}"
        self.granted(row, "-n", NAMESPACE, "--kubeconfig", self.write("k", self.kubeconfig({"token": self.account(row)})))
        role = self.kubectl.json("get", "role", f"fairlead-agents:{row}:{NAMESPACE}:{row}", "-n", NAMESPACE)
        role["rules"] = [rule for rule in role["rules"] if "pods/exec" not in rule["resources"]]
        role["metadata"] = {"name": role["metadata"]["name"], "namespace": NAMESPACE}
        self.kubectl.run("replace", "-f", "-", stdin=json.dumps(role).encode())

        def lost():
            report = self.report_of(row)
            self.assertEqual([c["check"] for c in report["checks"] if c["status"] == "failed"], [f"create pods/exec in {NAMESPACE}", f"get pods/exec in {NAMESPACE}"], report)
            return report
        self.apply(program.eventually(lost))
        self.becomes_ok(row)

    def test_who_impersonates_needs_that_alone(self):
        row, caller = f"imp-{os.getpid()}", None
        options = ["-n", NAMESPACE, "--kubeconfig", self.write("k", self.kubeconfig({"token": self.account(row)})), "--impersonate-user", "f:{name}", "--impersonate-groups", "f-agents,f:of:{name}",
                   "--impersonate-extra", "ticket={name}"]
        report = self.granted(row, *options)
        self.assertIn("was not asked", report["message"])
        self.assertEqual(self.may(row, "list", "pods", "-n", NAMESPACE), "no", "it has no right of its own")
        self.assertEqual(self.may(row, "create", "deployments.apps", "-n", NAMESPACE), "no")
        refused = self.fairlead("call", "list_pods", "-n", NAMESPACE, "--cluster", f"k8s:{row}")
        self.failed(refused, "permission_denied")
        self.assertNotIn("cannot impersonate", refused.err)
        caller = json.loads(self.ok(self.fairlead("audit", "export")).out.splitlines()[0])["who"]
        # Rights of a group that each caller has alone.
        self.kubectl.run("create", "rolebinding", row, "-n", NAMESPACE, "--clusterrole", "view", "--group", f"f:of:{caller}")
        self.addCleanup(self.kubectl.run, "delete", "rolebinding", row, "-n", NAMESPACE, check=False)
        program.eventually(lambda: self.ok(self.fairlead("call", "list_pods", "-n", NAMESPACE, "--cluster", f"k8s:{row}")))


if __name__ == "__main__":
    program.main()
