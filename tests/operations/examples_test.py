#!/usr/bin/env python3
"""The catalog's examples on a fresh sandbox: whoever tries one sees what it is for. Changes are only rehearsed."""
import shlex

from cluster_case import ClusterCase
import program

# About a file that is the reader's, named after moments that pass, or about what a fresh sandbox does not have in that
# namespace.
CANNOT = {"apply_manifest", "create_resource", "get_job", "get_pv", "list_replicasets", "list_statefulsets", "scale_statefulset", "restart_statefulset", "restart_daemonset", "rollout_undo"}


class Examples(ClusterCase):
    def test_each(self):
        operations = program.operations()
        self.assertGreaterEqual(len(operations), 90)

        def try_one(operation):
            rehearsal = () if operation["trust"] == "READ" else ("--dry-run",)
            return self.call(operation["name"], *rehearsal, *shlex.split(operation["example"]))

        for operation, outcome in program.parallel(try_one, [o for o in operations if o["name"] not in CANNOT]):
            with self.subTest(operation["name"]):
                self.ok(outcome)
                self.assertNotRegex(outcome.err, r"no \w+ found", outcome)


if __name__ == "__main__":
    program.main()
