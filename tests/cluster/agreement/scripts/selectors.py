"""Label and field selectors, and their errors."""
from script import Script, delete, get, newer, null, post, quietly, replaced
from scripts._objects import CM, PODS, SERVICES, cm, service, waiting_pod

NAMES = ("items[0].metadata.name", "items[1].metadata.name", "items[2].metadata.name", "items[3].metadata.name", "items[4].metadata.name", "kind", "message", "reason",
         "code", "details", "status")


def labels(selector, **more):
    return get(f"labels {selector}", f"{CM}?fieldSelector=metadata.name!=kube-root-ca.crt&labelSelector=" + selector.replace(",", "%2C").replace("+", "%2B"), only=NAMES, **more)


def fields(of, selector, **more):
    return get(f"fields of {of.rsplit('/', 1)[-1]} {selector}", f"{of}?fieldSelector=" + selector, only=NAMES, **more)

KEY = (("invalid label key ", "<nil>: Invalid value: "),)
VALUE = (("invalid label value: ", "values[0][color]: Invalid value: "),)

SCRIPT = Script("selectors", [
    *[quietly(post(f"make {name}", CM, cm(name, labels=of))) for name, of in {
        "none": {}, "red": {"color": "red"}, "blue": {"color": "blue", "size": "1"}, "big": {"size": "10", "agree.test/kind": "x"}, "empty": {"color": ""}}.items()],
    *[labels(s) for s in (
        "", "color", "!color", "color=red", "color==red", "color!=red", "color in (red,blue)", "color notin (red)", "color in (red)", "color=", "color in ()", "color in (,red)",
        "size>5", "size<5", "size>-1", "color>1", "agree.test/kind=x", "color,size", "color=blue,size=1", "color=red,color=blue", " color = red ", "color in ( red , blue )",
        "!color,!size", "in=1", "notin")],
    *[labels(s) for s in (
        "color=", "=red", "color=red,", ",", "color in", "color in red", "color in (red", "size>abc", "size>", "-bad=x", "color=-bad", "color=" + "x" * 64, "a/b/c=d", "color===red",
        "color!", "(color)", "color=red blue", "ä=b", "Agree.Test/kind=x", "color=>red") if s != "color="],
    *[fields(CM, s) for s in (
        "metadata.name=red", "metadata.name==red", "metadata.namespace=default", "metadata.name=nothing", "metadata.name=red,metadata.namespace={ns}",
        "data.k=v", "spec.nodeName=x", "metadata.name", "metadata.name=a=b", "metadata.labels.color=red", "metadata.name=a%5C,b", "metadata.name=a%5Cb", ",")],
    quietly(post("make a pod", PODS, waiting_pod("p", labels={"app": "p"}))),
    *[fields(PODS, s) for s in (
        "status.phase=Pending", "status.phase!=Pending", "spec.nodeName=", "spec.nodeName!=", "spec.restartPolicy=Always", "spec.schedulerName=agree.test/none",
        "spec.serviceAccountName=default", "status.podIP=", "status.nominatedNodeName=", "spec.nothing=x", "status.phase=Pending,spec.restartPolicy=Never")],
    quietly(post("make a service", SERVICES, service("s"))),
    fields(SERVICES, "spec.type=ClusterIP"),
    fields(SERVICES, "metadata.name=s"),
    *[fields("/api/v1/namespaces/{ns}/secrets", s) for s in ("type=Opaque", "type=nothing", "data=x")],
    fields("/api/v1/namespaces", "status.phase=Terminating,metadata.name=default"),
    fields("/api/v1/namespaces", "metadata.name={ns}"),
    fields("/api/v1/nodes", "spec.unschedulable=true"),
    fields("/api/v1/nodes", "status.phase=x"),
    fields("/api/v1/namespaces/{ns}/events", "involvedObject.name=nothing,reason=x,type=Warning,source=y"),
    fields("/api/v1/namespaces/{ns}/events", "involvedObject.nothing=x"),
    fields("/apis/apps/v1/namespaces/{ns}/deployments", "status.replicas=1"),
    fields("/apis/apps/v1/namespaces/{ns}/deployments", "metadata.name=x"),
    fields("/apis/apps/v1/namespaces/{ns}/replicasets", "status.replicas=0"),
    fields("/apis/batch/v1/namespaces/{ns}/jobs", "status.successful=0"),
    fields("/api/v1/namespaces/{ns}/replicationcontrollers", "status.replicas=0"),
    get("an object with a selector", CM + "/red?fieldSelector=metadata.name=blue&labelSelector=!!"),
    delete("delete a selected collection", CM + "?labelSelector=color%3Dred"),
    delete("delete by a bad selector", CM + "?labelSelector=!!"),
    delete("delete by fields", CM + "?fieldSelector=metadata.name=blue"),
    labels("color,!nothing"),
], known={
    newer("body/message", "worded as errors of fields since 1.21"): {
        **{f"labels {label}": replaced(*pairs) for label, pairs in (
            ("-bad=x", KEY), ("ä=b", KEY), ("Agree.Test/kind=x", KEY), ("color=-bad", VALUE + ((': at key: "color":', ":"),)), ("size>-1", VALUE + ((': at key: "size":', ":"), ("[color]", "[size]"))))},
        f"labels color={'x' * 64}": replaced(*VALUE, (': at key: "color":', ":"), ("63 characters", "63 bytes")),
        "labels a/b/c=d": replaced(*KEY, ("a qualified name must", "a valid label key must"))},
    newer("body/message", "the operators come from a list since 1.22", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"): ("labels color!",),
    newer("body/message", "a number that is none is told since 1.21"): {
        f"labels size>{value}": f'unable to parse requirement: values[0]: Invalid value: "{value}": for \'Gt\', \'Lt\' operators, the value must be an integer' for value in ("abc", "")},
    newer("status", "services are selected by spec.type since 1.31", 200): ("fields of services spec.type=ClusterIP",), newer("body/message", "services are selected by spec.type since 1.31", null): ("fields of services spec.type=ClusterIP",),
})
