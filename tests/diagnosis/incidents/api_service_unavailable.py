from incident import Incident
from objects import service
from stage import apply, until

STATS = {"kind": "APIService", "metadata": {"name": "v1.stats.example.test"},
         "spec": {"group": "stats.example.test", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10, "insecureSkipTLSVerify": True,
                  "service": {"namespace": "$NS", "name": "stats-api"}}}
INCIDENT = Incident(
    fault="an aggregated API whose pods are not there", only="real", alone=True,
    steps=[apply(service("stats-api", port=443), STATS), until("APIService", "v1.stats.example.test", "status.conditions.reason", "Missing|Failed|NotFound", 30)],
    ask="cluster_health", everywhere=True,
    at="APIService v1.stats.example.test|Service stats-api", says=("v1.stats.example.test", "stats-api"))
