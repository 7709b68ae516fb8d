from incident import Incident
from objects import deployment, shell
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a log warns of one thing, and ends of another",
    steps=[apply(deployment("shop", shell("echo 'WARN metrics disabled: lookup statsd on 10.96.0.10:53: no such host' >&2; echo 'INFO started' >&2; "
                                          "echo 'FATAL license key expired on 2026-01-01' >&2; exit 1"))),
           until_crashing("shop")],
    ask="diagnose_workload shop",
    at="Deployment shop|Pod shop-", says=("license key expired",), innocent="Service statsd")
