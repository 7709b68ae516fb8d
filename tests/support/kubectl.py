"""What kubectl says about the same cluster: the other opinion that answers are compared with."""
import atexit
import json
import os
import shutil
import subprocess
import tempfile


class Kubectl:
    def __init__(self, kubeconfig, program=None):
        self.program = program or os.environ.get("KUBECTL") or "kubectl"
        self.kubeconfig = kubeconfig
        self.cache = tempfile.mkdtemp(prefix="kubectl-cache-")  # of discovery, which would cost every call a second
        atexit.register(shutil.rmtree, self.cache, ignore_errors=True)

    def run(self, *arguments, stdin=None, check=True):
        done = subprocess.run([self.program, f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self.cache}", *map(str, arguments)],
                              input=stdin, capture_output=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"kubectl {' '.join(map(str, arguments))}: {done.stderr.decode()}")
        return done

    def text(self, *arguments, **options):
        return self.run(*arguments, **options).stdout.decode()

    def json(self, *arguments, **options):
        return json.loads(self.text(*arguments, "-o", "json", **options))

    def items(self, *arguments):
        return self.json("get", *arguments)["items"]

    def table(self, *arguments):
        """Rows of `kubectl get` as dictionaries by column. Columns are as wide as their heads say."""
        return self.table_of("get", *arguments)

    def table_of(self, *arguments):
        lines = self.text(*arguments).splitlines()
        if not lines:
            return []
        starts, head = [], lines[0]
        for i, char in enumerate(head):
            if char != " " and (i == 0 or head[i - 1] == " ") and not (i > 1 and head[i - 2] != " "):
                starts.append(i)
        rows = []
        for line in lines[1:]:
            row = {}
            for i, start in enumerate(starts):
                end = starts[i + 1] if i + 1 < len(starts) else None
                row[head[start:end].strip()] = line[start:end].strip()
            rows.append(row)
        return rows

    def yaml(self, text):
        """YAML parsed by kubectl, for want of a parser in Python's library."""
        wrapped = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nparsed:\n" + "".join("  " + line + "\n" for line in text.splitlines())
        done = self.text("create", "--dry-run=client", "--validate=false", "-o", "json", "-f", "-", stdin=wrapped.encode())
        return json.loads(done)["parsed"]
