#!/usr/bin/env python3
"""The cluster of KUBECONFIG answers scripted requests as a real Kubernetes 1.20.2 did, field by field.

What the real one answered is kept in recorded/, made comparable by rules.py. On the sandbox (FAIRLEAD_TEST_SANDBOX) a field may
differ where its step declares it, with a reason, and must then differ; on the real cluster nothing may differ: that checks the
recording itself.

  agreement_test.py [TOPIC...]    only these scripts
    --update    keeps what this cluster answers as recorded (a real one)
    --declared  prints the declared differences too
    --docs      writes the table of docs/sandbox.md anew"""
import argparse
import concurrent.futures
import importlib
import json
import os
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from client import Cluster  # noqa: E402
from judge import differences, judge  # noqa: E402
from run import Run  # noqa: E402

RECORDED = os.path.join(HERE, "recorded")
DOCS = os.path.join(HERE, "..", "..", "..", "docs", "sandbox.md")
MARKS = "<!-- differences: made by tests/cluster/agreement/agreement_test.py --docs -->\n", "<!-- end of differences -->\n"
AT_ONCE = 8
SHOWN = 400  # characters of a value


def scripts(topics):
    found = sorted(f[:-3] for f in os.listdir(os.path.join(HERE, "scripts")) if f.endswith(".py") and not f.startswith("_"))
    unknown = set(topics) - set(found)
    if unknown:
        sys.exit(f"no such topic: {', '.join(sorted(unknown))} (there are {', '.join(found)})")
    for topic in topics or found:
        script = importlib.import_module("scripts." + topic).SCRIPT
        names = [s.name for s in script.steps]
        twice = {n for n in names if names.count(n) > 1}
        assert script.topic == topic and not twice, f"{topic}: {twice or 'has another name inside'}"
        yield script


def load(topic):
    try:
        with open(os.path.join(RECORDED, topic + ".json")) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def keep(topic, answers):
    """A line for each answer."""
    lines = [f"{json.dumps(name)}: {json.dumps(answer, separators=(',', ':'), ensure_ascii=False)}" for name, answer in answers.items()]
    with open(os.path.join(RECORDED, topic + ".json"), "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def short(value):
    text = value if value == "<absent>" else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[:SHOWN] + f"… ({len(text)})"


def report(script, found, rotten, show_declared):
    """Prints what is wrong, and answers how many are."""
    wrong = [f for f in found if f.declared is None or f.wrong_value]
    by_step = {}
    for one in found:
        if one in wrong or show_declared:
            by_step.setdefault(one.step.name, []).append(one)
    for name, all_of_step in by_step.items():
        step = all_of_step[0].step
        print(f"{script.topic}: {name}\n    {step.method} {step.path}")
        for one in all_of_step:
            note = "" if one.declared is None else f"\n        declared: {one.declared.why}"
            if one.wrong_value:
                note += f", and then the sandbox must say {short(one.expected)}"
            print(f"    {one.path}\n        real    {short(one.recorded)}\n        sandbox {short(one.given)}{note}")
    for step, difference in rotten:
        print(f"{script.topic}: {step.name if step else 'the whole script'}\n    {difference.path}\n        no longer differs, but is declared: {difference.why}")
    return len(wrong) + len(rotten)


def docs_table(all_scripts):
    """What the sandbox does otherwise than every Kubernetes: reasons, and where they show."""
    rows = {}
    for script in all_scripts:
        for difference in [d for s in script.steps for d in s.differs] + list(script.differs):
            if not difference.version:
                topics, fields = rows.setdefault(difference.why, ([], []))
                topics += [script.topic] if script.topic not in topics else []
                field = "`" + difference.path.removeprefix("body/").replace("/", ".") + "`"
                fields += [field] if field not in fields else []
    lines = ["| what | where it shows | fields |\n", "|---|---|---|\n"]
    for why, (topics, fields) in sorted(rows.items()):
        shown = ", ".join(fields[:4]) + (", …" if len(fields) > 4 else "")
        lines.append(f"| {why} | {', '.join(topics)} | {shown} |\n".replace("||", "\\|\\|"))
    return "".join(lines)


def check_docs(all_scripts, write):
    with open(DOCS) as file:
        text = file.read()
    begin, end = text.find(MARKS[0]), text.find(MARKS[1])
    if begin < 0 or end < begin:
        return f"docs/sandbox.md has no place for the table: {MARKS[0].strip()}"
    wanted = text[:begin] + MARKS[0] + docs_table(all_scripts) + text[end:]
    if write:
        with open(DOCS, "w") as file:
            file.write(wanted)
    elif wanted != text:
        return "the table in docs/sandbox.md is not what the scripts declare: run agreement_test.py --docs"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--declared", action="store_true")
    parser.add_argument("--docs", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    everything = list(scripts([]))
    if options.docs:
        sys.exit(check_docs(everything, True))
    if not os.environ.get("KUBECONFIG"):
        sys.exit("KUBECONFIG is not set: start this by tests/cluster/cluster run -- or tests/support/with-sandbox --")
    sandbox = bool(os.environ.get("FAIRLEAD_TEST_SANDBOX"))
    if options.update and sandbox:
        sys.exit("what the sandbox answers is no yardstick: --update is for a real cluster")
    cluster = Cluster(os.environ["KUBECONFIG"])
    nodes = [n["metadata"]["name"] for n in cluster.request("GET", "/api/v1/nodes").body["items"]]
    chosen = [s for s in everything if not options.topics or s.topic in options.topics]
    runs = [Run(cluster, script, nodes) for script in chosen]
    wrong = declared = steps = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for run, answers in zip(runs, pool.map(lambda r: r(), runs)):
            script, steps = run.script, steps + len(answers)
            if run.unreached and not sandbox:
                wrong += len(run.unreached)
                print(f"{script.topic}: waited in vain: {'; '.join(run.unreached)}")
            recorded = load(script.topic)
            if options.update:
                changed = [name for name in answers if list(differences(recorded.get(name), answers[name]))]
                print(f"{script.topic}: {len(answers)} answers, {len(changed)} of them new or changed: {', '.join(changed[:8])}")
                keep(script.topic, answers)
            elif sandbox:
                found, rotten = judge(script, recorded, answers)
                declared += sum(f.declared is not None for f in found)
                mine = report(script, found, rotten, options.declared)
                if mine:
                    print(f"{script.topic}: {mine} disagreements in {len(answers)} answers\n")
                wrong += mine
            else:
                found, _ = judge(script, recorded, answers)
                for one in found:
                    one.declared = None
                wrong += report(script, found, [], False)
    cluster.close()
    if os.environ.get("VERBOSE"):
        for seconds, topic, name in sorted((s for run in runs for s in run.slow), reverse=True)[:20]:
            print(f"{seconds:5.1f} s  {topic}: {name}")
    if not options.topics and not options.update:
        problem = check_docs(everything, False)
        if problem:
            wrong += 1
            print(problem)
    print(f"{steps} answers in {time.monotonic() - started:.1f} s: {wrong} disagreements, {declared} differences that are declared")
    print("OK" if wrong == 0 else "FAILED")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
