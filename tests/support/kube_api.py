"""Requests to the API server of a kubeconfig without any client in between, for tests that ask hundreds of questions."""
import base64
import http.client
import json
import os
import ssl
import tempfile
import threading
import urllib.parse


class KubeApi:
    """As the first user of the kubeconfig: its client certificate or its token."""

    def __init__(self, config):
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        url = urllib.parse.urlsplit(cluster["server"])
        context = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        if "client-certificate-data" in user:
            with tempfile.TemporaryDirectory(prefix="kube-api-") as directory:
                files = [os.path.join(directory, field) for field in ("client-certificate-data", "client-key-data")]
                for path in files:
                    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                        file.write(base64.b64decode(user[os.path.basename(path)]))
                context.load_cert_chain(*files)
        self.headers, self.lock = {}, threading.Lock()
        if "token" in user:
            self.headers["Authorization"] = "Bearer " + user["token"]
        self.connection = http.client.HTTPSConnection(url.hostname, url.port, timeout=20, context=context)

    def request(self, method, path, body=None, content_type="application/json"):
        """(status, answer)"""
        with self.lock:
            self.connection.request(method, path, None if body is None else json.dumps(body), {**self.headers, "Content-Type": content_type})
            response = self.connection.getresponse()
            return response.status, json.loads(response.read() or b"null")

    def get(self, path):
        """The object; None where there is none."""
        status, answer = self.request("GET", path)
        if status not in (200, 404):
            raise AssertionError(f"GET {path}: {status} {answer}")
        return answer if status == 200 else None

    def post(self, path, body):
        status, answer = self.request("POST", path, body)
        if status not in (200, 201):
            raise AssertionError(f"POST {path}: {status} {answer}")
        return answer

    def may(self, user, groups, attributes):
        """What SubjectAccessReview says: attributes of a resource, or {"path", "verb"}."""
        key = "nonResourceAttributes" if "path" in attributes else "resourceAttributes"
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": user, "groups": groups, key: attributes}}
        return self.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]["allowed"]
