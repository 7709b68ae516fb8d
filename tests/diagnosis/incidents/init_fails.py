from incident import Incident
from objects import container, crash, deployment
from stage import apply, until

INCIDENT = Incident(
    fault="an init container fails",
    steps=[apply(deployment("shop", pod={"initContainers": [container("migrate", crash("migration 42 failed: relation orders does not exist"), port=None)]})),
           until("Pod", "app=shop", "status.initContainerStatuses.restartCount", "^[1-9]")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("migrate", "relation orders does not exist"))
