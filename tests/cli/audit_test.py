#!/usr/bin/env python3
"""fairlead audit: a log that another program wrote by docs/audit.md, and the same program verifies what Fairlead exports."""
import hashlib
import json
import os
import pathlib
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "audit.md"
TRIGGERS = """
CREATE INDEX audit_time ON audit (time);
CREATE INDEX audit_change ON audit (change) WHERE change <> '';
PRAGMA application_id = 0x46724c64;
PRAGMA user_version = 13;
"""


def blocks(language, page=DOCS):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.S)


def write_log(directory, count=6):
    database = sqlite3.connect(os.path.join(directory, "fairlead.db"))
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(blocks("sql", DOCS.with_name("store.md"))[0] + TRIGGERS)
    before = "0" * 64
    now = time.time()
    for seq in range(1, count + 1):
        moment = int(1000 * (now - 3600 * (count - seq)))
        record = {"arguments": {"name": "web", "replicas": seq}, "change": f"chg-{seq}" if seq == 2 else "", "cluster": "prod", "decision": "allow", "milliseconds": 3,
                  "operation": "scale_deployment" if seq % 2 else "list_pods", "outcome": "done" if seq != 5 else "policy_denied", "rule": "default", "seq": seq,
                  "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment // 1000)) + f".{moment % 1000:03}Z", "trust": "write", "who": "cli:alice" if seq < 4 else "mcp:b\u200bob"}
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
        database.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (seq, moment, record["who"], record["operation"], record["outcome"], record["change"], text, before))
    database.commit()
    database.close()


class Audit(program.Case):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.data = temporary.name
        write_log(self.data)

    def audit(self, *words, **more):
        return program.run("audit", *words, "--data", self.data, **more)

    def path(self, name, text=None):
        path = os.path.join(self.data, name)
        if text is not None:
            pathlib.Path(path).write_text(text)
        return path

    def tamper(self, sql):
        database = sqlite3.connect(self.path("fairlead.db"))
        database.executescript(sql)
        database.close()

    def test_show(self):
        shown = self.ok(self.audit("show"))
        lines = shown.out.splitlines()
        self.assertEqual(lines[0].split(), ["SEQ", "TIME", "WHO", "CLUSTER", "OPERATION", "ARGUMENTS", "DECISION", "OUTCOME", "CHANGE"])
        self.assertEqual([line.split()[0] for line in lines[1:]], list("123456"))
        self.assertIn("name=web replicas=5", lines[5])
        self.assertNotIn("\u200b", shown.out)

    def sequences(self, *words):
        return [record["seq"] for record in self.ok(self.audit("show", "-o", "json", *words)).json()]

    def test_filters(self):
        self.assertEqual(self.sequences("--who", "cli:alice"), [1, 2, 3])
        self.assertEqual(self.sequences("--operation", "list_pods"), [2, 4, 6])
        self.assertEqual(self.sequences("--outcome", "policy_denied"), [5])
        self.assertEqual(self.sequences("--change", "chg-2"), [2])
        self.assertEqual(self.sequences("--since", "150m"), [4, 5, 6])
        self.assertEqual(self.sequences("--since", "2020-01-01T00:00:00Z", "--limit", "2"), [5, 6])
        self.assertEqual(self.audit("show", "--since", "yesterday").status, 2)
        none = self.ok(self.audit("show", "--who", "nobody"))
        self.assertEqual((none.out, none.notes), ("", ["no such record"]))

    def test_what_is_exported_verifies_without_fairlead(self):
        lines = self.ok(self.audit("export")).out
        script = self.path("verify.py", blocks("python")[0])
        done = subprocess.run([sys.executable, script], input=lines.encode(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.decode().split()[0], "6")
        self.assertIn(done.stdout.decode().split()[1], self.ok(self.audit("verify")).out)
        bad = lines.replace('"replicas":3', '"replicas":4')
        done = subprocess.run([sys.executable, script], input=bad.encode(), capture_output=True, timeout=60)
        self.assertIn(b"record 3 does not follow", done.stderr)

    def test_verify(self):
        self.assertRegex(self.ok(self.audit("verify")).out, r"^6 records, nothing is wrong; the last one's hash is [0-9a-f]{64}\n$")
        file = self.path("audit.jsonl", self.ok(self.audit("export")).out)
        self.ok(program.run("audit", "verify", "--file", file))
        self.tamper("""UPDATE audit SET record = replace(record, '"replicas":3', '"replicas":4') WHERE seq = 3; DELETE FROM audit WHERE seq = 5""")
        found = self.audit("verify")
        self.assertEqual(found.status, 1)
        self.assertIn("record 3 does not follow", found.out)
        self.assertIn("record 5 is missing", found.out)
        self.assertIn("it is not as it was written: 2 found", found.error_line)

    def test_heads(self):
        first = self.ok(self.audit("head"))
        self.assertIn("made a key to sign with", first.notes[0])
        self.assertEqual(stat.S_IMODE(os.stat(self.path("audit-key.pem")).st_mode), 0o600)
        self.assertEqual(self.ok(self.audit("head")).notes, [])
        key = self.path("audit-key.pub")
        heads = self.path("heads", first.out + self.ok(self.audit("head", "--key", self.path("audit-key.pem"))).out)
        good = self.ok(self.audit("verify", "--head", heads, "--key", key))
        self.assertEqual(good.notes, [])
        exported = self.ok(self.audit("export")).out
        cut = self.path("cut.jsonl", "".join(exported.splitlines(True)[:4]))
        found = program.run("audit", "verify", "--file", cut, "--head", heads, "--key", key)
        self.assertEqual(found.status, 1)
        self.assertIn("records 5 to 6 were cut off", found.out)
        self.ok(program.run("audit", "verify", "--file", cut))
        forged = self.path("forged", first.out.replace('"seq":6', '"seq":4'))
        found = program.run("audit", "verify", "--file", cut, "--head", forged, "--key", key)
        self.assertEqual(found.status, 1)
        self.assertIn("the signed head in line 1: it was altered, or signed with another key", found.out)

    def test_a_head_verifies_with_openssl(self):
        self.path("heads", self.ok(self.audit("head")).out)
        commands = re.search(r"( {4}line=\$\(.*?\n(?: {4}.*\n)+)", DOCS.read_text()).group(1)
        done = subprocess.run(["bash", "-c", commands], cwd=self.data, capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b"Signature Verified Successfully\n"), done.stderr)

    def test_where_there_is_no_log(self):
        for words in (["show"], ["verify"], ["export"], ["head"]):
            with tempfile.TemporaryDirectory() as empty:
                outcome = program.run("audit", *words, env={"FAIRLEAD_DATA": empty})
                self.assertEqual((outcome.status, outcome.code), (1, "not_found"), outcome)
                self.assertEqual(os.listdir(empty), [])

    def test_the_data_directory(self):
        state = os.path.join(self.data, "state")
        os.makedirs(os.path.join(state, "fairlead"))
        write_log(os.path.join(state, "fairlead"), 2)
        home = os.path.join(self.data, ".local", "state", "fairlead")
        os.makedirs(home)
        write_log(home, 3)
        for environment, count in (({"XDG_STATE_HOME": state}, 2), ({"HOME": self.data}, 3), ({"HOME": self.data, "XDG_STATE_HOME": state, "FAIRLEAD_DATA": self.data}, 6)):
            self.assertIn(f"{count} records", self.ok(program.run("audit", "verify", env={"FAIRLEAD_DATA": None, **environment})).out)
        self.assertEqual(program.run("audit", "verify", env={"HOME": None, "FAIRLEAD_DATA": None}).code, "invalid_request")

    def test_what_is_no_log(self):
        os.remove(self.path("fairlead.db"))
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.path("fairlead.db" + suffix)):
                os.remove(self.path("fairlead.db" + suffix))
        self.path("fairlead.db", "no database at all, but long enough to be looked at\n" * 100)
        outcome = self.audit("verify")
        self.assertEqual((outcome.status, outcome.code), (1, "server_error"))
        self.assertIn("is no SQLite database", outcome.error_line)
        file = self.path("words", "hello\n\n")
        found = program.run("audit", "verify", "--file", file)
        self.assertEqual((found.status, found.out), (1, "line 1 is no record of an audit log\nline 2 is no record of an audit log\n"))
        self.assertNotEqual(program.run("audit", "verify", "--file", self.data).status, 0)
        self.assertNotEqual(program.run("audit", "verify", "--file", self.path("nothing")).status, 0)

    def test_help(self):
        for words in ([], ["show"], ["verify"], ["export"], ["head"]):
            self.assertIn("Example", self.ok(program.run("audit", *words, "--help")).out)


if __name__ == "__main__":
    program.main()
