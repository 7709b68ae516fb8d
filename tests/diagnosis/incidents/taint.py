from incident import Incident
from objects import deployment
from stage import apply, patch, until_event

TAINT = {"key": "maintenance", "value": "disks", "effect": "NoSchedule"}


def taint(stage):
    for node in stage.objects("Node"):
        kept = [one for one in node["spec"].get("taints", []) if one["key"] != TAINT["key"]]
        set_taints(stage, node, [*kept, TAINT])


def untaint(stage):
    for node in stage.objects("Node"):
        set_taints(stage, node, [one for one in node["spec"].get("taints", []) if one["key"] != TAINT["key"]])


def set_taints(stage, node, taints):
    patch("Node", node["metadata"]["name"], {"spec": {"taints": taints or None}})(stage)


INCIDENT = Incident(
    fault="a taint that the pod does not tolerate", alone=True,
    steps=[taint, apply(deployment("shop")), until_event("FailedScheduling", "taint")],
    undo=[untaint],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-|Node ", says=("maintenance", "taint|tolerat"))
