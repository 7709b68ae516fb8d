from incident import Incident
from objects import SLEEP, deployment
from stage import apply, delete, patch

GROUP = "$NS.example.test"
VERSION = GROUP + "/v1"
DEFINITION = {"kind": "CustomResourceDefinition", "metadata": {"name": f"gadgets.{GROUP}"},
              "spec": {"group": GROUP, "scope": "Namespaced", "names": {"kind": "Gadget", "plural": "gadgets", "singular": "gadget", "listKind": "GadgetList"},
                       "versions": [{"name": "v1", "served": True, "storage": True,
                                     "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}
INCIDENT = Incident(
    fault="a finalizer whose controller has been scaled to none", waits=65,
    steps=[apply(DEFINITION, deployment("gadget-operator", SLEEP, replicas=0, port=None)),
           apply({"apiVersion": VERSION, "kind": "Gadget", "metadata": {"name": "blue"}, "spec": {"size": 1}}),
           patch("Gadget", "blue", {"metadata": {"finalizers": ["gadgets.example.test/cleanup"]}}, VERSION, manager="gadget-operator"),
           delete("Gadget", "blue", VERSION)],
    undo=[patch("Gadget", "blue", {"metadata": {"finalizers": None}}, VERSION)],
    ask="cluster_health", overview=False,
    at="Gadget blue|Deployment gadget-operator", says=("gadgets.example.test/cleanup", "gadget-operator"))
