from incident import Incident
from objects import deployment
from stage import apply, until

SCALER = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "shop"},
          "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}, "minReplicas": 1, "maxReplicas": 2,
                   "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]}}


def busy():
    made = deployment("shop", resources={"requests": {"cpu": "100m"}})
    made["spec"]["template"]["metadata"]["annotations"] = {"sandbox.fairlead.dev/cpu": "900m"}
    return made


INCIDENT = Incident(
    fault="an autoscaler at its limit, and the load goes on", only="sandbox",
    steps=[apply(busy(), SCALER), until("HorizontalPodAutoscaler", "shop", "status.conditions.reason", "TooManyReplicas", 60)],
    ask="diagnose_workload shop", overview=True,
    at="HorizontalPodAutoscaler shop", says=("maxReplicas|limit|maximum|most", "\\b2\\b"))
