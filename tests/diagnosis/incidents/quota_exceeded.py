from incident import Incident
from objects import deployment, quota
from stage import apply, until, until_event


def full(stage):
    """As many pods as there are."""
    stage.apply(quota("team-quota", pods=str(sum(one["status"].get("phase") != "Succeeded" for one in stage.objects("Pod")))))
    until("ResourceQuota", "team-quota", "status.used.pods", ".")(stage)


INCIDENT = Incident(
    fault="a quota is used up",
    steps=[full, apply(deployment("shop", replicas=2)), until_event("FailedCreate", "exceeded quota")],
    ask="diagnose_workload shop",
    at="ResourceQuota team-quota", says=("team-quota", "pods"))
