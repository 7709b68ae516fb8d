from incident import Incident
from objects import claim, deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a claim without a class, and no volume for it",
    steps=[apply(claim("shop-data", ""), deployment("shop", volumeMounts=[{"name": "data", "mountPath": "/data"}],
                                                    pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shop-data"}}]})),
           until_event("FailedBinding")],
    ask="diagnose_workload shop",
    at="PersistentVolumeClaim shop-data", says=("class", "shop-data"))
