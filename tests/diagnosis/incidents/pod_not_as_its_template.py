from incident import Incident
from objects import deployment, pod
from stage import apply, patch, until, until_waiting


def pod_of_another_image(stage):
    """What is left of a rewriting that cannot be seen itself: a pod of the ReplicaSet's with an image that it never named."""
    replica_set = stage.objects("ReplicaSet", "app=shop")[0]
    made = pod("shop-x7k2p", image="mirror.no-such-host.test/team/shop:1")
    made["metadata"]["name"] = replica_set["metadata"]["name"] + "-x7k2p"
    made["metadata"]["labels"] = replica_set["spec"]["template"]["metadata"]["labels"]
    made["spec"]["containers"][0]["name"] = "shop"
    made["metadata"]["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": replica_set["metadata"]["name"],
                                            "uid": replica_set["metadata"]["uid"], "controller": True, "blockOwnerDeletion": True}]
    # Wanted first: a ReplicaSet of none would remove it.
    stage.apply(made)


INCIDENT = Incident(
    fault="pods that are not as their template says", only="sandbox",
    steps=[apply({"kind": "ResourceQuota", "metadata": {"name": "hold"}, "spec": {"hard": {"count/pods": "0"}}}), apply(deployment("shop")),
           until("ReplicaSet", "app=shop", "spec.replicas", "^1$"), patch("ResourceQuota", "hold", {"spec": {"hard": {"count/pods": "100"}}}),
           pod_of_another_image, until_waiting("shop", "ImagePullBackOff")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-|ReplicaSet shop-", says=("mirror.no-such-host.test", "fairlead.test/busybox:1"))
