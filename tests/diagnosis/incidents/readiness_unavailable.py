from incident import Incident
from objects import deployment, http_probe, service, shell
from stage import apply, until_event, until_not_ready

BUSY = "while :; do printf 'HTTP/1.1 503 Service Unavailable\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' | nc -l -p 8080; done"
INCIDENT = Incident(
    fault="a readiness probe that is answered with 503",
    steps=[apply(deployment("shop", shell(BUSY), readinessProbe=http_probe(), fate="not-ready"), service("shop")), until_not_ready("shop"), until_event("Unhealthy", "503")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Rr]eadiness", "503"), innocent="Service shop")
