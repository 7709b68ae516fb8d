from incident import Incident
from objects import deployment, shell
from stage import apply, delete, patch, until, until_running

GROUP = "$NS.example.test"
VERSION = GROUP + "/v1"
DEFINITION = {"kind": "CustomResourceDefinition", "metadata": {"name": f"widgets.{GROUP}"},
              "spec": {"group": GROUP, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
                       "versions": [{"name": "v1", "served": True, "storage": True,
                                     "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
ACCOUNT = {"kind": "ServiceAccount", "metadata": {"name": "widget-operator"}}
# The role is still there; what bound it to the account is not.
ROLE = {"kind": "Role", "metadata": {"name": "widget-operator"}, "rules": [{"apiGroups": [GROUP], "resources": ["widgets"], "verbs": ["*"]}]}
WORDS = ('echo "E1129 10:00:0$n reflector.go:138] failed to list widgets: widgets.$NS.example.test is forbidden: '
         'User \\"system:serviceaccount:$NS:widget-operator\\" cannot list resource \\"widgets\\" in API group \\"$NS.example.test\\" in the namespace \\"$NS\\""')
INCIDENT = Incident(
    fault="a finalizer whose controller has lost its rights", waits=65,
    steps=[apply(DEFINITION, ACCOUNT, ROLE,
                 deployment("widget-operator", shell(f"n=1; while :; do {WORDS}; sleep 3; done"), port=None, pod={"serviceAccountName": "widget-operator"})),
           until_running("widget-operator"),
           apply({"apiVersion": VERSION, "kind": "Widget", "metadata": {"name": "blue"}, "spec": {"size": 1}}),
           patch("Widget", "blue", {"metadata": {"finalizers": ["widgets.example.test/cleanup"]}}, VERSION, manager="widget-operator"),
           delete("Widget", "blue", VERSION)],
    undo=[patch("Widget", "blue", {"metadata": {"finalizers": None}}, VERSION)],
    ask="cluster_health", overview=False,
    at="Widget blue|(Deployment|Pod|ServiceAccount|RoleBinding|Role) widget-operator",
    says=("widgets.example.test/cleanup", "widget-operator", "forbidden|may not|cannot|not allowed|no right|rights|permission"))
