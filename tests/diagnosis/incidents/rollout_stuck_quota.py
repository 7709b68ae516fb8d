from incident import Incident
from objects import deployment, quota, variable
from stage import apply, until, until_event, until_ready


def full(stage):
    stage.apply(quota("team-quota", pods=str(sum(one["status"].get("phase") != "Succeeded" for one in stage.objects("Pod")))))
    until("ResourceQuota", "team-quota", "status.used.pods", ".")(stage)


ONE_MORE_FIRST = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}}
INCIDENT = Incident(
    fault="a rollout stands still: one more pod than the quota allows",
    steps=[apply(deployment("shop", spec=ONE_MORE_FIRST)), until_ready("shop"), full,
           apply(deployment("shop", spec=ONE_MORE_FIRST, env=[variable("VERSION", "2")])), until_event("FailedCreate", "exceeded quota")],
    ask="diagnose_workload shop",
    at="ResourceQuota team-quota", says=("team-quota", "pods"))
