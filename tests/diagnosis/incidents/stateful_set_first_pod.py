from incident import Incident
from objects import crash, service, stateful_set
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a StatefulSet waits for its first pod",
    steps=[apply(service("queue", clusterIP="None"), stateful_set("queue", crash("queue: cannot lock /data: held by node queue-old"), replicas=3)), until_crashing("queue")],
    ask="diagnose_workload queue --kind StatefulSet",
    at="StatefulSet queue|Pod queue-0", says=("queue-0", "cannot lock /data"))
