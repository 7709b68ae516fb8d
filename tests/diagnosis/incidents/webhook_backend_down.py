from incident import Incident
from objects import deployment, service
from stage import apply, until_event
from webhook import webhook

INCIDENT = Incident(
    fault="an admission webhook whose pods find no node", only="real",
    steps=[apply(deployment("pod-policy", pod={"nodeSelector": {"pool": "system"}}), service("pod-policy", port=443)), until_event("FailedScheduling"),
           apply(webhook("Validating", service="pod-policy"), deployment("shop")), until_event("FailedCreate", "failed calling webhook")],
    ask="diagnose_workload shop",
    at="ValidatingWebhookConfiguration $NS|Service pod-policy|(Deployment|Pod) pod-policy", says=("pod-policy", "pool ?[=:] ?\"?system"))
