from incident import Incident
from objects import deployment, ingress, service
from stage import apply, until_ready

INCIDENT = Incident(
    fault="an Ingress to a Service that is not there",
    steps=[apply(deployment("shop"), service("shop"), ingress("shop", "shop-web")), until_ready("shop")],
    ask="diagnose_workload shop --kind Ingress",
    at="Ingress shop|Service shop-web", says=("shop-web", "not found|not there|missing|does not exist|no Service"), innocent="(Deployment|Pod) shop(-|$)|Service shop$")
