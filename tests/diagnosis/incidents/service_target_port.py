from incident import Incident
from objects import deployment, service
from stage import apply, until_ready

INCIDENT = Incident(
    fault="a Service's targetPort is not one that the pods declare",
    steps=[apply(deployment("shop"), service("shop", target=9090)), until_ready("shop")],
    ask="diagnose_workload shop --kind Service",
    at="Service shop", says=("9090", "8080|declare|listen"), innocent="(Deployment|Pod) shop(-|$)")
