"""Kubernetes lists as protobuf, written field by field: enough for servers of tests, sharing nothing with the program.
Field numbers from k8s.io/api/core/v1/generated.proto and k8s.io/apimachinery/…/generated.proto."""

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """Bytes, text or a message as length-delimited; an int as a varint."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def unknown(kind, raw, version="v1"):
    """k8s\\0 and a runtime.Unknown around a message."""
    return b"k8s\0" + field(1, field(1, version) + field(2, kind)) + field(2, raw) + field(3, "") + field(4, "")


def time_message(seconds):
    return field(1, seconds)


def meta(name, namespace="", uid="", created=None):
    out = field(1, name) + field(3, namespace) + field(5, uid)
    return out + field(8, time_message(created)) if created else out


def pod(name, namespace="shop", phase="Running", node="node-1", message=""):
    status = field(1, phase) + field(6, "10.0.0.1")
    status += field(8, field(1, "main") + field(2, field(2, b"")) + field(4, 1) + field(5, 0) + field(6, "image"))
    spec = field(2, field(1, "main") + field(2, "image")) + field(10, node)
    return field(1, meta(name, namespace, uid="uid-" + name, created=1700000000)) + field(2, spec) + field(3, status)


def pod_list(pods, continuation=""):
    return field(1, field(2, "12345") + field(3, continuation)) + b"".join(field(2, p) for p in pods)


def event(name, namespace, kind, object_name, event_type, reason, message, count, first, last):
    involved = field(1, kind) + field(2, namespace) + field(3, object_name)
    return (field(1, meta(name, namespace)) + field(2, involved) + field(3, reason) + field(4, message) + field(5, field(1, "test"))
            + field(6, time_message(first)) + field(7, time_message(last)) + field(8, count) + field(9, event_type))


def event_list(events):
    return field(1, field(2, "12345")) + b"".join(field(2, e) for e in events)


def pods_body(count=3):
    return unknown("PodList", pod_list([pod(f"web-{i}") for i in range(count)]))
