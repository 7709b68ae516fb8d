#!/usr/bin/env python3
"""kubectl's exec, cp, port-forward, attach and logs -f on a sandbox: with Debian's kubectl over SPDY/3.1, and with a newer one,
where KUBECTL or PATH has it, over WebSocket. KUBECONFIG names the sandbox (tests/support/with-sandbox)."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

from kubectl import Kubectl

SKIPPED = 77


def programs():
    """Every kubectl that is at hand."""
    cached = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "fairlead/kubectl-1.20/usr/bin/kubectl")
    found = [os.environ.get("KUBECTL"), cached, shutil.which("kubectl")]
    return list(dict.fromkeys(one for one in found if one and os.access(one, os.X_OK)))


class Streams(unittest.TestCase):
    def setUp(self):
        self.clients = [Kubectl(os.environ["KUBECONFIG"], program) for program in programs()]
        self.pods = [pod["metadata"]["name"] for pod in self.clients[0].items("pods", "-n", "shop", "-l", "app.kubernetes.io/name=frontend")]

    def each(self):
        for client in self.clients:
            with self.subTest(client.program):
                yield client, self.pods[0]

    def test_exec_gives_output_and_status(self):
        for client, pod in self.each():
            done = client.run("exec", "-n", "shop", pod, "--", "sh", "-c", "echo out; echo err >&2; exit 3", check=False)
            self.assertEqual((done.returncode, done.stdout), (3, b"out\n"))
            self.assertIn(b"err\n", done.stderr)
            self.assertIn(b"command terminated with exit code 3", done.stderr)

    def test_exec_reads_standard_input(self):
        for client, pod in self.each():
            many = b"".join(b"line %d\n" % i for i in range(20000))
            self.assertEqual(client.run("exec", "-i", "-n", "shop", pod, "--", "cat", stdin=many).stdout, many)
            done = client.run("exec", "-i", "-n", "shop", pod, "--", "sh", stdin=b"echo in\nexit 5\n", check=False)
            self.assertEqual((done.returncode, done.stdout), (5, b"in\n"))

    def test_errors_are_those_of_a_cluster(self):
        for client, pod in self.each():
            def said(*arguments):
                done = client.run(*arguments, check=False)
                return done.returncode, re.sub("[0-9a-f]{64}", "ID", done.stderr.decode())
            status, text = said("exec", "-n", "shop", pod, "--", "nosuch")
            self.assertEqual(status, 1)
            self.assertIn("executing command in container: failed to exec in container: failed to start exec \"ID\": OCI runtime exec failed: exec failed: "
                          "unable to start container process: exec: \"nosuch\": executable file not found in $PATH: unknown", text)
            self.assertEqual(said("exec", "-n", "shop", pod, "-c", "x", "--", "ls"), (1, f"Error from server (BadRequest): container x is not valid for pod {pod}\n"))
            self.assertEqual(said("exec", "-n", "shop", "nopod", "--", "ls"), (1, 'Error from server (NotFound): pods "nopod" not found\n'))
            crashing = client.items("pods", "-n", "shop", "-l", "app.kubernetes.io/name=payments")[0]["metadata"]["name"]
            self.assertEqual(said("exec", "-n", "shop", crashing, "-c", "payments", "--", "ls"), (1, 'error: unable to upgrade connection: container not found ("payments")\n'))

    def test_exec_with_a_terminal(self):
        for client, pod in self.each():
            child, terminal = pty.fork()
            if child == 0:
                os.execv(client.program, [client.program, f"--kubeconfig={client.kubeconfig}", "exec", "-it", "-n", "shop", pod, "--", "sh"])
            seen = b""

            def wait_for(text):
                nonlocal seen
                end = time.monotonic() + 20
                while text not in seen and time.monotonic() < end:
                    if select.select([terminal], [], [], 0.2)[0]:
                        seen += os.read(terminal, 4096)
                self.assertIn(text, seen)
            wait_for(b"/ $ ")
            os.write(terminal, b"echo a$((\x7f\x7f\x7fb\r")
            wait_for(b"\r\nab\r\n/ $ ")
            os.write(terminal, b"sleep 1000\r")
            time.sleep(0.3)
            os.write(terminal, b"\x03")
            wait_for(b"^C\r\n/ $ ")
            os.write(terminal, b"exit 7\r")
            _, status = os.waitpid(child, 0)
            os.close(terminal)
            self.assertEqual(os.waitstatus_to_exitcode(status), 7)

    def test_cp_goes_both_ways(self):
        for client, pod in self.each():
            with tempfile.TemporaryDirectory() as directory:
                os.makedirs(directory + "/d/e")
                for name in ("d/one", "d/e/two"):
                    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
                        file.write(name * 1000)
                client.run("cp", directory + "/d", f"shop/{pod}:/tmp/d")
                self.assertEqual(client.text("exec", "-n", "shop", pod, "--", "cat", "/tmp/d/e/two"), "d/e/two" * 1000)
                client.run("cp", f"shop/{pod}:/tmp/d", directory + "/back")
                with open(directory + "/back/one", encoding="utf-8") as file:
                    self.assertEqual(file.read(), "d/one" * 1000)
                client.run("exec", "-n", "shop", pod, "--", "rm", "-r", "/tmp/d")

    def test_port_forward_reaches_the_container(self):
        for client, pod in self.each():
            port = client.json("get", "pod", "-n", "shop", pod)["spec"]["containers"][0]["ports"][0]["containerPort"]
            forward = subprocess.Popen([client.program, f"--kubeconfig={client.kubeconfig}", "port-forward", "-n", "shop", pod, f":{port}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                local = re.search(rb":(\d+) ->", forward.stdout.readline()).group(1).decode()
                for _ in range(3):
                    with urllib.request.urlopen(f"http://127.0.0.1:{local}/", timeout=10) as answer:
                        self.assertIn(f"pod: {pod}\n", answer.read().decode())
            finally:
                forward.kill()
                forward.communicate()

    def test_logs_follow_and_attach_go_on(self):
        for client, pod in self.each():
            for words in (["logs", "-f", "--tail=1", pod], ["attach", pod]):
                child = subprocess.Popen([client.program, f"--kubeconfig={client.kubeconfig}", "-n", "shop", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:
                    for _ in range(2):
                        self.assertTrue(child.stdout.readline())
                finally:
                    child.kill()
                    child.communicate()

    def test_logs_end_with_the_container(self):
        # A pod of its own client each, since its container is ended.
        for (client, _), pod in zip(self.each(), self.pods):
            child = subprocess.Popen([client.program, f"--kubeconfig={client.kubeconfig}", "-n", "shop", "logs", "-f", "--tail=1", pod], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.assertTrue(child.stdout.readline())
            client.run("exec", "-n", "shop", pod, "--", "kill", "1")
            try:
                child.communicate(timeout=20)
            finally:
                child.kill()
            self.assertEqual(child.returncode, 0)


if __name__ == "__main__":
    if not programs():
        print("kubectl is missing: left out (tools/debian-kubectl fetches one)")
        sys.exit(SKIPPED)
    unittest.main()
