"""Values inside of messages, as Go's %#v writes them: since 1.34 a server writes them as JSON."""
import json
import re

VALUE = re.compile(r"\b((?:Invalid|Duplicate|Unsupported) value: )(?=[\w.*()\[\]]+[{(])")
TYPE = re.compile(r"\(\*[\w.]+\)|[\w.*\[\]]+(?=[{(])")
SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|<nil>|<pointer>|time\.Date\([^)]*\)')
CAPITALS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+$|[A-Z]")
TAGGED = "v1."  # types of the API itself: their fields have names in JSON, and most of them are left out when they are empty


class Reader:
    def __init__(self, text, at):
        self.text, self.at = text, at

    def take(self, mark):
        if not self.text.startswith(mark, self.at):
            raise ValueError(self.text[self.at:])
        self.at += len(mark)

    def match(self, pattern):
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found and found.group()

    def value(self):
        scalar = self.match(SCALAR)
        if scalar is not None:
            return None if scalar == "<nil>" else scalar if scalar[:2] in ("<p", "ti") else json.loads(scalar)
        kind = self.match(TYPE) or ""
        if self.text.startswith("(", self.at):
            self.take("(")
            inner = self.match(re.compile(r"nil|<pointer>"))
            self.take(")")
            return None if inner == "nil" else "<pointer>"
        self.take("{")
        return self.list() if kind.startswith("[]") else self.members(kind)

    def list(self):
        out = []
        while not self.text.startswith("}", self.at):
            out.append(self.value())
            self.match(re.compile(", "))
        self.take("}")
        return out

    def members(self, kind):
        out = {}
        while not self.text.startswith("}", self.at):
            key = self.match(re.compile(r'"(?:[^"\\]|\\.)*"|\w+'))
            self.take(":")
            out[json.loads(key) if key.startswith('"') else key] = self.value()
            self.match(re.compile(", "))
        self.take("}")
        if kind == "intstr.IntOrString":
            return out["StrVal"] if out["Type"] else out["IntVal"]
        if kind == "resource.Quantity":
            return out["s"]
        if kind.startswith(TAGGED):
            return {CAPITALS.sub(lambda c: c.group().lower(), k, count=1): v for k, v in out.items() if v not in (None, "", [], {})}
        return out


def as_json(text):
    """The text with JSON in place of such values."""
    out, end = "", 0
    for found in VALUE.finditer(text):
        if found.start() < end:
            continue
        reader = Reader(text, found.end())
        try:
            value = json.dumps(reader.value(), separators=(",", ":"), ensure_ascii=False)
        except (ValueError, KeyError):
            continue
        out, end = out + text[end:found.end()] + value, reader.at
    return out + text[end:]
