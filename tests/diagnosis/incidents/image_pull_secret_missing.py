from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="the pull secret of a private image is missing",
    steps=[apply(deployment("shop", image="$REGISTRY/private/shop:no-such-1", pod={"imagePullSecrets": [{"name": "registry-login"}]})),
           until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Secret registry-login|Deployment shop|Pod shop-", says=("registry-login", "not found|not there|missing|does not exist|no Secret"))
