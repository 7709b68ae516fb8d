from incident import Incident
from objects import deployment
from stage import apply, until_event

LIMITS = {"kind": "LimitRange", "metadata": {"name": "small-only"}, "spec": {"limits": [{"type": "Container", "max": {"cpu": "500m"}}]}}
INCIDENT = Incident(
    fault="more than a LimitRange allows",
    steps=[apply(LIMITS, deployment("shop", resources={"requests": {"cpu": "1"}, "limits": {"cpu": "1"}})), until_event("FailedCreate", "maximum cpu")],
    ask="diagnose_workload shop",
    at="LimitRange small-only|Deployment shop|ReplicaSet shop-", says=("500m",))
