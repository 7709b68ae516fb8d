"""What is refused before it reaches an object: bodies, kinds, versions, paths, methods, media types, sizes, names."""
from script import DECODED, JSON, MESSAGES, SCHEME, WARNS, Script, Sized, delete, differs, get, newer, patch, post, put, quietly, replaced
from scripts._objects import CM, DEPLOYMENTS, PODS, cm, deployment, made


def raw(name, text, path=CM, **headers):
    return post(name, path, text, headers={"Content-Type": JSON, **headers})


def name_of(kind_path, api_version, kind, name, label):
    return post(label, kind_path, made(api_version, kind, name))

QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

SCRIPT = Script("errors", [
    raw("no JSON", "hello"), raw("half an object", '{"kind": "ConfigMap", "apiVersion": "v1"'), raw("nothing", ""), raw("white space", "  "), raw("null", "null"),
    raw("a list", "[]"), raw("a text", '"x"'), raw("a number", "5"), raw("true", "true"), raw("two objects", "{} {}"), raw("a trailing comma", '{"kind": "ConfigMap",}'),
    raw("single quotes", "{'kind': 'ConfigMap'}"), raw("an unfinished text", '{"kind": "Conf'), raw("YAML as JSON", "kind: ConfigMap\n"),
    raw("an empty object", "{}"), raw("a duplicate key", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "dup"}, "data": {"a": "1", "a": "2"}}'),
    raw("the key in capitals", '{"Kind": "ConfigMap", "ApiVersion": "v1", "metadata": {"name": "caps"}}'),
    raw("bytes that are no UTF-8", b'{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "\xff"}}'),
    raw("the kind is a number", '{"kind": 5, "apiVersion": "v1"}'), raw("metadata is a text", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": "x"}'),
    raw("metadata is a list", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": []}'),
    raw("the name is a number", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": 5}}'),
    raw("data is a list", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}, "data": []}'),
    raw("data holds a number", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}, "data": {"k": 1}}'),
    raw("data holds an object", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}, "data": {"k": {}}}'),
    raw("binary data that is no base64", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}, "binaryData": {"k": "!"}}'),
    raw("a time that is none", '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x", "creationTimestamp": "yesterday"}}'),
    raw("a text for a number", '{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {"replicas": "2"}}', DEPLOYMENTS),
    raw("a fraction for a number", '{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {"replicas": 1.5}}', DEPLOYMENTS),
    raw("too large a number", '{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {"replicas": 99999999999}}', DEPLOYMENTS),
    raw("a text for true", '{"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "x"}, "spec": {"paused": "yes"}}', DEPLOYMENTS),
    raw("a quantity that is none", '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "a", "image": "x", "resources": {"limits": {"cpu": "much"}}}]}}', PODS),
    raw("a quantity that is an object", '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "a", "image": "x", "resources": {"limits": {"cpu": {}}}}]}}', PODS),
    raw("an object for a list", '{"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}, "spec": {"containers": {}}}', PODS),
    post("another kind", CM, made("v1", "Secret", "x")), post("a kind that is none", CM, made("v1", "Nothing", "x")), post("another group", CM, made("apps/v1", "ConfigMap", "x")),
    post("a version that is none", CM, made("v7", "ConfigMap", "x")), post("a group that is none", CM, made("agree.test/v1", "ConfigMap", "x")),
    post("an apiVersion that is none", CM, made("a/b/c", "ConfigMap", "x")), post("a kind and no version", CM, {"kind": "Secret", "metadata": {"name": "x"}}),
    post("a version and no kind", CM, {"apiVersion": "v1", "metadata": {"name": "versiononly"}}), post("a version of another group and no kind", CM, {"apiVersion": "apps/v1", "metadata": {"name": "x"}}),
    post("a list of them", CM, {"apiVersion": "v1", "kind": "ConfigMapList", "items": []}), post("a List", CM, {"apiVersion": "v1", "kind": "List", "items": []}),
    post("an old version of a group", DEPLOYMENTS, {**deployment("x"), "apiVersion": "extensions/v1beta1"}),
    # Media types
    post("text/plain", CM, "x", headers={"Content-Type": "text/plain"}), post("a media type that is none", CM, "{}", headers={"Content-Type": "nonsense"}),
    post("XML", CM, "<a/>", headers={"Content-Type": "application/xml"}), post("a form", CM, "a=b", headers={"Content-Type": "application/x-www-form-urlencoded"}),
    post("JSON with a parameter", CM, '{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "param"}}', headers={"Content-Type": "application/json; charset=utf-8"}),
    post("YAML", CM, "kind: ConfigMap\napiVersion: v1\nmetadata: {name: yaml}\n", headers={"Content-Type": "application/yaml"}),
    post("bad YAML", CM, "kind: [\n", headers={"Content-Type": "application/yaml"}),
    post("no media type", CM, b'{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "untyped"}}'),
    put("a patch type on PUT", CM + "/param", "{}", headers={"Content-Type": "application/merge-patch+json"}),
    *[get(f"accept {accept or 'nothing'}", CM + "/param", headers={"Accept": accept},
           ignore=(("body", "a Table as YAML, with ages"),) if "yaml;as" in accept else ()) for accept in (
        "*/*", "application/*", "application/yaml", "text/html", "image/png", "application/xml, application/json", "text/html,*/*;q=0.1", "application/json;q=0.5", "nonsense",
        "application/json;as=Table;v=v7;g=meta.k8s.io", "application/json;as=Nothing;v=v1;g=meta.k8s.io", "application/json;as=Table;v=v1;g=other",
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "application/json;as=Table;v=v1beta1;g=meta.k8s.io", "application/yaml;as=Table;v=v1;g=meta.k8s.io",
        "application/json;stream=watch", "application/json;charset=utf-8", "application/json;pretty=1")],
    get("accept nothing there", CM + "/nothing", headers={"Accept": "image/png"}),
    get("pretty", CM + "/param?pretty=true"), get("an object that is not there, as YAML", CM + "/nothing", headers={"Accept": "application/yaml"}),
    # Paths
    *[get("path " + path, path, only=("kind", "status", "reason", "message", "details", "code")) for path in (
        "/api/v1/nothings", "/api/v1/namespaces/{ns}/nothings", "/api/v1/namespaces/{ns}/nothings/x", "/api/v2", "/api/v2/pods", "/apis/nothing.test/v1/things", "/apis/apps/v7/deployments", "/apis/apps/v7",
        "/apis/nothing.test", "/nothing", "/api/v1/", "/api/v1/namespaces/{ns}/", "/api/v1/namespaces/{ns}/configmaps/", "/api/v1/namespaces/{ns}/configmaps/param/x", "/api/v1/namespaces/{ns}/configmaps/param/x/y",
        "/api/v1/namespaces/{ns}/nodes", "/api/v1/namespaces/{ns}/namespaces", "/api/v1/configmaps/param", "/api/v1/deployments", "/apis/apps/v1/pods", "/api/v1/pods/", "/apis/apps/v1/namespaces/{ns}/deployments/x/scale",
        "/healthz/", "/healthz/ping", "/livez/ping", "/readyz/ping", "/healthz/nothing", "/api/v1/namespaces/{ns}/configmaps/a%2Fb", "/api/v1/namespaces/{ns}/configmaps/%2E%2E", "/api//v1/namespaces")],
    # Methods
    post("POST a node subresource", "/api/v1/nodes/x/status", {}), delete("DELETE a version", "/api/v1"), put("PUT a collection", CM, cm("x")),
    patch("PATCH a collection", CM, {}), post("POST an object", CM + "/param", cm("param")), delete("DELETE a collection that cannot be", "/api/v1/namespaces"),
    delete("DELETE of an object of all namespaces", "/api/v1/configmaps/x"), delete("DELETE all namespaces' objects", "/api/v1/configmaps"),
    post("POST a health check", "/healthz", {}), post("POST the version", "/version", {}),
    # Sizes
    post("too large a body", CM, Sized('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "large"}, "data": {"k": "…"}}', "x", 3_200_000)),
    post("too large a ConfigMap", CM, Sized('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "large"}, "data": {"k": "…"}}', "x", 1_048_577)),
    post("the largest ConfigMap", CM, Sized('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "large"}, "data": {"k": "…"}}', "x", 1_048_576), only=("kind", "metadata.name")),
    post("annotations too large", CM, Sized('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "noted", "annotations": {"k": "…"}}}', "x", 262_145)),
    post("very deep", CM, Sized('{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "deep"}, "x": …1}', '{"a":', 0)),
    # Names
    *[post("name " + label, CM, cm(name)) for label, name in (
        ("in capitals", "A"), ("with a space", "a b"), ("with an underscore", "a_b"), ("that starts with a dash", "-a"), ("that ends with a dot", "a."), ("with two dots", "a..b"), ("too long", "a" * 254),
        ("with a slash", "a/b"), ("of a dot", "."), ("of two dots", ".."), ("with a percent sign", "a%b"), ("with an umlaut", "ä"), ("with a newline", "a\nb"), ("as long as can be", "a" * 253))],
    *[post("label " + label, CM, cm("x", labels={key: value})) for label, key, value in (
        ("with an empty key", "", "v"), ("with a bad key", "-a", "v"), ("with two slashes", "a/b/c", "v"), ("with a bad prefix", "A_b/c", "v"), ("with a long key", "a" * 64, "v"), ("with a long prefix", "a" * 254 + "/b", "v"),
        ("with a bad value", "a", "-v"), ("with a long value", "a", "v" * 64), ("with a space", "a", "a b"))],
    *[post("annotation " + label, CM, cm("x", annotations={key: "v"})) for label, key in (("with an empty key", ""), ("with a bad key", "-a"), ("in capitals", "Agree.Test/A"), ("with a space", "a b"))],
    quietly(delete("clear", CM)),
    post("a bad generateName", CM, cm("", generateName="-a"), only=("kind", "reason", "code", "details.causes[0].field", "details.causes[1].field")), post("a name in another namespace", CM, cm("x", namespace="Bad_")),
    post("a bad namespace in the path", "/api/v1/namespaces/Bad_/configmaps", cm("x")),
    get("get a bad name", CM + "/Bad_"), delete("delete a bad name", CM + "/Bad_"),
    # Credentials
    get("no credentials", CM, credentials="none"), get("a token that is none", CM, credentials="none", headers={"Authorization": "Bearer nothing"}),
    get("basic credentials", CM, credentials="none", headers={"Authorization": "Basic YTpi"}), get("no credentials for the version", "/version", credentials="none", only=("kind",)),
    get("no credentials for health", "/healthz", credentials="none"), get("no credentials for discovery", "/api", credentials="none", only=("kind", "reason", "message")),
], known={
    **{newer(path, "keys of labels are counted in bytes since 1.35", replaced(("253 characters", "253 bytes"))): ("label with a long prefix",) for path in MESSAGES},
    newer("body/message", DECODED): {name: f'{kind} in version "v1" cannot be handled as a {kind}: {text}' for kind, texts in {
        "ConfigMap": {
            "metadata is a text": "json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta",
            "metadata is a list": "json: cannot unmarshal array into Go struct field ConfigMap.metadata of type v1.ObjectMeta",
            "the name is a number": "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
            "data is a list": "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string",
            "data holds a number": "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
            "data holds an object": "json: cannot unmarshal object into Go struct field ConfigMap.data of type string",
            "binary data that is no base64": "illegal base64 data at input byte 0",
            "a time that is none": 'parsing time "yesterday" as "<time>07:00": cannot parse "yesterday" as "2006"'},
        "Deployment": {
            "a text for a number": "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
            "a fraction for a number": "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
            "too large a number": "json: cannot unmarshal number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32",
            "a text for true": "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"},
        "Pod": {
            "an object for a list": "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
            "a quantity that is none": QUANTITY, "a quantity that is an object": QUANTITY}}.items() for name, text in texts.items()},
    newer("body/message", "a scheme is named without its module", SCHEME): ("a kind that is none", "another group", "a version that is none", "a group that is none", "a version of another group and no kind"),
    newer("headers/warning", WARNS): {"a duplicate key": '299 - "duplicate field \\"data.a\\""', "the key in capitals": '299 - "unknown field \\"ApiVersion\\""', "very deep": '299 - "unknown field \\"x\\""'},
    newer("body/message", "extensions/v1beta1 ended with 1.22",
          'Deployment in version "v1beta1" cannot be handled as a Deployment: no kind "Deployment" is registered for version "extensions/v1beta1" in scheme "pkg/api/legacyscheme/scheme.go:30"'): ("an old version of a group",),
    differs("status", "A body that is no UTF-8 is refused as no JSON (400)"): ("bytes that are no UTF-8",), differs("body/message", "A body that is no UTF-8 is refused as no JSON (400)"): ("bytes that are no UTF-8",),
    **{newer(path, "bytes are called bytes since 1.35", replaced(("63 characters", "63 bytes"))): ("label with a long key", "label with a long value") for path in MESSAGES},
    **{newer(path, "called a valid label key since 1.35", replaced(("a qualified name must", "a valid label key must"))): ("label with two slashes",) for path in MESSAGES},
})
