"""JSON merge patches."""
from script import DECODED, MERGE_PATCH, MESSAGES, PATCHED, SCHEME, STRATEGIC_PATCH, STRICTLY, WARNS, Script, differs, known_at, newer, patch, post, refused_as
from scripts._objects import CM, DEPLOYMENTS, cm, container, deployment, pod_spec

A, D = CM + "/a", DEPLOYMENTS + "/d"

SCRIPT = Script("patch_merge", [
    post("create", CM, cm("a", {"k": "v", "l": "w"}, labels={"x": "1"})),
    patch("change one", A, {"data": {"k": "x"}}),
    patch("null removes", A, {"data": {"k": None}}),
    patch("null of nothing", A, {"data": {"none": None}}),
    patch("null removes all", A, {"data": None}),
    patch("an empty patch", A, {}),
    patch("no change", A, {"metadata": {"labels": {"x": "1"}}}),
    patch("labels and annotations", A, {"metadata": {"labels": {"x": None, "y": "2"}, "annotations": {"a": "b"}}}),
    patch("a field that is none", A, {"nonsense": {"a": 1}}),
    patch("a number for text", A, {"data": {"k": 5}}),
    patch("text for an object", A, {"data": "text"}),
    patch("a list for an object", A, {"metadata": ["x"]}),
    patch("the name", A, {"metadata": {"name": "b"}}),
    patch("the kind", A, {"kind": "Secret"}),
    patch("the apiVersion", A, {"apiVersion": "v2"}),
    patch("the namespace", A, {"metadata": {"namespace": "default"}}),
    patch("the creation time", A, {"metadata": {"creationTimestamp": "2001-01-01T00:00:00Z"}}),
    patch("the creation time away", A, {"metadata": {"creationTimestamp": None}}),
    patch("the generation", A, {"metadata": {"generation": 9}}),
    patch("a bad label", A, {"metadata": {"labels": {"-bad-": "x"}}}),
    patch("a list for the patch", A, []),
    patch("null for the patch", A, "null"),
    patch("text for the patch", A, '"x"'),
    patch("a number for the patch", A, "5"),
    patch("bad JSON", A, "{\"data\": "),
    patch("nothing", A, ""),
    patch("YAML", A, "data:\n  k: yaml\n"),
    patch("what is not there", CM + "/nothing", {"data": {}}),
    patch("of a collection", CM, {"data": {}}),
    patch("a media type that is none", A, {"data": {"k": "x"}}, "application/json"),
    patch("another media type", A, {"data": {"k": "x"}}, "text/plain"),
    patch("a media type with a parameter", A, {"data": {"k": "param"}}, MERGE_PATCH + "; charset=utf-8"),
    patch("dry run", A, {"data": {"k": "dry"}}, headers={}),
    post("create a deployment", DEPLOYMENTS, deployment("d", 0, template_spec=pod_spec(container("a"), container("b")))),
    patch("lists are replaced", D, {"spec": {"template": {"spec": {"containers": [container("c")]}}}}),
    patch("a list item without its name", D, {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}),
    patch("a default comes back", D, {"spec": {"strategy": None, "progressDeadlineSeconds": None}}),
    patch("the selector is immutable", D, {"spec": {"selector": {"matchLabels": {"app": "e"}}, "template": {"metadata": {"labels": {"app": "e"}}}}}),
    patch("metadata does not count as a generation", D, {"metadata": {"labels": {"z": "1"}}}, STRATEGIC_PATCH),
    patch("status is not changed here", D, {"status": {"replicas": 7}}),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same")),
    known={newer("headers/warning", WARNS, '299 - "unknown field \\"nonsense\\""'): ("a field that is none",)}
    | refused_as(newer, DECODED, {"a number for text": ("patch", PATCHED + "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"),
                                  "text for an object": ("patch", PATCHED + "json: cannot unmarshal string into Go struct field ConfigMap.data of type map[string]string"),
                                  "a list for an object": ("patch", PATCHED + "json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta")})
    | {newer(path, "a scheme is named without its module", SCHEME): ("the apiVersion",) for path in MESSAGES}
    | {newer("status", STRICTLY, 400): ("a list for the patch", "text for the patch", "a number for the patch", "bad JSON", "nothing", "YAML"),
       newer("body/message", STRICTLY): {name: "error decoding patch: " + text for name, text in (
           *((f"{label} for the patch", f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}") for label, kind in (("a list", "array"), ("text", "string"), ("a number", "number"))),
           ("bad JSON", "unexpected end of JSON input"), ("nothing", "unexpected end of JSON input"), ("YAML", "invalid character 'd' looking for beginning of value"))},
       newer("status", "a patch that is none is the client's fault since 1.23", 400): ("null for the patch",)}
    | known_at(differs, "What is wrong with labels and annotations is told once; Kubernetes finds it in several checks of an update", ("a bad label",), *(f"body/details/causes/{i}" for i in (1, 2, 3))))
