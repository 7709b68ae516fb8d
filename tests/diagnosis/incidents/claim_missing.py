from incident import Incident
from objects import deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a claim is missing",
    steps=[apply(deployment("shop", volumeMounts=[{"name": "data", "mountPath": "/data"}],
                            pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shop-data"}}]})),
           until_event("FailedScheduling", "shop-data")],
    ask="diagnose_workload shop",
    at="PersistentVolumeClaim shop-data|Deployment shop|Pod shop-", says=("shop-data", "not found|not there|missing|does not exist"))
