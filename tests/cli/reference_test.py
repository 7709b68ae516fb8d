#!/usr/bin/env python3
"""docs/operations.md is what the catalog says. `make docs` writes it."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

import program

COMMITTED = os.path.join(HERE, "..", "..", "docs", "operations.md")


class Reference(program.Case):
    def test_the_committed_reference_is_the_catalogs(self):
        with open(COMMITTED, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.ok(program.run("ops", "-o", "markdown")).out, "the catalog has changed: make docs")

    def test_one_operation(self):
        out = self.ok(program.run("ops", "get_pod_logs", "-o", "markdown")).out
        self.assertTrue(out.startswith("### get_pod_logs\n"), out)
        outcome = program.run("ops", "get_pod_log", "-o", "markdown")
        self.assertEqual((outcome.status, outcome.out, outcome.code), (2, "", "invalid_request"), outcome)


if __name__ == "__main__":
    program.main()
