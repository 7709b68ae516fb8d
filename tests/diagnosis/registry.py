#!/usr/bin/env python3
"""A registry of images that has none: registry.py PORT on the loopback. What is below private/ wants a login."""
import http.server
import json
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        private, root = self.path.startswith("/v2/private/"), self.path in ("/v2", "/v2/")
        status, code = (401, "UNAUTHORIZED") if private else (200, "") if root else (404, "MANIFEST_UNKNOWN")
        body = b"{}" if root else json.dumps({"errors": [{"code": code, "message": code.lower().replace("_", " ")}]}).encode()
        self.send_response(status)
        if private:
            self.send_header("WWW-Authenticate", 'Basic realm="registry"')
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("ready", flush=True)
    server.serve_forever()
