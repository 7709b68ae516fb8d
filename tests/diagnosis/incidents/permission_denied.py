from incident import Incident
from objects import deployment, shell
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a program that may not write to its volume",
    steps=[apply(deployment("shop", shell('umask 077; mkdir /data/x 2>/dev/null; echo "open /data/shop.db: Permission denied" >&2; exit 1'), securityContext={"runAsUser": 1000},
                            volumeMounts=[{"name": "data", "mountPath": "/data"}], pod={"volumes": [{"name": "data", "emptyDir": {}}]})),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("/data/shop.db", "[Pp]ermission denied"))
