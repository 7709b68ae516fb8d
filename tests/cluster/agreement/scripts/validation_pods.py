"""What is wrong with a pod's spec: every cause, in the server's words and order."""
from script import AS_SENT, DOTS, MESSAGES, NO_PICTURE, Script, differs, known_at, newer, patch, post, quietly, refused_as, replaced
from scripts._objects import PODS, container, pod, pod_spec, waiting_pod


def bad(name, spec=None, *containers, **more):
    """A pod with these fields of its spec, or with this container."""
    return post(name, PODS, pod("bad", {**pod_spec(*containers), **(spec or {})}), **more)


def bad_container(label, /, **fields):
    return bad(label, None, {**container(), **fields})


def volume(name, **source):
    return bad(name, {"volumes": [{"name": "v", **source}]})


def changed(name, spec, **more):
    return patch(name, PODS + "/p", {"spec": spec}, **more)


SCRIPT = Script("validation_pods", [
    bad("no containers", {"containers": []}), bad("containers is null", {"containers": None}), post("no spec", PODS, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "bad"}}),
    bad_container("no name", name=""), bad_container("a name in capitals", name="A"), bad_container("a name with a dot", name="a.b"), bad_container("a long name", name="a" * 64),
    bad_container("no image", image=""), bad_container("an image with spaces", image=" x "), bad_container("a pull policy that is none", imagePullPolicy="Sometimes"),
    bad("the same name twice", None, container("a"), container("a")), bad("the name of an init container", {"initContainers": [container("main")]}),
    bad_container("port 0", ports=[{"containerPort": 0}]), bad_container("port 70000", ports=[{"containerPort": 70000}]), bad_container("a protocol that is none", ports=[{"containerPort": 80, "protocol": "ICMP"}]),
    bad_container("a port name too long", ports=[{"containerPort": 80, "name": "a" * 16}]), bad_container("a port name in capitals", ports=[{"containerPort": 80, "name": "HTTP"}]),
    bad_container("two ports of one name", ports=[{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]), bad_container("a port name of digits", ports=[{"containerPort": 80, "name": "123"}]),
    bad_container("host port 70000", ports=[{"containerPort": 80, "hostPort": 70000}]),
    bad_container("env without a name", env=[{"value": "x"}]), bad_container("env with a bad name", env=[{"name": "1=2"}]),
    bad_container("env with two sources", env=[{"name": "A", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]),
    bad_container("env from an empty source", env=[{"name": "A", "valueFrom": {}}]), bad_container("env from a field that is none", env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.nothing"}}}]),
    bad_container("env from a key without a name", env=[{"name": "A", "valueFrom": {"configMapKeyRef": {"key": "k", "name": ""}}}]),
    bad_container("env from without a source", envFrom=[{}]), bad_container("env from with a bad prefix", envFrom=[{"prefix": "1=", "configMapRef": {"name": "x"}}]),
    bad_container("negative resources", resources={"limits": {"cpu": "-1"}}), bad_container("requests over limits", resources={"limits": {"cpu": "1"}, "requests": {"cpu": "2"}}),
    bad_container("resources that are none", resources={"limits": {"nothing": "1"}}), bad_container("half a device", resources={"limits": {"agree.test/device": "500m"}}),
    bad_container("a mount without a volume", volumeMounts=[{"name": "none", "mountPath": "/x"}]), bad_container("a mount without a path", volumeMounts=[{"name": "none", "mountPath": ""}]),
    bad("two mounts at one path", {"volumes": [{"name": "v", "emptyDir": {}}]}, container(volumeMounts=[{"name": "v", "mountPath": "/x"}, {"name": "v", "mountPath": "/x"}])),
    bad("a mount with a path that goes back", {"volumes": [{"name": "v", "emptyDir": {}}]}, container(volumeMounts=[{"name": "v", "mountPath": "/x", "subPath": "../y"}])),
    volume("two sources", emptyDir={}, configMap={"name": "x"}), volume("a ConfigMap without a name", configMap={}), volume("a Secret without a name", secret={}), volume("a claim without a name", persistentVolumeClaim={"claimName": ""}),
    volume("a path that is none", hostPath={"path": ""}), volume("a host path of no type", hostPath={"path": "/x", "type": "Nothing"}), volume("a negative size", emptyDir={"sizeLimit": "-1"}),
    volume("a projection of nothing", projected={"sources": [{}]}), volume("a mode too large", configMap={"name": "x", "defaultMode": 4096}),
    bad("a volume without a name", {"volumes": [{"emptyDir": {}}]}), bad("two volumes of one name", {"volumes": [{"name": "v", "emptyDir": {}}, {"name": "v", "emptyDir": {}}]}),
    bad("a volume in capitals", {"volumes": [{"name": "V", "emptyDir": {}}]}),
    bad("a restart policy that is none", {"restartPolicy": "Sometimes"}), bad("a DNS policy that is none", {"dnsPolicy": "Sometimes"}), bad("DNS None without servers", {"dnsPolicy": "None"}),
    bad("a negative grace period", {"terminationGracePeriodSeconds": -1}), bad("deadline 0", {"activeDeadlineSeconds": 0}), bad("a hostname in capitals", {"hostname": "A"}), bad("a node name in capitals", {"nodeName": "A_"}),
    bad("a node selector with a bad key", {"nodeSelector": {"-a": "b"}}), bad("a node selector with a bad value", {"nodeSelector": {"a": "-b"}}),
    bad("a service account in capitals", {"serviceAccountName": "A"}), bad("a service account that is not there", {"serviceAccountName": "nothing"}),
    bad("a priority class that is not there", {"priorityClassName": "nothing"}), bad("a priority", {"priority": 5}),
    bad("a toleration with a bad operator", {"tolerations": [{"key": "a", "operator": "Near"}]}), bad("a toleration that exists with a value", {"tolerations": [{"key": "a", "operator": "Exists", "value": "b"}]}),
    bad("a toleration with no key", {"tolerations": [{"operator": "Equal"}]}), bad("a toleration with a bad effect", {"tolerations": [{"key": "a", "operator": "Exists", "effect": "Near"}]}),
    bad("toleration seconds without an effect", {"tolerations": [{"key": "a", "operator": "Exists", "tolerationSeconds": 5}]}),
    bad("affinity with a bad operator", {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Near"}]}]}}}}),
    bad("affinity without terms", {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}}}),
    bad("anti-affinity without a topology", {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"labelSelector": {}}]}}}),
    bad("spread without a skew", {"topologySpreadConstraints": [{"maxSkew": 0, "topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"}]}),
    bad("a readiness gate that is none", {"readinessGates": [{"conditionType": "a b"}]}), bad("a security context that is none", {"securityContext": {"runAsUser": -1}}),
    bad("a scheduler that is none", {"schedulerName": "A_"}), bad("an alias without an address", {"hostAliases": [{"ip": "x", "hostnames": ["a"]}]}),
    bad_container("a probe without a handler", livenessProbe={}), bad_container("a probe with two handlers", livenessProbe={"exec": {"command": ["a"]}, "tcpSocket": {"port": 80}}),
    bad_container("a probe with a bad port", livenessProbe={"httpGet": {"port": 0, "path": "/"}}), bad_container("a probe with a negative period", readinessProbe={"tcpSocket": {"port": 80}, "periodSeconds": -1}),
    bad_container("a liveness probe with two successes", livenessProbe={"tcpSocket": {"port": 80}, "successThreshold": 2}), bad_container("a probe without a command", livenessProbe={"exec": {"command": []}}),
    bad_container("a hook without a handler", lifecycle={"preStop": {}}), bad_container("a message policy that is none", terminationMessagePolicy="Near"),
    bad_container("privileged and no escalation", securityContext={"privileged": True, "allowPrivilegeEscalation": False}),
    bad("an init container with a probe", {"initContainers": [container("i", readinessProbe={"tcpSocket": {"port": 80}})]}), bad("an init container with a hook", {"initContainers": [container("i", lifecycle={"preStop": {"exec": {"command": ["a"]}}})]}),
    bad("ephemeral containers", {"ephemeralContainers": [container("e")]}), bad("several things", {"restartPolicy": "x", "dnsPolicy": "y", "terminationGracePeriodSeconds": -1}, {"name": "", "image": ""}),
    post("a bad name and a bad spec", PODS, pod("-x", {"containers": []})),
    # Changes
    quietly(post("make p", PODS, waiting_pod("p"))),
    changed("the image may change", {"containers": [{**container(), "image": "other"}]}), changed("the command may not", {"containers": [container(command=["x"])]}),
    changed("no container may come", {"containers": [container(), container("b")]}), changed("the restart policy may not", {"restartPolicy": "Never"}), changed("the node may not", {"nodeName": "x"}),
    changed("a deadline may be set", {"activeDeadlineSeconds": 50}), changed("and become shorter", {"activeDeadlineSeconds": 40}), changed("but not longer", {"activeDeadlineSeconds": 60}), changed("nor go", {"activeDeadlineSeconds": None}),
    changed("a toleration may come", {"tolerations": [{"key": "a", "operator": "Exists"}]}), changed("tolerations may not go", {"tolerations": []}), changed("the grace period may not", {"terminationGracePeriodSeconds": 9}),
    changed("an image may not be empty", {"containers": [{**container(), "image": ""}]}), patch("labels may change", PODS + "/p", {"metadata": {"labels": {"a": "b"}}}), patch("the status is not changed here", PODS + "/p", {"status": {"phase": "Running"}}),
], service_account=True,
    known=refused_as(newer, "tells the limit since 1.26", {"requests over limits": ("spec.containers[0].resources.requests", 'Invalid value: "2": must be less than or equal to cpu limit of 1')})
    | refused_as(newer, DOTS, {"a name with a dot": ("spec.containers[0].name", 'Invalid value: "a.b": must not contain dots')})
    | refused_as(newer, "a message policy is checked like other choices now", {"a message policy that is none": (
        "spec.containers[0].terminationMessagePolicy", 'Unsupported value: "Near": supported values: "File", "FallbackToLogsOnError"')}, "FieldValueNotSupported")
    | refused_as(newer, "the value is shown, not the whole toleration, now", {"a toleration that exists with a value": (
        "spec.tolerations[0].operator", 'Invalid value: "b": value must be empty when `operator` is \'Exists\'')})
    | {newer(path, "files are sources since 1.34", replaced(("`configMapKeyRef` or `secretKeyRef`", "`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"))): ("env from an empty source",) for path in MESSAGES}
    | refused_as(newer, "tells which alias, and the form of addresses, since 1.33", {"an alias without an address": ("spec.hostAliases[0].ip", 'Invalid value: "x": must be a valid IP address, (e.g. <ip> or 2001:db8::ffff)')})
    | {newer("body/details/causes/0/field", "tells which alias, and the form of addresses, since 1.33", "spec.hostAliases[0].ip"): ("an alias without an address",)}
    | known_at(differs, AS_SENT, ("privileged and no escalation",), *MESSAGES)
    | refused_as(newer, "init containers may go on beside the others since 1.28", {
        f"an init container with a {what}": (f"spec.initContainers[0].{field}", "Forbidden: may not be set for init containers without restartPolicy=Always")
        for what, field in (("probe", "readinessProbe"), ("hook", "lifecycle"))}, "FieldValueForbidden")
    | {newer("status", "not taken out silently since 1.23", 422): ("ephemeral containers",),
       newer("body/message", "not taken out silently since 1.23", 'Pod "bad" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create'): ("ephemeral containers",)}
    | known_at(differs, NO_PICTURE, ("the image may change", "the command may not", "the restart policy may not", "the node may not", "the grace period may not"), *MESSAGES)
    | refused_as(newer, "values are written as JSON since 1.34", {"nor go": ("spec.activeDeadlineSeconds", "Invalid value: null: must not update from a positive integer to nil value")}))
