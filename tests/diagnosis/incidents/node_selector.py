from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a nodeSelector that no node has",
    steps=[apply(deployment("shop", pod={"nodeSelector": {"disk": "nvme"}})), until_event("FailedScheduling")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("disk ?[=:] ?\"?nvme", "[Nn]ode"))
