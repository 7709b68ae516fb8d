from incident import Incident
from objects import crash, deployment, service, variable
from stage import apply, until_crashing, until_event

INCIDENT = Incident(
    fault="an API crashes, since its database's nodeSelector fits no node",
    steps=[apply(deployment("db", pod={"nodeSelector": {"disk": "nvme"}}), service("db", port=5432),
                 deployment("api", crash("dial tcp db:5432: connect: connection refused"), env=[variable("DB_ADDRESS", "db:5432")]), service("api")),
           until_crashing("api"), until_event("FailedScheduling")],
    ask="diagnose_workload api",
    at="Deployment db|Pod db-", says=("disk ?[=:] ?\"?nvme", "[Nn]ode"))
