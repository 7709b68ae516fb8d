from incident import Incident
from objects import deployment
from stage import apply, patch, until_event


def set_cordon(wanted):
    def step(stage):
        for node in stage.objects("Node"):
            patch("Node", node["metadata"]["name"], {"spec": {"unschedulable": wanted}})(stage)
    return step


INCIDENT = Incident(
    fault="all nodes are cordoned", alone=True,
    steps=[set_cordon(True), apply(deployment("shop")), until_event("FailedScheduling")], undo=[set_cordon(None)],
    ask="diagnose_workload shop",
    at="Node |Deployment shop|Pod shop-", says=("cordon|unschedulable",))
