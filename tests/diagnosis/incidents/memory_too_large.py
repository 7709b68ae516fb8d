from incident import Incident
from objects import pod
from stage import apply, until_event

INCIDENT = Incident(
    fault="more memory than any node has",
    steps=[apply(pod("shop", resources={"requests": {"memory": "4000Gi"}})), until_event("FailedScheduling", "Insufficient memory")],
    ask="diagnose_pod shop",
    at="Pod shop", says=("memory", "4000Gi|3.9 ?Ti|4,?000 ?Gi|4,?096,?000 ?Mi"))
