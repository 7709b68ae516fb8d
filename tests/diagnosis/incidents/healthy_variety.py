from incident import Incident
from objects import SLEEP, claim, config_map, cron_job, deployment, from_key, http_probe, ingress, job, pod, service, shell, stateful_set, template, variable
from stage import apply, until, until_ready

VOLUME = {"kind": "PersistentVolume", "metadata": {"name": "$NS"},
          "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "$NS-manual", "persistentVolumeReclaimPolicy": "Retain",
                   "hostPath": {"path": "/tmp"}}}
AGENT = {"kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": {"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent", SLEEP, port=None)}}
OPTIONAL = from_key("BANNER", "configMapKeyRef", "no-such-banner", "text")
OPTIONAL["valueFrom"]["configMapKeyRef"]["optional"] = True
OUTSIDE = {"kind": "Service", "metadata": {"name": "outside"}, "spec": {"type": "ExternalName", "externalName": "db.example.com"}}
BY_HAND = {"kind": "Service", "metadata": {"name": "by-hand"}, "spec": {"ports": [{"port": 5432}]}}
ADDRESSES = {"kind": "Endpoints", "metadata": {"name": "by-hand"}, "subsets": [{"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}]}]}
ALLOW = {"kind": "NetworkPolicy", "metadata": {"name": "allow-front"}, "spec": {"podSelector": {"matchLabels": {"app": "ledger"}}, "policyTypes": ["Ingress"],
                                                                             "ingress": [{"from": [{"podSelector": {}}]}]}}
ROOMY = {"kind": "ResourceQuota", "metadata": {"name": "roomy"}, "spec": {"hard": {"pods": "50"}}}


def settings(mode):
    """A ConfigMap's variable that env gives another value, as is usual."""
    return {"envFrom": [{"configMapRef": {"name": "ledger"}}], "env": [variable("level", "debug"), variable("MODE", mode)]}


INCIDENT = Incident(
    fault="nothing: one of every kind, each well",
    steps=[apply(VOLUME, claim("ledger-data", "$NS-manual"), config_map("ledger", level="info"), ROOMY, ALLOW, AGENT, OUTSIDE, BY_HAND, ADDRESSES,
                 service("ledger", clusterIP="None"), ingress("storefront", "storefront"), cron_job("nightly", "0 3 * * *", shell("echo done")),
                 job("one-off", shell("echo done")), pod("task", shell("echo done"), port=None, pod={"restartPolicy": "Never"}),
                 stateful_set("ledger", volumeMounts=[{"name": "data", "mountPath": "/data"}], env=[OPTIONAL, from_key("LEVEL", "configMapKeyRef", "ledger", "level")],
                              pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "ledger-data"}}]}),
                 deployment("front", readinessProbe=http_probe(), **settings("blue"))),
           until_ready("front"), apply(deployment("front", readinessProbe=http_probe(), **settings("green"))),
           until_ready("agent"), until_ready("ledger"), until("Job", "one-off", "status.succeeded", "^1$"), until("Pod", "task", "status.phase", "Succeeded"),
           until("Deployment", "front", "status.observedGeneration", "^2$"), until("Deployment", "front", "status.conditions.reason", "NewReplicaSetAvailable"),
           until("ReplicaSet", "app=front", "status.replicas", "^0$", 60)],
    ask="cluster_health")
