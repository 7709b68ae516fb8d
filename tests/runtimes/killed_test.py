#!/usr/bin/env python3
"""SIGKILL of the server at any point of agents' lives: whoever comes after it brings each of them to where it was meant to
be. No object is left behind, none is made twice, and nothing of another owner is touched.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/killed_test.py [--kills 8] [--agents 6] [--seed N] [--write FILE]"""
import argparse
import datetime
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "rest")]

from agent_case import AgentCase, NAMESPACE, STAND_IN  # noqa: E402
import program  # noqa: E402
from serve_test import Server  # noqa: E402

OPTIONS = argparse.Namespace(kills=8, agents=6, seed=None, write=None)
BYSTANDER = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "labels": {"app.kubernetes.io/managed-by": "fairlead"}}, "data": {"a": "b"}}
POLICY = "version: 1\ndefaults: {read: allow, write: allow, destructive: allow}\n"
SETTLED = 120  # seconds, for all that was begun to come to its end
OPEN = {"executing", "verifying", "interrupted"}


class Killed(AgentCase):
    def test_the_end_is_what_was_wanted(self):
        seed = OPTIONS.seed if OPTIONS.seed is not None else random.randrange(1 << 30)
        print(f"--seed {seed}", file=sys.stderr)
        self.random, self.lock = random.Random(seed), threading.Lock()
        self.kubectl.run("create", "namespace", NAMESPACE, check=False)
        self.kubectl.run("create", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(BYSTANDER).encode())
        theirs = self.bystander()
        with open(os.path.join(self.environment["FAIRLEAD_DATA"], "policy.yaml"), "w") as file:
            file.write(POLICY)
        self.server, self.calls, self.lost, self.kills, self.going = None, 0, 0, 0, True
        self.wanted = {f"agent-{i}": {None} for i in range(OPTIONS.agents)}  # what the books may say; None: no such agent
        self.begun = time.monotonic()
        self.start()
        self.token = self.server.first_token()
        threads = [threading.Thread(target=self.live, args=(name, self.random.randrange(1 << 30))) for name in self.wanted]
        for thread in threads:
            thread.start()
        while self.kills < OPTIONS.kills:
            self.kill()
            self.start()
        self.going = False
        for thread in threads:
            thread.join()
        program.eventually(self.no_open_change, SETTLED, 0.5)
        program.eventually(self.check, 30, 0.5)
        self.assertEqual(self.bystander(), theirs)
        self.server.stop()
        self.recording.at_write = None
        self.ok(self.fairlead("audit", "verify"))
        if OPTIONS.write:
            self.report(seed)

    def bystander(self):
        return self.kubectl.json("get", "configmap", "theirs", "-n", NAMESPACE)["metadata"]["resourceVersion"]

    def start(self):
        self.server = Server(self.environment["FAIRLEAD_DATA"], env=self.environment)

    def kill(self):
        """At any time, or when one of its writes arrives or was answered."""
        child, where, done = self.server.child, self.random.choice(("time", "request", "answer")), threading.Event()
        if where != "time":
            left, hook = self.random.randrange(1, 12), "at_write" if where == "request" else "after_write"

            def trap(*_):
                nonlocal left
                left -= 1
                if left > 0:
                    setattr(self.recording, hook, trap)
                else:
                    child.kill()
                    done.set()
            setattr(self.recording, hook, trap)
        done.wait(self.random.uniform(0.2, 4))
        child.kill()
        child.wait()
        self.recording.at_write = self.recording.after_write = None
        child.stdout.close()
        self.kills += 1

    def ask(self, operation, arguments, cluster=None):
        """The answer's status and code; None where it was lost."""
        body = {"arguments": {**arguments, "reason": "a test"}, "timeout_seconds": 30, **({"cluster": cluster} if cluster else {})}
        try:
            answer = self.server.ask(self.token, "POST", f"/api/v1/operations/{operation}", body)
        except (OSError, ValueError, http.client.HTTPException):
            return None
        self.calls += 1
        return answer.status, json.loads(answer.body).get("code") if answer.body else None

    def live(self, name, seed):
        dice = random.Random(seed)
        deploy = {"name": name, "runtime": "openclaw", **{word.removeprefix("--"): value for word, value in zip(STAND_IN[::2], STAND_IN[1::2])}}
        deploy["env"] = json.loads(deploy["env"])
        while self.going:
            known = self.wanted[name]
            if known == {None} or (None in known and dice.random() < 0.5):
                operation, arguments, then = "deploy_agent", deploy, "running"
            else:
                operation, then = dice.choice((("stop_agent", "stopped"), ("start_agent", "running"), ("restart_agent", "same"), ("redeploy_agent", "running"), ("repair_agent", "same"), ("delete_agent", None)))
                arguments = {"name": name}
                if operation == "redeploy_agent":
                    arguments["memory"] = f"{dice.randrange(20, 60)}Mi"
                if operation == "delete_agent":
                    arguments["delete_state"] = True
            after = known if then == "same" else {then}
            self.wanted[name] = known | after | ({"deleted"} if then is None else set())
            outcome = self.ask(operation, arguments, "k8s:box" if operation == "deploy_agent" else None)
            if outcome is None:
                self.lost += 1
                time.sleep(0.2)
            elif outcome[0] == 200:
                self.wanted[name] = after
            elif outcome[1] == "not_found" and operation != "deploy_agent":
                self.wanted[name] = {None} if None in known else known
            else:
                time.sleep(0.2)

    def no_open_change(self):
        answer = self.server.ask(self.token, "GET", "/api/v1/changes?limit=500")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual([c for c in json.loads(answer.body)["items"] if c["state"] in OPEN], [])

    def check(self):
        """What the books say is what the cluster shows, and nothing else is there."""
        listed = json.loads(self.server.ask(self.token, "POST", "/api/v1/operations/list_agents", {"arguments": {}, "format": "json"}).body)
        rows = {row["name"]: row for row in listed["result"]["items"]}
        for name, wanted in self.wanted.items():
            row = rows.get(name)
            self.assertIn(row and row["desired"], wanted, name)
            objects = self.objects(name)
            pods = objects.pop("Pod", [])
            if row is None:
                self.assertEqual((objects, pods), ({}, []), name)
                continue
            self.assertFalse(row["busy"], row)
            if row["desired"] == "deleted":
                continue
            self.assertEqual({kind: [item["metadata"]["labels"]["fairlead.dev/agent-id"] for item in items] for kind, items in objects.items()},
                             dict.fromkeys(("Deployment", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim"), [row["deployment"][-8:]]), name)
            deployment = objects["Deployment"][0]
            replicas = 1 if row["desired"] == "running" else 0
            self.assertEqual((deployment["spec"]["replicas"], len(pods)), (replicas, replicas), name)
            self.assertEqual(deployment["metadata"]["annotations"]["fairlead.dev/revision"], str(row["revision"]), name)

    def report(self, seed):
        commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        with open(OPTIONS.write, "w") as file:
            file.write(f"""# Agents whose server is killed: the last long run

{datetime.date.today()} at {commit}: SIGKILL of `fairlead serve` {self.kills} times, at any time, when one of its writes arrived at the API server,
or when it was answered, while {OPTIONS.agents} clients deployed, stopped, started, restarted, redeployed, repaired and deleted agents
({self.calls} calls answered, {self.lost} lost; {time.monotonic() - self.begun:.0f} s, seed {seed}). At the end the cluster showed what the books said of each
agent: no object was left behind, none was made twice, and nothing of another owner was touched.

    tests/support/with-sandbox --nodes 3 --pods 0 -- tests/runtimes/killed_test.py --kills 100 --write docs/agents_campaign.md
""")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=OPTIONS.kills)
    parser.add_argument("--agents", type=int, default=OPTIONS.agents)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--write")
    OPTIONS, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    program.main()
