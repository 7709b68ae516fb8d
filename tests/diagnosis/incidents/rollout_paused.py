from incident import Incident
from objects import deployment, variable
from stage import apply, until, until_ready

INCIDENT = Incident(
    fault="a paused Deployment: a change is not rolled out",
    steps=[apply(deployment("shop")), until_ready("shop"), apply(deployment("shop", env=[variable("VERSION", "2")], spec={"paused": True})),
           until("Deployment", "shop", "status.conditions.reason", "DeploymentPaused")],
    ask="diagnose_workload shop",
    at="Deployment shop", says=("[Pp]aused",))
