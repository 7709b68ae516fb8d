"""What Fairlead is measured beside, and what counts tokens: found or installed, and left out with one line where it cannot be."""
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.request

TOKENIZER = "o200k_base"


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def first_line(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return (done.stdout.strip() or "unknown").split("\n")[0]


def install(here):
    """The node_modules directory of package.json, in a cache; None if it cannot be had."""
    with open(os.path.join(here, "package-lock.json"), "rb") as file:
        version = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "fairlead", "bench-" + version)
    modules = os.path.join(cache, "node_modules")
    if os.path.exists(os.path.join(cache, "complete")):
        return modules
    if shutil.which("npm") is None or shutil.which("node") is None:
        say("npm is missing: without the peer kubernetes-mcp-server and without counted tokens")
        return None
    os.makedirs(cache, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(here, name), cache)
    say("installing kubernetes-mcp-server from npm")
    try:
        done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=cache, capture_output=True, text=True, check=False, timeout=180)
        reasons = [line for line in done.stderr.split("\n") if line.startswith("npm error ") and " code " not in line]
        failed = (reasons or ["npm error without a reason"])[0].removeprefix("npm error ") if done.returncode else ""
    except subprocess.TimeoutExpired:
        failed = "it took more than 180 s"
    if failed:
        say(f"npm cannot install it ({failed}): without the peer kubernetes-mcp-server and without counted tokens")
        return None
    with open(os.path.join(cache, "complete"), "w", encoding="utf-8"):
        return modules


def mcp_server(modules):
    """The program of npm's kubernetes-mcp-server, without the Node.js script that npm puts before it: its best case.
    (path, name) or (None, None)."""
    name = "kubernetes-mcp-server-linux-amd64"
    program = os.path.join(modules or "", name, "bin", name)
    if modules is None or not os.access(program, os.X_OK):
        if modules is not None:
            say("kubernetes-mcp-server is not here for this processor: left out")
        return None, None
    with open(os.path.join(modules, name, "package.json"), encoding="utf-8") as file:
        return program, "kubernetes-mcp-server " + json.load(file)["version"]


def count_tokens(modules, path):
    """Of a text file; None without the tokenizer."""
    if modules is None:
        return None
    script = ("const {countTokens} = require('gpt-tokenizer/encoding/%s');"
              "console.log(countTokens(require('fs').readFileSync(process.argv[1], 'utf8')))" % TOKENIZER)
    done = subprocess.run(["node", "-e", script, path], cwd=os.path.dirname(modules), capture_output=True, text=True, check=False)
    return int(done.stdout) if done.returncode == 0 else None


def kubectls(root):
    """{name with version: program}: the one on PATH, and Debian's if that is another."""
    found = {}
    cached = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "fairlead/kubectl-1.20/usr/bin/kubectl")
    candidates = [shutil.which("kubectl"), cached if os.access(cached, os.X_OK) else None]
    if not any(candidates) and shutil.which("apt-get"):
        candidates = [first_line([os.path.join(root, "tools/debian-kubectl")])]
    for program in candidates:
        if program and os.access(program, os.X_OK):
            found.setdefault("kubectl " + kubectl_version(program), program)
    if not found:
        say("kubectl is missing: left out (tools/debian-kubectl fetches one)")
    return found


def kubectl_version(program):
    done = subprocess.run([program, "version", "--client", "-o", "json"], capture_output=True, text=True, check=False)
    try:
        return json.loads(done.stdout)["clientVersion"]["gitVersion"].lstrip("v")
    except (ValueError, KeyError):
        return "of unknown version"


def server_version(url, ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(url + "/version", context=context, timeout=30) as answer:
        return "kube-apiserver " + json.load(answer)["gitVersion"]
