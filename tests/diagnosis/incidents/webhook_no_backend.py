from incident import Incident
from objects import deployment
from stage import apply, until_event
from webhook import webhook

INCIDENT = Incident(
    fault="an admission webhook whose Service is not there", only="real",
    steps=[apply(webhook("Validating", service="pod-policy"), deployment("shop")), until_event("FailedCreate", "failed calling webhook")],
    ask="diagnose_workload shop",
    at="ValidatingWebhookConfiguration $NS|Service pod-policy", says=("pod-policy", "not found|not there|missing|does not exist|no Service"))
