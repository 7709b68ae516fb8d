"""A client of WebSockets (RFC 6455) that does what a test says, also what it must not."""
import base64
import json
import os
import socket
import struct


class Refused(Exception):
    """The server answered something else than 101."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body

    @property
    def json(self):
        return json.loads(self.body)


class WebSocket:
    TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10

    def __init__(self, port, path, protocols=(), headers=None, timeout=30):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}"]
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.unread = b""
        while b"\r\n\r\n" not in self.unread:
            self._more()
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        self.head = head.decode()
        status = int(self.head.split()[1])
        if status != 101:
            length = [int(line.split(":")[1]) for line in self.head.splitlines() if line.lower().startswith("content-length")]
            while length and len(self.unread) < length[0]:
                self._more()
            self.socket.close()
            raise Refused(status, self.unread.decode())

    def _more(self):
        bytes_ = self.socket.recv(65536)
        if not bytes_:
            raise ConnectionError("the connection ended")
        self.unread += bytes_

    def send(self, payload, opcode=BINARY, last=True, masked=True):
        length = len(payload)
        head = bytes([(0x80 if last else 0) | opcode])
        flag = 0x80 if masked else 0
        head += bytes([flag | length]) if length < 126 else bytes([flag | 126]) + struct.pack(">H", length) if length < 65536 else bytes([flag | 127]) + struct.pack(">Q", length)
        if masked:
            head += b"\0\0\0\0"
        self.socket.sendall(head + payload)

    def next(self):
        """(opcode, payload); pings are not answered."""
        while True:
            if len(self.unread) >= 2:
                length, head = self.unread[1] & 127, 2
                extra = {126: 2, 127: 8}.get(length, 0)
                if len(self.unread) >= head + extra:
                    if extra:
                        length = int.from_bytes(self.unread[2:2 + extra], "big")
                    head += extra
                    if len(self.unread) >= head + length:
                        opcode, payload = self.unread[0] & 15, self.unread[head:head + length]
                        self.unread = self.unread[head + length:]
                        return opcode, payload
            self._more()

    def close(self):
        self.socket.close()
