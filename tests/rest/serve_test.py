#!/usr/bin/env python3
"""`fairlead serve`: who is let in, what each role may do, and a cluster worked through the REST API.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/rest/serve_test.py"""
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "operations"), os.path.join(HERE, "..", "support")]

import certificates  # noqa: E402
import program  # noqa: E402
from cluster_case import ClusterCase  # noqa: E402

POLICY = """version: 1
roles: {operator: []}
rules:
  - name: operators
    roles: [operator]
    trust: [WRITE]
    decision: allow
"""
A, B = "rest-a", "rest-b"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __str__(self):
        return f"\n  {self.status} {self.headers.get('Content-Type')}\n  {self.body[:2000]!r}"


class Server:
    def __init__(self, data, *arguments, context=None, env=None, listen="127.0.0.1:0"):
        self.child = subprocess.Popen([program.fairlead(), "serve", "--data", data, "--listen", listen, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.bare_environment(**(env or {})), text=True)
        self.context, self.token, self.said = context, None, []
        while True:
            line = self.child.stderr.readline()
            if not line:
                raise AssertionError("it does not serve: " + "".join(self.said))
            self.said.append(line)
            if line.startswith("# serving at"):
                self.port = int(line.split("/api/")[0].rsplit(":", 1)[1])
                break
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stderr:
            self.said.append(line)

    def first_token(self):
        return program.eventually(lambda: self._token())

    def _token(self):
        found = [line for line in self.said if "flt_" in line]
        assert found, self.said
        return found[0].split()[-1]

    def connect(self, timeout=60):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.context)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, token, method, path, body=None, headers=None):
        connection = self.connect()
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        status = self.child.wait(20)
        self.child.stdout.close()
        self.child.stderr.close()
        return status


class Serving(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for namespace in (A, B):
            cls.kubectl.run("create", "namespace", namespace, check=False)
        cls.config = cls.kubectl.json("config", "view", "--raw", "--flatten")
        cls.directory = tempfile.TemporaryDirectory(prefix="fairlead-rest-")
        cls.data = os.path.join(cls.directory.name, "data")
        os.mkdir(cls.data, 0o700)
        with open(os.path.join(cls.data, "policy.yaml"), "w") as file:
            file.write(POLICY)
        cls.server = Server(cls.data)
        cls.admin = cls.server.first_token()
        cls.tokens = {}
        answer = cls.server.ask(cls.admin, "POST", "/api/v1/clusters", {"id": "one", "label": "One", "kubeconfig": json.dumps(cls.config)})
        assert answer.status == 201, answer

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        cls.directory.cleanup()
        super().tearDownClass()

    def token(self, name, *roles):
        """Of that name, made at its first use."""
        if name not in self.tokens:
            answer = self.server.ask(self.admin, "POST", "/api/v1/tokens", {"name": name, "roles": list(roles)})
            self.assertEqual(answer.status, 201, answer)
            self.tokens[name] = answer.json["token"]
        return self.tokens[name]

    def ask(self, token, method, path, body=None, status=200, **headers):
        answer = self.server.ask(token, method, "/api/v1" + path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        self.assertEqual(answer.status, status, answer)
        if answer.status >= 400:
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json", answer)
            self.assertEqual((answer.json["status"], answer.json["type"]), (status, "about:blank"), answer)
        return answer

    def denied(self, token, method, path, body=None, status=403, code="policy_denied"):
        answer = self.ask(token, method, path, body, status)
        self.assertEqual(answer.json["code"], code, answer)
        return answer

    def call(self, token, operation, arguments=None, status=200, cluster="k8s:one", **more):
        return self.ask(token, "POST", f"/operations/{operation}", {"cluster": cluster, "arguments": arguments or {}, **more}, status)

    def deployment(self, name, namespace=A, replicas=1):
        self.kubectl.run("delete", "deployment", name, "-n", namespace, "--ignore-not-found")
        item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}}, "spec": {"terminationGracePeriodSeconds": 1, "containers": [{"name": "web", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}}}
        self.kubectl.run("create", "-n", namespace, "-f", "-", stdin=json.dumps(item).encode())
        self.addCleanup(self.kubectl.run, "delete", "deployment", name, "-n", namespace, "--ignore-not-found", check=False)

    def replicas(self, name, namespace=A):
        return self.kubectl.json("get", "deployment", name, "-n", namespace)["spec"]["replicas"]


class Doors(Serving):
    def test_what_is_open_and_what_is_not(self):
        self.assertEqual(self.server.ask(None, "GET", "/healthz").json, {"status": "alive"})
        self.assertEqual(self.server.ask(None, "GET", "/readyz").json, {"status": "ready"})
        document = self.server.ask(None, "GET", "/api/v1/openapi.json").json
        self.assertEqual(document["openapi"], "3.1.0")
        tried = 0
        for path, methods in document["paths"].items():
            for method, what in methods.items():
                if what.get("security") == []:
                    continue
                answer = self.server.ask(None, method.upper(), path.replace("{id}", "1").replace("{name}", "list_pods"), {} if method == "post" else None)
                self.assertEqual(answer.status, 401, (method, path, answer))
                tried += 1
        self.assertGreater(tried, 90)
        self.assertEqual(self.server.ask(None, "GET", "/api/v1/secrets").status, 401, "what is not there is told to nobody")

    def test_the_document_names_each_operation(self):
        paths = self.server.ask(None, "GET", "/api/v1/openapi.json").json["paths"]
        operations = self.ask(self.admin, "GET", "/operations").json["operations"]
        for operation in operations:
            called = paths[f"/api/v1/operations/{operation['name']}"]["post"]
            self.assertEqual(called["x-trust"], operation["trust"])
            self.assertEqual(called["requestBody"]["content"]["application/json"]["schema"]["properties"]["arguments"], operation["parameters"])
        identifiers = [what["operationId"] for methods in paths.values() for what in methods.values()]
        self.assertEqual(len(identifiers), len(set(identifiers)))

    def test_wrong_tokens(self):
        good = self.token("viewer", "viewer")
        id_and_secret = good.split("_", 2)
        wrong = ["", "x", good[:-1], good + "x", good.upper(), f"flt_{id_and_secret[1]}_{'A' * 43}", f"flt_{'0' * 16}_{id_and_secret[2]}", "flt_", good.replace("flt_", "glp_")]
        wrong += [good[:i] + ("A" if good[i] != "A" else "B") + good[i + 1:] for i in range(len(good))]
        for text in wrong:
            answer = self.server.ask(text, "GET", "/api/v1/whoami")
            self.assertIn(answer.status, (401, 429), text)
            if answer.status == 429:
                self.assertEqual(answer.headers["Retry-After"], "1")
        for header in (f"Basic {good}", good, f"Bearer  {good}", f"Bearer {good} {good}", "Bearer"):
            answer = self.server.ask(None, "GET", "/api/v1/whoami", headers={"Authorization": header})
            self.assertIn(answer.status, (401, 429), header)
            self.assertNotIn(good, answer.body)
        connection = self.server.connect()
        connection.putrequest("GET", "/api/v1/whoami")
        for token in (good, wrong[4]):
            connection.putheader("Authorization", f"Bearer {token}")
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 401, "two headers are none")
        connection.close()
        self.ask(good, "GET", "/whoami")

    def test_ten_thousand_wrong_tokens_lock_nobody_else_out(self):
        good = self.token("viewer", "viewer")
        self.ask(good, "GET", "/whoami")
        connection, statuses = self.server.connect(), {}
        fresh = self.token("fresh", "viewer")
        for i in range(10_000):
            connection.request("GET", "/api/v1/whoami", headers={"Authorization": f"Bearer flt_{i:016x}_{'A' * 43}"})
            response = connection.getresponse()
            response.read()
            statuses[response.status] = statuses.get(response.status, 0) + 1
            if i % 500 == 0:
                self.ask(good, "GET", "/whoami")
        self.ask(fresh, "GET", "/whoami")
        connection.close()
        self.assertEqual(set(statuses), {401, 429})
        self.assertGreater(statuses[429], 9_000)

    def test_a_revoked_token(self):
        token = self.token("short-lived", "viewer")
        self.ask(token, "GET", "/whoami")
        self.ask(self.admin, "DELETE", "/tokens/short-lived")
        self.assertEqual(self.server.ask(token, "GET", "/api/v1/whoami").status, 401)
        self.ask(self.admin, "POST", "/tokens", {"name": "short-lived", "roles": ["viewer"]}, 409)
        # By another process on the same data directory.
        other = program.run("tokens", "create", "by-hand", "--role", "viewer", "--data", self.data)
        self.ok(other)
        self.ask(other.out.strip(), "GET", "/whoami")
        self.ok(program.run("tokens", "revoke", "by-hand", "--data", self.data))
        program.eventually(lambda: self.assertEqual(self.server.ask(other.out.strip(), "GET", "/api/v1/whoami").status, 401), seconds=2)
        listed = program.run("tokens", "list", "--data", self.data, "-o", "json")
        self.assertIn("by-hand", listed.out)
        self.assertNotIn("flt_", listed.out)

    def test_an_expired_token(self):
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        token = self.ask(self.admin, "POST", "/tokens", {"name": "soon", "roles": ["viewer"], "expires": soon}, 201).json["token"]
        self.ask(token, "GET", "/whoami")
        program.eventually(lambda: self.assertEqual(self.server.ask(token, "GET", "/api/v1/whoami").status, 401), seconds=5)

    def test_bad_requests(self):
        json_type = {"Content-Type": "application/json"}

        def bad(body, headers, status=400, path="/api/v1/operations/list_pods", method="POST"):
            answer = self.server.ask(self.admin, method, path, body, headers)
            self.assertEqual(answer.status, status, answer)
            self.assertEqual(answer.json["code"], {400: "invalid_request", 405: "invalid_request", 404: "not_found", 413: "invalid_request"}[status], answer)
        bad("{", json_type)
        bad("[]", json_type)
        bad('{"cluster":"k8s:one","cluster":"k8s:two"}', json_type)
        bad('{"cluster":1}', json_type)
        bad('{"arguments":"x"}', json_type)
        bad('{"arguments":{"namespace":"--server=https://x"},"cluster":"k8s:one"}', json_type)
        bad('{"clusterx":"k8s:one"}', json_type)
        bad('{"format":"xml","cluster":"k8s:one"}', json_type)
        bad('{"timeout_seconds":0,"cluster":"k8s:one"}', json_type)
        bad("{}", {"Content-Type": "text/plain"})
        bad("{}", {})
        bad(b"\xff\xfe", json_type)
        bad("[" * 100_000, json_type)
        bad(None, {}, 400, "/api/v1/changes?limit=0", "GET")
        bad(None, {}, 400, "/api/v1/changes?limit=1&limit=2", "GET")
        bad(None, {}, 400, "/api/v1/changes?state=done", "GET")
        bad(None, {}, 400, "/api/v1/changes/x", "GET")
        bad(None, {}, 400, "/api/v1/%zz", "GET")
        bad(None, {}, 404, "/api/v1/changes/999", "GET")
        bad("{}", json_type, 404, "/api/v1/operations/list_podz")
        bad(None, {}, 405, "/api/v1/changes", "DELETE")
        bad("x" * (3 << 20), json_type, 413)
        bad("{" + ",".join(f'"k{i}":1' for i in range(150_000)) + "}", json_type)
        self.ask(self.admin, "GET", "/whoami")

    def test_a_slow_client_holds_nobody_up(self):
        slow = [socket.create_connection(("127.0.0.1", self.server.port)) for _ in range(200)]
        for one in slow:
            one.sendall(b"GET /api/v1/whoami HTTP/1.1\r\nHost: x\r\n")
        self.ask(self.admin, "GET", "/whoami")
        for one in slow:
            one.close()


class Roles(Serving):
    def test_the_cluster_sees_who_calls(self):
        """By impersonation: its own RBAC decides about each caller, and nothing that a client sends changes that."""
        fields = {"id": "as-callers", "kubeconfig": json.dumps(self.config), "impersonate_user": "fairlead:{name}", "impersonate_groups": ["fairlead-callers"]}
        self.assertIn("impersonate_groups", self.ask(self.admin, "POST", "/clusters", {**fields, "impersonate_groups": ["system:masters"]}, 400).json["detail"])
        self.assertIn("{name}", self.ask(self.admin, "POST", "/clusters", {**fields, "impersonate_user": "all"}, 400).json["detail"])
        self.ask(self.admin, "POST", "/clusters", fields, 201)
        viewer, other = self.token("viewer", "viewer"), self.token("other", "viewer")
        call = ("POST", "/operations/list_pods", {"cluster": "k8s:as-callers", "arguments": {"namespace": A}})
        tricks = {"Impersonate_User": "kubernetes-admin", "Impersonate_Group": "system:masters"}
        for headers in ({}, tricks):
            refused = self.ask(viewer, *call, 403, **headers)
            self.assertIn('fairlead:api:viewer\\" cannot list', refused.body)
        self.kubectl.run("create", "rolebinding", "by-name", "-n", A, "--clusterrole", "view", "--user", "fairlead:api:viewer")
        program.eventually(lambda: self.ask(viewer, *call))
        self.assertIn('fairlead:api:other\\" cannot list', self.ask(other, *call, 403, **tricks).body)
        self.assertIn('fairlead:api:first-admin\\" cannot list', self.ask(self.admin, *call, 403).body)
        self.kubectl.run("create", "rolebinding", "by-group", "-n", A, "--clusterrole", "view", "--group", "fairlead-callers")
        program.eventually(lambda: self.ask(other, *call))

    def test_a_change_of_what_may_not_be_read_is_shown_to_nobody(self):
        """An approval does not make a READ: what wants one is not shown in changes either."""
        path = os.path.join(self.data, "policy.yaml")

        def write(text):
            with open(path, "w") as file:
                file.write(text)
        self.addCleanup(write, POLICY)
        self.kubectl.run("create", "configmap", "unread", "-n", A, "--from-literal", "a=0")
        viewer, operator = self.token("viewer", "viewer"), self.token("operator", "operator")
        body = {"cluster": "k8s:one", "arguments": {"kind": "configmap", "name": "unread", "namespace": A, "patch": {"data": {"a": "hidden words"}}}}
        number = self.ask(operator, "POST", "/operations/patch_resource", body).json["result"]["change"]
        self.assertIn("hidden words", self.ask(viewer, "GET", f"/changes/{number}").body)
        write(POLICY + "  - {name: unread, trust: [READ], kinds: [configmaps], decision: approve}\n")
        self.ask(viewer, "POST", "/operations/get_configmap", {"cluster": "k8s:one", "arguments": {"name": "unread", "namespace": A}}, 403)
        self.ask(viewer, "GET", f"/changes/{number}", status=404)
        self.assertNotIn(number, [c["id"] for c in self.ask(viewer, "GET", "/changes").json["items"]])

    def test_a_viewer_of_one_namespace(self):
        token = self.token("viewer-a", f"viewer@k8s:one/{A}")
        self.assertEqual(self.ask(token, "GET", "/whoami").json["roles"], [{"role": "viewer", "clusters": ["k8s:one"], "namespaces": [A]}])
        self.call(token, "list_pods", {"namespace": A})
        for arguments in ({}, {"namespace": B}, {"namespace": "kube-system"}):
            answer = self.call(token, "list_pods", arguments, 403)
            self.assertEqual(answer.json["code"], "policy_denied")
            self.assertIn("no role of this credential", answer.json["detail"])
        for operation in ("list_nodes", "list_namespaces", "cluster_health"):
            self.call(token, operation, {}, 403)
        self.call(token, "scale_deployment", {"namespace": A, "name": "x", "replicas": 1}, 403)
        for cluster in ("k8s:two", "k8s:nothing", ""):
            answer = self.call(token, "list_pods", {"namespace": A}, 403 if cluster else 404, cluster=cluster)
        self.assertEqual([row["id"] for row in self.ask(token, "GET", "/clusters").json["items"]], ["one"])
        for method, path, body in (("GET", "/tokens", None), ("GET", "/audit", None), ("POST", "/clusters", {"id": "x1"}), ("DELETE", "/clusters/one", None), ("POST", "/clusters/one/test", None)):
            self.denied(token, method, path, body)

    def test_a_cluster_that_is_none_of_theirs(self):
        self.ask(self.admin, "POST", "/clusters", {"id": "two", "kubeconfig": json.dumps(self.config)}, 201)
        self.addCleanup(self.ask, self.admin, "DELETE", "/clusters/two", None, 204)
        token = self.token("viewer-two", "viewer@k8s:two")
        self.call(token, "list_namespaces", cluster="k8s:two")
        there, absent = self.call(token, "list_namespaces", {}, 403), self.call(token, "list_namespaces", {}, 403, cluster="k8s:ten")
        self.assertEqual(there.json["detail"].replace("k8s:one", "k8s:ten"), absent.json["detail"], "which there are is not told")
        listed = self.ask(token, "POST", "/operations/list_clusters", {}).json["result"]
        self.assertEqual([row["cluster"] if "cluster" in row else row["name"] for row in listed["items"]], ["k8s:two"])
        every = self.ask(token, "POST", "/operations/list_namespaces", {"cluster": "*"}).json["result"]
        self.assertTrue(every["items"])
        self.assertEqual(self.ask(token, "GET", "/clusters/one", None, 404).json["detail"].replace("'one'", "'ten'"), self.ask(token, "GET", "/clusters/ten", None, 404).json["detail"])

    def test_a_change_of_an_agent_from_asking_to_taking_back(self):
        self.deployment("web")
        agent, approver = self.token("agent", f"agent@k8s:one/{A}"), self.token("approver", "approver")
        other = self.token("approver-b", f"approver@k8s:one/{B}")
        scale = ("scale_deployment", {"namespace": A, "name": "web", "replicas": 3})
        waits = self.call(agent, *scale, 403)
        self.assertEqual(waits.json["code"], "approval_required")
        number = waits.json["change"]
        shown = self.ask(approver, "GET", f"/changes/{number}").json
        self.assertEqual((shown["state"], shown["who"]), ("awaiting_approval", "api:agent"))
        self.assertIn("replicas", json.dumps(shown["fields"]))
        self.denied(agent, "POST", f"/changes/{number}/approve", {})
        self.denied(other, "POST", f"/changes/{number}/approve", {}, 404, "not_found")
        self.assertNotIn(number, [row["id"] for row in self.ask(other, "GET", "/changes").json["items"]])
        self.assertIn(number, [row["id"] for row in self.ask(approver, "GET", "/changes?state=awaiting_approval").json["items"]])
        self.assertEqual(self.ask(approver, "POST", f"/changes/{number}/approve", {}).json["state"], "approved")
        self.denied(approver, "POST", f"/changes/{number}/approve", {}, 409, "conflict")
        self.assertEqual(self.replicas("web"), 1)
        done = self.call(agent, *scale).json
        self.assertEqual((done["result"]["change"], self.replicas("web")), (number, 3))
        self.denied(approver, "POST", f"/changes/{number}/rollback", {})
        back = self.ask(agent, "POST", f"/changes/{number}/rollback", {"reason": "no"}, 403)
        self.assertEqual(back.json["code"], "approval_required")
        self.ask(approver, "POST", f"/changes/{back.json['change']}/approve", {})
        self.ask(agent, "POST", f"/changes/{number}/rollback", {"reason": "no"})
        self.assertEqual(self.replicas("web"), 1)
        self.assertEqual(self.ask(agent, "GET", f"/changes/{number}").json["state"], "rolled_back")
        records = [(record["who"], record["operation"], record["outcome"]) for record in self.ask(self.admin, "GET", f"/audit?change={number}").json["items"]]
        self.assertIn(("api:approver", "approve", "done"), records)
        self.assertIn(("api:agent", "approve", "policy_denied"), records)
        self.assertIn(("api:agent", "scale_deployment", "done"), records)

    def test_nobody_approves_their_own(self):
        self.deployment("own")
        both = self.token("both", "agent", "approver")
        for token in (self.admin, both):
            number = self.call(token, "scale_deployment", {"namespace": A, "name": "own", "replicas": 2}, 403).json["change"]
            self.denied(token, "POST", f"/changes/{number}/approve", {})
            self.assertEqual(self.ask(token, "POST", f"/changes/{number}/reject").json["state"], "rejected")
        # An agent is no person, whatever else it is called.
        number = self.call(self.admin, "scale_deployment", {"namespace": A, "name": "own", "replicas": 2}, 403).json["change"]
        self.denied(both, "POST", f"/changes/{number}/approve", {})

    def test_what_destroys_is_typed(self):
        self.deployment("doomed")
        number = self.call(self.token("agent-all", "agent"), "delete_resource", {"namespace": A, "kind": "deployment", "name": "doomed", "reason": "gone"}, 403).json["change"]
        approver = self.token("approver", "approver")
        wanted = self.ask(approver, "GET", f"/changes/{number}").json["type_back"]
        self.assertTrue(wanted)
        for typed in ({}, {"typed": "yes"}, {"typed": wanted.upper() + "x"}):
            self.denied(approver, "POST", f"/changes/{number}/approve", typed, 400, "invalid_request")
        self.ask(approver, "POST", f"/changes/{number}/approve", {"typed": wanted})

    def test_a_role_counts_only_where_it_is_bound(self):
        self.deployment("elsewhere")
        token = self.token("mixed", "agent@k8s:one", "operator@k8s:elsewhere", f"operator@k8s:one/{B}")
        self.assertEqual(self.call(token, "scale_deployment", {"namespace": A, "name": "elsewhere", "replicas": 2}, 403).json["code"], "approval_required")

    def test_the_policy_knows_roles(self):
        self.deployment("fast")
        self.call(self.token("operator-a", f"operator@k8s:one/{A}"), "scale_deployment", {"namespace": A, "name": "fast", "replicas": 2})
        self.assertEqual(self.replicas("fast"), 2)
        self.call(self.token("operator-a"), "scale_deployment", {"namespace": B, "name": "fast", "replicas": 2}, 403)
        self.call(self.token("operator-a"), "apply_manifest", {"manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": B}}}, 403)


class Clusters(Serving):
    def test_a_row_and_its_versions(self):
        body = {"id": "rows", "provider": "aks", "kubeconfig": json.dumps(self.config)}
        made = self.ask(self.admin, "POST", "/clusters", body, 201)
        self.assertEqual(made.headers["Location"], "/api/v1/clusters/rows")
        self.assertEqual(made.json["exposure"], "load-balancer")
        self.ask(self.admin, "POST", "/clusters", body, 409)
        etag = made.headers["ETag"]
        changed = self.ask(self.admin, "PATCH", "/clusters/rows", {"label": "Rows"}, If_Match=etag)
        stale = self.ask(self.admin, "PATCH", "/clusters/rows", {"label": "No"}, 412, If_Match=etag)
        self.assertEqual(stale.headers["ETag"], changed.headers["ETag"])
        self.ask(self.admin, "DELETE", "/clusters/rows", None, 412, If_Match=etag)
        self.ask(self.admin, "PATCH", "/clusters/rows", {"label": 3}, 400)
        self.ask(self.admin, "PATCH", "/clusters/rows", {"load_balancer_timeout_ms": -1}, 400)
        report = self.ask(self.admin, "POST", "/clusters/rows/test").json
        self.assertEqual((report["status"], report["kept"]), ("ok", True), report)
        shown = self.ask(self.admin, "GET", "/clusters/rows")
        self.assertTrue(shown.json["available"], shown)
        everything = made.body + shown.body + self.ask(self.admin, "GET", "/clusters").body + self.ask(self.admin, "GET", "/audit").body + "".join(self.server.said)
        for user in self.config["users"]:
            for value in user["user"].values():
                self.assertNotIn(str(value), everything)
        self.ask(self.admin, "DELETE", "/clusters/rows", None, 204)
        self.ask(self.admin, "GET", "/clusters/rows", None, 404)

    def test_calls(self):
        rows = self.call(self.admin, "list_namespaces").json["result"]["items"]
        self.assertIn(A, [row["name"] for row in rows])
        self.assertIn("NAME", self.call(self.admin, "list_namespaces", format="table").json["result"])
        answer = self.call(self.admin, "get_pod", {"namespace": A, "name": "nobody"}, 404)
        self.assertEqual(answer.json["code"], "not_found")

    def test_steps_as_events(self):
        events = self.events(self.admin, "list_namespaces", {})
        self.assertEqual(events[-1][0], "result")
        self.assertIn(A, json.dumps(events[-1][1]["result"]))
        events = self.events(self.admin, "get_pod", {"namespace": A, "name": "nobody"})
        self.assertEqual((events[-1][0], events[-1][1]["code"]), ("problem", "not_found"))
        self.deployment("steps")
        events = self.events(self.token("operator", "operator"), "scale_deployment", {"namespace": A, "name": "steps", "replicas": 2, "wait_seconds": 30})
        self.assertEqual(events[-1][0], "result")
        self.assertIn("progress", [name for name, _ in events])

    def test_a_revoked_token_ends_its_streams(self):
        self.deployment("waits", replicas=0)
        token = self.token("doomed-operator", "operator")
        connection = self.server.connect()
        # Two more than there can be: it waits in vain.
        self.kubectl.run("patch", "deployment", "waits", "-n", A, "-p", json.dumps({"spec": {"template": {"spec": {"nodeSelector": {"no": "where"}}}}}))
        connection.request("POST", "/api/v1/operations/scale_deployment", json.dumps({"cluster": "k8s:one", "arguments": {"namespace": A, "name": "waits", "replicas": 2, "wait_seconds": 40}}),
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "text/event-stream"})
        response = connection.getresponse()
        self.assertIn(b"event: progress", response.read1(65536))
        self.ask(self.admin, "DELETE", "/tokens/doomed-operator")
        revoked = time.monotonic()
        try:
            response.read()
        except http.client.IncompleteRead:
            pass
        self.assertLess(time.monotonic() - revoked, 2)
        connection.close()

    def events(self, token, operation, arguments):
        connection = self.server.connect()
        connection.request("POST", f"/api/v1/operations/{operation}", json.dumps({"cluster": "k8s:one", "arguments": arguments}),
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "text/event-stream"})
        response = connection.getresponse()
        self.assertEqual((response.status, response.headers["Content-Type"]), (200, "text/event-stream"))
        text = response.read().decode()
        connection.close()
        out = []
        for block in text.split("\n\n"):
            lines = [line for line in block.splitlines() if not line.startswith(":")]
            if lines:
                out.append((lines[0].removeprefix("event: "), json.loads("\n".join(line.removeprefix("data: ") for line in lines[1:]))))
        return out

    def test_metrics(self):
        self.call(self.admin, "list_namespaces")
        text = self.server.ask(self.admin, "GET", "/metrics").body
        self.assertIn('fairlead_calls_total{operation="list_namespaces",outcome="done"}', text)
        self.assertIn('route="/api/v1/operations/{name}"', text)


class Starting(program.Case):
    def setUp(self):
        self.data = self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-rest-"))

    def test_the_first_token_is_shown_once(self):
        server = Server(self.data)
        token = server.first_token()
        self.assertEqual(server.ask(token, "GET", "/api/v1/whoami").json["name"], "api:first-admin")
        self.assertEqual(server.stop(), 0)
        again = Server(self.data)
        self.assertEqual(again.ask(token, "GET", "/api/v1/whoami").status, 200)
        self.assertEqual(again.stop(), 0)
        self.assertNotIn("flt_", "".join(again.said))
        for directory, _, names in os.walk(self.data):
            for name in names:
                with open(os.path.join(directory, name), "rb") as file:
                    self.assertNotIn(token.encode(), file.read(), name)

    def test_beyond_this_machine_only_with_tls(self):
        self.failed(program.run("serve", "--listen", "0.0.0.0:0", "--data", self.data), "invalid_request", 2, mentions=["in the clear", "--tls-certificate"])
        self.failed(program.run("serve", "--listen", "nowhere", "--data", self.data), "invalid_request", 2)
        self.failed(program.run("serve", "--tls-key", "x", "--data", self.data), "invalid_request", 2, mentions=["belong together"])
        self.failed(program.run("serve", "--tls-key", "/x", "--tls-certificate", "/x", "--data", self.data), "not_found", 1)

    def test_tls(self):
        authority = certificates.Authority(self.enterContext(tempfile.TemporaryDirectory(prefix="fairlead-ca-")))
        chain, key = authority.issue("server")
        server = Server(self.data, "--tls-certificate", chain, "--tls-key", key, context=ssl.create_default_context(cafile=authority.certificate))
        self.assertEqual(server.ask(None, "GET", "/healthz").json, {"status": "alive"})
        self.assertEqual(server.stop(), 0)

    def test_a_signal_waits_for_calls(self):
        server = Server(self.data, "--sandbox")
        token = server.first_token()
        self.assertEqual(server.ask(token, "POST", "/api/v1/tokens", {"name": "op", "roles": ["operator"]}).status, 201)
        with open(os.path.join(self.data, "policy.yaml"), "w") as file:
            file.write(POLICY)
        operator = program.run("tokens", "create", "op2", "--role", "operator", "--data", self.data).out.strip()
        answers = []
        callers = [threading.Thread(target=lambda i=i: answers.append(server.ask(operator, "POST", "/api/v1/operations/scale_deployment", {"cluster": "k8s:sandbox", "arguments": {"namespace": "shop", "name": "frontend", "replicas": 4 + i}}))) for i in range(6)]
        for caller in callers:
            caller.start()
        time.sleep(0.1)
        self.assertEqual(server.stop(), 0)
        for caller in callers:
            caller.join()
        self.assertEqual([answer.status for answer in answers if answer.status not in (200, 409, 503)], [])
        states = [change["state"] for change in program.run("changes", "list", "--data", self.data, "-o", "json", env={"KUBECONFIG": "/dev/null"}).json()["items"]]
        self.assertTrue(set(states) <= {"completed", "failed"}, states)
        self.assertEqual(states.count("completed"), sum(answer.status == 200 for answer in answers))

    def test_another_cluster_of_that_name_is_left_alone(self):
        program.run("clusters", "add", "sandbox", "--api-server", "https://127.0.0.1:1", "--token-file", "-", "--data", self.data, stdin=b"t")
        self.failed(program.run("serve", "--sandbox", "--listen", "127.0.0.1:0", "--data", self.data), "conflict", 1)

    def test_with_a_sandbox(self):
        server = Server(self.data, "--sandbox")
        token = server.first_token()
        self.assertEqual(server.ask(token, "POST", "/api/v1/clusters/sandbox/test").json["status"], "ok")
        answer = server.ask(token, "POST", "/api/v1/operations/cluster_health", {"cluster": "k8s:sandbox"})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(server.stop(), 0)
        again = Server(self.data, "--sandbox")
        self.assertEqual(again.ask(token, "POST", "/api/v1/operations/list_pods", {"cluster": "k8s:sandbox"}).status, 200)
        self.assertEqual(again.stop(), 0)


if __name__ == "__main__":
    program.main()
