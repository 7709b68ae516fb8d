from incident import Incident
from objects import deployment
from stage import apply, until_waiting
from webhook import webhook

INCIDENT = Incident(
    fault="a webhook rewrites the image", crowd=True, only="real",
    steps=[apply(webhook("Mutating", "/image"), deployment("shop")), until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="MutatingWebhookConfiguration $NS", says=("mirror.no-such-host.test", "webhook|rewr|admi|changed"))
