"""Objects that several scripts use."""

IMAGE = "fairlead.test/busybox:1"
CM = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
SERVICES = "/api/v1/namespaces/{ns}/services"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
REPLICASETS = "/apis/apps/v1/namespaces/{ns}/replicasets"
STATEFULSETS = "/apis/apps/v1/namespaces/{ns}/statefulsets"
DAEMONSETS = "/apis/apps/v1/namespaces/{ns}/daemonsets"
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
CRONJOBS = "/apis/batch/v1/namespaces/{ns}/cronjobs"


def made(api_version, kind, name, more=None, **metadata):
    """An object with these metadata; `more` are its other fields."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, **metadata}, **(more or {})}


def cm(name, data=None, **metadata):
    return made("v1", "ConfigMap", name, {"data": data} if data else {}, **metadata)


SLEEP = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"]


def container(name="main", **more):
    return {"name": name, "image": IMAGE, "command": SLEEP, **more}


def pod_spec(*containers, **more):
    return {"containers": list(containers) or [container()], "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": False, **more}


def pod(name, spec=None, **metadata):
    return made("v1", "Pod", name, {"spec": spec or pod_spec()}, **metadata)


# A pod that no scheduler takes: it stays as it was made.
def waiting_pod(name, **metadata):
    return pod(name, pod_spec(schedulerName="agree.test/none"), **metadata)


def template(app, spec=None, **labels):
    return {"metadata": {"labels": {"app": app, **labels}}, "spec": spec or pod_spec()}


def workload(kind, name, replicas=None, spec=None, template_spec=None, **metadata):
    """A Deployment, ReplicaSet, StatefulSet or DaemonSet of pods labelled app=NAME."""
    body = {"selector": {"matchLabels": {"app": name}}, "template": template(name, template_spec), **(spec or {})}
    if replicas is not None:
        body["replicas"] = replicas
    return made("apps/v1", kind, name, {"spec": body}, **metadata)


def deployment(name, replicas=1, spec=None, template_spec=None, **metadata):
    return workload("Deployment", name, replicas, spec, template_spec, **metadata)


def job(name, spec=None, template_spec=None, **metadata):
    return made("batch/v1", "Job", name, {"spec": {"template": {"spec": template_spec or pod_spec(container(command=["true"]), restartPolicy="Never")}, **(spec or {})}},
                **metadata)


def service(name, **spec):
    return made("v1", "Service", name, {"spec": {"ports": [{"port": 80}], "selector": {"app": name}, **spec}})
