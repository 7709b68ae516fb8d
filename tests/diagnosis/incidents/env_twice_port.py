from incident import Incident
from objects import deployment, http_probe, service, shell, variable
from stage import apply, until_not_ready

INCIDENT = Incident(
    fault="a variable is set twice: the wrong port, never ready",
    steps=[apply(deployment("shop", shell("httpd -f -p $PORT -h /etc"), fate="not-ready", readinessProbe=http_probe(),
                            env=[variable("PORT", "8080"), variable("PORT", "9090")]), service("shop")),
           until_not_ready("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("\\bPORT\\b", "twice|2 times|more than once|duplicate|defined again|set again", "9090"), innocent="Service shop")
