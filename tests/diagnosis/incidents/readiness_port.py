from incident import Incident
from objects import deployment, http_probe, service
from stage import apply, until_event, until_not_ready

INCIDENT = Incident(
    fault="a readiness probe of the wrong port", only="real",
    steps=[apply(deployment("shop", readinessProbe=http_probe(port=9999)), service("shop")), until_not_ready("shop"), until_event("Unhealthy", "Readiness")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Rr]eadiness", "9999", "refused|8080|declare"), innocent="Service shop")
