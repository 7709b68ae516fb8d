"""The table of docs/diagnosis.md: what was found of which fault, and where."""
import os
import re

import judge

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = "docs/diagnosis.md"
PATH = os.path.join(HERE, "..", "..", DOCUMENT)
BEGIN, END = "<!-- faults: made by tests/diagnosis/faults_test.py --update -->", "<!-- end of faults -->"
HEAD = ["fault", "file", "asked", "sandbox", "real", "the first cause that it names"]
OVERVIEW = "cluster_health: "
ABSENT = "–"


def cell(incident, outcomes):
    """"found first", and what the overview says where that is something else: "found first; cluster_health: found"."""
    asked = outcomes[incident.ask]
    overview = outcomes.get("cluster_health", asked)
    return asked if overview == asked else f"{asked}; {OVERVIEW}{overview}"


def parts(text):
    """(asked, overview) of a cell."""
    asked, _, overview = text.partition("; " + OVERVIEW)
    return asked, overview or asked


def rows():
    """{incident: its cells by column} of the document."""
    with open(PATH) as file:
        text = file.read()
    between = text.partition(BEGIN)[2].partition(END)[0]
    out = {}
    for line in between.splitlines():
        cells = [c.strip().replace("\\|", "|") for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == len(HEAD) and cells != HEAD and not cells[0].startswith("---"):
            out[cells[1].strip("`")] = dict(zip(HEAD, cells))
    return out


def recorded(where):
    """{incident: cell}, without those that were not there."""
    return {name: row[where] for name, row in rows().items() if row[where] not in ("", ABSENT)}


def plain(sentence, incident):
    """Without what is another one at each run."""
    out = sentence.replace("incident-" + incident.name.replace("_", "-"), "shop-ns")
    out = re.sub(r"(-[0-9a-f]{6,10})?-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "-…", out)
    return re.sub(r"\s+", " ", out)


def update(known, chosen, played, where):
    have = rows()
    for one in played:
        if one.problem:
            continue
        what = chosen[one.name]
        row = have.setdefault(one.name, dict.fromkeys(HEAD, ABSENT))
        row.update({"fault": what.fault, "file": f"`{one.name}`", "asked": f"`{what.ask}`", where: cell(what, one.outcomes)})
        # The real one's words where there are some.
        if where == "real" or row["real"] == ABSENT:
            row["the first cause that it names"] = plain(judge.first_sentence(one.answers[what.ask]), what) or ABSENT
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for name in sorted(have, key=lambda n: (n.startswith("healthy"), n)):
        if name in known:
            lines.append("| " + " | ".join(have[name][column].replace("|", "\\|") for column in HEAD) + " |")
    with open(PATH) as file:
        text = file.read()
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    with open(PATH, "w") as file:
        file.write(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


def summary(chosen, played):
    """For people who look at a run."""
    width = max(map(len, chosen), default=0)
    lines = [f"{one.name:{width}}  {cell(chosen[one.name], one.outcomes) if not one.problem else 'did not come about'}" for one in played]
    outcomes = [judge.rank(cell_part) for one in played if not one.problem for cell_part in one.outcomes.values()]
    counted = ", ".join(f"{outcomes.count(rank)} {word}" for rank, word in ((3, "first"), (2, "found"), (1, "missed"), (0, "blamed healthy")))
    return "\n".join(lines) + f"\n{len(outcomes)} answers: {counted}"
