#!/usr/bin/env python3
"""exec_in_pod -i and -t: a command in a container with the caller's streams as its own, on a pod of the test's."""
import json
import os
import pty
import fcntl
import random
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

from cluster_case import KUBECONFIG, ClusterCase
import program

NAMESPACE = "session-tests"
SANDBOX = bool(os.environ.get("FAIRLEAD_TEST_SANDBOX"))
# Kubernetes before 1.30 cannot be told that the input has ended.
ENDS_INPUT = SANDBOX


def pod(name):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"automountServiceAccountToken": False, "terminationGracePeriodSeconds": 1, "containers": [
        {"name": "main", "image": "fairlead.test/busybox:1", "command": ["sleep", "infinity"]}]}}


class Terminal:
    """The program with a terminal of its own."""

    def __init__(self, arguments, rows=24, columns=80, environment=None):
        self.child, self.master = pty.fork()
        if self.child == 0:
            os.execve(program.fairlead(), ["fairlead", *arguments], program.bare_environment(**(environment or {"KUBECONFIG": KUBECONFIG}), TERM="dumb"))
        self.resize(rows, columns)
        self.usual = termios.tcgetattr(self.master)
        self.seen = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds=0.1):
        while select.select([self.master], [], [], seconds)[0]:
            try:
                more = os.read(self.master, 65536)
            except OSError:
                return
            if not more:
                return
            self.seen += more.decode("utf-8", "replace")

    def until(self, word, seconds=20):
        end = time.monotonic() + seconds
        while word not in self.seen:
            self.read()
            assert time.monotonic() < end, f"{word!r} does not come: {self.seen!r}"

    def type(self, text):
        os.write(self.master, text.encode())

    def is_raw(self):
        return not termios.tcgetattr(self.master)[3] & (termios.ICANON | termios.ECHO | termios.ISIG)

    def wait(self, seconds=20):
        """The exit status; the terminal must be as it was."""
        end = time.monotonic() + seconds
        while True:
            self.read(0.02)
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid:
                break
            assert time.monotonic() < end, f"it does not end: {self.seen!r}"
        now = termios.tcgetattr(self.master)
        os.close(self.master)
        assert now == self.usual, f"the terminal is not as it was: {now} {self.usual}"
        return os.waitstatus_to_exitcode(status)


class Session(ClusterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl.run("create", "namespace", NAMESPACE, check=False)
        program.eventually(lambda: cls.kubectl.json("get", "serviceaccount", "default", "-n", NAMESPACE))
        cls.start("main")

    @classmethod
    def tearDownClass(cls):
        cls.kubectl.run("delete", "namespace", NAMESPACE, "--wait=false", check=False)

    @classmethod
    def start(cls, name):
        cls.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(pod(name)).encode())

        def runs():
            statuses = cls.kubectl.json("get", "pod", name, "-n", NAMESPACE)["status"].get("containerStatuses", [])
            assert statuses and "running" in statuses[0]["state"], statuses
        program.eventually(runs, 60)

    def words(self, *words, name="main", options=("--allow", "destructive")):
        return ["call", "exec_in_pod", name, "-n", NAMESPACE, *options, "--", *words]

    def session(self, *words, stdin=b"", options=(), name="main", hang=60):
        return program.run(*self.words(*words, name=name, options=("-i", "--allow", "destructive", *options)), env={"KUBECONFIG": KUBECONFIG}, stdin=stdin, hang=hang)

    def test_streams(self):
        outcome = self.session("sh", "-c", "echo to out; echo to err >&2")
        self.assertEqual((outcome.status, outcome.out), (0, "to out\n"), outcome)
        self.assertIn("to err\n", outcome.err)

    def test_exit_codes(self):
        for code in (0, 1, 3, 126, 127, 137, 255):
            outcome = self.session("sh", "-c", f"exit {code}")
            self.assertEqual((outcome.status, outcome.out), (code, ""), outcome)
            self.assertEqual(outcome.notes, [f"the command ended with exit code {code}"] if code else [], outcome)

    def test_a_program_that_is_not_there(self):
        outcome = self.session("/nope/nothing")
        if outcome.status not in (126, 127):
            self.failed(outcome, "server_error", mentions=["could not be run"])

    def test_ten_megabytes_come_back_unchanged(self):
        data = random.Random(1).randbytes(10 << 20)
        words = ["cat"] if ENDS_INPUT else ["head", "-c", str(len(data))]
        outcome = self.session(*words, stdin=data, hang=120)
        self.assertEqual(outcome.status, 0, outcome.err)
        self.assertTrue(outcome.out_bytes == data, f"{len(outcome.out_bytes)} bytes came back")

    def test_a_slow_reader_loses_nothing_and_costs_no_memory(self):
        data = random.Random(2).randbytes(8 << 20)
        words = ["cat"] if ENDS_INPUT else ["head", "-c", str(len(data))]
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            child = subprocess.Popen([program.fairlead(), *self.words(*words, options=("-i", "--allow", "destructive"))], env=program.bare_environment(KUBECONFIG=KUBECONFIG), stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(3)
        with open(f"/proc/{child.pid}/status") as status:
            resident = [int(line.split()[1]) for line in status if line.startswith("VmRSS")][0]
        out, err = child.communicate(timeout=60)
        self.assertEqual((child.returncode, out == data), (0, True), err)
        self.assertLess(resident, 200_000 if "ASAN_OPTIONS" in os.environ else 60_000)

    def test_the_end_of_the_input(self):
        if ENDS_INPUT:
            outcome = self.session("sh", "-c", "cat; echo behind; exit 4", stdin=b"all of it\n")
            self.assertEqual((outcome.status, outcome.out), (4, "all of it\nbehind\n"), outcome)
            return
        outcome = self.session("cat", stdin=b"all of it\n", options=("--session-idle", "4"))
        self.assertEqual((outcome.status, outcome.out), (1, "all of it\n"), outcome)
        self.assertIn("Kubernetes before 1.30 cannot tell the command", outcome.notes[0])
        self.assertEqual(self.session("sh", "-c", "read line; echo $line", stdin=b"a line\n").out, "a line\n")

    def test_idle_ones_end(self):
        begun = time.monotonic()
        outcome = self.session("sleep", "1000", options=("--session-idle", "1"))
        self.assertEqual((outcome.status, outcome.out), (1, ""), outcome)
        self.assertIn("no byte came from either side for 1 second", outcome.notes[-1])
        self.assertLess(time.monotonic() - begun, 10)
        shown = self.ok(program.run("changes", "list", "-o", "json")).json()
        mine = [one for one in shown["items"] if "sleep" in one["summary"]][0]
        whole = self.ok(program.run("changes", "show", str(mine["id"]), "-o", "json")).json()
        self.assertEqual(whole["state"], "completed")
        self.assertIn("may go on", whole["verification"])

    def test_is_audited_with_its_exit_code(self):
        self.session("sh", "-c", "exit 42")
        lines = [json.loads(line) for line in self.ok(program.run("audit", "export")).out.splitlines()]
        mine = [line for line in lines if line["operation"] == "exec_in_pod" and "exit 42" in json.dumps(line["arguments"])]
        self.assertEqual([line["outcome"] for line in mine], ["begun", "done"], mine)
        self.assertEqual(mine[1]["arguments"]["result"], "exit code 42")
        self.assertEqual(mine[1]["arguments"]["session"], "input")

    def test_needs_an_approval_of_its_own(self):
        words = ("sh", "-c", f"echo {self.id()}")
        plain = ("-o", "json", "--reason", "to look")
        waits = program.run(*self.words(*words, options=plain), env={"KUBECONFIG": KUBECONFIG})
        self.failed(waits, "approval_required")
        session = program.run(*self.words(*words, options=("-i", "--reason", "to look")), env={"KUBECONFIG": KUBECONFIG})
        self.failed(session, "approval_required")
        numbers = [one.err.split("changes approve ")[1].split("'")[0] for one in (waits, session)]
        self.assertNotEqual(*numbers)
        self.assertIn("what is sent is not known beforehand", self.ok(program.run("changes", "show", numbers[1])).out)

    def test_dry_run_opens_nothing(self):
        outcome = self.session("sh", "-c", "exit 9", options=("--dry-run",))
        self.ok(outcome)
        self.assertIn("exit 9", outcome.err + outcome.out)

    def test_a_pod_that_is_deleted_meanwhile(self):
        self.start("short-lived")
        child = subprocess.Popen([program.fairlead(), *self.words("sleep", "1000", name="short-lived", options=("-i", "--allow", "destructive"))], env=program.bare_environment(KUBECONFIG=KUBECONFIG), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(2)
        self.kubectl.run("delete", "pod", "short-lived", "-n", NAMESPACE, "--wait=false")
        child.wait(40)
        err = child.stderr.read().decode()
        for stream in (child.stdin, child.stdout, child.stderr):
            stream.close()
        self.assertNotEqual(child.returncode, 0, err)  # 137, or it could not be told

    def test_bad_usage(self):
        both = program.run(*self.words("ls", options=("-i", "-o", "json")), env={"KUBECONFIG": KUBECONFIG})
        self.failed(both, "invalid_request", mentions=["--output"])
        self.failed(self.call("list_pods", "-i"), "invalid_request", mentions=["-i"])
        self.failed(self.session("ls", options=("--session-idle", "0")), "invalid_request", mentions=["--session-idle"])

    # ---- in a terminal

    def terminal(self, *words, options=("-it", "--allow", "destructive"), **more):
        return Terminal(self.words(*words, options=options), **more)

    def test_a_shell_in_a_terminal(self):
        terminal = self.terminal("sh")
        program.eventually(lambda: self.assertTrue(terminal.is_raw()))
        terminal.type("echo one-$((40 + 2))\r")
        terminal.until("one-42")
        terminal.type("exit 5\r")
        self.assertEqual(terminal.wait(), 5, terminal.seen)

    def test_an_interrupt_is_the_commands(self):
        terminal = self.terminal("sh", "-c", "echo begun; sleep 1000; echo never")
        terminal.until("begun")
        terminal.type("\x03")
        self.assertNotEqual(terminal.wait(), 0, terminal.seen)
        self.assertNotIn("never", terminal.seen)

    def test_its_size(self):
        if SANDBOX:
            self.skipTest("nothing in a sandbox knows a terminal's size")
        terminal = self.terminal("sh", rows=30, columns=100)
        program.eventually(lambda: self.assertTrue(terminal.is_raw()))
        time.sleep(1)
        terminal.type("stty size\r")
        terminal.until("30 100")
        terminal.resize(43, 132)
        time.sleep(1)
        terminal.type("stty size\r")
        terminal.until("43 132")
        terminal.type("exit\r")
        self.assertEqual(terminal.wait(), 0, terminal.seen)

    def test_signals_leave_the_terminal_as_it_was(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT, signal.SIGUSR1):
            terminal = self.terminal("sh", "-c", "echo begun; sleep 1000")
            terminal.until("begun")
            self.assertTrue(terminal.is_raw())
            os.kill(terminal.child, number)
            self.assertNotEqual(terminal.wait(), 0, number)

    def test_errors_leave_the_terminal_as_it_was(self):
        self.assertEqual(self.terminal("/nope/nothing").wait() in (1, 126, 127), True)
        self.assertEqual(self.terminal("ls", options=("-it", "--container", "nope", "--allow", "destructive")).wait(), 1)
        self.assertEqual(self.terminal("sleep", "1000", options=("-it", "--session-idle", "1", "--allow", "destructive")).wait(), 1)

    def test_without_a_terminal(self):
        outcome = self.session("echo", "x", options=("-t",))
        self.assertEqual((outcome.status, outcome.out), (0, "x\n"), outcome)
        self.assertIn("standard input is no terminal", outcome.notes[0])


if __name__ == "__main__":
    program.main()
