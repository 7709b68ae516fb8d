from incident import Incident
from objects import crash, deployment
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a program for another processor",
    steps=[apply(deployment("shop", crash("exec /app/shop: exec format error"))), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-|Node ", says=("exec format error",))
