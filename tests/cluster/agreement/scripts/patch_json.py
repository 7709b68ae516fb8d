"""JSON Patch: every operation, and every way in which one fails."""
from script import DECODED, JSON_PATCH, MESSAGES, PATCHED, SCHEME, STRICTLY, WARNS, Script, differs, newer, patch, post, refused_as
from scripts._objects import CM, DEPLOYMENTS, cm, container, deployment, pod_spec


def ops(name, *operations, path=CM + "/a", **more):
    return patch(name, path, list(operations), JSON_PATCH, **more)


LAX = differs("status", "A JSON patch keeps to RFC 6902: an operation on what is not there, or without what it needs, is refused (422). Kubernetes' library lets some of them pass")


def lax(name, *operations, path=CM + "/a"):
    """What only Kubernetes' library takes; nothing comes of it."""
    return ops(name, *operations, path=path + "?dryRun=All", differs=(LAX, differs("body/message", LAX.why)))


def op(kind, path, value="-none-", **more):
    return {"op": kind, "path": path, **({} if value == "-none-" else {"value": value}), **more}


D = DEPLOYMENTS + "/d"

SCRIPT = Script("patch_json", [
    post("create", CM, cm("a", {"k": "v"}, annotations={"agree.test/b": "slash"})),
    ops("add", op("add", "/data/n", "1")),
    ops("add over", op("add", "/data/n", "2")),
    ops("replace", op("replace", "/data/n", "3")),
    ops("remove", op("remove", "/data/n")),
    ops("test holds", op("test", "/data/k", "v"), op("add", "/data/tested", "yes")),
    ops("test fails", op("test", "/data/k", "x"), op("add", "/data/tested", "no")),
    ops("test of nothing", op("test", "/data/none", "x")),
    lax("test null of nothing", op("test", "/data/none", None)),
    ops("copy", op("copy", "/data/copy", **{"from": "/data/k"})),
    ops("move", op("move", "/data/moved", **{"from": "/data/copy"})),
    lax("copy of nothing", op("copy", "/data/copy", **{"from": "/data/none"})),
    ops("move of nothing", op("move", "/data/copy", **{"from": "/data/none"})),
    ops("escaped", op("replace", "/metadata/annotations/agree.test~1b", "s")),
    ops("escaped tilde", op("add", "/data/a~0b", "t")),
    ops("remove nothing", op("remove", "/data/none")),
    lax("replace nothing", op("replace", "/data/none", "x")),
    ops("add below nothing", op("add", "/none/x", "y")),
    ops("add a field that is none", op("add", "/nonsense", "y")),
    ops("no operations"),
    ops("an operation that is none", op("increment", "/data/k", "1")),
    ops("no op", {"path": "/data/k", "value": "x"}),
    ops("no path", {"op": "add", "value": "x"}),
    lax("no value", {"op": "add", "path": "/data/k"}),
    ops("no from", {"op": "move", "path": "/data/k"}),
    lax("a path without a slash", op("add", "data/k", "x")),
    ops("a number for text", op("add", "/data/k", 5)),
    ops("the name", op("replace", "/metadata/name", "b")),
    ops("the kind", op("replace", "/kind", "Secret")),
    ops("the apiVersion", op("replace", "/apiVersion", "v2")),
    ops("the namespace", op("replace", "/metadata/namespace", "default")),
    ops("the uid", op("replace", "/metadata/uid", "x")),
    ops("remove the metadata", op("remove", "/metadata")),
    patch("an object for a list", CM + "/a", {"op": "add"}, JSON_PATCH),
    patch("text for a list", CM + "/a", '"x"', JSON_PATCH),
    patch("bad JSON", CM + "/a", "[{", JSON_PATCH),
    patch("nothing", CM + "/a", "", JSON_PATCH),
    ops("what is not there", op("add", "/data/n", "1"), path=CM + "/nothing"),
    ops("too many", *[op("test", "/data/k", "v")] * 10001),
    post("create a deployment", DEPLOYMENTS, deployment("d", 0, template_spec=pod_spec(container(args=["a", "b"], env=[{"name": "A", "value": "1"}])))),
    ops("append", op("add", "/spec/template/spec/containers/0/args/-", "c"), path=D),
    ops("insert", op("add", "/spec/template/spec/containers/0/args/1", "x"), path=D),
    ops("beyond the end", op("add", "/spec/template/spec/containers/0/args/9", "x"), path=D),
    ops("remove an item", op("remove", "/spec/template/spec/containers/0/args/0"), path=D),
    lax("a negative index", op("remove", "/spec/template/spec/containers/0/args/-1"), path=D),
    ops("no index", op("replace", "/spec/template/spec/containers/x/image", "y"), path=D),
    ops("replace a list", op("replace", "/spec/template/spec/containers/0/env", [{"name": "B", "value": "2"}]), path=D),
    ops("invalid afterwards", op("replace", "/spec/replicas", -1), path=D),
    ops("wrong type afterwards", op("replace", "/spec/replicas", "many"), path=D, ignore=(("body/message", "shows the whole object"), ("body/details/causes/*/message", "the same"))),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same")), known={
    newer("body/message", "decoded with duplicates and unknown fields in mind since 1.25", "error decoding patch: unexpected end of JSON input"): ("bad JSON", "nothing"),
    newer("headers/warning", WARNS, '299 - "unknown field \\"nonsense\\""'): ("add a field that is none",),
    **refused_as(newer, DECODED, {"a number for text": ("patch", PATCHED + "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"),
                                  "the kind": ("patch", PATCHED + "illegal base64 data at input byte 0")}),
    **{newer(path, "a scheme is named without its module", SCHEME): ("the apiVersion",) for path in MESSAGES},
    newer("body/message", STRICTLY): {
        f"{label} for a list": f"error decoding patch: json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp" for label, kind in (("an object", "object"), ("text", "string"))},
})
