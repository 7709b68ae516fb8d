from incident import Incident
from objects import deployment, from_key
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="a ConfigMap is missing",
    steps=[apply(deployment("shop", env=[from_key("GREETING", "configMapKeyRef", "shop-settings", "greeting")])), until_waiting("shop", "CreateContainerConfigError")],
    ask="diagnose_workload shop",
    at="ConfigMap shop-settings|Deployment shop|Pod shop-", says=("shop-settings", "not found|not there|missing|does not exist"))
