#!/usr/bin/env python3
"""npm's json-patch-test-suite against the sandbox's JSON Patch: the unit test reads the suite's files.

SANDBOX_TEST in the environment is the program with the unit tests. The suite is installed once, from package-lock.json,
below ~/.cache/fairlead."""
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import program


def suite():
    """The directory of the suite, installed when it is not there yet."""
    with open(os.path.join(HERE, "package-lock.json"), "rb") as file:
        lock = file.read()
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    directory = os.path.join(cache, "fairlead", "json-patch-suite-" + hashlib.sha256(lock).hexdigest()[:12])
    installed = os.path.join(directory, "node_modules", "json-patch-test-suite")
    if os.path.exists(os.path.join(installed, "spec_tests.json")):
        return installed
    if not shutil.which("npm"):
        program.skip_all("npm is missing: apt-get install npm")
    os.makedirs(directory, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(HERE, name), directory)
    npm = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=directory, capture_output=True, text=True)
    if npm.returncode != 0:
        reason = (npm.stderr.strip().splitlines() or ["no reason given"])[0]
        program.skip_all(f"json-patch-test-suite could not be installed (npm ci in tests/json_patch needs the npm registry): {reason}")
    return installed


def main():
    test = os.environ.get("SANDBOX_TEST")
    if not test or not os.path.exists(test):
        sys.exit("SANDBOX_TEST is not set: it must be the path of the sandbox's unit tests")
    done = subprocess.run([test, "--gtest_filter=JsonPatch.PassesTheTestSuite"], env={**os.environ, "FAIRLEAD_JSON_PATCH_SUITE": suite()},
                          capture_output=True, text=True)
    if done.returncode != 0 or "[  PASSED  ] 1 test" not in done.stdout:
        sys.exit(done.stdout + done.stderr)


main()
