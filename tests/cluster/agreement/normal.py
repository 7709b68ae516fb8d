"""Answers made comparable: by rules.py, and by names that servers make up, which are learnt from the answers themselves."""
import copy
import re

import go_values
import protobuf_text
import rules
from rules import DROP
from paths import find, matches

TOKEN_VOLUME = re.compile(r"(default-token-|kube-api-access-)\w+")
LONGEST_STEM = 58
MAPS = ("labels", "annotations", "matchLabels")  # left out when there is nothing in them
AGE = re.compile(r"\b(\d+d)?(\d+h)?(\d+m)?\d+(\.\d+)?(s|m|h|d)\b")
AGE_COLUMNS = {"Age", "Last Schedule", "Duration", "Last Seen", "First Seen", "Created At"}
POD_OF_MESSAGE = re.compile(r"((?:Created|Deleted) (?:pod|job): [a-z0-9-]+?)-[a-z0-9]{5,10}\b")
VERSION_INSIDE = re.compile(r"""(resourceVersion\\?"?:\s?\\?"|ResourceVersion in precondition: |ResourceVersion in object meta: |, current: |in the precondition \(|in record \()\d+""")
# The whole object, in the order of each server's writer.
PATCHED = re.compile(r"""Invalid value: "\{.*\}"(?=: )""", re.DOTALL)
NODE_PORT = re.compile(r"\b(\d+):3\d{4}/(TCP|UDP)")
# go-cmp's picture of two Go structs: its spaces change with every build of a server, on purpose.
GO_DIFF = re.compile(r"\n[ \xa0]+core\.\w+\{\n.*", re.DOTALL)
POINTER = re.compile(r"\(\*bool\)\(0x[0-9a-f]+\)|\b0xc[0-9a-f]{6,}\b")
MANAGED_IN_YAML = re.compile(r"^( *)managedFields:\n(?:\1(?:  |- ).*\n)*", re.MULTILINE)
REPLICA_SET = re.compile(r"""(ReplicaSet \\?"[a-z0-9-]+?)-[a-z0-9]{8,10}(?=\\?" )""")  # where no label tells the hash
EVENT_NAME = re.compile(r"\.[0-9a-f]{16}\b")


class Normaliser:
    """For one script on one cluster."""

    def __init__(self, nodes, minor, ignore=()):
        self.ignore = ignore
        self.words = {node: "<node>" for node in nodes}
        self.minor = minor
        self.by_last, self.other = {}, []
        for rule in rules.OF_EVERY_CLUSTER + rules.SINCE_1_20:
            last = rule.path.rsplit("/", 1)[-1]
            (self.other if "*" in last else self.by_last.setdefault(last, [])).append(rule)

    def answer(self, answer, step):
        """{"status", "headers", "body"} of what is compared."""
        body = answer.body
        if isinstance(body, bytes):
            body = protobuf_text.decoded(body)
        body = copy.deepcopy(body)
        self.learn(body)
        tables(body)
        if step.only:
            body = {path: find(body, path) for path in step.only}
        if step.method == "KUBECTL" and "rollout status" in step.path:
            body["out"] = "\n".join(body["out"].splitlines()[-1:])  # what it saw before depends on when it looked
        out = {"status": answer.status, "headers": {n: v for n, v in answer.headers.items() if n in rules.HEADERS}, "body": body}
        if step.method == "KUBECTL":
            del out["headers"]
            if isinstance(body["out"], str):
                body["out"] = [AGE.sub("<age>", rules.UID.sub("<uid>", line)) for line in lines_of(body["out"])]
            body["err"] = [AGE.sub("<age>", rules.UID.sub("<uid>", line)) for line in lines_of(body["err"]) if rules.ENDPOINTS_DEPRECATED not in line]
        out = self.normal(out, (), step)
        for path, _ in (*step.ignore, *self.ignore):
            out = without(out, path, ())
        return out

    def learn(self, value):
        """Names that a server made up, and hashes in them."""
        if isinstance(value, list):
            for item in value:
                self.learn(item)
        elif isinstance(value, dict):
            metadata = value.get("metadata")
            if isinstance(metadata, dict):
                name, stem = metadata.get("name"), metadata.get("generateName")
                if isinstance(name, str) and isinstance(stem, str) and stem and len(name) > len(stem[:LONGEST_STEM]) and name.startswith(stem[:LONGEST_STEM]):
                    self.words[name] = stem[:LONGEST_STEM] + "<suffix>"
                labels = metadata.get("labels") or {}
                for label in ("pod-template-hash", "controller-revision-hash"):
                    if isinstance(labels, dict) and isinstance(labels.get(label), str):
                        word = labels[label].rsplit("-", 1)[-1]
                        self.words[word] = "<hash>"
            for item in value.values():
                self.learn(item)

    def text(self, text):
        text = rules.TIME.sub("<time>", text)
        text = rules.UID.sub("<uid>", text)
        text = rules.IP.sub("<ip>", text)
        for word in sorted(self.words, key=len, reverse=True):
            if word in text:
                text = text.replace(word, self.words[word])
        for pattern, newer, _ in rules.REWORDED:
            text = re.sub(pattern, newer, text)
        text = GO_DIFF.sub("\n  <difference>", text)
        text = POINTER.sub("<pointer>", text)
        text = MANAGED_IN_YAML.sub("", text)
        text = VERSION_INSIDE.sub(r"\1<version>", text)
        text = PATCHED.sub('Invalid value: "<the object>"', text)
        text = go_values.as_json(text)
        text = NODE_PORT.sub(r"\1:<port>/\2", text)
        text = POD_OF_MESSAGE.sub(r"\1-<suffix>", text)
        text = REPLICA_SET.sub(r"\1-<hash>", text)
        text = EVENT_NAME.sub(".<suffix>", text)
        for word in self.words:  # a stem may hold a hash
            if self.words[word] == "<hash>":
                text = re.sub(r"<hash>-[a-z0-9]{5}\b", "<hash>-<suffix>", text.replace(word, "<hash>"))
        return text

    def normal(self, value, path, step):
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            items = [self.normal(item, (*path, i), step) for i, item in enumerate(value)]
            return [item for item in items if item is not DROP]
        if not isinstance(value, dict):
            return value
        if TOKEN_VOLUME.match(str(value.get("name"))) and ("mountPath" in value or "secret" in value or "projected" in value):
            return DROP
        if self.minor == rules.RECORDED_MINOR:
            value = moved_back(value)
        out = {}
        for key, item in value.items():
            here = (*path, key.replace("/", "~1"))
            item = self.normal(item, here, step)
            for rule in self.by_last.get(here[-1], []) + self.other:
                if not matches(rule.path, here) or (step.managed and rule.to is DROP and here[-1] == "managedFields"):
                    continue
                if rule.of and not re.search(rule.of, step.path):
                    continue
                item = rule.to(item) if callable(rule.to) else rule.to
                if item is DROP:
                    break
            emptied = item in ([], {}) and value[key] not in ([], {})
            if item is DROP or (emptied and (item == [] or key in MAPS)):
                continue
            out[self.text(key)] = item
        return out


def lines_of(text):
    """Columns are as wide as what stands in them."""
    return [re.sub(r" {2,}", "  ", line.rstrip()) for line in text.splitlines()]


def tables(body, columns=()):
    """Ages in the cells of tables. Answers the columns' names."""
    for one in body.get("events", []) if isinstance(body, dict) else []:
        if isinstance(one, dict):
            columns = tables(one.get("object"), columns)
    if not isinstance(body, dict) or body.get("kind") != "Table":
        return columns
    columns = [c.get("name") for c in body.get("columnDefinitions") or []] or columns  # a watch says them only once
    newer = [i for i, name in enumerate(columns) if any(name == new and (beside is None or beside in columns) for new, beside, _ in rules.NEWER_COLUMNS)]
    for cells in (body.get("columnDefinitions") or [], *(row["cells"] for row in body.get("rows") or [])):
        for i in reversed(newer):
            del cells[i:i + 1]
    for row in body.get("rows") or []:
        for i, name in enumerate(name for i, name in enumerate(columns) if i not in newer):
            if name in AGE_COLUMNS and i < len(row["cells"]) and isinstance(row["cells"][i], str) and row["cells"][i] not in ("<none>", "<unknown>", ""):
                row["cells"][i] = "<age>"
    return columns


def without(value, pattern, path):
    if isinstance(value, dict):
        left = {k: without(v, pattern, (*path, k.replace("/", "~1"))) for k, v in value.items() if not matches(pattern, (*path, k.replace("/", "~1")))}
        return {k: v for k, v in left.items() if v != {} or value[k] == {}}
    if isinstance(value, list):
        return [without(v, pattern, (*path, i)) for i, v in enumerate(value) if not matches(pattern, (*path, i))]
    return value


# ---- versions that have moved on since 1.20

def moved_path(path):
    for new, old, *_ in rules.MOVED:
        if new:
            head, tail = new.split("{}")
            found = re.fullmatch(re.escape(head) + r"((?:namespaces/[^/?]+/)?)" + tail + r"((?:[/?].*)?)", path)
            if found:
                return old.format(found.group(1)) + found.group(2)
    return path


def moved_body(body):
    if isinstance(body, dict):
        for *_, kind, new, old in rules.MOVED:
            if body.get("kind") == kind and body.get("apiVersion") == new:
                return {**body, "apiVersion": old}
    return body


def moved_back(value):
    for *_, kind, new, old in rules.MOVED:
        if value.get("kind") in (kind, kind + "List") and value.get("apiVersion") == old:
            return {**value, "apiVersion": new}
    return value
