from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="more CPU than any node has", crowd=True,
    steps=[apply(deployment("shop", resources={"requests": {"cpu": "500"}})), until_event("FailedScheduling", "Insufficient cpu")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("cpu|CPU", "500"))
