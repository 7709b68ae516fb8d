from incident import Incident
from objects import crash, deployment, service
from stage import apply, until_crashing, until_event

OTHER_NAME = {"kind": "Service", "metadata": {"name": "store"}, "spec": {"type": "ExternalName", "externalName": "queue.$NS.svc.cluster.local"}}
INCIDENT = Incident(
    fault="what another name for a Service leads to fits no node",
    steps=[apply(OTHER_NAME, service("queue", port=5672, target=5672), deployment("queue", port=5672, pod={"nodeSelector": {"disk": "nvme"}}),
                 deployment("api", crash("dial tcp 10.96.0.77:5672: connect: connection refused (store:5672)"))),
           until_crashing("api"), until_event("FailedScheduling")],
    ask="diagnose_workload api",
    at="Deployment queue|Pod queue-", says=("disk ?[=:] ?\"?nvme",), innocent="Service (store|queue)$")
