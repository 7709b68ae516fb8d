from incident import Incident
from objects import deployment, service
from stage import apply, until_running

INCIDENT = Incident(
    fault="a readiness gate that nobody opens",
    steps=[apply(deployment("shop", pod={"readinessGates": [{"conditionType": "balancer.example.test/attached"}]}), service("shop")), until_running("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("balancer.example.test/attached", "gate"), innocent="Service shop")
