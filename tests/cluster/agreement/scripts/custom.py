"""Custom resources: a definition, its objects, what its schema prunes, fills in and refuses, and how server-side apply takes them apart."""
from script import ABSENT, APPLY_PATCH, JSON_PATCH, STRATEGIC_PATCH, WARNS, Script, delete, get, newer, patch, post, put, quietly, refused_as, replaced, table

GROUP = "agreement.fairlead.test"
NAME = "widgets." + GROUP
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = f"/apis/{GROUP}/v1/namespaces/{{ns}}/widgets"
BETA = f"/apis/{GROUP}/v1beta1/namespaces/{{ns}}/widgets"
TYPED = "wrong types and long texts have reasons of their own"
APPLIED = "server-side apply goes by the schema of a custom resource"
CREATING = "failed to create typed patch object (/b; agreement.fairlead.test/v1, Kind=Widget): "
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def of(properties, **more):
    return {"type": "object", "properties": properties, **more}


SPEC = of({
    "size": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3},
    "color": {"type": "string", "enum": ["red", "green"]},
    "word": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
    "tags": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
    "ports": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["number", "protocol"], "items": of(
        {"number": NUMBER, "protocol": {"type": "string", "default": "TCP"}, "name": TEXT}, required=["number"])},
    "plain": {"type": "array", "items": NUMBER},
    "labels": {"type": "object", "additionalProperties": TEXT},
    "whole": of({"a": TEXT, "b": TEXT}, **{"x-kubernetes-map-type": "atomic"}),
    "inner": of({"a": TEXT, "b": TEXT, "deep": of({"c": TEXT})}),
    "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "amount": {"x-kubernetes-int-or-string": True},
    "ratio": {"type": "number"},
    "on": {"type": "boolean"},
    "selector": TEXT,
})
SCHEMA = of({"spec": SPEC, "status": of({"replicas": NUMBER, "phase": TEXT})})
DEFINITION = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": NAME}, "spec": {
    "group": GROUP, "scope": "Namespaced", "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]},
    "versions": [
        {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": SCHEMA},
         "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".spec.selector"}},
         "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}, {"name": "Color", "type": "string", "jsonPath": ".spec.color", "priority": 1}]},
        {"name": "v1beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": of({"spec": of({"size": NUMBER, "color": TEXT})})}}]}}


def widget(name, spec=None, version="v1", **metadata):
    return {"apiVersion": f"{GROUP}/{version}", "kind": "Widget", "metadata": {"name": name, **metadata}, **({"spec": spec} if spec is not None else {})}


def apply(name, body, manager="one", **more):
    query = f"?fieldManager={manager}" + more.pop("query", "")
    return patch(name, f"{WIDGETS}/{more.pop('of', 'a')}{query}", body, APPLY_PATCH, **more)


def refused(name, spec):
    return post(name, WIDGETS, widget("refused", spec))


A = WIDGETS + "/a"

SCRIPT = Script("custom", [
    quietly(delete("no older one", f"{DEFINITIONS}/{NAME}")),
    quietly(get("it is gone", f"{DEFINITIONS}/{NAME}", until=404)),
    post("define", DEFINITIONS, DEFINITION),
    quietly(get("it is established", f"{DEFINITIONS}/{NAME}", until={"status.acceptedNames.kind": "Widget"})),
    quietly(get("it is served", WIDGETS, until=200)),
    get("an empty list", WIDGETS),
    get("discovery", f"/apis/{GROUP}/v1"),
    # Objects
    post("create", WIDGETS + "?fieldManager=maker", widget("a", {"color": "red", "labels": {"x": "y"}, "inner": {"a": "1"}, "plain": [1]}), managed=True),
    post("create what is there", WIDGETS, widget("a", {})),
    post("without a spec", WIDGETS, widget("bare")),
    post("an empty spec is filled in", WIDGETS, widget("empty", {})),
    post("what the schema does not name is pruned", WIDGETS + "?fieldManager=maker", widget("pruned", {"inner": {"a": "1", "z": 1}, "any": {"z": {"y": 1}}}), managed=True),
    post("strictly, it is refused", WIDGETS + "?fieldValidation=Strict", widget("strict", {"nonsense": 1, "inner": {"a": "1", "z": 1}, "any": {"z": 1}})),
    post("status of a new one is dropped", WIDGETS, {**widget("status"), "status": {"phase": "x"}}),
    post("defaults of a list's key", WIDGETS, widget("ports", {"ports": [{"number": 80, "name": "http"}], "tags": ["t"]})),
    refused("too large", {"size": 10}),
    refused("too small", {"size": 0}),
    refused("not one of the values", {"color": "blue"}),
    refused("too long", {"word": "toolong"}),
    refused("not of the pattern", {"word": "A"}),
    refused("text for a boolean", {"on": "yes"}),
    refused("text for a ratio", {"ratio": "1"}),
    refused("a boolean for a number or text", {"amount": True}),
    refused("text in a list of numbers", {"plain": ["a"]}),
    refused("a list for an object", {"inner": []}),
    refused("a number for text in a map", {"labels": {"a": 1}}),
    refused("twice in a set", {"tags": ["a", "a"]}),
    refused("twice by key", {"ports": [{"number": 1}, {"number": 1, "protocol": "TCP"}]}),
    refused("a key is missing", {"ports": [{"name": "x"}]}),
    post("null for a member", WIDGETS, widget("null", {"color": None, "size": None})),
    post("int or string as text", WIDGETS, widget("amount-text", {"amount": "5%"})),
    post("int or string as number", WIDGETS, widget("amount-number", {"amount": 5})),
    post("another kind", WIDGETS, {**widget("kind"), "kind": "Gadget"}),
    post("another version", WIDGETS, widget("version", {}, "v1beta1")),
    post("no kind", WIDGETS, {"apiVersion": f"{GROUP}/v1", "metadata": {"name": "x"}}),
    post("a bad name", WIDGETS, widget("A_B")),
    get("get", A, managed=True),
    get("another version shows what its schema names", BETA + "/a"),
    patch("a change by another version", BETA + "/empty?fieldManager=beta", {"spec": {"color": "red"}}),
    get("and what became of it", WIDGETS + "/empty"),
    get("one that is not there", WIDGETS + "/nothing"),
    table("a table", WIDGETS),
    # Changes
    patch("a merge patch", A + "?fieldManager=patcher", {"spec": {"size": 5, "labels": {"z": "1"}}}, managed=True),
    patch("a merge patch replaces lists", A + "?fieldManager=patcher", {"spec": {"plain": [2]}}, managed=True),
    patch("a merge patch that is wrong", A, {"spec": {"size": 50}}),
    patch("a JSON patch", A + "?fieldManager=patcher", [{"op": "replace", "path": "/spec/color", "value": "green"}], JSON_PATCH, managed=True),
    patch("a strategic patch", A, {"spec": {"size": 1}}, STRATEGIC_PATCH),
    patch("the status by the main resource", A, {"status": {"phase": "x"}}),
    patch("the status", A + "/status?fieldManager=watcher", {"status": {"phase": "on", "replicas": 2}, "spec": {"size": 8}}),
    get("the scale", A + "/scale"),
    patch("scale it", A + "/scale?fieldManager=scaler", {"spec": {"replicas": 7}}),
    get("scaled", A),
    put("put with an old version", A, widget("a", {"size": 2}, resourceVersion="1")),
    put("put without a version", A, widget("a", {"size": 2})),
    # Server-side apply
    apply("apply a new one", widget("b", {"size": 4, "labels": {"k": "v"}, "inner": {"a": "1"}, "plain": [1], "any": {"q": {"r": [1]}}}), of="b"),
    apply("another adds to maps", widget("b", {"labels": {"l": "w"}, "inner": {"b": "2", "deep": {"c": "3"}}}), "two", of="b"),
    apply("a conflict", widget("b", {"size": 5, "labels": {"k": "x"}}), "two", of="b"),
    apply("forced", widget("b", {"size": 5, "labels": {"l": "w"}}), "two", of="b", query="&force=true"),
    apply("a list conflicts as a whole", widget("b", {"plain": [2]}), "three", of="b"),
    apply("the same list is shared", widget("b", {"plain": [1]}), "three", of="b"),
    apply("in a part that is kept as it is", widget("b", {"any": {"q": {"s": 2}}}), "four", of="b"),
    apply("a conflict in such a part", widget("b", {"any": {"q": {"r": [2]}}}), "four", of="b"),
    apply("the first gives up most", widget("b", {"plain": [1]}), of="b"),
    apply("what the schema refuses", widget("b", {"size": 99}), "five", of="b", query="&force=true"),
    apply("a field that the schema does not know", widget("b", {"nonsense": 1, "inner": {"z": 1}}), "five", of="b"),
    apply("text for a number", widget("b", {"size": "x"}), "five", of="b"),
    get("after all of it", WIDGETS + "/b"),
    delete("delete one", WIDGETS + "/bare"),
    get("it went", WIDGETS + "/bare", until=404),
    # The definition
    post("a definition that is wrong", DEFINITIONS, {**DEFINITION, "metadata": {"name": "gadgets." + GROUP}}),
    quietly(delete("delete the definition", f"{DEFINITIONS}/{NAME}")),
    get("it went with its objects", f"{DEFINITIONS}/{NAME}", until=404),
    quietly(get("it is served no more", A, until=404)),
], known={
    newer("headers/warning", WARNS): ("what the schema does not name is pruned",),
    newer("status", "fields that the schema does not name can be refused, since 1.25", 400): ("strictly, it is refused",),
    newer("body/message", "fields that the schema does not name can be refused, since 1.25",
          'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.nonsense", unknown field "spec.inner.z"'): ("strictly, it is refused",),
    newer("body/rows/9", "and so it is not in the list", ABSENT): ("a table",),
    newer("body/details/causes/0/reason", TYPED, "FieldValueTypeInvalid"): (
        "text for a boolean", "text for a ratio", "a boolean for a number or text", "text in a list of numbers", "a list for an object", "a number for text in a map"),
    **refused_as(newer, TYPED, {"too long": ("spec.word", "Too long: may not be more than 5 bytes")}, "FieldValueTooLong"),
    **refused_as(newer, "items of lists are told by their index", {
        "text in a list of numbers": ("spec.plain[0]", 'Invalid value: "string": spec.plain[0] in body must be of type integer: "string"')}),
    newer("body/message", "items of lists are told by their index", 'Widget.agreement.fairlead.test "refused" is invalid: spec.ports[0].number: Required value'): ("a key is missing",),
    newer("body/details/causes/0/field", "items of lists are told by their index"): {"text in a list of numbers": "spec.plain[0]", "a key is missing": "spec.ports[0].number"},
    **refused_as(newer, "values are shown as JSON", {"twice by key": ("spec.ports[1]", 'Duplicate value: {"number":1,"protocol":"TCP"}')}),
    newer("body/message", "decoded by another library since 1.23", replaced(("unmarshalerDecoder: ", ""), (
        """, error found in #10 byte of ...|me": "x"}}|..., bigger context ...|ment.fairlead.test/v1", "metadata": {"name": "x"}}|...""", ""))): ("no kind",),
    newer("status", APPLIED, 500): ("a field that the schema does not know", "text for a number"),
    newer("body/message", APPLIED): {
        "a field that the schema does not know": CREATING + "errors:\n  .spec.nonsense: field not declared in schema\n  .spec.inner.z: field not declared in schema",
        "text for a number": CREATING + ".spec.size: expected numeric (int or float), got string"},
    newer("body/metadata/generation", APPLIED, 5): ("after all of it",),
    newer("body/spec/inner", APPLIED, ABSENT): ("after all of it",),
})
