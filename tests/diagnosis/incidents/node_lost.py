import os
import signal

from incident import Incident
from objects import deployment
from stage import apply, patch, until, until_ready

LOST = "sandbox.fairlead.dev/lost"


def node_of_shop(stage):
    return stage.objects("Pod", "app=shop")[0]["spec"]["nodeName"]


def kubelet(wanted):
    with open(os.path.join(os.environ["FAIRLEAD_TEST_DIR"], "pids")) as file:
        pids = [int(line.split()[1]) for line in file if line.startswith("kubelet ")]
    os.kill(pids[-1], wanted)


def lose(stage):
    stage.values["NODE"] = node_of_shop(stage)
    if stage.real():
        kubelet(signal.SIGSTOP)
    else:
        patch("Node", stage.values["NODE"], {"metadata": {"annotations": {LOST: "true"}}})(stage)


def find_again(stage):
    if stage.real():
        kubelet(signal.SIGCONT)
    else:
        patch("Node", stage.values["NODE"], {"metadata": {"annotations": {LOST: None}}})(stage)
    until("Node", stage.values["NODE"], "status.conditions", '"status": "True", "type": "Ready"|"type": "Ready".*"status": "True"')(stage)


def until_not_heard_of(stage):
    until("Pod", "app=shop", "status.conditions", '(?=.*"type": "Ready")(?=.*"status": "False")', 90)(stage)


INCIDENT = Incident(
    fault="a node that is not heard of any more", alone=True, slow=True,
    steps=[apply(deployment("shop")), until_ready("shop"), lose, until_not_heard_of], undo=[find_again],
    ask="diagnose_workload shop",
    at="Node $NODE", says=("NotReady|not ready|Unknown|not heard|stopped posting",), innocent="(Deployment|Pod) shop(-|$)")
