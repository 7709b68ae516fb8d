from incident import Incident
from objects import SLEEP, claim, deployment
from stage import apply, delete, until, until_running

VOLUME = {"kind": "PersistentVolume", "metadata": {"name": "$NS"},
          "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "$NS-manual", "persistentVolumeReclaimPolicy": "Retain",
                   "hostPath": {"path": "/tmp"}}}
INCIDENT = Incident(
    fault="a claim that does not go: a pod uses it", waits=65,
    steps=[apply(VOLUME, claim("shop-data", "$NS-manual"), deployment("shop", SLEEP, port=None, volumeMounts=[{"name": "data", "mountPath": "/data"}],
                                                                      pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "shop-data"}}]})),
           until_running("shop"), delete("PersistentVolumeClaim", "shop-data"), until("PersistentVolumeClaim", "shop-data", "metadata.deletionTimestamp", ".")],
    ask="diagnose_workload shop-data --kind PersistentVolumeClaim",
    at="PersistentVolumeClaim shop-data|(Deployment|Pod) shop", says=("shop-data", "use|mount|pvc-protection", "[Tt]erminat|delet"))
