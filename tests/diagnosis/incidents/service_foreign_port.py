from incident import Incident
from objects import container, deployment, service
from stage import apply, until_ready

PART = {"part-of": "shop"}
INCIDENT = Incident(
    fault="a Service also selects pods of another application, which listen elsewhere",
    steps=[apply(deployment("shop", labels=PART), service("shop", PART),
                 deployment("reviews", labels=PART, containers=[container("reviews", ["httpd", "-f", "-p", "9080", "-h", "/etc"], port=9080)])),
           until_ready("shop"), until_ready("reviews")],
    ask="diagnose_workload shop --kind Service",
    at="Service shop", says=("reviews", "port"), innocent="(Deployment|Pod) (shop|reviews)(-|$)")
