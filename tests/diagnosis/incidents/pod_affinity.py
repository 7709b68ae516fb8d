from incident import Incident
from objects import deployment
from stage import apply, until_event

BESIDE_CACHE = {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
    {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "cache"}}}]}}}
INCIDENT = Incident(
    fault="an affinity to pods that are not there",
    steps=[apply(deployment("shop", pod=BESIDE_CACHE)), until_event("FailedScheduling")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("No node has the pods that its affinity asks for", "app=cache"))
