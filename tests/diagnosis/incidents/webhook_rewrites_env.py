from incident import Incident
from objects import deployment, service, shell, variable
from stage import apply, until_crashing
from webhook import webhook

INCIDENT = Incident(
    fault="a webhook rewrites an environment variable", only="real",
    steps=[apply(webhook("Mutating", "/env"), deployment("db"), service("db", port=5432),
                 deployment("shop", shell('echo "lookup $DB_HOST: no such host" >&2; exit 1'), env=[variable("DB_HOST", "db")])), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="MutatingWebhookConfiguration $NS", says=("DB_HOST", "webhook|rewr|admi|changed"), innocent="(Deployment|Service) db$")
