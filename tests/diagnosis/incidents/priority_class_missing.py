from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a priority class that does not exist",
    steps=[apply(deployment("shop", pod={"priorityClassName": "very-urgent"})), until_event("FailedCreate", "PriorityClass")],
    ask="diagnose_workload shop",
    at="PriorityClass very-urgent|Deployment shop|ReplicaSet shop-", says=("very-urgent",))
