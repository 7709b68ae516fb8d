from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="an image's registry does not exist",
    steps=[apply(deployment("shop", image="registry.no-such-host.test/team/shop:1")), until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("registry.no-such-host.test",), says_real=("lookup|resolve|no such host|reach",))
