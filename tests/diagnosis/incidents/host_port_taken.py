from incident import Incident
from objects import container, deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a port of the node that another pod has",
    steps=[apply(deployment("shop", replicas=4, containers=[{**container("shop"), "ports": [{"containerPort": 8080, "hostPort": 18080}]}])),
           until_event("FailedScheduling", "ports")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("[Pp]ort", "18080"))
