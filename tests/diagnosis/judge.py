"""What an answer of the diagnosis is worth, held against what an incident is."""
import json
import re

import bystanders

FIRST, LISTED, MISSED = "found first", "found", "missed"
NOTHING = "nothing blamed"
BLAMED = "blamed healthy: "


def place(cause):
    """"Pod shop-1" of "Pod ns/shop-1"."""
    kind, _, name = cause.get("at", "").partition(" ")
    return f"{kind} {name.rpartition('/')[2]}"


def words(cause):
    return "\n".join([cause.get("cause", ""), cause.get("at", ""), *map(str, cause.get("evidence", [])), cause.get("next", "")])


def is_it(cause, at, says):
    return bool(re.match(f"(?:{at})", place(cause))) and all(re.search(one, words(cause)) for one in says)


def outcome(incident, answer, filled, real):
    """One of the words above. `filled` puts the stage's values into an expression."""
    causes, doubts = answer.get("causes", []), answer.get("suspicious", [])
    if not incident.at:
        wrong = [place(one) for one in causes + doubts] or ([] if answer.get("healthy") else [answer.get("verdict", "not healthy")])
        return BLAMED + ", ".join(wrong) if wrong else NOTHING
    innocent = [place(one) for one in causes + doubts if re.search(bystanders.NAMES, place(one)) or
                (incident.innocent and re.match(f"(?:{filled(incident.innocent)})", place(one)))]
    if innocent:
        return BLAMED + ", ".join(dict.fromkeys(innocent))
    says = [filled(one) for one in incident.says + (incident.says_real if real else ())]
    hits = [is_it(one, filled(incident.at), says) for one in causes]
    if hits and hits[0]:
        return FIRST
    # What does no harm is listed apart; there it is found as well.
    return LISTED if any(hits) or any(is_it(one, filled(incident.at), says) for one in doubts) else MISSED


def first_sentence(answer):
    causes = answer.get("causes") or answer.get("suspicious") or [{}]
    return causes[0].get("cause", "")


def as_text(answer):
    return json.dumps(answer, indent=1, ensure_ascii=False)


RANKS = {FIRST: 3, NOTHING: 3, LISTED: 2, MISSED: 1}


def rank(word):
    return RANKS.get(word, 0)
