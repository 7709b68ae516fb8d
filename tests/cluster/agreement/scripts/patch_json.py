"""JSON Patch: every operation, and every way in which one fails."""
from script import JSON_PATCH, Script, patch, post
from scripts._objects import CM, DEPLOYMENTS, cm, container, deployment, pod_spec


def ops(name, *operations, path=CM + "/a", **more):
    return patch(name, path, list(operations), JSON_PATCH, **more)


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
    ops("test null of nothing", op("test", "/data/none", None)),
    ops("copy", op("copy", "/data/copy", **{"from": "/data/k"})),
    ops("move", op("move", "/data/moved", **{"from": "/data/copy"})),
    ops("copy of nothing", op("copy", "/data/copy", **{"from": "/data/none"})),
    ops("move of nothing", op("move", "/data/copy", **{"from": "/data/none"})),
    ops("escaped", op("replace", "/metadata/annotations/agree.test~1b", "s")),
    ops("escaped tilde", op("add", "/data/a~0b", "t")),
    ops("remove nothing", op("remove", "/data/none")),
    ops("replace nothing", op("replace", "/data/none", "x")),
    ops("add below nothing", op("add", "/none/x", "y")),
    ops("add a field that is none", op("add", "/nonsense", "y")),
    ops("no operations"),
    ops("an operation that is none", op("increment", "/data/k", "1")),
    ops("no op", {"path": "/data/k", "value": "x"}),
    ops("no path", {"op": "add", "value": "x"}),
    ops("no value", {"op": "add", "path": "/data/k"}),
    ops("no from", {"op": "move", "path": "/data/k"}),
    ops("a path without a slash", op("add", "data/k", "x")),
    ops("an empty path", op("replace", "", {"kind": "ConfigMap"})),
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
    ops("a negative index", op("remove", "/spec/template/spec/containers/0/args/-1"), path=D),
    ops("no index", op("replace", "/spec/template/spec/containers/x/image", "y"), path=D),
    ops("replace a list", op("replace", "/spec/template/spec/containers/0/env", [{"name": "B", "value": "2"}]), path=D),
    ops("invalid afterwards", op("replace", "/spec/replicas", -1), path=D),
    ops("wrong type afterwards", op("replace", "/spec/replicas", "many"), path=D, ignore=(("body/message", "shows the whole object"), ("body/details/causes/*/message", "the same"))),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same")))
