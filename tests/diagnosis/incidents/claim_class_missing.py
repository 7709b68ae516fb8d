from incident import Incident
from objects import claim, deployment
from stage import apply, until_event

INCIDENT = Incident(
    fault="a claim of a storage class that does not exist",
    steps=[apply(claim("shop-data", "fast-ssd"), deployment("shop", volumeMounts=[{"name": "data", "mountPath": "/data"}],
                                                            pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shop-data"}}]})),
           until_event("FailedScheduling")],
    ask="diagnose_workload shop",
    at="PersistentVolumeClaim shop-data|StorageClass fast-ssd", says=("fast-ssd", "shop-data"))
