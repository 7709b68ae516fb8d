from incident import Incident
from objects import deployment
from stage import apply, until

INCIDENT = Incident(
    fault="a command that the image does not have", only="real",
    steps=[apply(deployment("shop", ["/app/shop-server", "--listen", ":8080"])), until("Pod", "app=shop", "status.containerStatuses", "no such file")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("/app/shop-server", "not found|no such file|not there|does not (exist|have)"))
