from incident import Incident
from objects import crash, cron_job, job
from stage import apply, until


def run_now(stage):
    """As `kubectl create job --from=cronjob/backup`."""
    made = job("backup-1", crash("s3: AccessDenied: no write access to bucket nightly"), spec={"backoffLimit": 0})
    owner = stage.objects("CronJob", "backup")[0]
    made["metadata"]["ownerReferences"] = [{"apiVersion": stage.versions["CronJob"], "kind": "CronJob", "name": "backup", "uid": owner["metadata"]["uid"], "controller": True}]
    stage.apply(made)


INCIDENT = Incident(
    fault="a CronJob whose Jobs fail",
    steps=[apply(cron_job("backup", "0 3 * * *", crash("s3: AccessDenied: no write access to bucket nightly"), spec={"backoffLimit": 0})), run_now,
           until("Job", "backup-1", "status.conditions.type", "Failed")],
    ask="diagnose_workload backup --kind CronJob",
    at="CronJob backup|Job backup-1|Pod backup-1-", says=("AccessDenied",))
