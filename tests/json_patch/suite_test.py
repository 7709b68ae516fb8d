#!/usr/bin/env python3
"""npm's json-patch-test-suite against the sandbox's JSON Patch: the unit test reads the suite's files.

SANDBOX_TEST in the environment is the program with the unit tests. The suite is installed once, from package-lock.json,
below ~/.cache/fairlead."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import npm
import program


def main():
    test = os.environ.get("SANDBOX_TEST")
    if not test or not os.path.exists(test):
        sys.exit("SANDBOX_TEST is not set: it must be the path of the sandbox's unit tests")
    suite = os.path.join(npm.install(HERE, "json-patch-suite"), "node_modules", "json-patch-test-suite")
    done = subprocess.run([test, "--gtest_filter=JsonPatch.PassesTheTestSuite"], env={**os.environ, "FAIRLEAD_JSON_PATCH_SUITE": suite},
                          capture_output=True, text=True)
    if done.returncode != 0 or "[  PASSED  ] 1 test" not in done.stdout:
        sys.exit(done.stdout + done.stderr)


main()
