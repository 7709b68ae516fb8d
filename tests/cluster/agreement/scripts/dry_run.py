"""dryRun=All: the answer of the real thing, and nothing happens."""
from script import JSON_PATCH, STRATEGIC_PATCH, Edit, Script, delete, get, newer, patch, post, put
from scripts._objects import CM, DEPLOYMENTS, PODS, SERVICES, cm, deployment, made, service, waiting_pod

DRY = "?dryRun=All"

SCRIPT = Script("dry_run", [
    post("create", CM + DRY, cm("dry", {"a": "b"})),
    get("nothing was made", CM + "/dry"),
    post("create with a generated name", CM + DRY, cm("", generateName="gen-")),
    post("create what is invalid", CM + DRY, cm("-bad-")),
    post("really", CM, cm("a", {"k": "v"}), remember={"a": ""}),
    post("create what is there", CM + DRY, cm("a")),
    put("replace", CM + "/a" + DRY, Edit("a", {"data.k": "w"})),
    put("replace what is not there", CM + "/b" + DRY, cm("b")),
    patch("merge patch", CM + "/a" + DRY, {"data": {"k": "x"}}),
    patch("strategic patch", CM + "/a" + DRY, {"data": {"k": "x"}}, STRATEGIC_PATCH),
    patch("JSON patch", CM + "/a" + DRY, [{"op": "remove", "path": "/data/k"}], JSON_PATCH),
    delete("delete", CM + "/a" + DRY),
    delete("delete by its options", CM + "/a", {"dryRun": ["All"]}),
    delete("delete the collection", CM + "?labelSelector=none&dryRun=All"),
    get("it is as it was", CM + "/a"),
    post("a value that is none", CM + "?dryRun=Some", cm("x")),
    post("an empty value", CM + "?dryRun=", cm("empty")),
    post("two values", CM + "?dryRun=All&dryRun=All", cm("x")),
    patch("a patch with a value that is none", CM + "/a?dryRun=Some", {}),
    put("a replacement with a value that is none", CM + "/a?dryRun=Some", cm("a")),
    delete("a deletion with a value that is none", CM + "/a?dryRun=Some"),
    delete("options with a value that is none", CM + "/a", {"dryRun": ["Some"]}),
    post("a namespace", "/api/v1/namespaces" + DRY, made("v1", "Namespace", "agree-dry")),
    post("a service", SERVICES + DRY, service("dry")),
    post("a pod", PODS + DRY, waiting_pod("dry")),
    post("a deployment", DEPLOYMENTS + DRY, deployment("dry", 2)),
    post("a deployment, really", DEPLOYMENTS, deployment("d", 0)),
    patch("scale", DEPLOYMENTS + "/d/scale" + DRY, {"spec": {"replicas": 3}}),
    patch("status", DEPLOYMENTS + "/d/status" + DRY, {"status": {"replicas": 9}}, ignore=(("body/metadata/annotations", "the controller's turn"), ("body/status/observedGeneration", "the controller's turn"), ("body/status/conditions", "the same"), ("body/status/conditions/**", "the same"))),
    get("it was not scaled", DEPLOYMENTS + "/d/scale"),
], service_account=True, known={
    newer("body/spec/clusterIP", "addresses are chosen in a dry run, too, since 1.23", "<ip>"): ("a service",),
    newer("body/spec/clusterIPs", "addresses are chosen in a dry run, too, since 1.23"): {"a service": ["<ip>"]},
})
