from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="a Secret is missing",
    steps=[apply(deployment("shop", envFrom=[{"secretRef": {"name": "shop-login"}}])), until_waiting("shop", "CreateContainerConfigError")],
    ask="diagnose_workload shop",
    at="Secret shop-login|Deployment shop|Pod shop-", says=("shop-login", "not found|not there|missing|does not exist"))
