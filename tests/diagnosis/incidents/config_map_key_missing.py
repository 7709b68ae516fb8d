from incident import Incident
from objects import config_map, deployment, from_key
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="a key of a ConfigMap is missing",
    steps=[apply(config_map("shop-settings", greting="hello"), deployment("shop", env=[from_key("GREETING", "configMapKeyRef", "shop-settings", "greeting")])),
           until_waiting("shop", "CreateContainerConfigError")],
    ask="diagnose_workload shop",
    at="ConfigMap shop-settings|Deployment shop|Pod shop-", says=("shop-settings", "greeting"))
