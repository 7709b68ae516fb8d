#!/usr/bin/env python3
"""A data directory that cannot be written, against the whole program: a change is refused in one sentence that names the
cause, and nothing of it reaches the cluster; reads go on.

    tests/support/with-sandbox --pods 0 -- tests/changes/disk_test.py

Its file systems are mounted in a mount namespace of its own, as root."""
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program  # noqa: E402
from kubectl import Kubectl  # noqa: E402
from mcp_client import Mcp  # noqa: E402
from recording import Recording  # noqa: E402

SEPARATE = "FAIRLEAD_TEST_NAMESPACE"


def fill(directory):
    """Nothing fits on its file system any more."""
    with open(os.path.join(directory, "filler"), "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


class Disk(program.Case):
    @classmethod
    def setUpClass(cls):
        cls.base = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fairlead-disk-"))
        cls.kubectl = Kubectl(os.environ["KUBECONFIG"])
        cls.door = cls.enterClassContext(Recording(cls.kubectl, cls.base))

    def setUp(self):
        self.name = self.id().rsplit(".", 1)[1].replace("_", "-")[-50:].strip("-")
        self.data = os.path.join(self.base, self.name)
        self.door.at_write = None
        self.value = 0

    def env(self):
        return {"FAIRLEAD_DATA": self.data, "KUBECONFIG": self.door.config}

    def change(self, *more, keys=1):
        self.value += 1
        items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{self.name}-{i}"}, "data": {"v": str(self.value)}} for i in range(keys)]
        manifest = str({"apiVersion": "v1", "kind": "List", "items": items}).replace("'", '"')
        return program.run("call", "apply_manifest", "-n", "default", "--manifest", manifest, "--allow", "write", *more, env=self.env())

    def written(self):
        return [request for request in self.door.requests if request.method != "GET" and "dryRun" not in request.target]

    def mount(self, *options):
        os.makedirs(self.data, exist_ok=True)
        subprocess.run(["mount", *options, self.data], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.data])

    def warm(self):
        self.ok(self.change())
        self.assertEqual(self.ok(program.run("changes", "list", "-o", "json", env=self.env())).json()["items"][0]["state"], "completed")

    def read_goes_on(self, seconds=15):
        outcome = program.run("call", "list_namespaces", "-o", "json", env=self.env())
        self.assertEqual(outcome.status, 0, outcome)
        self.assertIn("kube-system", [row["name"] for row in outcome.json()["items"]])
        self.assertLess(outcome.seconds, seconds, outcome)
        self.assert_calm(outcome)
        return outcome

    def refused(self, *mentions, seconds=40, code="server_error", status=1, journal=True):
        """Changes are, in every way that there is to ask for one; reads go on, and say that they leave no trace."""
        before = len(self.written())
        outcome = self.change("--timeout", "8")
        self.failed(outcome, code, status, mentions=mentions)
        self.assertLess(outcome.seconds, seconds, outcome)
        self.failed(program.run("call", "apply_manifest", "-n", "default", "--manifest", '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}', "--timeout", "8",
                                env=self.env()), code, status)  # one that would wait for an approval
        with Mcp("--allow", "write", "--timeout", "8", env=self.env()) as server:
            server.initialize()
            text, failed = server.call("apply_manifest", {"namespace": "default", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}}, seconds=seconds)
            self.assertTrue(failed, text)
            self.assertTrue(text.startswith((code,) if isinstance(code, str) else code), text)
            text, failed = server.call("list_namespaces", seconds=15)
            self.assertFalse(failed, text)
        if journal:
            self.failed(program.run("changes", "rollback", "1", "--allow", "destructive", "--timeout", "8", env=self.env()), code, status)
        self.assertEqual(self.written()[before:], [])
        return outcome

    def books_are_read(self):
        """What was written before is told, though nothing more can be."""
        listed = self.ok(program.run("changes", "list", "-o", "json", env=self.env())).json()["items"]
        self.assertEqual([(row["id"], row["state"]) for row in listed], [(1, "completed")])
        shown = self.ok(program.run("changes", "show", "1", "-o", "json", env=self.env())).json()
        self.assertEqual([write["state"] for write in shown["writes"]], ["done"])
        self.assertIn("apply_manifest", self.ok(program.run("audit", "show", env=self.env())).out)
        self.assertIn("nothing is wrong", self.ok(program.run("audit", "verify", env=self.env())).out)

    def test_a_full_disk(self):
        self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        self.warm()
        fill(self.data)
        self.books_are_read()
        self.refused("full")
        noted = self.read_goes_on()
        self.assertIn("audit log", noted.err)
        self.assertIn("full", noted.err)
        os.unlink(os.path.join(self.data, "filler"))
        self.ok(self.change())

    def test_a_disk_that_is_full_from_the_start(self):
        self.mount("-t", "tmpfs", "-o", "size=64k", "none")
        fill(self.data)
        self.refused()
        self.read_goes_on()

    def test_a_disk_that_fills_up_while_a_change_is_made(self):
        self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        self.warm()
        self.door.at_write = lambda: fill(self.data)
        outcome = self.change()
        self.assertEqual(outcome.status, 0, outcome)
        self.assertTrue(any("it was done, but the journal could not be written" in note and "full" in note for note in outcome.notes), outcome)
        os.unlink(os.path.join(self.data, "filler"))
        self.assertEqual(self.ok(program.run("changes", "list", "-o", "json", env=self.env())).json()["items"][0]["state"], "completed")
        self.ok(program.run("changes", "rollback", "2", "--allow", "destructive", env=self.env()))

    def test_nothing_more_is_sent_than_can_be_told_of(self):
        self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        self.warm()
        before = len(self.written())
        self.door.at_write = lambda: fill(self.data)
        self.failed(self.change(keys=3), "server_error", 1, mentions=["full"])
        self.assertEqual(len(self.written()) - before, 1)
        os.unlink(os.path.join(self.data, "filler"))
        shown = self.ok(program.run("changes", "show", "2", "-o", "json", env=self.env())).json()
        self.assertEqual((shown["state"], [write["state"] for write in shown["writes"]]), ("failed", ["done", "planned", "planned"]))
        self.ok(program.run("changes", "rollback", "2", "--allow", "destructive", env=self.env()))

    def test_a_read_only_file_system(self):
        self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        self.warm()
        subprocess.run(["mount", "-o", "remount,ro", self.data], check=True)
        self.books_are_read()
        self.refused("read-only")
        self.books_are_read()
        self.assertIn("audit log", self.read_goes_on().err)
        subprocess.run(["mount", "-o", "remount,rw", self.data], check=True)
        self.ok(self.change())

    def test_what_a_killed_process_left_in_the_log(self):
        """Nobody has carried it over into the database itself."""
        self.mount("-t", "tmpfs", "-o", "size=1m", "none")
        with Mcp("--allow", "write", env=self.env()) as server:
            server.initialize()
            text, failed = server.call("apply_manifest", {"namespace": "default", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": self.name}}})
            self.assertFalse(failed, text)
            server.child.kill()
            server.child.wait()
        self.assertGreater(os.path.getsize(self.data + "/fairlead.db-wal"), 0)
        fill(self.data)
        self.books_are_read()
        os.unlink(os.path.join(self.data, "filler"))
        os.unlink(self.data + "/fairlead.db-shm")
        fill(self.data)
        self.books_are_read()

    def test_a_read_only_directory_without_anything(self):
        self.mount("-t", "tmpfs", "-o", "size=1m,ro", "none")
        self.refused("read-only")
        self.read_goes_on()

    def test_a_directory_that_is_a_file(self):
        with open(self.data, "w"):
            pass
        self.refused()
        self.read_goes_on()

    def test_a_database_that_another_process_holds(self):
        self.warm()
        holder = sqlite3.connect(self.data + "/fairlead.db", isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        self.refused("holds", journal=False)
        self.read_goes_on()
        holder.execute("ROLLBACK")
        self.ok(self.change())

    def test_a_holder_that_is_stopped(self):
        """A process that hangs with the database in its hands, and is woken again."""
        self.warm()
        code = f"import sqlite3, sys; c = sqlite3.connect({self.data + '/fairlead.db'!r}, isolation_level=None); c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            try:
                holder.stdout.readline()
                holder.send_signal(signal.SIGSTOP)
                self.refused("holds", journal=False)
                self.read_goes_on()
                self.ok(program.run("changes", "list", env=self.env()))
            finally:
                holder.send_signal(signal.SIGCONT)
                holder.kill()
        self.ok(self.change())

    def damage(self, act):
        self.warm()
        for ending in ("-wal", "-shm"):
            if os.path.exists(self.data + "/fairlead.db" + ending):
                os.unlink(self.data + "/fairlead.db" + ending)
        act(self.data + "/fairlead.db")
        self.refused()
        self.read_goes_on()

    def test_a_database_with_a_damaged_head(self):
        def act(path):
            with open(path, "r+b") as file:
                file.write(b"\xff" * 100)
        self.damage(act)

    def test_a_database_with_damaged_pages(self):
        def act(path):
            with open(path, "r+b") as file:
                file.seek(100)
                file.write(b"\xa5" * (os.path.getsize(path) - 100))
        self.damage(act)

    def test_a_truncated_database(self):
        self.damage(lambda path: os.truncate(path, os.path.getsize(path) // 2))

    def test_another_programs_database(self):
        def act(path):
            os.unlink(path)
            other = sqlite3.connect(path)
            other.execute("CREATE TABLE changes (x)")
            other.execute("PRAGMA application_id = 7")
            other.commit()
            other.close()
        self.damage(act)

    def test_a_database_of_a_newer_version(self):
        def act(path):
            other = sqlite3.connect(path)
            other.execute("PRAGMA user_version = 99")
            other.close()
        self.damage(act)

    def test_a_key_that_is_not_one(self):
        self.warm()
        with open(self.data + "/vault.key", "w") as file:
            file.write("x")
        self.refused("holds no key", code="invalid_request", status=2)
        self.read_goes_on()

    def key(self, content=None):
        with open(self.data + "/vault.key", "r+") as file:
            old = file.read()
            if content:
                file.seek(0)
                file.write(content)
        return old

    def test_another_key(self):
        """What was sealed before cannot be read, and nothing is sealed with a key that the others do not have."""
        self.warm()
        old = self.key("ab" * 32)
        self.refused("another key")
        for command in (["show", "1"], ["rollback", "1", "--allow", "destructive"]):
            self.failed(program.run("changes", *command, env=self.env()), "server_error", 1, mentions=["another key"])
        self.read_goes_on()
        self.key(old)
        self.assertEqual(self.ok(program.run("changes", "show", "1", "-o", "json", env=self.env())).json()["state"], "completed")

    def test_a_key_that_is_lost(self):
        """Another one in its place would make what is sealed with that unreadable once the first is put back."""
        self.warm()
        os.rename(self.data + "/vault.key", self.data + "/elsewhere")
        self.refused("vault.key is not there")
        self.assertFalse(os.path.exists(self.data + "/vault.key"))
        self.read_goes_on()
        self.ok(program.run("changes", "list", env=self.env()))
        os.rename(self.data + "/elsewhere", self.data + "/vault.key")
        self.ok(self.change())

    def test_a_disk_that_hangs(self):
        """A frozen file system: whoever writes waits in the kernel, and cannot be killed until it thaws."""
        if not shutil.which("fsfreeze") or not shutil.which("mkfs.ext4"):
            self.skipTest("fsfreeze or mkfs.ext4 is not there")
        image = self.data + ".image"
        with open(image, "wb") as file:
            file.truncate(16 << 20)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        try:
            self.mount("-o", "loop", image)
        except subprocess.CalledProcessError:
            self.skipTest("no loop device can be mounted here")
        self.warm()
        subprocess.run(["fsfreeze", "-f", self.data], check=True)
        before = len(self.written())
        manifest = {"namespace": "default", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hangs"}}}
        with Mcp("--allow", "write", "--timeout", "5", env=self.env()) as server:
            server.initialize()
            try:
                text, failed = server.call("apply_manifest", manifest, seconds=30)
                self.assertTrue(failed, text)
                for _ in range(3):
                    text, failed = server.call("list_namespaces", seconds=15)
                    self.assertFalse(failed, text)
                self.assertEqual(self.written()[before:], [])
            finally:
                subprocess.run(["fsfreeze", "-u", self.data], check=True)
            time.sleep(1)
            text, failed = server.call("apply_manifest", manifest, seconds=30)
            self.assertFalse(failed, text)


if __name__ == "__main__":
    if os.environ.get(SEPARATE) != "1":
        if os.geteuid() != 0 or not shutil.which("unshare") or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            program.skip_all("file systems of its own need root and unshare")
        os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable, *sys.argv], {**os.environ, SEPARATE: "1"})
    program.main()
