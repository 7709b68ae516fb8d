"""Two answers held against each other, field by field, and declared differences held against those that are found."""
import dataclasses
import difflib
from typing import Any

import paths
from script import ABSENT

LINES = ("out", "err")  # of kubectl


@dataclasses.dataclass
class Found:
    """A field in which two answers differ. `declared` is the Difference that covers it."""
    step: Any
    path: str
    recorded: Any
    given: Any
    declared: Any = None
    expected: Any = None
    wrong_value: bool = False


def differences(recorded, given, path=()):
    """(path, recorded, given) of every field that differs; a missing one is ABSENT."""
    if isinstance(recorded, dict) and isinstance(given, dict):
        for key in [*recorded, *(k for k in given if k not in recorded)]:
            yield from differences(recorded.get(key, ABSENT), given.get(key, ABSENT), (*path, str(key).replace("/", "~1")))
    elif isinstance(recorded, list) and isinstance(given, list) and path[-1:] in [(name,) for name in LINES]:
        yield from of_lines(recorded, given, path)
    elif isinstance(recorded, list) and isinstance(given, list):
        for i in range(max(len(recorded), len(given))):
            yield from differences(recorded[i] if i < len(recorded) else ABSENT, given[i] if i < len(given) else ABSENT, (*path, i))
    elif recorded != given or isinstance(recorded, bool) != isinstance(given, bool):
        yield path, recorded, given


def of_lines(recorded, given, path):
    """Of two texts: a line that only the given one has does not make all that follow it differ. It has the path +N, by the given one's numbers."""
    for what, i, i_end, j, j_end in difflib.SequenceMatcher(None, recorded, given, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for k in range(both):
            yield (*path, i + k), recorded[i + k], given[j + k]
        for k in range(i + both, i_end):
            yield (*path, k), recorded[k], ABSENT
        for k in range(j + both, j_end):
            yield (*path, f"+{k}"), ABSENT, given[k]


def of_answers(recorded, given):
    """Of two answers. Where one is an error and the other is not, or another one, that and their messages are all there is to say."""
    theirs, ours = (a.get("status") if isinstance(a, dict) else None for a in (recorded, given))
    if theirs is None or ours is None or theirs == ours:
        yield from differences(recorded, given)
        return
    yield ("status",), theirs, ours
    messages = [a["body"].get("message", ABSENT) if isinstance(a["body"], dict) else a["body"] for a in (recorded, given)]
    if messages[0] != messages[1]:
        yield ("body", "message"), *messages


def judge(script, recorded, given):
    """What was found in all steps, and the declared differences that no longer are any: ([Found], [(step or None, Difference)])."""
    found, met = [], set()
    for step in script.steps:
        if not step.compared:
            continue
        for path, theirs, ours in of_answers(recorded.get(step.name, ABSENT), given.get(step.name, ABSENT)):
            one = Found(step, paths.text_of(path), theirs, ours)
            for difference in (*step.differs, *script.differs):
                if paths.matches(difference.path, path) or paths.matches(difference.path + "/**", path):
                    one.declared = difference
                    one.expected = difference.sandbox(theirs) if callable(difference.sandbox) else difference.sandbox
                    one.wrong_value = difference.sandbox is not None and one.expected != ours
                    met.add(id(difference))
                    break
            found.append(one)
    rotten = [(step, d) for step in script.steps if step.compared for d in step.differs if id(d) not in met]
    return found, rotten + [(None, d) for d in script.differs if id(d) not in met]
