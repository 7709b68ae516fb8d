"""Healthy things that stand beside every fault, and look a little like one: none of them may be blamed."""
from objects import SLEEP, claim, container, deployment, http_probe, job, service, shell
from stage import until

# A claim of this class waits for a pod that uses it, as it should.
LATER = {"kind": "StorageClass", "metadata": {"name": "incident-later"}, "provisioner": "kubernetes.io/no-provisioner",
         "volumeBindingMode": "WaitForFirstConsumer"}

NAMES = r"^[A-Za-z]+ (storefront|archive|spare|report|checkout)(-|$)"


def objects(crowd):
    """`crowd`: also those that need more pods."""
    out = [deployment("storefront", readinessProbe=http_probe()), service("storefront"),
           {"kind": "PodDisruptionBudget", "metadata": {"name": "storefront"}, "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "storefront"}}}},
           deployment("archive", SLEEP, replicas=0, port=None),
           claim("spare", "incident-later")]
    if crowd:
        # Two Deployments behind one Service, with the same labels but for one: stable and canary.
        canary = {"track": "canary"}
        out += [job("report", shell("echo done"), spec={"backoffLimit": 1}),
                deployment("checkout", labels={"part": "checkout"}), service("checkout", {"part": "checkout"}),
                deployment("checkout-canary", labels={"part": "checkout", **canary},
                           containers=[container("checkout", env=[{"name": "TRACK", "value": "canary"}])])]
    return out


def ready(crowd):
    """Steps that wait till all of them are as they should be."""
    steps = [until("Deployment", "storefront", "status.availableReplicas", "^1$", 90)]
    if crowd:
        steps += [until("Job", "report", "status.succeeded", "^1$", 90),
                  until("Deployment", "checkout", "status.availableReplicas", "^1$", 90),
                  until("Deployment", "checkout-canary", "status.availableReplicas", "^1$", 90)]
    return steps
