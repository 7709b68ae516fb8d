from incident import Incident
from objects import deployment, service
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="an image's tag does not exist", crowd=True,
    steps=[apply(deployment("shop", image="$REGISTRY/team/shop:no-such-tag"), service("shop")), until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("team/shop:no-such-tag", "not found|not there|does not exist|no such"), innocent="Service shop")
