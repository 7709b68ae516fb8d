from incident import Incident
from objects import deployment
from stage import apply, until_waiting

INCIDENT = Incident(
    fault="imagePullPolicy Never, and the node does not have the image", only="real",
    steps=[apply(deployment("shop", image="fairlead.test/shop:3", imagePullPolicy="Never")), until_waiting("shop", "ErrImageNeverPull")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("fairlead.test/shop:3", "Never"))
