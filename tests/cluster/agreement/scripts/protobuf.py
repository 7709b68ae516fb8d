"""Protobuf, decoded by the messages that protobuf_text.py knows; other kinds by status and content type."""
from script import JSON, PROTOBUF, SCHEME, Script, delete, get, newer, patch, post, put, quietly
from scripts._objects import CM, DEPLOYMENTS, PODS, SERVICES, cm

AS = {"Accept": PROTOBUF}


def field(number, value):
    value = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2, len(value)]) + value


def sent(kind, message, api_version="v1"):
    return b"k8s\0" + field(1, field(1, api_version) + field(2, kind)) + field(2, message)


def config(name, **data):
    entries = b"".join(field(2, field(1, k) + field(2, v)) for k, v in data.items())
    return field(1, field(1, name)) + entries


BOTH = {"Accept": PROTOBUF, "Content-Type": PROTOBUF}

SCRIPT = Script("protobuf", [
    quietly(post("make a", CM, cm("a", {"k": "v"}, labels={"mine": "x"}, annotations={"n": "o"}))),
    get("an object", CM + "/a", headers=AS),
    get("a list", CM + "?labelSelector=mine", headers=AS),
    get("an empty list", CM + "?labelSelector=none", headers=AS),
    get("a namespace", "/api/v1/namespaces/default", headers=AS, only=("kind", "envelope", "status", "spec")),
    get("an error", CM + "/nothing", headers=AS),
    post("an error with causes", CM, cm("-bad"), headers=AS),
    get("protobuf or JSON", CM + "/a", headers={"Accept": PROTOBUF + "," + JSON}),
    get("JSON or protobuf", CM + "/a", headers={"Accept": JSON + "," + PROTOBUF}),
    get("metadata as protobuf", CM + "/a", headers={"Accept": PROTOBUF + ";as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}),
    get("a list's metadata as protobuf", CM + "?labelSelector=mine", headers={"Accept": PROTOBUF + ";as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}),
    get("a Table as protobuf", CM + "/a", headers={"Accept": PROTOBUF + ";as=Table;g=meta.k8s.io;v=v1"}, only=("kind", "reason", "message", "envelope")),
    get("a Table as protobuf, or JSON", CM + "/a", headers={"Accept": PROTOBUF + ";as=Table;g=meta.k8s.io;v=v1," + JSON}, only=("kind",)),
    post("create", CM, sent("ConfigMap", config("p", k="v")), headers=BOTH),
    post("create, answered as JSON", CM, sent("ConfigMap", config("q", k="v")), headers={"Content-Type": PROTOBUF}),
    put("replace", CM + "/p", sent("ConfigMap", config("p", k="w")), headers=BOTH),
    post("create again", CM, sent("ConfigMap", config("p")), headers=BOTH),
    post("another kind", CM, sent("Secret", config("x")), headers=BOTH),
    post("another version", CM, sent("ConfigMap", config("x"), "v7"), headers=BOTH),
    post("no envelope", CM, config("x"), headers=BOTH),
    post("nothing", CM, b"", headers=BOTH),
    post("an envelope of nothing", CM, b"k8s\0", headers=BOTH),
    post("a torn envelope", CM, sent("ConfigMap", config("x", k="v"))[:-3], headers=BOTH, only=("kind", "reason", "code")),
    post("a torn message", CM, sent("ConfigMap", config("x", k="v")[:-2]), headers=BOTH, only=("kind", "reason", "code")),
    post("a wrong wire type", CM, sent("ConfigMap", b"\x08\x05"), headers=BOTH, only=("kind", "reason", "code")),
    post("a field that is none", CM, sent("ConfigMap", config("extra") + field(15, "x")), headers=BOTH),
    post("JSON called protobuf", CM, '{"kind": "ConfigMap"}', headers=BOTH),
    post("protobuf called JSON", CM, sent("ConfigMap", config("x")), headers={"Content-Type": JSON}, ignore=(("body/message", "shows the bytes"),)),
    patch("a patch as protobuf", CM + "/p", "{}", PROTOBUF),
    patch("patched, answered as protobuf", CM + "/p", {"data": {"k": "x"}}, headers=AS),
    delete("deletion's options as protobuf", CM + "/q", sent("DeleteOptions", b"\x08\x00"), headers=BOTH),
    delete("delete", CM + "/p", headers=AS),
    *[get(f"a list of {path.rsplit('/', 1)[-1]}", path + "?labelSelector=none", headers=AS, only=("kind", "envelope")) for path in (
        PODS, SERVICES, DEPLOYMENTS, "/api/v1/nodes", "/api/v1/namespaces/{ns}/events", "/apis/batch/v1/namespaces/{ns}/jobs", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "/apis/storage.k8s.io/v1/storageclasses", "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses")],
    get("a scale as protobuf", DEPLOYMENTS + "/nothing/scale", headers=AS),
    get("discovery as protobuf", "/api/v1", headers=AS, only=("envelope.type.kind",)),
], known={
    newer("body/message", "a scheme is named without its module", SCHEME): ("another version",),
})
