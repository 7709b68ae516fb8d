from incident import Incident
from objects import SLEEP, pod
from stage import apply, delete, patch, until, until_running


def held():
    made = pod("shop", SLEEP, port=None)
    made["metadata"]["finalizers"] = ["mesh.example.test/drain"]
    return made


INCIDENT = Incident(
    fault="a pod that does not go: a finalizer", waits=65,
    steps=[apply(held()), until_running("shop"), delete("Pod", "shop"), until("Pod", "shop", "metadata.deletionTimestamp", ".")],
    undo=[patch("Pod", "shop", {"metadata": {"finalizers": None}})],
    ask="diagnose_pod shop",
    at="Pod shop", says=("mesh.example.test/drain",))
