from incident import Incident
from objects import config_map, crash, deployment, from_key, service
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a ConfigMap names a host that does not exist",
    steps=[apply(config_map("shop", DB_HOST="db-prod"), deployment("db"), service("db", port=5432),
                 deployment("shop", crash("dial tcp: lookup db-prod on 10.96.0.10:53: no such host"), env=[from_key("DB_HOST", "configMapKeyRef", "shop", "DB_HOST")])),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="ConfigMap shop|Deployment shop|Pod shop-|Service db-prod", says=("db-prod", "no Service|no such host|does not exist|not there|not found"),
    innocent="(Deployment|Service|Pod) db(-[a-z0-9]{5,10}-|$)")
