from incident import Incident
from objects import deployment, ingress, service
from stage import apply, until_ready

INCIDENT = Incident(
    fault="an Ingress to a port that its Service does not have",
    steps=[apply(deployment("shop"), service("shop"), ingress("shop", "shop", 8081)), until_ready("shop")],
    ask="diagnose_workload shop --kind Ingress",
    at="Ingress shop", says=("8081", "port"), innocent="(Deployment|Pod) shop(-|$)")
