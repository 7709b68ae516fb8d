from incident import Incident
from objects import crash, job
from stage import apply, until

INCIDENT = Incident(
    fault="a Job that failed as often as it may",
    steps=[apply(job("import", crash("import: line 7: unexpected end of file"), spec={"backoffLimit": 0})), until("Job", "import", "status.conditions.type", "Failed")],
    ask="diagnose_workload import",
    at="Job import|Pod import-", says=("unexpected end of file",))
