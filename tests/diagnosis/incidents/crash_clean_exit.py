from incident import Incident
from objects import deployment, shell
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a program that ends at once, with 0",
    steps=[apply(deployment("shop", shell("echo starting in the background"))), until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("(exit|status|code|ended|with).{0,12}\\b0\\b|[Cc]ompleted",))
