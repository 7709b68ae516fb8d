from incident import Incident
from objects import SLEEP, deployment
from stage import apply, delete, patch

GROUP = "$NS.example.test"
VERSION = GROUP + "/v1"
DEFINITION = {"kind": "CustomResourceDefinition", "metadata": {"name": f"widgets.{GROUP}"},
              "spec": {"group": GROUP, "scope": "Namespaced", "names": {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"},
                       "versions": [{"name": "v1", "served": True, "storage": True,
                                     "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
INCIDENT = Incident(
    fault="a finalizer whose controller has been scaled to none",
    steps=[apply(DEFINITION, deployment("widget-operator", SLEEP, replicas=0, port=None)),
           apply({"apiVersion": VERSION, "kind": "Widget", "metadata": {"name": "blue"}, "spec": {"size": 1}}),
           patch("Widget", "blue", {"metadata": {"finalizers": ["widgets.example.test/cleanup"]}}, VERSION, manager="widget-operator"),
           delete("Widget", "blue", VERSION)],
    undo=[patch("Widget", "blue", {"metadata": {"finalizers": None}}, VERSION)],
    ask="cluster_health", overview=False,
    at="Widget blue|Deployment widget-operator", says=("widgets.example.test/cleanup", "widget-operator"))
