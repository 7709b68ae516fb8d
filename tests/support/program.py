"""The program under test, and what every test does with it.

FAIRLEAD in the environment is its path. Nothing of the caller's Kubernetes setup reaches it unless a test hands it on.
"""
import atexit
import functools
import json
import os
import re
import select
import signal
import shutil
import subprocess
import tempfile
import sys
import time
import unittest

SKIPPED = 77  # CTest's SKIP_RETURN_CODE

# A child that still runs after so long hangs.
HANG = 60


def fairlead():
    path = os.environ.get("FAIRLEAD")
    if not path:
        sys.exit("FAIRLEAD is not set: it must be the path of the program under test")
    return os.path.abspath(path)


@functools.cache
def data_directory():
    """Where journals and audit logs of these tests lie, and a policy that protects no namespace: what is ready on a
    small cluster is in kube-system."""
    path = tempfile.mkdtemp(prefix="fairlead-data-")
    with open(os.path.join(path, "policy.yaml"), "w") as file:
        file.write("version: 1\nprotected_namespaces: []\n")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def bare_environment(**more):
    """PATH and little else; names with the value None are left out."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG", "ASAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
    kept.setdefault("LANG", "C.UTF-8")
    kept["HOME"] = "/nonexistent"
    kept["FAIRLEAD_DATA"] = data_directory()
    kept.update(more)
    return {name: value for name, value in kept.items() if value is not None}


class Outcome:
    def __init__(self, arguments, status, out, err, seconds):
        self.arguments, self.status, self.out_bytes, self.err_bytes, self.seconds = arguments, status, out, err, seconds
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")

    @property
    def code(self):
        """The word in parentheses at the end of the error line: not_found."""
        found = re.search(r"\(([a-z_]+)\)$", self.error_line)
        return found.group(1) if found else None

    @property
    def error_line(self):
        lines = [line for line in self.err.splitlines() if line.startswith("error: ")]
        return lines[-1] if lines else ""

    @property
    def notes(self):
        return [line[2:] for line in self.err.splitlines() if line.startswith("# ")]

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        def cut(text):
            return text if len(text) < 3000 else text[:1500] + f"\n… {len(text) - 3000} characters …\n" + text[-1500:]

        command = " ".join(repr(a) if re.search(r"[\s'\"]|^$", a) else a for a in map(_short, self.arguments))
        return (f"\n  command: fairlead {command}\n  status: {self.status} after {self.seconds:.2f} s"
                f"\n  stdout: {cut(self.out)}\n  stderr: {cut(self.err)}")


def _short(text):
    return text if len(text) < 200 else text[:80] + f"…({len(text)})"


def run(*arguments, env=None, stdin=b"", hang=HANG, cwd=None, pass_fds=()):
    """Runs it to its end. `env` is added to bare_environment(). A child that hangs fails the test and is killed."""
    arguments = [str(a) for a in arguments]
    started = time.monotonic()
    child = subprocess.Popen([fairlead(), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=bare_environment(**(env or {})), cwd=cwd, pass_fds=pass_fds, start_new_session=True)
    try:
        out, err = child.communicate(stdin, timeout=hang)
    except subprocess.TimeoutExpired:
        child.kill()
        out, err = child.communicate()
        raise AssertionError("it hangs" + str(Outcome(arguments, None, out, err, time.monotonic() - started))) from None
    return Outcome(arguments, child.returncode, out, err, time.monotonic() - started)


def operations():
    """The catalog's, as JSON. Those about agents need books of them, and have tests of their own (tests/runtimes)."""
    return [o for o in run("ops", "-o", "json").json()["operations"] if o["family"] != "agents"]


def parallel(function, items, workers=6):
    """[(item, function(item))], run a few at a time: for children that mostly wait."""
    from concurrent.futures import ThreadPoolExecutor
    items = list(items)
    with ThreadPoolExecutor(workers) as pool:
        return list(zip(items, pool.map(function, items)))


def eventually(probe, seconds=20, interval=0.1):
    """Calls `probe` until it does not raise AssertionError, and answers what it answered."""
    end = time.monotonic() + seconds
    while True:
        try:
            return probe()
        except AssertionError:
            if time.monotonic() > end:
                raise
        time.sleep(interval)


class Case(unittest.TestCase):
    maxDiff = 4000
    longMessage = True

    def ok(self, outcome):
        self.assertEqual(outcome.status, 0, outcome)
        self.assert_calm(outcome)
        self.assertFalse(outcome.error_line, outcome)
        return outcome

    def failed(self, outcome, code, status=None, mentions=()):
        """One line "error: …" with this code, nothing on stdout, the exit status that belongs to the code."""
        if status is None:
            status = {"invalid_request": 2, "policy_denied": 3, "approval_required": 3}.get(_first(code), 1)
        self.assertEqual(outcome.status, status, outcome)
        self.assertEqual(outcome.out, "", outcome)
        lines = [line for line in outcome.err.splitlines() if not line.startswith("# warning: ")]
        self.assertEqual(len(lines), 1, f"one line of error is wanted{outcome}")
        self.assertTrue(lines[0].startswith("error: "), outcome)
        codes = (code,) if isinstance(code, str) else code
        self.assertIn(outcome.code, codes, outcome)
        self.assertRegex(lines[0], r"[^.]\. \([a-z_]+\)$", f"a sentence ends with one full stop{outcome}")
        self.assertLess(len(lines[0]), 1200, outcome)
        for word in mentions:
            self.assertIn(word.lower(), lines[0].lower(), outcome)
        self.assert_calm(outcome)
        return outcome

    def assert_calm(self, outcome):
        """No crash, no sanitizer report, no escape sequence, valid UTF-8."""
        self.assertIsNotNone(outcome.status)
        self.assertGreaterEqual(outcome.status, 0, f"killed by signal{outcome}")
        for word in ("AddressSanitizer", "runtime error:", "ThreadSanitizer", "terminate called", "(internal)"):
            self.assertNotIn(word, outcome.err, outcome)
        for stream in (outcome.out_bytes, outcome.err_bytes):
            self.assertNotIn(b"\x1b", stream, outcome)
            stream.decode("utf-8")

    def assert_no_secret(self, outcome, secrets):
        for secret in secrets:
            self.assertNotIn(secret, outcome.out, "a credential on stdout")
            self.assertNotIn(secret, outcome.err, "a credential on stderr")


def _first(code):
    return code if isinstance(code, str) else code[0]


class Process:
    """A child that goes on running: `with Process(...) as p`. Killed at the end, by its own id."""

    def __init__(self, *arguments, env=None, stdin=subprocess.PIPE, program=None):
        self.arguments = [str(a) for a in arguments]
        self.child = subprocess.Popen([program or fairlead(), *self.arguments], stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      env=bare_environment(**(env or {})), start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait(10)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            try:
                if stream:
                    stream.close()
            except OSError:
                pass

    def wait(self, seconds):
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s: fairlead {' '.join(map(_short, self.arguments))}") from None

    def signal(self, number):
        os.kill(self.child.pid, number)


def skip_all(reason):
    """Ends this test program as skipped, with one line that says why."""
    print(f"skipped: {reason}", file=sys.stderr, flush=True)
    sys.exit(SKIPPED)


def main():
    """unittest's, with a line for what is slow."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    unittest.main(verbosity=2 if os.environ.get("VERBOSE") else 1, buffer=False)


def wait_readable(stream, seconds):
    return bool(select.select([stream], [], [], max(0, seconds))[0])
