from incident import Incident
from objects import deployment, http_probe, service
from stage import apply, until_event, until_not_ready

INCIDENT = Incident(
    fault="a readiness probe of the wrong path", only="real",
    steps=[apply(deployment("shop", readinessProbe=http_probe("/healthz/ready")), service("shop")), until_not_ready("shop"), until_event("Unhealthy", "404")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Rr]eadiness", "/healthz/ready", "404"), innocent="Service shop")
