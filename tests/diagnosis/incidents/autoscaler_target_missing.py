from incident import Incident
from objects import deployment
from stage import apply, until, until_ready

SCALER = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "shop"},
          "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shpo"}, "minReplicas": 1, "maxReplicas": 4,
                   "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]}}
INCIDENT = Incident(
    fault="an autoscaler of a Deployment that is not there",
    steps=[apply(deployment("shop", resources={"requests": {"cpu": "10m"}}), SCALER), until_ready("shop"),
           until("HorizontalPodAutoscaler", "shop", "status.conditions.reason", "FailedGetScale", 60)],
    ask="cluster_health", overview=False,
    at="HorizontalPodAutoscaler shop", says=("shpo",), innocent="(Deployment|Pod) shop(-|$)")
