from incident import Incident
from objects import deployment, http_probe, ingress, service, shell
from stage import apply, until_event, until_not_ready

INCIDENT = Incident(
    fault="an Ingress answers nothing, since what its application needs fits no node",
    steps=[apply(ingress("shop", "web"), service("web"), service("api", port=8080), deployment("api", pod={"nodeSelector": {"disk": "nvme"}}),
                 deployment("web", shell("while :; do echo upstream http://api:8080/items: connect: connection refused; sleep 1; done"),
                            readinessProbe=http_probe(), fate="not-ready")),
           until_not_ready("web"), until_event("FailedScheduling")],
    ask="diagnose_workload shop --kind Ingress",
    at="Deployment api|Pod api-", says=("disk ?[=:] ?\"?nvme", "[Nn]ode"), innocent="Ingress shop|Service ")
