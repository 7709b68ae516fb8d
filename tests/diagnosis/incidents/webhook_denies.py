from incident import Incident
from objects import deployment
from stage import apply, until_event
from webhook import webhook

INCIDENT = Incident(
    fault="an admission webhook denies the pods", only="real",
    steps=[apply(webhook("Validating", "/deny"), deployment("shop")), until_event("FailedCreate", "denied the request")],
    ask="diagnose_workload shop",
    at="Deployment shop|ReplicaSet shop-|ValidatingWebhookConfiguration $NS", says=("violates PodSecurity", "den[iy]"))
