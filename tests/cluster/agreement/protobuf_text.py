"""Kubernetes' protobuf envelope and the messages that scripts ask for, decoded by the field numbers of
k8s.io/apimachinery/…/generated.proto and k8s.io/api/core/v1/generated.proto. Shares nothing with the program."""

MAP, TIME, BYTES = "map", "time", "bytes"
META = {1: ("name", None), 2: ("generateName", None), 3: ("namespace", None), 4: ("selfLink", None), 5: ("uid", None), 6: ("resourceVersion", None),
        7: ("generation", int), 8: ("creationTimestamp", TIME), 11: ("labels", MAP), 12: ("annotations", MAP), 17: ("managedFields", BYTES)}
LIST_META = {1: ("selfLink", None), 2: ("resourceVersion", None), 3: ("continue", None), 4: ("remainingItemCount", int)}
CAUSE = {1: ("reason", None), 2: ("message", None), 3: ("field", None)}
DETAILS = {1: ("name", None), 2: ("group", None), 3: ("kind", None), 4: ("causes", [CAUSE]), 5: ("retryAfterSeconds", int), 6: ("uid", None)}
MESSAGES = {
    "ConfigMap": {1: ("metadata", META), 2: ("data", MAP), 4: ("immutable", int)},
    "Namespace": {1: ("metadata", META), 2: ("spec", {1: ("finalizers", [None])}), 3: ("status", {1: ("phase", None)})},
    "Status": {1: ("metadata", LIST_META), 2: ("status", None), 3: ("message", None), 4: ("reason", None), 5: ("details", DETAILS), 6: ("code", int)},
    "PartialObjectMetadata": {1: ("metadata", META)},
}
for _kind in ("ConfigMap", "Namespace", "PartialObjectMetadata"):
    MESSAGES[_kind + "List"] = {1: ("metadata", LIST_META), 2: ("items", [MESSAGES[_kind]])}
UNKNOWN = {1: ("type", {1: ("apiVersion", None), 2: ("kind", None)}), 2: ("raw", BYTES), 3: ("contentEncoding", None), 4: ("contentType", None)}


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 2:
            size, at = varint(data, at)
            if at + size > len(data):
                raise ValueError("a field longer than its message")
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def message(data, schema):
    out = {}
    for number, value in fields(data):
        name, kind = schema.get(number, (f"field {number}", BYTES))
        if isinstance(kind, list):
            out.setdefault(name, []).append(one(value, kind[0]))
        elif kind == MAP:
            entry = dict(fields(value))
            out.setdefault(name, {})[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
        elif value not in (b"", 0) or isinstance(kind, dict):  # Go writes empty ones too
            out[name] = one(value, kind)
    return out


def one(value, kind):
    if isinstance(kind, dict):
        return message(value, kind)
    if kind == TIME:
        return "<time>"
    if kind == BYTES or isinstance(value, int):
        return value
    return value.decode()


def decoded(data):
    """An object as JSON would show it, or a sentence about why it is none."""
    try:
        if data[:4] != b"k8s\0":
            return "no envelope"
        envelope = message(data[4:], UNKNOWN)
        kind = envelope["type"].get("kind", "")
        out = {"envelope": {k: v for k, v in envelope.items() if k != "raw"}}
        return out | (message(envelope["raw"], MESSAGES[kind]) if kind in MESSAGES else {"raw": "a message that is not looked into"})
    except (ValueError, IndexError, KeyError, UnicodeDecodeError) as error:
        return f"no protobuf: {error!r}"
