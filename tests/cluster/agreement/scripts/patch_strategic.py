"""Strategic merge patches: lists by key, sets, and directives."""
from script import STRATEGIC_PATCH, STRICTLY, Script, newer, patch, post
from scripts._objects import CM, DEPLOYMENTS, SERVICES, cm, container, deployment, pod_spec, service

D, S = DEPLOYMENTS + "/d", SERVICES + "/s"
SPEC = pod_spec(container("a", env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], ports=[{"containerPort": 80}, {"containerPort": 81, "name": "x"}],
                          args=["1", "2"]), container("b"),
                volumes=[{"name": "v", "emptyDir": {}}, {"name": "w", "emptyDir": {"medium": "Memory"}}],
                tolerations=[{"key": "t", "operator": "Exists"}], imagePullSecrets=[{"name": "p"}])


def strategic(name, body, path=D, **more):
    return patch(name, path, body, STRATEGIC_PATCH, **more)


def in_pod(name, spec, **more):
    return strategic(name, {"spec": {"template": {"spec": spec}}}, **more)


SCRIPT = Script("patch_strategic", [
    post("create", DEPLOYMENTS, deployment("d", 0, template_spec=SPEC), remember={"owner": "metadata.uid"}),
    in_pod("one container by its name", {"containers": [{"name": "b", "image": "other"}]}),
    in_pod("a container more", {"containers": [{"name": "c", "image": "new"}]}),
    in_pod("a container less", {"containers": [{"name": "c", "$patch": "delete"}]}),
    in_pod("a container less that is not there", {"containers": [{"name": "z", "$patch": "delete"}]}),
    in_pod("env by name", {"containers": [{"name": "a", "env": [{"name": "A", "value": "changed"}, {"name": "C", "value": "3"}]}]}),
    in_pod("env less", {"containers": [{"name": "a", "env": [{"name": "A", "$patch": "delete"}]}]}),
    in_pod("env replaced", {"containers": [{"name": "a", "env": [{"$patch": "replace"}, {"name": "D", "value": "4"}]}]}),
    in_pod("ports by number", {"containers": [{"name": "a", "ports": [{"containerPort": 81, "name": "y"}, {"containerPort": 82}]}]}),
    in_pod("atomic lists are replaced", {"containers": [{"name": "a", "args": ["3"]}]}),
    in_pod("the order of a list", {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "b", "image": "again"}]}),
    in_pod("an order without what is patched", {"$setElementOrder/containers": [{"name": "a"}], "containers": [{"name": "b", "image": "again"}]}),
    in_pod("volumes keep other sources", {"volumes": [{"name": "v", "emptyDir": None, "configMap": {"name": "c"}}]}),
    in_pod("volumes retain keys", {"volumes": [{"name": "v", "$retainKeys": ["name", "secret"], "secret": {"secretName": "s"}}]}),
    in_pod("two sources", {"volumes": [{"name": "v", "emptyDir": {}}]}),
    in_pod("tolerations are replaced", {"tolerations": [{"key": "u", "operator": "Exists"}]}),
    in_pod("pull secrets by name", {"imagePullSecrets": [{"name": "q"}]}),
    in_pod("no name in a list by name", {"containers": [{"image": "x"}]}),
    in_pod("a directive that is none", {"containers": [{"name": "a", "$patch": "explode"}]}),
    in_pod("replace a map", {"securityContext": {"$patch": "replace", "runAsUser": 7}}),
    in_pod("a field removed", {"securityContext": None}),
    in_pod("a text for a list", {"containers": "x"}),
    in_pod("an object for a list", {"containers": {"name": "a"}}),
    strategic("strategy retains its keys", {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}),
    strategic("a strategy that is contradictory", {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 1}}}}),
    strategic("a map of labels", {"metadata": {"labels": {"a": "1", "b": "2"}}}),
    strategic("a label removed", {"metadata": {"labels": {"a": None}}}),
    strategic("a map deleted", {"metadata": {"labels": {"$patch": "delete"}}}),
    strategic("no change", {"spec": {"replicas": 0}}),
    strategic("an empty patch", {}),
    strategic("bad JSON", "{"),
    strategic("a list", []),
    strategic("nothing", ""),
    strategic("a number for text", {"metadata": {"labels": {"a": 1}}}),
    strategic("the name", {"metadata": {"name": "x"}}),
    post("create a service", SERVICES, service("s", ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}])),
    strategic("service ports by port", {"spec": {"ports": [{"port": 80, "targetPort": 8080}]}}, S),
    strategic("a service port more", {"spec": {"ports": [{"name": "c", "port": 82}]}}, S),
    strategic("a service port less", {"spec": {"ports": [{"port": 82, "$patch": "delete"}]}}, S),
    post("create a ConfigMap with finalizers", CM, cm("f", finalizers=["agree.test/a", "agree.test/b"], ownerReferences=[
        {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d", "uid": "{owner}"}])),
    strategic("a set grows", {"metadata": {"finalizers": ["agree.test/c"]}}, CM + "/f"),
    strategic("a set keeps its own", {"metadata": {"finalizers": ["agree.test/a"]}}, CM + "/f"),
    strategic("delete from a set", {"metadata": {"$deleteFromPrimitiveList/finalizers": ["agree.test/b"]}}, CM + "/f"),
    strategic("the order of a set", {"metadata": {"$setElementOrder/finalizers": ["agree.test/c", "agree.test/a"], "finalizers": ["agree.test/c"]}}, CM + "/f"),
    strategic("owners by uid", {"metadata": {"ownerReferences": [{"uid": "{owner}", "$patch": "delete"}]}}, CM + "/f"),
    strategic("finalizers away", {"metadata": {"finalizers": None}}, CM + "/f"),
], ignore=(("body/status", "the controller's turn"), ("body/metadata/annotations/deployment.kubernetes.io~1revision", "the same")),
    known={newer("body/message", STRICTLY, "unexpected end of JSON input"): ("bad JSON", "nothing")})
