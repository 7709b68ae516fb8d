from incident import Incident
from objects import deployment, http_probe, service
from stage import apply, until_not_ready

INCIDENT = Incident(
    fault="a readiness probe of a port name that no container has",
    steps=[apply(deployment("shop", port=("http", 8080), readinessProbe=http_probe(port="htpp"), fate="not-ready"), service("shop")), until_not_ready("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Rr]eadiness", "htpp"), innocent="Service shop")
