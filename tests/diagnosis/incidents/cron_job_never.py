from incident import Incident
from objects import cron_job, shell
from stage import apply, until

INCIDENT = Incident(
    fault="a CronJob whose day never comes",
    steps=[apply(cron_job("month-end", "0 0 31 2 *", shell("echo done"))), until("CronJob", "month-end", "metadata.uid", ".")],
    ask="diagnose_workload month-end",
    at="CronJob month-end", says=("0 0 31 2|never|31",))
