from incident import Incident
from objects import crash, deployment
from stage import apply, until_crashing

ACCOUNT = {"kind": "ServiceAccount", "metadata": {"name": "robot"}}
WORDS = 'pods is forbidden: User "system:serviceaccount:$NS:robot" cannot list resource "pods" in API group "" in the namespace "$NS"'
INCIDENT = Incident(
    fault="a program that asks the API for what its account may not see",
    steps=[apply(ACCOUNT, deployment("robot", crash(WORDS), pod={"serviceAccountName": "robot"})), until_crashing("robot")],
    ask="diagnose_workload robot",
    at="(ServiceAccount|Deployment|Pod|Role|RoleBinding) robot", says=("robot", "list", "pods", "forbidden|may not|cannot|not allowed|no right"))
