"""An MCP client over stdio as bare as can be: it sends what a test wants to send, well-formed or not."""
import json
import os
import queue
import threading
import time

from program import Process

REVISIONS = ["2025-06-18", "2025-11-25"]


def resident(pid):
    """KiB of a program's own memory: an eighth under the address sanitizer, which keeps what was freed."""
    with open(f"/proc/{pid}/status") as file:
        size = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    with open(f"/proc/{pid}/maps") as file:
        return size // 8 if "libasan" in file.read() else size


class Mcp(Process):
    def __init__(self, *arguments, env=None):
        super().__init__("mcp", *arguments, env=env)
        self.lines, self.stash, self.next_id, self.errors = queue.Queue(), [], 0, []
        self.readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for reader in self.readers:
            reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def _read_errors(self):
        for line in self.child.stderr:
            self.errors.append(line.decode("utf-8", "replace"))

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.child.stdin.write(data + b"\n")
        self.child.stdin.flush()

    def message(self, seconds=10):
        """The next message that the server sent; None at its end."""
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no message within {seconds} s; stderr: {''.join(self.errors)}") from None
        if line is None:
            self.lines.put(None)
            return None
        assert line.endswith(b"\n"), line[:200]
        message = json.loads(line)
        for one in message if isinstance(message, list) else [message]:
            assert one.get("jsonrpc") == "2.0", line[:200]
        return message

    def answer(self, request_id, seconds=10):
        """The response to this request; what else comes is kept in `stash`."""
        end = time.monotonic() + seconds
        while True:
            message = self.message(max(0.01, end - time.monotonic()))
            if message is None:
                raise AssertionError(f"the server ended; stderr: {''.join(self.errors)}")
            if isinstance(message, dict) and message.get("id") == request_id and "method" not in message:
                return message
            self.stash.append(message)

    def start(self, method, params=None, **more):
        self.next_id += 1
        message = {"jsonrpc": "2.0", "id": self.next_id, "method": method}
        if params is not None:
            message["params"] = params
        self.send({**message, **more})
        return self.next_id

    def request(self, method, params=None, seconds=10):
        return self.answer(self.start(method, params), seconds)

    def notify(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, **({"params": params} if params is not None else {})})

    def initialize(self, revision="2025-11-25"):
        answer = self.request("initialize", {"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
        self.notify("notifications/initialized")
        return answer["result"]

    def start_call(self, name, arguments=None, meta=None):
        return self.start("tools/call", {"name": name, "arguments": arguments or {}, **({"_meta": meta} if meta else {})})

    def call(self, name, arguments=None, seconds=20):
        """(text, is_error) of a tool's result."""
        answer = self.answer(self.start_call(name, arguments), seconds)
        assert "result" in answer, answer
        return result_text(answer["result"]), answer["result"].get("isError", False)

    def end_input(self):
        self.child.stdin.close()

    def resident(self):
        return resident(self.child.pid)

    def __exit__(self, *arguments):
        if self.child.poll() is None:
            try:
                os.kill(self.child.pid, 9)
            except OSError:
                pass
        self.child.wait(10)
        for reader in self.readers:
            reader.join(5)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            try:
                stream.close()
            except OSError:
                pass


def result_text(result):
    assert all(part["type"] == "text" for part in result["content"]), result
    return "".join(part["text"] for part in result["content"])
