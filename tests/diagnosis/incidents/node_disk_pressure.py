from incident import Incident
from objects import deployment
from stage import apply, patch, until_event, until_ready


def pressure(stage):
    node = stage.objects("Pod", "app=shop")[0]["spec"]["nodeName"]
    stage.values["NODE"] = node
    change(stage, "True", "KubeletHasDiskPressure", "kubelet has disk pressure")


def change(stage, status, reason, message):
    node = stage.objects("Node", stage.values["NODE"])[0]
    others = [one for one in node["status"]["conditions"] if one["type"] != "DiskPressure"]
    old = next((one for one in node["status"]["conditions"] if one["type"] == "DiskPressure"), {"type": "DiskPressure"})
    patch("Node", "$NODE", {"status": {"conditions": [*others, {**old, "status": status, "reason": reason, "message": message}]}}, subresource="status")(stage)
    taints = [{"key": "node.kubernetes.io/disk-pressure", "effect": "NoSchedule"}] if status == "True" else None
    patch("Node", "$NODE", {"spec": {"taints": taints}})(stage)


def relieve(stage):
    change(stage, "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure")


def more_on_that_node(stage):
    stage.apply(deployment("shop-batch", pod={"nodeSelector": {"kubernetes.io/hostname": stage.values["NODE"]}}))


INCIDENT = Incident(
    fault="a node whose disk is full", only="sandbox", alone=True,
    steps=[apply(deployment("shop")), until_ready("shop"), pressure, more_on_that_node, until_event("FailedScheduling")], undo=[relieve],
    ask="diagnose_workload shop-batch",
    at="Node $NODE", says=("[Dd]isk",), innocent="(Deployment|Pod) shop(-[0-9a-f]{8,10}|$)")
