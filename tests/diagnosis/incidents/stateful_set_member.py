from incident import Incident
from objects import crash, service, stateful_set
from stage import apply, until_crashing

INCIDENT = Incident(
    fault="a member of a StatefulSet is called by its name, and its Service is not headless",
    steps=[apply(service("etcd"), stateful_set("etcd", crash("lookup etcd-0.etcd.$NS.svc.cluster.local on 10.96.0.10:53: no such host"))), until_crashing("etcd")],
    ask="diagnose_workload etcd --kind StatefulSet",
    at="Service etcd", says=("headless",))
