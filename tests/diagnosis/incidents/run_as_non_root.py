from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="runAsNonRoot, and the image's user is root", only="real",
    steps=[apply(deployment("shop", securityContext={"runAsNonRoot": True})), until_waiting("shop", "CreateContainerConfigError")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("runAsNonRoot", "root"))
