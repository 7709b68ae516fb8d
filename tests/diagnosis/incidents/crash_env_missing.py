from incident import Incident
from objects import crash, deployment, variable
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="crash for want of an environment variable", crowd=True,
    steps=[apply(deployment("shop", crash("panic: environment variable PAYMENTS_URL is not set"), env=[variable("LOG_LEVEL", "info")])), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("PAYMENTS_URL", "not set|missing|sets no|no variable"))
