"""Who may do what: impersonation, roles, reviews, tokens."""
from script import ABSENT, Script, delete, get, newer, patch, post, put, quietly
from scripts._objects import CM, DEPLOYMENTS, PODS, cm, deployment, made, waiting_pod

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ROLES, BINDINGS = RBAC + "/namespaces/{ns}/roles", RBAC + "/namespaces/{ns}/rolebindings"
REVIEWS = "/apis/authorization.k8s.io/v1"


def user(name, *groups, **more):
    headers = {"Impersonate-User": name}
    if groups:
        headers["Impersonate-Group"] = groups[0]
    return {"headers": {**headers, **more}}


JANE = user("jane")


def role(name, *rules):
    return made("rbac.authorization.k8s.io/v1", "Role", name, {"rules": [{"apiGroups": [g], "resources": r, "verbs": v, **n} for g, r, v, n in rules]})


def bound(name, role_name, *subjects, kind="Role"):
    return made("rbac.authorization.k8s.io/v1", "RoleBinding", name, {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role_name},
                                                                      "subjects": [{"kind": k, "name": n, **({"namespace": "{ns}"} if k == "ServiceAccount" else {})} for k, n in subjects]})


def can(label, body_kind="SelfSubjectAccessReview", attributes=None, of=None, path=None, **more):
    spec = {"nonResourceAttributes" if "path" in attributes else "resourceAttributes": attributes} if attributes is not None else {}
    return post(label, path or f"{REVIEWS}/{body_kind.lower()}s", {"apiVersion": "authorization.k8s.io/v1", "kind": body_kind, "spec": {**spec, **(of or {})}}, **more)


def on(verb, resource, group="", **more):
    return {"verb": verb, "resource": resource, "namespace": "{ns}", **({"group": group} if group else {}), **more}


REASON = (("body/status/reason", "tells which binding allowed it"),)

SCRIPT = Script("access", [
    get("jane may nothing", CM, **JANE), post("nor create", CM, cm("x"), **JANE), get("nor get", CM + "/x", **JANE), get("nor read nodes", "/api/v1/nodes", **JANE), get("nor a node", "/api/v1/nodes/x", **JANE), delete("nor delete", CM + "/x", **JANE),
    delete("nor the collection", CM, **JANE), patch("nor patch", CM + "/x", {}, **JANE), put("nor replace", CM + "/x", cm("x"), **JANE), get("nor watch", CM + "?watch=1", **JANE), get("nor list them all", "/api/v1/configmaps", **JANE), get("nor read logs", PODS + "/p/log", **JANE), post("nor exec", PODS + "/p/exec?command=x", **JANE),
    patch("nor scale", DEPLOYMENTS + "/d/scale", {}, **JANE), post("nor evict", PODS + "/p/eviction", {}, **JANE), get("nor read metrics", "/metrics", **JANE), get("nor what is no kind", "/api/v1/namespaces/{ns}/nothings", **JANE), get("nor what is no group", "/apis/agree.test/v1/things", **JANE), get("nor a path", "/nothing", **JANE),
    get("but discovery", "/api", only=("kind", "message"), **JANE), get("and the version", "/version", only=("kind",), **JANE), get("and health", "/healthz", **JANE), get("the names of groups", "/apis/apps", only=("kind", "message"), **JANE), get("and of kinds", "/api/v1", only=("kind", "groupVersion", "message"), **JANE),
    post("a role", ROLES, role("reader", ("", ["configmaps", "pods/log"], ["get", "list", "watch"], {}), ("apps", ["deployments"], ["*"], {}), ("", ["secrets"], ["get"], {"resourceNames": ["one"]}))),
    post("a binding", BINDINGS, bound("jane", "reader", ("User", "jane"), ("Group", "team"), ("ServiceAccount", "robot"))),
    quietly(post("something to read", CM, cm("x", {"k": "v"}))),
    get("now jane may read", CM + "/x", until=200, within=5, **JANE), get("and list", CM + "?labelSelector=none", only=("kind",), **JANE), delete("but not delete", CM + "/x", **JANE), get("nor in another namespace", "/api/v1/namespaces/default/configmaps", **JANE), get("nor everywhere", "/api/v1/configmaps", **JANE),
    post("a verb of *", DEPLOYMENTS, deployment("d", 0), **JANE), get("a subresource is another thing", DEPLOYMENTS + "/d/scale", **JANE), get("one name", "/api/v1/namespaces/{ns}/secrets/one", **JANE), get("not another", "/api/v1/namespaces/{ns}/secrets/two", **JANE), get("nor a list of one", "/api/v1/namespaces/{ns}/secrets", **JANE), get("logs", PODS + "/nothing/log", **JANE), get("not the pod", PODS + "/nothing", **JANE),
    get("joe in the team may", CM + "/x", **user("joe", "team")), get("joe alone may not", CM + "/x", **user("joe")), get("the robot may", CM + "/x", **user("system:serviceaccount:{ns}:robot")), get("a robot of another namespace may not", CM + "/x", **user("system:serviceaccount:default:robot")),
    get("masters may everything", "/api/v1/nodes?labelSelector=none", only=("kind",), **user("joe", "system:masters")),
    post("jane may not give what she has not", ROLES, role("more", ("", ["secrets"], ["list"], {})), **JANE), get("impersonation without a user", CM, headers={"Impersonate-Group": "x"}), get("jane may not impersonate", CM + "/x", **user("jane", **{"Impersonate-Extra-Scopes": "a"})),
    quietly(post("a role for roles", ROLES, role("roles", ("rbac.authorization.k8s.io", ["roles", "rolebindings"], ["*"], {})))), quietly(post("joan has it", BINDINGS, bound("joan", "roles", ("User", "joan")))),
    quietly(get("joan's role is known", ROLES, until=200, within=10, **user("joan"))),
    post("joan may not give more than she has", ROLES, role("more", ("", ["secrets"], ["list"], {})), **user("joan")), post("nor bind to it", BINDINGS, bound("more", "reader", ("User", "joan")), **user("joan")), post("a binding to a role that is not there", BINDINGS, bound("none", "nothing", ("User", "joan"))),
    post("view by a cluster role", BINDINGS, bound("viewer", "view", ("User", "vic"), kind="ClusterRole")), get("vic may view", CM + "/x", until=200, within=5, **user("vic")), get("but no secrets", "/api/v1/namespaces/{ns}/secrets", **user("vic")), post("nor change", CM, cm("y"), **user("vic")),
    quietly(post("edit by a cluster role", BINDINGS, bound("editor", "edit", ("User", "ed"), kind="ClusterRole"))), get("ed may see secrets", "/api/v1/namespaces/{ns}/secrets?labelSelector=none", until=200, within=5, only=("kind",), **user("ed")), post("and change", CM, cm("y"), **user("ed")), get("but no roles", ROLES, **user("ed")),
    quietly(post("admin by a cluster role", BINDINGS, bound("admin", "admin", ("User", "ada"), kind="ClusterRole"))), get("ada may see roles", ROLES + "?labelSelector=none", until=200, within=5, only=("kind",), **user("ada")), post("but no quota", "/api/v1/namespaces/{ns}/resourcequotas", made("v1", "ResourceQuota", "q"), **user("ada")),
    # Reviews
    can("can the admin", attributes=on("delete", "pods"), ignore=REASON), can("can jane", attributes=on("get", "configmaps"), ignore=REASON, **JANE), can("cannot jane", attributes=on("delete", "configmaps"), **JANE), can("can jane a path", attributes={"path": "/healthz", "verb": "get"}, ignore=REASON, **JANE), can("cannot jane a path", attributes={"path": "/metrics", "verb": "get"}, **JANE),
    can("can what is no kind", attributes=on("get", "nothings"), **JANE), can("no attributes", attributes=None), can("can jane, asked by the admin", "SubjectAccessReview", on("list", "configmaps"), {"user": "jane"}, ignore=REASON), can("cannot joe, asked by the admin", "SubjectAccessReview", on("list", "configmaps"), {"user": "joe"}),
    can("can the team", "SubjectAccessReview", on("list", "configmaps"), {"user": "joe", "groups": ["team"]}, ignore=REASON), can("of nobody", "SubjectAccessReview", on("list", "configmaps"), {}), can("jane may not ask of others", "SubjectAccessReview", on("list", "pods"), {"user": "joe"}, **JANE),
    can("locally", "LocalSubjectAccessReview", on("list", "configmaps"), {"user": "jane"}, REVIEWS + "/namespaces/{ns}/localsubjectaccessreviews", ignore=REASON), can("locally of another namespace", "LocalSubjectAccessReview", {"verb": "get", "resource": "pods", "namespace": "default"}, {"user": "jane"}, REVIEWS + "/namespaces/{ns}/localsubjectaccessreviews"),
    post("jane's rules", REVIEWS + "/selfsubjectrulesreviews", {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "{ns}"}}, only=("kind", "spec", "status.incomplete", "status.resourceRules[0].verbs"), ignore=(("body/status.resourceRules*", "in any order"),), **JANE),
    post("rules of no namespace", REVIEWS + "/selfsubjectrulesreviews", {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {}}), get("reviews cannot be listed", REVIEWS + "/selfsubjectaccessreviews"),
    # Tokens
    quietly(post("the robot", "/api/v1/namespaces/{ns}/serviceaccounts", made("v1", "ServiceAccount", "robot"))), quietly(post("its token", "/api/v1/namespaces/{ns}/serviceaccounts/robot/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}, remember={"token": "status.token"})),
    get("the robot reads", CM + "/x", credentials="token:token"), get("and may no more", "/api/v1/nodes", credentials="token:token"), post("the token is reviewed", "/apis/authentication.k8s.io/v1/tokenreviews", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "{token}"}}, ignore=(("body/spec/token", "signed"), ("body/status/audiences/*", "the cluster's"))),
    post("a token that is none", "/apis/authentication.k8s.io/v1/tokenreviews", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": "nothing"}}, ignore=(("body/status/error", "each authenticator's words"),)), post("no token", "/apis/authentication.k8s.io/v1/tokenreviews", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {}}),
    can("can the robot", attributes=on("get", "configmaps"), ignore=REASON, credentials="token:token"), quietly(delete("the binding goes", BINDINGS + "/jane")), get("and jane may no longer", CM + "/x", until=403, within=5, **JANE),
    get("the cluster role view", RBAC + "/clusterroles/view", only=("kind", "metadata.labels", "aggregationRule")), get("cluster-admin", RBAC + "/clusterroles/cluster-admin", only=("kind", "metadata.labels", "metadata.annotations", "rules")), get("its binding", RBAC + "/clusterrolebindings/cluster-admin", only=("kind", "roleRef", "subjects")),
    *[get(f"the role {n}", RBAC + f"/clusterroles/{n}", only=("kind", "metadata.name", "metadata.labels")) for n in ("edit", "admin", "system:discovery", "system:basic-user", "system:public-info-viewer", "system:node", "system:kube-scheduler", "system:kube-controller-manager", "system:aggregate-to-view")],
], ignore=(("body/status/conditions", "the controller's turn"),),
    known={newer("status", "the namespace of the path is filled in before the object is looked at since 1.24", 201): ("locally",),
           newer("body/message", "the namespace of the path is filled in before the object is looked at since 1.24", ABSENT): ("locally",),
           newer("body/status/user/extra", "since 1.30"): {"the token is reviewed": {"authentication.kubernetes.io/credential-id": ["JTI=<uid>"]}}})
