from incident import Incident
from objects import crash, deployment, http_probe, service, variable
from stage import apply, until_crashing, until_event

INCIDENT = Incident(
    fault="a worker crashes, since the cache behind its Service cannot be pulled",
    steps=[apply(deployment("cache", image="$REGISTRY/team/cache:no-such-tag", readinessProbe=http_probe()), service("cache", port=6379),
                 deployment("worker", crash("redis: cannot connect to cache.$NS.svc.cluster.local:6379: i/o timeout"), port=None, env=[variable("QUEUE", "orders")])),
           until_crashing("worker"), until_event("Failed", "no-such-tag")],
    ask="diagnose_workload worker",
    at="Deployment cache|Pod cache-", says=("team/cache:no-such-tag",))
