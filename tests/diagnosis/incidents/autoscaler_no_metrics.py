from incident import Incident
from objects import deployment
from stage import apply, until

SCALER = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "shop"},
          "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}, "minReplicas": 1, "maxReplicas": 4,
                   "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]}}
INCIDENT = Incident(
    fault="an autoscaler that gets no metrics", only="real",
    steps=[apply(deployment("shop", resources={"requests": {"cpu": "10m"}}), SCALER),
           until("HorizontalPodAutoscaler", "shop", "status.conditions.reason", "FailedGetResourceMetric", 60)],
    ask="diagnose_workload shop",
    at="HorizontalPodAutoscaler shop|APIService ", says=("metric",), innocent="(Deployment|Pod) shop(-|$)")
