"""Namespaces: life, finalization, and what controllers put into them."""
from script import DOTS, Script, delete, get, newer, patch, post, put, quietly, refused_as, replaced, wait
from scripts._objects import CM, cm, made

N = "/api/v1/namespaces"

SCRIPT = Script("namespaces", [
    post("create", N, made("v1", "Namespace", "agree-life", labels={"a": "b"}), remember={"n": ""}),
    get("get", N + "/agree-life"),
    post("create again", N, made("v1", "Namespace", "agree-life")),
    post("a name with dots", N, made("v1", "Namespace", "agree.life")),
    post("a name too long", N, made("v1", "Namespace", "a" * 64)),
    post("a name in capitals", N, made("v1", "Namespace", "Agree")),
    post("no name", N, {"apiVersion": "v1", "kind": "Namespace"}),
    post("with a namespace inside", N, made("v1", "Namespace", "agree-inside", namespace="default")),
    quietly(delete("delete that", N + "/agree-inside")),
    wait("its account", N + "/agree-life/serviceaccounts/default", 200),
    get("the default service account", N + "/agree-life/serviceaccounts/default", ignore=(("body/secrets/**", "automatic token Secrets ended with 1.24"), ("body/secrets", "the same"))),
    get("the authority of the cluster", N + "/agree-life/configmaps/kube-root-ca.crt", until=200, within=10, only=("kind", "metadata.name", "metadata.annotations")),
    quietly(post("something in it", N + "/agree-life/configmaps", cm("held", finalizers=["agree.test/hold"]))),
    patch("labels", N + "/agree-life", {"metadata": {"labels": {"c": "d"}}}),
    patch("its finalizers are not changed here", N + "/agree-life", {"spec": {"finalizers": []}}),
    patch("nor is its phase", N + "/agree-life", {"status": {"phase": "Terminating"}}),
    delete("a collection of namespaces", N),
    delete("delete", N + "/agree-life"),
    post("nothing new in it", N + "/agree-life/configmaps", cm("late")),
    get("conditions tell why it stays", N + "/agree-life", until={"status.conditions[type=NamespaceFinalizersRemaining].status": "True"}),
    get("what has a finalizer is being deleted", N + "/agree-life/configmaps/held"),
    delete("delete again", N + "/agree-life"),
    quietly(patch("let it go", N + "/agree-life/configmaps/held", {"metadata": {"finalizers": None}})),
    get("it is gone", N + "/agree-life", until=404),
    delete("delete what is not there", N + "/agree-life"),
    post("create another", N, made("v1", "Namespace", "agree-final", {"spec": {"finalizers": ["agree.test/mine", "kubernetes"]}}), remember={"f": ""}),
    quietly(delete("delete it", N + "/agree-final")),
    get("it waits for its own finalizer", N + "/agree-final", until={"spec.finalizers[1]": None}, ignore=(("body/status/conditions/**", "come and go"), ("body/status/conditions", "the same"))),
    put("finalize", N + "/agree-final/finalize", made("v1", "Namespace", "agree-final", {"spec": {"finalizers": []}}),
        ignore=(("body/status/conditions/**", "come and go"), ("body/status/conditions", "the same"))),
    get("now it is gone", N + "/agree-final", until=404),
    get("no method on finalize", N + "/default/finalize"),
    delete("the default namespace", N + "/default"),
    delete("kube-system", N + "/kube-system"),
    get("default", N + "/default", only=("kind", "metadata.name", "spec", "status")),
    get("kube-public is there", N + "/kube-public", only=("kind", "metadata.name", "spec", "status")),
    get("a subresource that is none", N + "/default/nothing"),
    get("status", N + "/default/status", only=("kind", "metadata.name", "status")),
    get("an object of no kind", N + "/{ns}/nothings/x"),
    get("a list of another", CM + "?labelSelector=none"),
], known={
    **refused_as(newer, DOTS, {"a name with dots": ("metadata.name", 'Invalid value: "agree.life": must not contain dots')}),
    newer("body/message", "the label with the name is checked too, since 1.21, and in bytes since 1.35", replaced(
        ("is invalid: ", "is invalid: ["), ("63 characters", f'63 characters, metadata.labels: Invalid value: "{"a" * 64}": must be no more than 63 bytes]'))): ("a name too long",),
    newer("body/details/causes/1", "the label with the name is checked too, since 1.21, and in bytes since 1.35"): {
        "a name too long": {"reason": "FieldValueInvalid", "message": f'Invalid value: "{"a" * 64}": must be no more than 63 bytes', "field": "metadata.labels"}},
    newer("body/metadata.annotations", "says what it is for since 1.22"): {"the authority of the cluster": {"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using "
          "internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."}},
})
