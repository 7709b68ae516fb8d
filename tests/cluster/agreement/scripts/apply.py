"""Server-side apply: managed fields, conflicts, force, lists by key, and who owns what."""
from script import ABSENT, APPLY_PATCH, Script, get, newer, patch, post, replaced
from scripts._objects import CM, DEPLOYMENTS, SERVICES, cm, container, deployment, made, pod_spec, service


def apply(name, path, body, manager="one", **more):
    query = f"?fieldManager={manager}" if manager else "?"
    return patch(name, path + query + more.pop("query", ""), body, APPLY_PATCH, managed=True, **more)


A, D, S = CM + "/a", DEPLOYMENTS + "/d", SERVICES + "/s"
CONTAINERS = pod_spec(container("a", env=[{"name": "A", "value": "1"}]), container("b"))
SCALE = "the subresource scale is tracked since 1.22"

SCRIPT = Script("apply", [
    apply("creates", A, cm("a", {"k": "v", "l": "w"}, labels={"x": "1"})),
    apply("again without a change", A, cm("a", {"k": "v", "l": "w"}, labels={"x": "1"})),
    apply("changes its own", A, cm("a", {"k": "x", "l": "w"}, labels={"x": "1"})),
    apply("gives up one: it is removed", A, cm("a", {"k": "x"}, labels={"x": "1"})),
    apply("another manager adds", A, cm("a", {"m": "2"}), "two"),
    apply("another manager shares", A, cm("a", {"m": "2", "k": "x"}), "two"),
    apply("a conflict", A, cm("a", {"k": "y"}), "three"),
    apply("a conflict with two fields", A, cm("a", {"k": "y", "m": "3"}), "three"),
    apply("forced", A, cm("a", {"k": "y"}), "three", query="&force=true"),
    apply("the first gives up what is no longer its own", A, cm("a", labels={"x": "1"})),
    apply("the last owner gives up: removed", A, cm("a"), "three"),
    patch("an update takes fields", A + "?fieldManager=updater", {"data": {"m": "9"}}, managed=True),
    apply("a conflict with an update", A, cm("a", {"m": "2"}), "two"),
    apply("no manager", A, cm("a"), ""),
    apply("an empty manager", A + "?fieldManager=", cm("a"), ""),
    apply("a manager too long", A, cm("a"), "m" * 129),
    apply("a manager that cannot be printed", A, cm("a"), "a%01b"),
    apply("force that is none", A, cm("a"), query="&force=maybe"),
    patch("force without apply", A + "?fieldManager=x&force=true", {"data": {"q": "1"}}),
    apply("YAML", A, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  yaml: 'yes'\n", "yaml"),
    apply("bad YAML", A, "a: b: c"),
    apply("no kind", A, {"metadata": {"name": "a"}}),
    apply("no apiVersion", A, {"kind": "ConfigMap", "metadata": {"name": "a"}}),
    apply("another kind", A, made("v1", "Secret", "a")),
    apply("another name", A, cm("b")),
    apply("no name", A, {"apiVersion": "v1", "kind": "ConfigMap"}, "noname"),
    apply("another namespace", A, cm("a", namespace="default")),
    apply("managedFields inside", A, cm("a", managedFields=[{"manager": "x", "operation": "Apply"}])),
    apply("empty managedFields inside", A, cm("a", managedFields=[])),
    apply("a field that is none", A, {**cm("a"), "nonsense": 1}, "odd"),
    apply("a number for text", A, cm("a", {"k": 5}), "odd"),
    apply("a version inside that is old", A, cm("a", resourceVersion="1"), "odd"),
    apply("a version for what is not there", CM + "/new", cm("new", resourceVersion="1"), "odd"),
    apply("a uid for what is not there", CM + "/new", cm("new", uid="x"), "odd"),
    apply("in a namespace that is not there", "/api/v1/namespaces/agree-nowhere/configmaps/a", cm("a")),
    apply("dry run", A, cm("a", {"dry": "1"}), "dry", query="&dryRun=All"),
    get("nothing of the dry run is left", A, managed=True),
    post("create with a manager", CM + "?fieldManager=maker", cm("made", {"a": "1"}), managed=True),
    apply("over a creation", CM + "/made", cm("made", {"a": "2"})),
    apply("over a creation with the same value", CM + "/made", cm("made", {"a": "1"})),
    apply("a deployment", D, deployment("d", 0, template_spec=CONTAINERS)),
    apply("a container by its name", D, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [
        {"name": "a", "imagePullPolicy": "Always"}]}}}}, "two"),
    apply("a conflict in a list", D, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [
        {"name": "a", "image": "other"}]}}}}, "two"),
    apply("a container less", D, deployment("d", 0, template_spec=pod_spec(container("a")))),
    apply("a duplicate in a list", D, deployment("d", 0, template_spec=pod_spec(container("a"), container("a")))),
    apply("no key in a list", D, deployment("d", 0, template_spec=pod_spec({"image": "x"}))),
    apply("invalid", D, deployment("d", -1)),
    patch("scaling takes the replicas", D + "/scale?fieldManager=scaler", {"spec": {"replicas": 1}}),
    apply("a conflict with scaling", D, deployment("d", 0)),
    apply("replicas left out", D, deployment("d", None, template_spec=pod_spec(container("a")))),
    apply("a service", S, service("s", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}])),
    apply("service ports by port and protocol", S, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"name": "c", "port": 82}]}}, "two"),
    apply("a set", A, cm("a", finalizers=["agree.test/a"]), "one"),
    apply("a set grows", A, cm("a", finalizers=["agree.test/b"]), "two"),
    apply("a set shrinks", A, cm("a"), "two"),
    apply("it is empty again", A, cm("a"), "one"),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same"),
           ("body/metadata/managedFields/*/time", "the time")), known={
    newer("body/message", "names the object since 1.23"): {name: replaced(("patch object:", f"patch object ({of}):")) for name, of in (
        ("a field that is none", "/a; /v1, Kind=ConfigMap"), ("a number for text", "/a; /v1, Kind=ConfigMap"), ("a duplicate in a list", "/d; apps/v1, Kind=Deployment"))},
    newer("body/message", "the kind is checked with the version since 1.27"): {
        "no kind": "invalid object type: /, Kind=", "no apiVersion": "invalid object type: /, Kind=ConfigMap", "another kind": "invalid object type: /v1, Kind=Secret"},
    newer("status", "the kind is checked with the version since 1.27", 400): ("another kind",),
    newer("body/message", "the namespace is compared with the path's first since 1.24", "the namespace of the provided object does not match the namespace sent on the request"): ("another namespace",),
    newer("status", SCALE, 409): ("a conflict with scaling",),
    newer("body/message", SCALE, 'Apply failed with 1 conflict: conflict with "scaler" with subresource "scale" using apps/v1: .spec.replicas'): ("a conflict with scaling",),
    **{newer("body/metadata/managedFields/" + path, SCALE): {"replicas left out": value} for path, value in (
        ("1/manager", "scaler"), ("1/operation", "Update"), ("1/subresource", "scale"), ("1/fieldsV1/f:spec/f:template", ABSENT), ("1/fieldsV1/f:spec/f:replicas", {}),
        ("2", {"manager": "two", "operation": "Apply", "apiVersion": "apps/v1", "fieldsType": "FieldsV1",
               "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"a"}': {".": {}, "f:imagePullPolicy": {}, "f:name": {}}}}}}}}))},
    newer("status", "keys of lists have defaults since 1.21"): {"a service": 201, "service ports by port and protocol": 200},
    newer("body/message", "keys of lists have defaults since 1.21", ABSENT): ("a service", "service ports by port and protocol"),
})
