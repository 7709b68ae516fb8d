"""What is wrong with Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs."""
from script import ABSENT, AS_SENT, MESSAGES, WARNS, Script, differs, known_at, newer, patch, post, quietly, refused_as, replaced
from scripts._objects import (CRONJOBS, DAEMONSETS, DEPLOYMENTS, JOBS, REPLICASETS, STATEFULSETS, container, deployment, job, made, pod_spec, workload)

PATHS = {"Deployment": DEPLOYMENTS, "ReplicaSet": REPLICASETS, "StatefulSet": STATEFULSETS, "DaemonSet": DAEMONSETS}


def bad(name, kind, /, **spec):
    replicas = None if kind == "DaemonSet" else 0
    return post(f"{kind}: {name}", PATHS[kind], workload(kind, "bad", replicas, spec))


def bad_job(name, template=None, /, **spec):
    return post(f"Job: {name}", JOBS, job("bad", spec, template))


def cronjob(name, schedule="* * * * *", /, template=None, **spec):
    return made("batch/v1", "CronJob", name, {"spec": {"schedule": schedule, "jobTemplate": {"spec": {"template": {"spec": template or pod_spec(restartPolicy="Never")}}}, **spec}})


def changed(name, path, spec):
    return patch(name, path, {"spec": spec})


OTHER = {"matchLabels": {"app": "other"}}
STATEFUL = "a StatefulSet's template is checked as others are, since 1.34, and one without containers is not there afterwards"
EMPTY = "spec.template.spec.containers: Required value"
EMPTY_CAUSE = {"reason": "FieldValueRequired", "message": "Required value", "field": "spec.template.spec.containers"}
JOB_SELECTORS = (("Job: a selector", "bad"), ("j: another selector", "j"))

SCRIPT = Script("validation_workloads", [
    *[one for kind in PATHS for one in (
        bad("no selector", kind, selector=None), bad("an empty selector", kind, selector={}), bad("a selector for others", kind, selector=OTHER),
        bad("a selector that is none", kind, selector={"matchExpressions": [{"key": "a", "operator": "Near"}]}), bad("no template", kind, template=None),
        bad("a template without containers", kind, template={"metadata": {"labels": {"app": "bad"}}, "spec": {"containers": []}}),
        bad("a template that does not restart", kind, template={"metadata": {"labels": {"app": "bad"}}, "spec": pod_spec(restartPolicy="Never")}),
        bad("a template with bad labels", kind, template={"metadata": {"labels": {"app": "bad", "-x": "y"}}, "spec": pod_spec()}),
        bad("negative replicas", kind, replicas=-1), bad("negative minReadySeconds", kind, minReadySeconds=-1), bad("a negative history", kind, revisionHistoryLimit=-1),
        post(f"{kind}: no spec", PATHS[kind], {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "bad"}}))],
    bad("a strategy that is none", "Deployment", strategy={"type": "Sideways"}), bad("Recreate with rolling parameters", "Deployment", strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
    bad("no movement", "Deployment", strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}), bad("more than all", "Deployment", strategy={"rollingUpdate": {"maxUnavailable": "101%"}}),
    bad("a share that is none", "Deployment", strategy={"rollingUpdate": {"maxSurge": "much"}}), bad("a negative number", "Deployment", strategy={"rollingUpdate": {"maxSurge": -1}}),
    bad("a deadline before readiness", "Deployment", progressDeadlineSeconds=5, minReadySeconds=10),
    bad("a management that is none", "StatefulSet", podManagementPolicy="Sideways"), bad("an update that is none", "StatefulSet", updateStrategy={"type": "Sideways"}),
    bad("a negative partition", "StatefulSet", updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": -1}}), bad("OnDelete with parameters", "StatefulSet", updateStrategy={"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
    bad("an update that is none", "DaemonSet", updateStrategy={"type": "Sideways"}), bad("no movement", "DaemonSet", updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0}}),
    quietly(post("make d", DEPLOYMENTS, deployment("d", 0))), quietly(post("make r", REPLICASETS, workload("ReplicaSet", "r", 0))), quietly(post("make s", STATEFULSETS, workload("StatefulSet", "s", 0, {"serviceName": "s"}))),
    changed("d: another selector", DEPLOYMENTS + "/d", {"selector": OTHER}), changed("d: another selector and template", DEPLOYMENTS + "/d", {"selector": {"matchLabels": {"app": None, "x": "y"}}, "template": {"metadata": {"labels": {"x": "y"}}}}),
    changed("d: a bad template", DEPLOYMENTS + "/d", {"template": {"spec": {"containers": []}}}), changed("r: another selector", REPLICASETS + "/r", {"selector": OTHER}),
    changed("s: another service", STATEFULSETS + "/s", {"serviceName": "other"}), changed("s: another selector", STATEFULSETS + "/s", {"selector": OTHER}), changed("s: claims", STATEFULSETS + "/s", {"volumeClaimTemplates": [{"metadata": {"name": "x"}}]}),
    bad_job("a template that restarts", pod_spec()), bad_job("negative parallelism", parallelism=-1), bad_job("negative completions", completions=-1), bad_job("a negative limit", backoffLimit=-1), bad_job("a negative deadline", activeDeadlineSeconds=-1),
    bad_job("a negative time to live", ttlSecondsAfterFinished=-1), bad_job("a selector", selector=OTHER), bad_job("no containers", {"containers": [], "restartPolicy": "Never"}), bad_job("a policy for nothing", pod_spec(restartPolicy="Sometimes")),
    post("Job: no template", JOBS, made("batch/v1", "Job", "bad", {"spec": {}})),
    quietly(post("make j", JOBS, job("j", {"parallelism": 0}))), changed("j: completions", JOBS + "/j", {"completions": 5}), changed("j: another selector", JOBS + "/j", {"selector": OTHER}),
    changed("j: another template", JOBS + "/j", {"template": {"spec": {"containers": [container("x")]}}}), changed("j: parallelism may change", JOBS + "/j", {"parallelism": 0, "backoffLimit": 2}),
    post("CronJob: a schedule that is none", CRONJOBS, cronjob("bad", "sometimes")), post("CronJob: no schedule", CRONJOBS, cronjob("bad", "")), post("CronJob: a minute too many", CRONJOBS, cronjob("bad", "60 * * * *")),
    post("CronJob: a policy that is none", CRONJOBS, cronjob("bad", concurrencyPolicy="Sideways")), post("CronJob: a negative history", CRONJOBS, cronjob("bad", successfulJobsHistoryLimit=-1)),
    post("CronJob: a negative deadline", CRONJOBS, cronjob("bad", startingDeadlineSeconds=-1)), post("CronJob: a long name", CRONJOBS, cronjob("c" * 53)), post("CronJob: a template that restarts", CRONJOBS, cronjob("bad", template=pod_spec())),
    post("CronJob: by name", CRONJOBS, cronjob("yearly", "@yearly", suspend=True)), patch("CronJob: a bad schedule later", CRONJOBS + "/yearly", {"spec": {"schedule": "x"}}),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same")),
    known={newer("headers/warning", WARNS): {f"{name}": f'299 - "unknown field \\"spec.{field}\\""' for name, field in (("ReplicaSet: a negative history", "revisionHistoryLimit"), ("DaemonSet: negative replicas", "replicas"))},
           newer("body/message", STATEFUL): {
               "StatefulSet: no template": replaced(("is invalid: ", "is invalid: ["), ("template `labels`", f"template `labels`, {EMPTY}]")), "StatefulSet: no spec": replaced(("template `labels`]", f"template `labels`, {EMPTY}]")),
               "StatefulSet: a template without containers": f'StatefulSet.apps "bad" is invalid: {EMPTY}', "StatefulSet: negative replicas": ABSENT,
               "StatefulSet: negative minReadySeconds": 'StatefulSet.apps "bad" is invalid: spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0'},
           newer("body/details/causes/1", STATEFUL): {"StatefulSet: no template": EMPTY_CAUSE}, newer("body/details/causes/2", STATEFUL): {"StatefulSet: no spec": EMPTY_CAUSE},
           newer("status", STATEFUL): {"StatefulSet: a template without containers": 422, "StatefulSet: negative replicas": 201, "StatefulSet: negative minReadySeconds": 422}}
    | {newer(path, "has MaxUnavailable since 1.24", replaced(('{"Partition":1}', '{"Partition":1,"MaxUnavailable":null}'))): ("StatefulSet: OnDelete with parameters",) for path in MESSAGES}
    | refused_as(newer, "beside maxSurge since 1.22", {"DaemonSet: no movement": ("spec.updateStrategy.rollingUpdate.maxUnavailable", "Required value: cannot be 0 when maxSurge is 0")}, "FieldValueRequired")
    | {newer("status", "the time to live is looked at since 1.21", 422): ("Job: a negative time to live",),
       newer("body/message", "the time to live is looked at since 1.21", 'Job.batch "bad" is invalid: spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0'): ("Job: a negative time to live",)}
    | {newer(path, "a selector and labels with a prefix since 1.27"): {name: replaced(('"app":"other","controller-uid"', '"app":"other","batch.kubernetes.io/controller-uid"'), ('{"controller-uid"',
         f'{{"batch.kubernetes.io/controller-uid":"<uid>","batch.kubernetes.io/job-name":"{job_name}","controller-uid"')) for name, job_name in names}
       for path, names in [("body/message", JOB_SELECTORS), *((f"body/details/causes/{i}/message", JOB_SELECTORS if i < 2 else JOB_SELECTORS[1:]) for i in range(4))]}
    | known_at(differs, AS_SENT, ("j: another template",), *MESSAGES))
