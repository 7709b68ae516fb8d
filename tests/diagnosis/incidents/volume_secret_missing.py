from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a volume's Secret is missing",
    steps=[apply(deployment("shop", volumeMounts=[{"name": "tls", "mountPath": "/tls"}], pod={"volumes": [{"name": "tls", "secret": {"secretName": "shop-tls"}}]})),
           until_event("FailedMount", "shop-tls")],
    ask="diagnose_workload shop",
    at="Secret shop-tls|Deployment shop|Pod shop-", says=("shop-tls", "not found|not there|missing|does not exist"))
