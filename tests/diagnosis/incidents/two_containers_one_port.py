from incident import Incident
from objects import container, crash, deployment
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="two containers of a pod want the same port",
    steps=[apply(deployment("shop", containers=[container("shop"), container("proxy", crash("bind() to 0.0.0.0:8080 failed (98: Address already in use)"))])),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("8080", "[Aa]ddress already in use|same port|both"))
