#!/usr/bin/env python3
"""Plants every incident of incidents/ on the cluster in KUBECONFIG, asks Fairlead what is wrong, and holds the answers against
docs/diagnosis.md: what is recorded there as found must be found, and nothing that is healthy may be blamed.

    faults_test.py [--slow] [--update] [--answers FILE] [--no-diagnosis] [INCIDENT...]

--slow      those too that take more than half a minute
--update    writes the outcomes of this cluster into docs/diagnosis.md
--answers   appends each answer that missed or blamed, as a chapter of Markdown
--no-diagnosis   only plants them: do the faults show?"""
import argparse
import concurrent.futures
import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, HERE)

import bystanders  # noqa: E402
import incident as incidents  # noqa: E402
import judge  # noqa: E402
import program  # noqa: E402
import stage as stages  # noqa: E402
import table  # noqa: E402
from webhook import WebhookServer  # noqa: E402

KUBECONFIG = os.environ.get("KUBECONFIG", "")
REAL = "FAIRLEAD_TEST_SANDBOX" not in os.environ
# So many are played at a time: containers start slowly on few cores.
AT_A_TIME = 6
REGISTRY_PORT = 5000


class Played:
    """What came out of an incident: an outcome for each question, or a problem."""

    def __init__(self, name):
        self.name, self.outcomes, self.answers, self.problem, self.seconds = name, {}, {}, "", 0.0


def ask(question, namespace):
    where = ["-n", namespace] if namespace else []
    done = program.run("call", *shlex.split(question), *where, "-o", "json", env={"KUBECONFIG": KUBECONFIG})
    if done.status != 0 or done.error_line:
        raise stages.NotShown(f"the call failed{done}")
    return done.json()


def play(one, cluster, versions, values, options):
    played, started = Played(one.name), time.monotonic()
    stage = stages.Stage(cluster, versions, "incident-" + one.name.replace("_", "-"), values)
    crowd = not REAL or one.crowd
    try:
        stage.begin()
        for thing in bystanders.objects(crowd):
            stage.apply(thing)
        if one.everywhere:
            stage.repeat(lambda: sum("incident" in n["metadata"].get("labels", {}) for n in stage.objects("Namespace")) == 1, "other incidents are gone", 120)
        for step in bystanders.ready(crowd) + one.steps:
            step(stage)
        stages.ending.wait(one.waits)
        for question in [] if options.no_diagnosis else dict.fromkeys([one.ask] + (["cluster_health"] if one.overview else [])):
            answer = ask(question, "" if one.everywhere else stage.namespace)
            played.answers[question] = answer
            played.outcomes[question] = judge.outcome(one, answer, stage.filled, REAL)
    except Exception as problem:  # one incident that fails must not hide the others
        known = isinstance(problem, (stages.NotShown, AssertionError))
        played.problem = str(problem) if known else traceback.format_exc()
    finally:
        with contextlib.suppress(stages.NotShown):
            for step in one.undo:
                step(stage)
        if not options.keep:
            stage.end()
    played.seconds = time.monotonic() - started
    return played


def play_all(chosen, cluster, versions, values, options):
    def run(one):
        if stages.ending.is_set():
            return None
        played = play(one, cluster, versions, values, options)
        print(f"{one.name}: {played.problem.splitlines()[0] if played.problem else '; '.join(played.outcomes.values())} ({played.seconds:.0f} s)", flush=True)
        return played
    # Those that wait are begun first, and do not hinder others.
    together = sorted((one for one in chosen if not one.alone), key=lambda one: -one.waits)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME + sum(one.waits > 0 for one in together)) as pool:
        out = list(pool.map(run, together))
    return out + [run(one) for one in chosen if one.alone]


@contextlib.contextmanager
def surroundings():
    """What incidents need beside the cluster; answers the values that they call $REGISTRY, $WEBHOOK and $CA."""
    if not REAL:
        yield {"REGISTRY": "registry.example.test"}
        return
    with open(os.path.join(os.environ["FAIRLEAD_TEST_DIR"], "pids")) as file:
        node = next(line.split()[1] for line in file if line.startswith("node "))
    # On the node's own loopback: there, images are fetched without TLS.
    registry = subprocess.Popen(["nsenter", f"--net=/proc/{node}/ns/net", "--", sys.executable, os.path.join(HERE, "registry.py"), str(REGISTRY_PORT)], stdout=subprocess.PIPE)
    try:
        registry.stdout.readline()
        with tempfile.TemporaryDirectory(prefix="fairlead-webhook-") as directory, WebhookServer(directory, os.environ["FAIRLEAD_TEST_HOST"]) as values:
            yield {"REGISTRY": f"localhost:{REGISTRY_PORT}", **values}
    finally:
        registry.terminate()
        registry.wait(10)
        registry.stdout.close()


def report(played, chosen, recorded):
    """Lines about what is worse than recorded."""
    out = []
    for one in played:
        if one.problem:
            out.append(f"{one.name}: {one.problem}")
            continue
        for question, outcome in one.outcomes.items():
            if outcome.startswith(judge.BLAMED):
                out.append(f"{one.name}: {question}: {outcome}\n{judge.as_text(one.answers[question])}")
        now, then = table.cell(chosen[one.name], one.outcomes), recorded.get(one.name, "")
        if judge.rank(table.parts(now)[0]) < judge.rank(table.parts(then)[0]) or judge.rank(table.parts(now)[1]) < judge.rank(table.parts(then)[1]):
            out.append(f"{one.name}: recorded as {then}, now {now}\n{judge.as_text(one.answers)}")
        elif now != then and not then:
            out.append(f"{one.name}: is not recorded in {table.DOCUMENT} (faults_test.py --update)")
    return out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", metavar="INCIDENT")
    for option in ("--slow", "--update", "--no-diagnosis", "--keep"):
        parser.add_argument(option, action="store_true")
    parser.add_argument("--answers", metavar="FILE")
    options = parser.parse_args()
    if not KUBECONFIG:
        sys.exit("KUBECONFIG is not set: start this by tests/cluster/cluster run -- or tests/support/with-sandbox --")
    known = incidents.load()
    for name in options.names:
        if name not in known:
            sys.exit(f"there is no incident {name}")
    here = "real" if REAL else "sandbox"
    chosen = {name: one for name, one in known.items() if (name in options.names if options.names else options.slow or not one.slow) and one.only in ("", here)}
    cluster = stages.Cluster(KUBECONFIG)
    versions = stages.versions_served(cluster)
    shared = stages.Stage(cluster, versions, "default")
    shared.apply(bystanders.LATER)
    started = time.monotonic()
    with surroundings() as values:
        played = play_all(list(chosen.values()), cluster, versions, values, options)
    cluster.request("DELETE", shared.made[0])
    print(f"{len(played)} incidents in {time.monotonic() - started:.0f} s")
    if options.no_diagnosis:
        sys.exit(any(one.problem for one in played) and "\n".join(f"{one.name}: {one.problem}" for one in played if one.problem))
    print(table.summary(chosen, played))
    if options.answers:
        append_answers(options.answers, chosen, played, here)
    recorded = table.recorded(here)
    if options.update:
        table.update(known, chosen, played, here)
        recorded = table.recorded(here)
    problems = report(played, chosen, recorded)
    if problems:
        sys.exit("\n".join(problems))


def append_answers(path, chosen, played, here):
    with open(path, "a") as file:
        for one in played:
            for question, outcome in one.outcomes.items():
                if judge.rank(outcome) < 3:
                    what = chosen[one.name]
                    file.write(f"\n## {one.name} on the {here}: {outcome}\n\n{what.fault}; asked: {question}; wanted at {what.at} with {what.says + what.says_real}\n\n"
                               f"```json\n{judge.as_text(one.answers[question])}\n```\n")
            if one.problem:
                file.write(f"\n## {one.name} on the {here}: not judged\n\n{re.sub(r'^', '    ', one.problem, flags=re.M)}\n")


def end(*_):
    stages.ending.set()
    sys.exit(143)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    main()
