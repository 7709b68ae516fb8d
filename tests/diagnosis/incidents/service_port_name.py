from incident import Incident
from objects import deployment, service
from stage import apply, until_ready

INCIDENT = Incident(
    fault="a Service's targetPort is a name that no pod has",
    steps=[apply(deployment("shop", port=("http", 8080)), service("shop", target="web")), until_ready("shop")],
    ask="diagnose_workload shop --kind Service",
    at="Service shop", says=("\\bweb\\b", "port"), innocent="(Deployment|Pod) shop(-|$)")
