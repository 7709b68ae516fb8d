from incident import Incident
from objects import deployment
from stage import apply, until

INCIDENT = Incident(
    fault="more memory than its limit",
    steps=[apply(deployment("shop", ["tail", "/dev/zero"], resources={"limits": {"memory": "20Mi"}}, fate="out-of-memory")),
           until("Pod", "app=shop", "status.containerStatuses", "OOMKilled")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("OOMKilled|out of memory|memory limit|limit of", "20Mi"))
