"""Admission webhooks that do harm, for a real cluster: an HTTPS server on the host that the API server reaches by URL."""
import base64
import http.server
import json
import os
import ssl
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from certificates import Authority, file_base64  # noqa: E402

PATCHES = {
    "/image": [{"op": "replace", "path": "/spec/containers/0/image", "value": "mirror.no-such-host.test/team/shop:1"}],
    "/node-selector": [{"op": "add", "path": "/spec/nodeSelector", "value": {"pool": "batch"}}],
    "/env": [{"op": "replace", "path": "/spec/containers/0/env/0/value", "value": "db-staging"}],
    "/resources": [{"op": "replace", "path": "/spec/containers/0/resources/requests/cpu", "value": "400"}],
    "/deployment-image": [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "mirror.no-such-host.test/team/shop:1"}],
}
DENIAL = 'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "shop" must set securityContext.allowPrivilegeEscalation=false)'


def webhook(kind, path="", service="", of="pods"):
    """`kind`: "Mutating" or "Validating". Asks a path of the server, or a Service of the incident's namespace, about new objects of the app shop."""
    client = {"service": {"namespace": "$NS", "name": service, "path": "/", "port": 443}} if service else {"url": "$WEBHOOK" + path}
    return {"kind": f"{kind}WebhookConfiguration", "metadata": {"name": "$NS"},
            "webhooks": [{"name": "pods.$NS.example.test", "clientConfig": {**client, "caBundle": "$CA"}, "failurePolicy": "Fail", "sideEffects": "None",
                          "admissionReviewVersions": ["v1"], "timeoutSeconds": 3, "namespaceSelector": {"matchLabels": {"incident": "$NS"}},
                          "objectSelector": {"matchLabels": {"app": "shop"}},
                          "rules": [{"apiGroups": ["" if of == "pods" else "apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": [of]}]}]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.split("?")[0]
        answer = {"uid": review["request"]["uid"], "allowed": path != "/deny"}
        if path in PATCHES:
            answer.update(patchType="JSONPatch", patch=base64.b64encode(json.dumps(PATCHES[path]).encode()).decode())
        if path == "/deny":
            answer["status"] = {"code": 403, "message": DENIAL}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class WebhookServer:
    """`with WebhookServer(directory, host) as values`: what incidents call $WEBHOOK and $CA."""

    def __init__(self, directory, host):
        authority = Authority(directory, "webhook-ca")
        certificate, key = authority.issue("webhook", f"IP:{host}")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server = http.server.ThreadingHTTPServer((host, 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.values = {"WEBHOOK": f"https://{host}:{self.server.server_address[1]}", "CA": file_base64(authority.certificate)}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.values

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
