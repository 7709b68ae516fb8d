from incident import Incident
from objects import cron_job, shell
from stage import apply, until

INCIDENT = Incident(
    fault="a CronJob that is suspended",
    steps=[apply({**(c := cron_job("backup", "*/5 * * * *", shell("echo done"))), "spec": {**c["spec"], "suspend": True}}), until("CronJob", "backup", "metadata.uid", ".")],
    ask="diagnose_workload backup", overview=False,
    at="CronJob backup", says=("suspend",))
