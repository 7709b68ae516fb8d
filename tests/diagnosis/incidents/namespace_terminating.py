from incident import Incident
from objects import config_map
from stage import apply, delete, patch, until

HOLD = "backup.example.test/hold"


def held():
    made = config_map("ledger", total="0")
    made["metadata"]["finalizers"] = [HOLD]
    return made


def pods_are_gone(stage):
    stage.repeat(lambda: not stage.objects("Pod"), "all pods are gone", 60)


INCIDENT = Incident(
    fault="a namespace that does not go: a finalizer holds an object", waits=65,
    steps=[apply(held()), delete("Namespace", "$NS"), until("ConfigMap", "ledger", "metadata.deletionTimestamp", ".", 60), pods_are_gone],
    undo=[patch("ConfigMap", "ledger", {"metadata": {"finalizers": None}})],
    ask="cluster_health", overview=False,
    at="ConfigMap ledger|Namespace $NS", says=("backup.example.test/hold", "ledger"))
