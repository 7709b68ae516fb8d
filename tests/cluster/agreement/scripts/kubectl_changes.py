"""kubectl 1.20.2 that changes: create, apply, diff, patch, label, scale, rollouts, drain, delete."""
import json

from script import DECODED, Script, delete, kubectl, newer, post, quietly, wait
from scripts._objects import CM, DEPLOYMENTS, PODS, cm, container, deployment, made, pod, pod_spec, service

N = "-n {ns} "


def text(*objects):
    return json.dumps(objects[0] if len(objects) == 1 else {"apiVersion": "v1", "kind": "List", "items": list(objects)})


def run(arguments, *objects, name=None, **more):
    return kubectl(name or arguments, N + arguments, text(*objects) if objects else "", **more)


D = deployment("d", 1, labels={"app": "d"})
D2 = deployment("d", 1, labels={"app": "d"}, template_spec=pod_spec(container(env=[{"name": "A", "value": "b"}])))

SCRIPT = Script("kubectl_changes", [
    run("create configmap lit --from-literal=a=b"), run("create configmap lit --from-literal=a=b", name="create it again"), run("create secret generic sec --from-literal=a=b"), run("create deployment dep --image=fairlead.test/busybox:1 --replicas=0"), run("create service clusterip svc --tcp=80:8080"),
    run("create job j --image=fairlead.test/busybox:1 -- true"), run("create cronjob cj --image=fairlead.test/busybox:1 --schedule='0 0 1 1 *' -- true"), run("create serviceaccount sa"), run("create role r --verb=get --resource=pods"), run("create rolebinding rb --role=r --serviceaccount={ns}:sa"), run("create quota q --hard=count/leases.coordination.k8s.io=10"),
    run("create poddisruptionbudget b --min-available=1 --selector=app=x"), run("create ingress i --rule=a.agree.test/x=svc:80"), run("create role bad --verb=get --resource=nothings"),
    run("create -f -", cm("f", {"k": "v"}), name="create from a file"), run("create -f -", cm("f", {"k": "v"}), name="create from a file again"), run("create -f - --dry-run=server", cm("dry"), name="create as a dry run"), run("create -f - --save-config -o name", cm("g"), name="create and save"), run("create -f - --validate=true", {**cm("odd"), "nonsense": 1}, name="create with a field that is none"),
    run("create -f -", {"apiVersion": "v7", "kind": "Nothing", "metadata": {"name": "x"}}, name="create what is no kind"), run("create -f -", cm("-bad"), name="create what is invalid"),
    run("apply -f -", D, name="apply"), run("apply -f -", D, name="apply again"), run("apply -f -", D2, name="apply a change"), run("apply -f - --dry-run=server", D, name="apply as a dry run"), run("apply -f -", cm("x", {"a": "1"}), service("y"), name="apply a list"), run("apply -f -", cm("x", {"b": "2"}), name="apply: what is left out goes"), run("get cm x -o jsonpath={.data}", name="it went"),
    run("diff -f -", cm("x", {"b": "2"}), name="diff of nothing"), run("apply -f - --server-side", cm("ssa", {"a": "1"}), name="apply by the server"), run("apply -f - --server-side --field-manager=other", cm("ssa", {"a": "2"}), name="apply by the server: a conflict"), run("apply -f - --server-side --field-manager=other --force-conflicts", cm("ssa", {"a": "2"}), name="apply by the server: forced"),
    run("apply -f - --prune -l agree=prune", cm("prune", {"a": "1"}, labels={"agree": "prune"}), name="apply and prune", ignore=(("body/err", "a line of a log, with a time and a process"),)), run("replace -f -", cm("f", {"k": "w"}), name="replace"), run("replace -f -", cm("none"), name="replace what is not there"), run("replace --force -f -", cm("f", {"k": "x"}), name="replace by force"),
    run("patch cm f -p '{\"data\":{\"k\":\"y\"}}'", name="patch"), run("patch cm f -p '{\"data\":{\"k\":\"y\"}}'", name="patch without a change"), run("patch cm f --type=json -p '[{\"op\":\"remove\",\"path\":\"/data/k\"}]'", name="patch by JSON"), run("patch cm f --type=merge -p '{\"data\":{\"k\":5}}'", name="patch what is invalid"), run("patch cm none -p '{}'", name="patch what is not there"),
    run("label cm f a=b"), run("label cm f a=c"), run("label cm f a=c --overwrite"), run("label cm f a-"), run("label cm f none-"), run("label cm none a=b"), run("label cm f -bad=x", name="a bad label"), run("annotate cm f note=hello"), run("annotate cm f note=other"), run("annotate cm f note-"), run("label cm f x=y --dry-run=server"),
    run("set image deploy/d main=other:1 --dry-run=server", name="set image as a dry run"), run("set env deploy/d B=c"), run("set resources deploy/d --limits=cpu=1"), run("rollout status deploy/d --timeout=30s"), run("rollout history deploy/d"), run("rollout undo deploy/d"), run("rollout status deploy/d --timeout=30s", name="the undo is out"),
    run("rollout undo deploy/d --to-revision=9"), run("rollout pause deploy/d"), run("rollout pause deploy/d", name="pause again"), run("rollout resume deploy/d"), run("rollout resume deploy/d", name="resume again"), run("rollout restart deploy/d"), run("rollout status deploy/d --timeout=30s", name="the restart is out"),
    run("scale deploy/d --replicas=2"), run("scale deploy/d --replicas=3 --current-replicas=7"), run("scale deploy/none --replicas=3"), run("scale cm/f --replicas=3"), run("autoscale deploy/d --min=1 --max=3 --cpu-percent=80"), run("get hpa d -o jsonpath={.spec}", name="the autoscaler"), run("expose deploy/d --port=80"), run("rollout status deploy/d --timeout=30s", name="two are ready"),
    run("taint node none a=b:NoSchedule"), run("cordon none"), run("drain none"), run("taint node {node} agree=x:PreferNoSchedule"), run("taint node {node} agree=x:PreferNoSchedule", name="taint again"), run("taint node {node} agree-"), run("taint node {node} agree-", name="untaint again"),
    run("run pod1 --image=fairlead.test/busybox:1 --restart=Never --labels=app=run -- sleep 1000"), run("wait --for=condition=Ready pod/pod1 --timeout=20s"), run("delete pod pod1 --grace-period=0 --force"), run("wait --for=delete pod/pod1 --timeout=20s", name="it is gone"),
    run("delete cm f"), run("delete cm f", name="delete again"), run("delete cm f --ignore-not-found"), run("delete cm -l app=none"), run("delete cm g x --wait=false"), run("delete deploy d --cascade=orphan"), run("get rs -l app=d --no-headers -o custom-columns=OWNERS:.metadata.ownerReferences", name="orphans"), run("delete rs -l app=d --cascade=background -o name", name="delete replica sets", ignore=(("body/out/*", "in the order of hashes"),)),
    run("delete deploy,svc --all -o name"), run("delete nothing x"), run("delete -f - --ignore-not-found", cm("none"), name="delete from a file"), run("create namespace agree-kubectl"), run("delete namespace agree-kubectl --timeout=30s"), run("create token sa", name="what this kubectl does not know", ignore=(("body/err/*", "its usage"),)), run("auth reconcile -f -", made("rbac.authorization.k8s.io/v1", "Role", "rec", {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}), name="reconcile a role"),
], service_account=True, known={
    newer("status", "batch/v1beta1 and policy/v1beta1, which this kubectl asks for, ended with 1.25", 1): (
        "create cronjob cj --image=fairlead.test/busybox:1 --schedule='0 0 1 1 *' -- true", "create poddisruptionbudget b --min-available=1 --selector=app=x", "apply and prune"),
    newer("body/out/0", "a change of nothing but times in managedFields is none since 1.22", "configmap/f patched (no change)"): ("patch without a change",),
    newer("body/err/0", DECODED, 'The request is invalid: patch: Invalid value: "<the object>": json: cannot unmarshal number into Go struct field ConfigMap.data of type string'): ("patch what is invalid",),
    newer("body/out/0", "autoscaling/v2 is preferred since 1.23", '{"maxReplicas":3,"metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}],"minReplicas":1,'
          '"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}'): ("the autoscaler",),
})
