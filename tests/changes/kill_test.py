#!/usr/bin/env python3
"""SIGKILL at any point of a change: what the journal tells afterwards is what the cluster shows. No change that touched
the cluster is missing, none is told to be done that was not, and each one that was can be taken back.

    tests/support/with-sandbox --pods 0 -- tests/changes/kill_test.py [--changes 60] [--points 20] [--seed N] [--write FILE]"""
import argparse
import collections
import datetime
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))

import program  # noqa: E402
import script  # noqa: E402
from kube_api import KubeApi  # noqa: E402
from kubectl import Kubectl  # noqa: E402
from mcp_client import Mcp  # noqa: E402
from recording import Recording  # noqa: E402

# A request may still arrive so long after its process has ended; until then it is not told that it did not.
MAY_STILL_ARRIVE = 60
# Where SIGKILL comes:
LATEST = 40  # seconds that a request is on its way: within the minute that it is waited for, however long the campaign is
WHERE = ("any time", "journal write", "request arrives", "before the answer", "after the answer", "request is late", "any time of an MCP server")
NAME = re.compile(r"(change-\d+)")


class Door(Recording):
    """The proxy that the changes go through: it ends the process of a change at one of its writes."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.traps, self.late = {}, []

    def _forward(self, exchange):
        asked = exchange.request
        found = NAME.search(asked.target) or NAME.search(asked.body.decode("utf-8", "replace"))
        trap = self.traps.get(found.group(1)) if found and asked.method != "GET" and "dryRun" not in asked.target else None
        if trap is None or trap.skip > 0:
            if trap:
                trap.skip -= 1
            return super()._forward(exchange)
        if trap.where == "request arrives":
            trap.kill()
        elif trap.where == "request is late":
            trap.kill()
            self.late.append(exchange)
            trap.late.wait(LATEST)
            super()._forward(Silent(exchange))
            trap.landed.set()
        elif trap.where == "before the answer":
            super()._forward(Silent(exchange))
            trap.kill()
        else:
            super()._forward(exchange)
            time.sleep(trap.pause)
            trap.kill()
        return None


class Silent:
    """An exchange whose client has gone."""

    def __init__(self, exchange):
        self.request = exchange.request

    def reply(self, *_):
        pass


class Trap:
    def __init__(self, where, skip, pause):
        self.where, self.skip, self.pause = where, skip, pause
        self.child, self.late, self.landed = None, threading.Event(), threading.Event()

    def kill(self):
        self.child.kill()
        self.child.wait()
        self.skip = 1 << 30


class Campaign:
    def __init__(self, settings):
        self.settings, self.random = settings, random.Random(settings.seed)
        self.directory = tempfile.TemporaryDirectory(prefix="fairlead-kill-")
        kubectl = Kubectl(os.environ["KUBECONFIG"])
        self.api = KubeApi(kubectl.json("config", "view", "--raw", "--minify", "--flatten"))
        self.door = Door(kubectl, self.directory.name)
        self.env = {"FAIRLEAD_DATA": os.path.join(self.directory.name, "data"), "KUBECONFIG": self.door.config}
        self.count, self.wrong, self.told = 0, [], collections.Counter()

    def next(self):
        self.count += 1
        kind = script.KINDS[self.count % len(script.KINDS)]
        name = f"change-{self.count}"
        change = kind(name)
        change.name = name
        change.prepare(self.api)
        return change

    def command(self, change):
        out = ["call", change.operation, "--allow", "destructive", "--reason", change.name, "-o", "json"]
        for name, value in change.arguments.items():
            if value is True:
                out.append("--" + name)
            else:
                out += ["--" + name, json.dumps(value) if isinstance(value, dict) else str(value)]
        return out

    def start(self, change):
        return subprocess.Popen([program.fairlead(), *self.command(change)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.bare_environment(**self.env))

    def undisturbed(self):
        """Runs one to its end; seconds."""
        change = self.next()
        started = time.monotonic()
        child = self.start(change)
        _, err = child.communicate(timeout=300)
        change.where, change.finished = "none", child.returncode == 0
        if not change.finished:  # a controller that wrote in between: what is told of it must be true all the same
            self.told["refused by itself"] += 1
            if b"(conflict)" not in err:
                self.say(change, err.decode())
        return change, time.monotonic() - started

    def killed(self, where, usual):
        change = self.next()
        change.where = where
        pause = self.random.uniform(0, 0.01)
        trap = Trap(where, self.random.randrange(len(change.paths)), pause)
        if where not in ("any time", "journal write"):
            self.door.traps[change.name] = trap
        delay = self.random.uniform(0, 1.1 * usual)
        log = self.env["FAIRLEAD_DATA"] + "/fairlead.db-wal"
        before = stamp(log)
        trap.child = child = self.start(change)
        if where == "any time":
            time.sleep(delay)
            child.kill()
        elif where == "journal write":
            end = time.monotonic() + 5
            while stamp(log) == before and child.poll() is None and time.monotonic() < end:
                pass
            time.sleep(pause / 3)
            child.kill()
        child.communicate(timeout=300)
        change.finished, change.trap = child.returncode == 0, trap
        self.told["killed" if child.returncode == -signal.SIGKILL else "ended before the signal"] += 1
        return change

    def mcp(self, number, usual):
        """A server that works on several changes at once, killed while it does; then what it may finish."""
        changes = [self.next() for _ in range(number)]
        with Mcp("--allow", "destructive", env=self.env) as server:
            server.initialize()
            server.call("list_namespaces")
            ids = [server.start_call(change.operation, {**change.arguments, "reason": change.name}) for change in changes]
            time.sleep(self.random.uniform(0, usual * 0.6 * number / 4))
            server.signal(signal.SIGKILL)
            server.wait(10)
            self.told["killed"] += 1
            time.sleep(0.05)
            answered = {}
            while (message := server.message(5)) is not None:
                if "result" in message:
                    answered[message["id"]] = not message["result"].get("isError")
        for change, request in zip(changes, ids):
            change.where, change.finished = WHERE[-1], answered.get(request, False)
        return changes

    def fairlead(self, *arguments):
        return program.run(*arguments, env=self.env)

    def journal(self):
        listed = self.fairlead("changes", "list", "--limit", "10000", "-o", "json")
        if listed.status != 0:
            raise SystemExit(f"the journal cannot be listed{listed}")
        return listed.json()["items"]

    def say(self, change, what):
        self.wrong.append(f"{change.name} ({change.operation}, {change.where}): {what}")

    def look(self, change, rows):
        """Holds what the journal tells against what the cluster shows; the change's id, where there is one."""
        now = change.look(self.api)
        touched = [a != b for a, b in zip(change.before, now)]
        found = [row for row in rows if row["reason"] == change.name]
        if len(found) > 1:
            self.say(change, f"it is {len(found)} times in the journal")
        if not found:
            if any(touched):
                self.say(change, "it touched the cluster and is not in the journal")
            if change.finished:
                self.say(change, "it was answered and is not in the journal")
            self.told["not in the journal, untouched"] += 1
            return None
        shown = self.fairlead("changes", "show", found[0]["id"], "-o", "json").json()
        states = [write["state"] for write in shown["writes"]]
        self.told[shown["state"]] += 1
        if change.finished and shown["state"] != "completed":
            self.say(change, f"it was answered as done and is {shown['state']}")
        if shown["state"] not in ("completed", "failed"):
            self.say(change, f"it is {shown['state']} although its process has ended")
        if len(states) != len(touched):
            self.say(change, f"{len(states)} writes are journaled, {len(touched)} are wanted")
        # Who has deleted what is gone leaves no mark: that is said, and taken back by force alone.
        unknown = [write["does"] == "delete" and write["state"] == "unknown" for write in shown["writes"]]
        if any(unknown):
            self.told["deleted, by whom is not known"] += 1
            change.more = ("--force",)
            if shown["state"] != "failed" or not all(is_touched for is_touched, is_unknown in zip(touched, unknown) if is_unknown):
                self.say(change, f"it is {shown['state']}, and a deletion is said to be unknown")
        for i, (state, is_touched) in enumerate(zip(states, touched)):
            if (state == "done") != is_touched and not unknown[i]:
                self.say(change, f"write {i} is told to be {state}, and its object is {'changed' if is_touched else 'as it was'}")
        if (shown["state"] == "completed") != all(touched) and not any(unknown):
            self.say(change, f"it is {shown['state']}, and {sum(touched)} of {len(touched)} objects are changed")
        return found[0]["id"] if any(touched) else None

    def take_back(self, change, number):
        back = self.fairlead("changes", "rollback", number, "--allow", "destructive", "--reason", "back", *change.more)
        if not change.undo:
            if back.status == 0:
                self.say(change, "it was taken back, which it cannot be")
            return
        if back.status != 0:
            self.say(change, f"it cannot be taken back: {back.err.strip()}")
            return
        self.told["taken back"] += 1
        end = time.monotonic() + 5
        while (now := change.look(self.api)) != change.before and time.monotonic() < end:
            time.sleep(0.1)
        if now != change.before:
            self.say(change, f"taken back it is not as it was: {change.before} became {now}")

    def run(self):
        script.prepare(self.api)
        with self.door:
            times = []
            changes = []
            for _ in range(len(script.KINDS)):
                change, seconds = self.undisturbed()
                changes.append(change)
                times.append(seconds)
            usual = sorted(times)[len(times) // 2]
            points = [WHERE[i % len(WHERE)] for i in range(self.settings.points)]
            for i, where in enumerate(points):
                changes += self.mcp(4, usual) if where == WHERE[-1] else [self.killed(where, usual)]
                while self.count * self.settings.points < self.settings.changes * i:
                    changes.append(self.undisturbed()[0])
            while self.count < self.settings.changes:
                changes.append(self.undisturbed()[0])
            # Somebody looks at once, before what is on its way has arrived.
            self.journal()
            for change in changes:
                if change.where == "request is late" and change.trap.skip >= 1 << 29:
                    change.trap.late.set()
                    change.trap.landed.wait(10)
            end = time.monotonic() + MAY_STILL_ARRIVE + 5
            while any(row["state"] in ("executing", "verifying", "interrupted") for row in self.journal()) and time.monotonic() < end:
                time.sleep(1)
            rows = self.journal()
            numbers = [self.look(change, rows) for change in changes]
            back = [(change, number) for change, number in zip(changes, numbers) if number]
            program.parallel(lambda item: self.take_back(*item), back, 2)
        audit = self.fairlead("audit", "verify")
        if audit.status != 0:
            self.wrong.append(f"the audit log: {audit.err.strip()} {audit.out.strip()}")
        self.recorded([number for number in numbers if number])
        if self.told["killed"] * 2 < self.settings.points:
            self.wrong.append(f"only {self.told['killed']} of {self.settings.points} signals hit")
        return changes

    def recorded(self, numbers):
        """Each change that touched the cluster has begun in the audit log, and ended there once."""
        outcomes = collections.defaultdict(list)
        for record in map(json.loads, self.fairlead("audit", "export").out.splitlines()):
            outcomes[record["change"]].append(record["outcome"])
        for number in numbers:
            seen = outcomes[str(number)]
            if "begun" not in seen or len(seen) - seen.count("begun") != 1:
                self.wrong.append(f"change {number} stands in the audit log as {seen}")


def stamp(path):
    try:
        found = os.stat(path)
        return found.st_size, found.st_mtime_ns
    except FileNotFoundError:
        return None


def commit():
    done = subprocess.run(["git", "-C", os.path.dirname(os.path.abspath(__file__)), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "an unknown commit"


def write(path, line):
    """Replaces the line that begins with "**Last run**"."""
    with open(path) as file:
        lines = file.read().splitlines()
    with open(path, "w") as file:
        file.write("\n".join("**Last run**: " + line if one.startswith("**Last run**") else one for one in lines) + "\n")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--points", type=int, default=21)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--write", help="a page of docs to write the result into")
    settings = parser.parse_args()
    print(f"seed {settings.seed}", flush=True)
    campaign = Campaign(settings)
    started = time.monotonic()
    changes = campaign.run()
    for line in campaign.wrong:
        print("WRONG", line)
    told = ", ".join(f"{count} {what}" for what, count in sorted(campaign.told.items()))
    result = f"{settings.points} kills in {len(changes)} changes: {len(campaign.wrong)} contradictions ({told}) in {time.monotonic() - started:.0f} s"
    print(result)
    if settings.write and not campaign.wrong:
        write(settings.write, f"{datetime.date.today()}, at {commit()}, seed {settings.seed}: {result}.")
    sys.exit(1 if campaign.wrong else 0)


main()
