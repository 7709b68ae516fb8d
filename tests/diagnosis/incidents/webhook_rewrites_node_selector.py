from incident import Incident
from objects import deployment
from stage import apply, until_event
from webhook import webhook

INCIDENT = Incident(
    fault="a webhook adds a nodeSelector", only="real",
    steps=[apply(webhook("Mutating", "/node-selector"), deployment("shop")), until_event("FailedScheduling")],
    ask="diagnose_workload shop",
    at="MutatingWebhookConfiguration $NS", says=("pool", "batch", "webhook|rewr|admi|changed|added"))
