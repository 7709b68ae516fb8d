"""Kubernetes objects for incidents, as short as they can be written. Namespace and apiVersion are filled in by the stage."""
IMAGE = "fairlead.test/busybox:1"
# It answers 200 for /hostname only.
SERVE = ["httpd", "-f", "-p", "8080", "-h", "/etc"]
SLEEP = ["sleep", "86400"]

# What the sandbox is told of containers whose fault it cannot live through by itself (docs/sandbox.md); others ignore it.
FATE = "sandbox.fairlead.dev/fate"


def shell(script):
    return ["sh", "-c", script]


def crash(message, code=1):
    """Says its last words, and ends."""
    return shell(f"echo '{message}' >&2; exit {code}")


def container(name, command=None, *, image=IMAGE, port=8080, **more):
    """`port`: a number, (name, number), or None. `more`: any field of a container."""
    out = {"name": name, "image": image, "imagePullPolicy": "IfNotPresent", "command": SERVE if command is None else command, **more}
    if port:
        out["ports"] = [{"name": port[0], "containerPort": port[1]} if isinstance(port, tuple) else {"containerPort": port}]
    return out


def pod_spec(name, command=None, *, pod=None, containers=None, **more):
    """`pod`: any field of a pod's spec. `containers`: instead of one that is called as the pod."""
    return {"terminationGracePeriodSeconds": 1, "containers": containers or [container(name, command, **more)], **(pod or {})}


def template(name, command=None, *, labels=None, fate=None, **more):
    annotations = {"annotations": {FATE: fate}} if fate else {}
    return {"metadata": {"labels": labels or {"app": name}, **annotations}, "spec": pod_spec(name, command, **more)}


def deployment(name, command=None, *, replicas=1, labels=None, spec=None, **more):
    """`spec`: any field of the Deployment's spec; what else is given goes to the pod."""
    return {"kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
            "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
                     "template": template(name, command, labels={"app": name, **(labels or {})}, **more), **(spec or {})}}


def pod(name, command=None, **more):
    made = template(name, command, **more)
    return {"kind": "Pod", "metadata": {"name": name, **made["metadata"]}, "spec": made["spec"]}


def stateful_set(name, command=None, *, replicas=1, spec=None, **more):
    return {"kind": "StatefulSet", "metadata": {"name": name},
            "spec": {"replicas": replicas, "serviceName": name, "selector": {"matchLabels": {"app": name}},
                     "template": template(name, command, **more), **(spec or {})}}


def job_spec(name, command, *, spec=None, **more):
    made = template(name, command, port=None, **more)
    made["spec"].setdefault("restartPolicy", "Never")
    return {"template": made, **(spec or {})}


def job(name, command, **more):
    return {"kind": "Job", "metadata": {"name": name}, "spec": job_spec(name, command, **more)}


def cron_job(name, schedule, command, **more):
    return {"kind": "CronJob", "metadata": {"name": name}, "spec": {"schedule": schedule, "jobTemplate": {"spec": job_spec(name, command, **more)}}}


def service(name, selector=None, *, port=80, target=8080, **spec):
    return {"kind": "Service", "metadata": {"name": name},
            "spec": {"selector": selector or {"app": name}, "ports": [{"port": port, "targetPort": target}], **spec}}


def ingress(name, backend, port=80):
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}
    return {"kind": "Ingress", "metadata": {"name": name}, "spec": {"rules": [{"host": f"{name}.example.test", "http": {"paths": [path]}}]}}


def claim(name, storage_class=None, size="1Gi"):
    chosen = {} if storage_class is None else {"storageClassName": storage_class}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **chosen}}


def config_map(name, **data):
    return {"kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def quota(name, **hard):
    return {"kind": "ResourceQuota", "metadata": {"name": name}, "spec": {"hard": {k.replace("_", "."): v for k, v in hard.items()}}}


def http_probe(path="/hostname", port=8080, **more):
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": 1, "failureThreshold": 2, **more}


def from_key(variable, kind, name, key):
    """An environment variable out of a ConfigMap ("configMapKeyRef") or a Secret ("secretKeyRef")."""
    return {"name": variable, "valueFrom": {kind: {"name": name, "key": key}}}


def variable(name, value):
    return {"name": name, "value": value}
