import json

from incident import Incident
from objects import deployment
from stage import apply, until_waiting
from webhook import webhook


def as_kubectl_applies_it(stage):
    made = stage.filled({**deployment("shop"), "apiVersion": "apps/v1"})
    made["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(made)}
    stage.apply(made, "kubectl-client-side-apply")


INCIDENT = Incident(
    fault="a webhook rewrites the Deployment itself", only="real",
    steps=[apply(webhook("Mutating", "/deployment-image", of="deployments")), as_kubectl_applies_it, until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="MutatingWebhookConfiguration $NS", says=("mirror.no-such-host.test", "webhook|rewr|admi|changed"))
