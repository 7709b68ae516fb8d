from incident import Incident
from objects import deployment, service, shell, variable
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a variable is set twice: the wrong one wins, it crashes",
    steps=[apply(deployment("db"), service("db", port=5432),
                 deployment("shop", shell('echo "cannot connect to database: lookup $DB_HOST: no such host" >&2; exit 1'),
                            env=[variable("DB_HOST", "db"), variable("LOG_LEVEL", "info"), variable("DB_HOST", "db-old")])),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("DB_HOST", "twice|2 times|more than once|duplicate|defined again|set again", "db-old"),
    innocent="(Deployment|Service|Pod) db(-[a-z0-9]{5,10}-|$)")
