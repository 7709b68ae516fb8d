from incident import Incident
from objects import deployment
from stage import apply, until_event

APART = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
    {"labelSelector": {"matchLabels": {"app": "shop"}}, "topologyKey": "kubernetes.io/hostname"}]}}
INCIDENT = Incident(
    fault="more replicas that must not share a node than nodes",
    steps=[apply(deployment("shop", replicas=4, pod={"affinity": APART})), until_event("FailedScheduling", "anti-affinity")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("anti-?affinity|podAntiAffinity",))
