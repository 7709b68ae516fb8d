"""API servers that misbehave, one connection a thread, on loopback.

    with Server(answer, tls=(certificate, key)) as server: server.url, server.requests

`answer(exchange)` is called for each request with what was asked, and writes whatever bytes it wants. What a client may
do after that is to be found in `requests`.
"""
import json
import socket
import ssl
import threading
import time


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body

    def __repr__(self):
        return f"{self.method} {self.target}"


class Exchange:
    """One request and the connection it came on."""

    def __init__(self, server, connection, request):
        self.server, self.connection, self.request = server, connection, request
        self.count = len(server.requests)  # this one included

    def raw(self, data):
        self.connection.sendall(data)

    def reply(self, status=200, body=b"", content_type="application/json", reason="X", headers=()):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        elif isinstance(body, str):
            body = body.encode()
        head = f"HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.raw(head.encode() + b"\r\n" + body)

    def status(self, code, reason, message, headers=(), details=None):
        """A Kubernetes Status."""
        body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "reason": reason, "code": code}
        if details:
            body["details"] = details
        self.reply(code, body, headers=headers)

    def wait(self, seconds=60):
        """Says nothing until the client or the test has had enough."""
        self.server.stopping.wait(seconds)

    def close(self):
        raise Closed()


class Closed(Exception):
    pass


class Server:
    def __init__(self, answer, tls=None, client_authority=None, on_connect=None, tls_versions=None):
        """tls: (certificate, key) or None for plain TCP. on_connect(server, socket) runs before TLS."""
        self.answer, self.on_connect = answer, on_connect
        self.requests, self.connections, self.peers = [], 0, []
        self.stopping = threading.Event()
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
            if client_authority:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(client_authority)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.open = set()
        self.lock = threading.Lock()

    @property
    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.listener.close()
        with self.lock:
            for connection in self.open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while not self.stopping.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.open.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.on_connect:
                self.on_connect(self, connection)
            if self.context:
                wrapped = self.context.wrap_socket(connection, server_side=True)
                with self.lock:
                    self.open.discard(connection)
                    self.open.add(wrapped)
                connection = wrapped
                self.peers.append(connection.getpeercert())
            buffered = connection.makefile("rb")
            while True:
                request = _read_request(buffered)
                if request is None:
                    return
                self.requests.append(request)
                self.answer(Exchange(self, connection, request))
        except (OSError, Closed, ValueError):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()


def _read_request(stream):
    line = stream.readline(1 << 16).decode("latin-1")
    if not line.strip():
        return None
    method, target, _ = line.split(" ", 2)
    headers = {}
    while True:
        line = stream.readline(1 << 16).decode("latin-1").rstrip("\r\n")
        if not line:
            break
        name, value = line.split(":", 1)
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0") or 0))
    return Request(method, target, headers, body)


class Proxy:
    """A CONNECT proxy that remembers what it was asked. `refuse` is a status to answer instead."""

    def __init__(self, refuse=None, hang=False):
        self.refuse, self.hang, self.asked = refuse, hang, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stopping = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        head = b""
        try:
            while b"\r\n\r\n" not in head:
                more = client.recv(4096)
                if not more:
                    return
                head += more
            self.asked.append(head.decode("latin-1"))
            if self.hang:
                self.stopping.wait(60)
                return
            if self.refuse:
                client.sendall(f"HTTP/1.1 {self.refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            host, port = head.split(b" ", 2)[1].decode().rsplit(":", 1)
            upstream = socket.create_connection((host.strip("[]"), int(port)), 5)
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(upstream, client), daemon=True)
            back.start()
            _pump(client, upstream)
            back.join(5)
        except OSError:
            pass
        finally:
            client.close()


def _pump(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def closed_port():
    """A port of loopback where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def drip(exchange, data, pause=0.05):
    for byte in data:
        if exchange.server.stopping.is_set():
            return
        exchange.raw(bytes([byte]))
        time.sleep(pause)
