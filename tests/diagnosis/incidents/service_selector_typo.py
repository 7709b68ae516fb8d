from incident import Incident
from objects import deployment, service
from stage import apply, until_ready

INCIDENT = Incident(
    fault="a Service's selector matches nothing (typing error)", crowd=True,
    steps=[apply(deployment("shop"), service("shop", {"app": "shpo"})), until_ready("shop")],
    ask="diagnose_workload shop --kind Service",
    at="Service shop", says=("shpo",), innocent="(Deployment|Pod) shop(-|$)")
