from incident import Incident
from objects import deployment, http_probe
from stage import apply, until_crashing, until_event

INCIDENT = Incident(
    fault="a liveness probe kills a program that is well", only="real",
    steps=[apply(deployment("shop", livenessProbe=http_probe("/alive"))), until_event("Unhealthy", "Liveness"), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Ll]iveness", "/alive|404"))
