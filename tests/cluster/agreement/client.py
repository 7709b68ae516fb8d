"""Plain HTTPS to the API server of a kubeconfig, with nothing in between that could mend an answer."""
import base64
import http.client
import json
import os
import shlex
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

from script import JSON

HERE = os.path.dirname(os.path.abspath(__file__))

# An answer that takes longer is none.
PATIENCE = 15


class Answer:
    """status, headers (names in lower case) and body: an object if it is JSON, text or bytes else, events of a watch."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Cluster:
    def __init__(self, kubeconfig):
        self.kubectl = debian_kubectl()
        self.kubeconfig = kubeconfig
        self.directory = tempfile.TemporaryDirectory(prefix="agreement-")
        shown = subprocess.run([self.kubectl, "--kubeconfig", kubeconfig, "config", "view", "--raw", "--minify", "-o", "json"], capture_output=True, check=True)
        config = json.loads(shown.stdout)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.url = urllib.parse.urlsplit(cluster["server"])
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.contexts = {"admin": ssl.create_default_context(cadata=authority), "none": ssl.create_default_context(cadata=authority)}
        files = []
        for field in ("client-certificate-data", "client-key-data"):
            files.append(os.path.join(self.directory.name, field))
            with open(os.open(files[-1], os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                file.write(base64.b64decode(user[field]))
        self.contexts["admin"].load_cert_chain(*files)
        self.local = threading.local()
        version = self.request("GET", "/version").body
        self.minor = int(version["minor"].rstrip("+"))

    def close(self):
        self.directory.cleanup()

    def connection(self, credentials):
        """One per thread and kind of credentials, kept open."""
        kept = self.local.__dict__.setdefault("connections", {})
        if credentials not in kept:
            kept[credentials] = http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=PATIENCE, context=self.contexts[credentials])
        return kept[credentials]

    def forget(self, credentials):
        connection = self.local.connections.pop(credentials, None)
        if connection:
            connection.close()

    def request(self, method, path, body=None, headers=None, token=None, credentials="admin"):
        headers = dict(headers or {})
        if token:
            credentials = "none"
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", JSON)
        if isinstance(body, str):
            body = body.encode()
        for attempt in (1, 2):
            connection = self.connection(credentials)
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                data = response.read()
                break
            except TimeoutError:
                self.forget(credentials)
                return Answer(0, {}, f"no answer within {PATIENCE} s")
            except (http.client.HTTPException, ConnectionError):
                # The server may have closed a connection that was idle; a second time is an answer.
                self.forget(credentials)
                if attempt == 2:
                    return Answer(0, {}, "the connection was closed without an answer")
        if response.will_close:
            self.forget(credentials)
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, decoded(data, found.get("content-type", "")))

    def watch(self, path, events, seconds, headers=None):
        """The first `events` events, or all that come within `seconds`. What is no watch is answered as it is."""
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=seconds, context=self.contexts["admin"])
        try:
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            if response.status != 200:
                return Answer(response.status, found, decoded(response.read(), found.get("content-type", "")))
            lines = []
            try:
                while len(lines) < events:
                    line = response.readline()
                    if not line:
                        break
                    lines.append(json.loads(line))
            except TimeoutError:
                pass
            return Answer(200, found, {"events": lines})
        finally:
            connection.close()

    def run_kubectl(self, arguments, stdin):
        command = [self.kubectl, f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self.directory.name}/cache", *shlex.split(arguments)]
        environment = {**os.environ, "HOME": self.directory.name, "KUBECTL_EXTERNAL_DIFF": "diff -u -N"}
        try:
            done = subprocess.run(command, input=stdin.encode(), capture_output=True, timeout=PATIENCE * 2, env=environment)
        except subprocess.TimeoutExpired:
            return Answer(-1, {}, {"out": "", "err": "it hangs"})
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        if "-o json" in arguments.split("-- ")[0] and "jsonpath" not in arguments and out.startswith("{"):
            out = json.loads(out)
        return Answer(done.returncode, {}, {"out": out, "err": err})


def debian_kubectl():
    """kubectl 1.20.2, whose words are recorded: Debian's, fetched where it is not there."""
    found = subprocess.run([os.path.join(HERE, "..", "..", "..", "tools", "debian-kubectl")], capture_output=True, text=True)
    if found.returncode != 0:
        sys.exit(f"kubectl 1.20.2 is missing, and tools/debian-kubectl cannot fetch it: {found.stderr.strip()}")
    return found.stdout.strip()


def decoded(data, content_type):
    if content_type.startswith("application/json"):
        try:
            return json.loads(data)
        except ValueError:
            return "no JSON: " + data[:200].decode("utf-8", "replace")
    if content_type.startswith("application/vnd.kubernetes.protobuf"):
        return data
    return data.decode("utf-8", "replace")
