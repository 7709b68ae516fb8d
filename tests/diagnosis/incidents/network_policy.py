from incident import Incident
from objects import crash, deployment, service
from stage import apply, until_crashing, until_ready

DENY = {"kind": "NetworkPolicy", "metadata": {"name": "only-same-app"}, "spec": {"podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Egress"],
                                                                                "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "api"}}}]}]}}
INCIDENT = Incident(
    fault="a NetworkPolicy that lets nothing out",
    steps=[apply(DENY, deployment("db"), service("db", port=5432), deployment("api", crash("dial tcp 10.96.44.7:5432: i/o timeout (connecting to db:5432)"))),
           until_crashing("api"), until_ready("db")],
    ask="diagnose_workload api",
    at="NetworkPolicy only-same-app", says=("only-same-app",), innocent="(Deployment|Pod|Service) db(-|$)")
