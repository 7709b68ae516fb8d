"""Parameters of logs and of the other ways into a pod: what is refused. What a container says is its own."""
from script import Script, get, post, quietly, wait
from scripts._objects import PODS, container, pod, pod_spec, waiting_pod

P = PODS + "/p"

SCRIPT = Script("logs", [
    quietly(post("make p", PODS, pod("p", pod_spec(container("one", command=["sh", "-c", "echo hello; sleep 3600"]), container("two"), initContainers=[container("init", command=["true"])])))),
    quietly(post("make q", PODS, waiting_pod("q"))),
    get("of a pod that waits", PODS + "/q/log"),
    get("of a pod that is not there", PODS + "/nothing/log"),
    wait("p runs", P, {"status.phase": "Running"}),
    get("no container named", P + "/log"),
    get("a container that is none", P + "/log?container=three"),
    get("tailLines below 0", P + "/log?container=one&tailLines=-1"),
    get("tailLines no number", P + "/log?container=one&tailLines=x"),
    get("limitBytes 0", P + "/log?container=one&limitBytes=0"),
    get("sinceSeconds 0", P + "/log?container=one&sinceSeconds=0"),
    get("sinceTime that is none", P + "/log?container=one&sinceTime=yesterday"),
    get("both since", P + "/log?container=one&sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z"),
    get("previous that is not there", P + "/log?container=one&previous=true"),
    get("tailLines 0", P + "/log?container=one&tailLines=0"),
    get("of an init container", P + "/log?container=init&tailLines=0"),
    post("POST to the log", P + "/log", {}),
    get("JSON asked for", P + "/log?container=one&tailLines=0", headers={"Accept": "application/json"}),
    get("exec without an upgrade", P + "/exec?container=one&command=true&stdout=1"),
    get("exec of a pod that is not there", PODS + "/nothing/exec?command=true&stdout=1"),
    get("exec without a command", P + "/exec?container=one&stdout=1"),
    get("exec without a container", P + "/exec?command=true&stdout=1"),
    get("exec in a container that is none", P + "/exec?container=three&command=true&stdout=1"),
    get("exec without a stream", P + "/exec?container=one&command=true"),
    get("exec of a pod that waits", PODS + "/q/exec?command=true&stdout=1"),
    get("attach without an upgrade", P + "/attach?container=one&stdout=1"),
    get("attach to a container that is none", P + "/attach?container=three&stdout=1"),
    get("port-forward without an upgrade", P + "/portforward"),
    get("port-forward to a pod that is not there", PODS + "/nothing/portforward"),
    get("port-forward to a pod that waits", PODS + "/q/portforward"),
], service_account=True)
