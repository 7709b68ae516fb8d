#!/usr/bin/env python3
"""The judge of faults_test.py, on answers that are made up: it must be able to say no."""
import unittest

import judge
from incident import Incident

TYPO = Incident(fault="a selector that matches nothing", steps=[], ask="diagnose_workload shop", at="Service shop$", says=("shpo",), says_real=("kube-proxy",),
                innocent="Deployment shop$")
NOTHING = Incident(fault="nothing", steps=[], ask="cluster_health")


def cause(at, sentence, *evidence):
    return {"at": at, "cause": sentence, "evidence": list(evidence), "next": ""}


RIGHT = cause("Service n/shop", "it selects no pod", "selector app=shpo")
OTHER = cause("Pod n/shop-1", "it crashes")


class Judge(unittest.TestCase):
    def outcome(self, incident, causes=(), suspicious=(), real=False, **more):
        return judge.outcome(incident, {"causes": list(causes), "suspicious": list(suspicious), **more}, lambda text: text, real)

    def test_the_first_cause_counts_most(self):
        self.assertEqual(self.outcome(TYPO, [RIGHT, OTHER]), judge.FIRST)
        self.assertEqual(self.outcome(TYPO, [OTHER, RIGHT]), judge.LISTED)
        self.assertEqual(self.outcome(TYPO, [OTHER], [RIGHT]), judge.LISTED)
        self.assertEqual(self.outcome(TYPO, [OTHER]), judge.MISSED)
        self.assertEqual(self.outcome(TYPO), judge.MISSED)

    def test_object_and_words_must_both_be_right(self):
        self.assertEqual(self.outcome(TYPO, [cause("Service n/shop", "it selects no pod", "selector app=shop")]), judge.MISSED)
        self.assertEqual(self.outcome(TYPO, [cause("Service n/other", "selector app=shpo")]), judge.MISSED)
        self.assertEqual(self.outcome(TYPO, [RIGHT], real=True), judge.MISSED)

    def test_what_is_healthy_may_not_be_blamed(self):
        self.assertEqual(self.outcome(TYPO, [RIGHT, cause("Deployment n/shop", "")]), judge.BLAMED + "Deployment shop")
        self.assertEqual(self.outcome(TYPO, [RIGHT], [cause("Pod n/storefront-5f-x7k2p", "")]), judge.BLAMED + "Pod storefront-5f-x7k2p")
        self.assertEqual(self.outcome(TYPO, [RIGHT, cause("Node storefronts", "")]), judge.FIRST)

    def test_nothing_is_nothing(self):
        self.assertEqual(self.outcome(NOTHING, healthy=True), judge.NOTHING)
        self.assertTrue(self.outcome(NOTHING, verdict="a pod crashes").startswith(judge.BLAMED))
        self.assertTrue(self.outcome(NOTHING, [OTHER], healthy=True).startswith(judge.BLAMED))
        self.assertTrue(self.outcome(NOTHING, [], [OTHER], healthy=True).startswith(judge.BLAMED))


if __name__ == "__main__":
    unittest.main()
