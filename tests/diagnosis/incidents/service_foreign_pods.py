from incident import Incident
from objects import SLEEP, deployment, service
from stage import apply, until_ready

FRONT = {"tier": "front"}
INCIDENT = Incident(
    fault="a Service also selects pods of another application, which do not listen", crowd=True,
    steps=[apply(deployment("shop", labels=FRONT, port=("http", 8080)), service("shop", FRONT),
                 deployment("mailer", SLEEP, labels=FRONT, port=None, image="fairlead.test/busybox:1")),
           until_ready("shop"), until_ready("mailer")],
    ask="diagnose_workload shop --kind Service",
    at="Service shop", says=("mailer", "tier"), innocent="(Deployment|Pod) (shop|mailer)(-|$)")
