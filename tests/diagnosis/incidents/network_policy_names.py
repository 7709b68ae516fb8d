from incident import Incident
from objects import crash, deployment, service
from stage import apply, until_crashing, until_ready

ONLY_DATABASE = {"kind": "NetworkPolicy", "metadata": {"name": "api-egress"}, "spec": {
    "podSelector": {"matchLabels": {"app": "api"}}, "policyTypes": ["Egress"],
    "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"port": 5432, "protocol": "TCP"}]}]}}
INCIDENT = Incident(
    fault="a NetworkPolicy that forgets the name service",
    steps=[apply(ONLY_DATABASE, deployment("db"), service("db", port=5432),
                 deployment("api", crash("FATAL dial tcp: lookup db on 10.96.0.10:53: read udp 10.244.0.9:41522->10.96.0.10:53: i/o timeout"))),
           until_crashing("api"), until_ready("db")],
    ask="diagnose_workload api",
    at="NetworkPolicy api-egress", says=("DNS|53|name",), innocent="(Deployment|Pod|Service) db(-|$)")
