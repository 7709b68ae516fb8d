from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a service account is missing",
    steps=[apply(deployment("shop", pod={"serviceAccountName": "shop-runner"})), until_event("FailedCreate", "shop-runner")],
    ask="diagnose_workload shop",
    at="ServiceAccount shop-runner|Deployment shop|ReplicaSet shop-", says=("shop-runner", "not found|not there|missing|does not exist"))
