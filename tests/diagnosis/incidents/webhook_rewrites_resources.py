from incident import Incident
from objects import deployment
from stage import apply, until_event
from webhook import webhook

INCIDENT = Incident(
    fault="a webhook raises the requests", only="real",
    steps=[apply(webhook("Mutating", "/resources"), deployment("shop", resources={"requests": {"cpu": "10m"}})), until_event("FailedScheduling", "Insufficient cpu")],
    ask="diagnose_workload shop",
    at="MutatingWebhookConfiguration $NS", says=("cpu|CPU|requests|resources", "webhook|rewr|admi|changed"))
