from incident import Incident
from objects import deployment, service
from stage import apply, until_ready, until_waiting

INCIDENT = Incident(
    fault="a rollout stands still at a bad image; the old pods serve on",
    steps=[apply(deployment("shop"), service("shop")), until_ready("shop"), apply(deployment("shop", image="$REGISTRY/team/shop:no-such-tag")),
           until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("team/shop:no-such-tag",), innocent="Service shop")
