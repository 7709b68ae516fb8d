from incident import Incident
from objects import SLEEP, job
from stage import apply, until

INCIDENT = Incident(
    fault="a Job that took longer than it may",
    steps=[apply(job("import", SLEEP, spec={"activeDeadlineSeconds": 2})), until("Job", "import", "status.conditions.reason", "DeadlineExceeded")],
    ask="diagnose_workload import",
    at="Job import", says=("[Dd]eadline",))
