from incident import Incident
from objects import crash, deployment, service
from stage import apply, until_crashing, until_ready

INCIDENT = Incident(
    fault="dnsPolicy Default: the cluster's names do not resolve",
    steps=[apply(deployment("db"), service("db", port=5432),
                 deployment("api", crash("getaddrinfo ENOTFOUND db.$NS.svc.cluster.local"), pod={"dnsPolicy": "Default"})),
           until_crashing("api"), until_ready("db")],
    ask="diagnose_workload api",
    at="Deployment api|Pod api-", says=("dnsPolicy",), innocent="(Deployment|Pod|Service) db(-|$)")
