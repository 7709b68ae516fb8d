"""Services and what stands behind them."""
from script import Script, delete, get, patch, post, quietly, table, wait
from scripts._objects import PODS, SERVICES, container, pod, pod_spec, service

E = "/api/v1/namespaces/{ns}/endpoints"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices"
# Told by seconds: no change that was not seen yet, where a pod is ready in the second in which it was made.
QUICK = (("body/metadata/annotations/endpoints.kubernetes.io~1last-change-trigger-time", "whether there is a time depends on how quick a pod is"),)

SCRIPT = Script("endpoints", [
    post("a service with nothing behind it", SERVICES, service("web", ports=[{"name": "http", "port": 80, "targetPort": "http"}, {"name": "other", "port": 81, "targetPort": 9000}])),
    get("endpoints of nothing", E + "/web", until=200),
    post("a pod", PODS, pod("a", pod_spec(container(ports=[{"name": "http", "containerPort": 8080}])), labels={"app": "web"})),
    get("its endpoints", E + "/web", until={"subsets[0].addresses[0].ip": ...}, ignore=QUICK),
    table("in a Table", E + "/web", only=("columnDefinitions",)),
    get("its slice", SLICES + "?labelSelector=kubernetes.io%2Fservice-name%3Dweb", until={"items[0].endpoints[0].addresses[0]": ...}, only=("items[0].addressType", "items[0].ports", "items[0].metadata.labels", "items[0].metadata.ownerReferences", "items[1]")),
    post("a pod that is not ready", PODS, pod("b", pod_spec(container(ports=[{"name": "http", "containerPort": 8080}]), readinessGates=[{"conditionType": "agree.test/gate"}]), labels={"app": "web"})),
    get("is not ready there", E + "/web", until={"subsets[0].notReadyAddresses[0].ip": ...}, ignore=QUICK),
    patch("the pod leaves", PODS + "/a", {"metadata": {"labels": {"app": "other"}}}),
    get("and is no longer there", E + "/web", until={"subsets[0].addresses": None}),
    quietly(delete("delete the service", SERVICES + "/web")),
    get("endpoints go with it", E + "/web", until=404),
    post("a service without a selector", SERVICES, service("plain", selector=None)),
    get("has no endpoints", E + "/plain"),
    post("a headless service", SERVICES, service("headless", clusterIP="None", selector={"app": "other"})),
    get("has the pod", E + "/headless", until={"subsets[0].addresses[0].ip": ...}),
    post("a service that publishes those not ready", SERVICES, service("eager", publishNotReadyAddresses=True, selector={"app": "web"})),
    get("has it as ready", E + "/eager", until={"subsets[0].addresses[0].ip": ...}),
    get("the API's own service", "/api/v1/namespaces/default/services/kubernetes", only=("metadata.labels", "spec"), ignore=(("body/spec/ports/0/targetPort", "where it listens"),)),
    get("the API's own endpoints", "/api/v1/namespaces/default/endpoints/kubernetes", only=("metadata.name", "subsets"), ignore=(("body/subsets/0/ports/0/port", "where it listens"),)),
], service_account=True)
