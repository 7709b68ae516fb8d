"""A proxy in front of the API server of a kubeconfig that remembers every request.

    with Recording(kubectl, directory) as recording: recording.config, recording.requests

`at_write` is called once, before the next request that changes something (and no dry run) is passed on; `after_write` when it
was carried out and before its answer is."""
import base64
import http.client
import os
import ssl
import urllib.parse

from hostile import Server
from kubeconfig import kubeconfig, write


class Recording(Server):
    at_write = after_write = None

    def __init__(self, kubectl, directory):
        super().__init__(self._forward)
        config = kubectl.json("config", "view", "--raw", "--flatten")
        context = next(c["context"] for c in config["contexts"] if c["name"] == config["current-context"])
        cluster = next(c["cluster"] for c in config["clusters"] if c["name"] == context["cluster"])
        user = next(u["user"] for u in config["users"] if u["name"] == context["user"])
        self.upstream = urllib.parse.urlsplit(cluster["server"])
        self.headers = {"Authorization": f"Bearer {user['token']}"} if user.get("token") else {}
        self.trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        if user.get("client-certificate-data"):
            paths = [os.path.join(directory, name) for name in ("recording.crt", "recording.key")]
            for path, part in zip(paths, ("client-certificate-data", "client-key-data")):
                write(path, base64.b64decode(user[part]).decode())
            self.trust.load_cert_chain(*paths)
        self.config = write(os.path.join(directory, "recording"), kubeconfig(self.url, context={"namespace": "default"}))

    def _once(self, name, asked):
        act = getattr(self, name)
        if act and asked.method != "GET" and "dryRun" not in asked.target:
            setattr(self, name, None)
            act()

    def _forward(self, exchange):
        asked = exchange.request
        self._once("at_write", asked)
        connection = http.client.HTTPSConnection(self.upstream.hostname, self.upstream.port, context=self.trust, timeout=60)
        try:
            kept = {name: value for name, value in asked.headers.items() if name in ("accept", "content-type", "user-agent") or name.startswith("impersonate-")}
            connection.request(asked.method, self.upstream.path + asked.target, asked.body or None, {**kept, **self.headers})
            answer = connection.getresponse()
            body = answer.read()
            self._once("after_write", asked)
            exchange.reply(answer.status, body, answer.getheader("Content-Type", "text/plain"))
        finally:
            connection.close()

    def targets(self):
        return [request.target for request in self.requests]
