from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="a private image without a pull secret", only="real",
    steps=[apply(deployment("shop", image="$REGISTRY/private/shop:1")), until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-|ServiceAccount default", says=("private/shop:1", "authori[sz]|denied|credential|pull secret|imagePullSecret"))
