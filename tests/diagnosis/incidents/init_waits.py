from incident import Incident
from objects import container, deployment, shell
from stage import apply, until

INCIDENT = Incident(
    fault="an init container waits for a Service that is not there",
    steps=[apply(deployment("shop", pod={"initContainers": [container("wait-for-db", shell(
        "while :; do echo waiting for orders-db:5432: bad address orders-db; sleep 1; done"), port=None)]})),
           until("Pod", "app=shop", "status.initContainerStatuses.state.running.startedAt", ".")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-|Service orders-db", says=("orders-db", "wait-for-db|[Ii]nit"))
