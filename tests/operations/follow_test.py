#!/usr/bin/env python3
"""`fairlead call get_pod_logs --follow` on a cluster: lines as they come, a clean end, and no line lost or told twice when
connections break."""
import json
import os
import signal
import socket
import tempfile
import threading
import time
import unittest
import urllib.parse

from cluster_case import ClusterCase, KUBECONFIG
from kubeconfig import write
import program

NAMESPACE = "follow"
COUNTS = "n=0; while [ $n -lt %d ]; do n=$((n + 1)); echo \"line $n\"; sleep 1; done"
KEY = "echo start; echo '-----BEGIN RSA PRIVATE KEY-----'; sleep 2; echo keybyteskeybyteskeybytes; sleep 2; echo keybytesmorekeybytes; echo '-----END RSA PRIVATE KEY-----'; sleep 1; " \
      "echo password:; sleep 2; echo '  hunter2x'; echo end"


def pod(name, *commands):
    containers = [{"name": f"c{i}", "image": "fairlead.test/busybox:1", "imagePullPolicy": "IfNotPresent", "command": ["sh", "-c", command]} for i, command in enumerate(commands)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False, "containers": containers}}


class Cutting:
    """A forwarder of TCP that ends every connection after some seconds."""

    def __init__(self, host, port, seconds):
        self.target, self.seconds, self.cut = (host, port), seconds, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        server = socket.create_connection(self.target, 5)
        ends = [threading.Thread(target=self._pump, args=pair, daemon=True) for pair in ((client, server), (server, client))]
        for end in ends:
            end.start()
        ends[1].join(self.seconds)
        self.cut += ends[1].is_alive()
        for one in (client, server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    @staticmethod
    def _pump(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass


class Follow(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.kubectl.run, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=60s", check=False)
        cls.kubectl.run("create", "namespace", NAMESPACE)

        def account():
            if cls.kubectl.run("get", "serviceaccount", "default", "-n", NAMESPACE, check=False).returncode:
                raise AssertionError("the namespace has no account yet")
        program.eventually(account)

    def start(self, name, *commands):
        self.kubectl.run("create", "-f", "-", stdin=json.dumps(pod(name, *commands)).encode())

        def runs():
            states = self.kubectl.json("get", "pod", name, "-n", NAMESPACE)["status"].get("containerStatuses", [])
            if len(states) < len(commands) or not all("running" in s["state"] or "terminated" in s["state"] for s in states):
                raise AssertionError(f"{name} does not run")
        program.eventually(runs, 60)

    def follow(self, name, *arguments, config=KUBECONFIG):
        process = program.Process("call", "get_pod_logs", name, "-n", NAMESPACE, "--follow", *arguments, env={"KUBECONFIG": config})
        process.lines, process.errors, process.times = [], [], []

        def read(stream, into):
            for line in stream:
                process.times.append(time.monotonic())
                into.append(line.decode())
        process.readers = [threading.Thread(target=read, args=pair, daemon=True) for pair in ((process.child.stdout, process.lines), (process.child.stderr, process.errors))]
        for reader in process.readers:
            reader.start()
        self.addCleanup(process.__exit__)
        return process

    def ended(self, process, seconds=60):
        status = process.wait(seconds)
        for reader in process.readers:
            reader.join(5)
        return status

    def test_until_the_container_has_ended(self):
        self.start("counts", COUNTS % 6)
        process = self.follow("counts")
        self.assertEqual(self.ended(process), 0, process.errors)
        self.assertEqual("".join(process.lines), "".join(f"line {n}\n" for n in range(1, 7)))
        self.assertIn("container c0 has ended: exit code 0 (Completed)", "".join(process.errors))
        # What has ended already is shown, and that is all.
        again = self.follow("counts", "--tail", "2", "--timestamps")
        self.assertEqual(self.ended(again), 0)
        self.assertEqual([line.split(" ", 1)[1] for line in again.lines], ["line 5\n", "line 6\n"])

    def test_ctrl_c(self):
        self.start("goes-on", COUNTS % 600)
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.follow("goes-on", "--tail", "1")
            program.eventually(lambda: self.assertGreaterEqual(len(process.lines), 4))
            process.signal(number)
            self.assertEqual(self.ended(process, 5), 0)
            self.assertEqual(process.errors, [], "whoever ends it knows that it was ended")
            text = "".join(process.lines)
            self.assertTrue(text.endswith("\n"))
            numbers = [int(line.split()[1]) for line in text.splitlines()]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
            self.assertGreater(process.times[-1] - process.times[0], 1.5, "lines come as they are written")
        only = self.follow("goes-on", "--tail", "100", "--grep", "line .*[02468]$", "--timeout", "4")
        self.assertEqual(self.ended(only, 15), 0)
        self.assertTrue(only.lines)
        self.assertTrue(all(int(line.split()[1]) % 2 == 0 for line in only.lines))
        self.assertIn("--timeout", "".join(only.errors))

    def test_several_containers(self):
        self.start("both", "for i in 1 2 3; do echo \"one $i\"; sleep 1; done", "for i in 1 2 3; do echo \"two $i\"; sleep 1; done; exit 3")
        process = self.follow("both", "--all-containers")
        self.assertEqual(self.ended(process), 0, process.errors)
        self.assertEqual(sorted(process.lines), sorted(f"[c{c}] {word} {i}\n" for c, word in enumerate(("one", "two")) for i in (1, 2, 3)))
        self.assertIn("container c1 has ended: exit code 3 (Error)", "".join(process.errors))

    def test_a_credential_that_comes_line_by_line(self):
        self.start("key", KEY)
        process = self.follow("key")
        self.assertEqual(self.ended(process), 0, process.errors)
        self.assertEqual("".join(process.lines), "start\n<redacted>\npassword:\n  <redacted>\nend\n")

    def test_connections_that_break(self):
        self.start("long", COUNTS % 14)
        config = self.kubectl.json("config", "view", "--raw", "--flatten")
        cluster = config["clusters"][0]["cluster"]
        server = urllib.parse.urlsplit(cluster["server"])
        with Cutting(server.hostname, server.port, 3) as forwarder, tempfile.TemporaryDirectory() as directory:
            cluster.update({"server": f"https://127.0.0.1:{forwarder.port}", "tls-server-name": server.hostname})
            process = self.follow("long", config=write(os.path.join(directory, "config"), config))
            self.assertEqual(self.ended(process, 90), 0, process.errors)
            self.assertGreaterEqual(forwarder.cut, 2, "nothing was cut")
        self.assertEqual("".join(process.lines), "".join(f"line {n}\n" for n in range(1, 15)), process.errors)

    def test_refusals(self):
        self.failed(program.run("call", "get_pod_logs", "nobody", "-n", NAMESPACE, "-f", env={"KUBECONFIG": KUBECONFIG}), "not_found")
        self.failed(program.run("call", "get_pod_logs", "x", "-n", NAMESPACE, "-f", "--previous", env={"KUBECONFIG": KUBECONFIG}), "invalid_request", mentions=["followed"])
        for words in (("get_pod_logs", "x", "-f", "-o", "json"), ("list_pods", "-f"), ("get_pod", "x", "--follow")):
            outcome = program.run("call", *words, env={"KUBECONFIG": KUBECONFIG})
            self.assertEqual((outcome.status, outcome.out), (2, ""), outcome)

    def test_a_reader_that_goes(self):
        self.start("unread", COUNTS % 600)
        process = program.Process("call", "get_pod_logs", "unread", "-n", NAMESPACE, "-f", env={"KUBECONFIG": KUBECONFIG})
        self.addCleanup(process.__exit__)
        self.assertTrue(process.child.stdout.readline())
        process.child.stdout.close()
        self.assertEqual(process.wait(10), 1)


if __name__ == "__main__":
    program.main()
