"""Fills a test cluster with pods as clusters have them, about 6 KB of protobuf (20 KB of JSON) each, in seconds.

A few pods of every kind are made through the API server, by the writers that a cluster has (a controller that creates,
a scheduler's binding, a kubelet that reports), so that defaults, managedFields and the stored form are the server's own.
What etcd then holds is copied 10,000 times straight into etcd: names, namespaces, nodes, addresses, ids and ages are
replaced by others of the same length, which leaves the protobuf around them valid.
"""
import base64
import concurrent.futures
import http.client
import json
import os
import random
import re
import signal
import ssl
import time
import uuid

NAMESPACES = 20
NODES = 100
HASH = "5f6c7d8b9c"  # of every ReplicaSet
SUFFIX = "zzzzz"  # of a pod's name, replaced in every copy
NODE = "worker-000"
POD_IP = "10.244.100.100"
CONTAINER_ID = "c0" * 32
OWNER_UID = "11111111-2222-4333-8444-555555555555"
TEMPLATES = "team-00"  # the namespace in which they are made; others are called team-NN

# every namespace runs all of them; True: with a sidecar
APPS = {"checkout": True, "catalogue": True, "payments": False, "frontend": False, "accounts": True, "search-indexer": False,
        "recommendations": False, "notifications": False, "report-worker": False, "gateway": False}
ACCESS = {"name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}
# name, share of all pods
PROBLEMS = [("crash", 0.008), ("pull", 0.004), ("pending", 0.004), ("unready", 0.002), ("oom", 0.002)]


class Server:
    """The API server, over one connection."""

    def __init__(self, url, ca_file, token):
        self.host = url.removeprefix("https://").rstrip("/")
        self.context = ssl.create_default_context(cafile=ca_file)
        self.token = token
        self.connection = None

    def call(self, method, path, body=None, content_type="application/json"):
        for attempt in range(3):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPSConnection(self.host, context=self.context, timeout=60)
                headers = {"Authorization": "Bearer " + self.token, "Accept": "application/json"}
                if body is not None:
                    headers["Content-Type"] = content_type
                self.connection.request(method, path, None if body is None else json.dumps(body), headers)
                answer = self.connection.getresponse()
                text = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    raise
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300].decode(errors='replace')}")
        return json.loads(text)


class Etcd:
    """etcd through its JSON gateway."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def call(self, path, body):
        self.connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"etcd {path}: {answer.status} {text[:300].decode(errors='replace')}")
        return json.loads(text)

    def get(self, key):
        found = self.call("/v3/kv/range", {"key": base64.b64encode(key.encode()).decode()})
        return base64.b64decode(found["kvs"][0]["value"])

    def put_all(self, pairs):
        puts = [{"requestPut": {"key": base64.b64encode(k.encode()).decode(), "value": base64.b64encode(v).decode()}} for k, v in pairs]
        for first in range(0, len(puts), 100):  # a transaction holds at most 128 operations and 1.5 MiB
            self.call("/v3/kv/txn", {"success": puts[first:first + 100]})


def recorded_processes(directory):
    with open(os.path.join(directory, "pids"), encoding="utf-8") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file if line.strip()}


def etcd_address(directory):
    with open(f"/proc/{recorded_processes(directory)['etcd']}/cmdline", encoding="utf-8") as file:
        words = file.read().split("\0")
    return words[words.index("--listen-client-urls") + 1].removeprefix("http://")


def stop_controllers(directory):
    """The controller manager would collect pods without an owner or a node, the scheduler would place the pending ones."""
    for component, pid in recorded_processes(directory).items():
        if component in ("kube-controller-manager", "kube-scheduler"):
            with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                if file.read().strip() == component[:15]:
                    os.kill(pid, signal.SIGTERM)


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def environment(app, names):
    values = [{"name": name, "value": f"{name.lower().replace('_', '-')}.{app}.internal.example.com"} for name in names]
    values.append({"name": "POD_IP", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "status.podIP"}}})
    values.append({"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {"name": f"{app}-credentials", "key": "password"}}})
    return values


def container(app):
    probe = {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 2}
    return {
        "name": "app", "image": f"registry.example.com/shop/{app}:2.14.3", "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "env": environment(app, ["DATABASE_HOST", "QUEUE_URL", "OTEL_ENDPOINT", "LOG_LEVEL"]),
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": True}, {"name": "tmp", "mountPath": "/tmp"}, ACCESS],
        "livenessProbe": {**probe, "initialDelaySeconds": 15}, "readinessProbe": probe,
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
    }


def sidecar(app):
    return {"name": "proxy", "image": "registry.example.com/mesh/proxy:1.19.3", "args": ["--upstream", f"{app}:8080", "--drain", "20s"],
            "env": environment(app, ["MESH_ADDRESS"]), "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}}, "volumeMounts": [ACCESS]}


def pod(app, kind):
    labels = {"app": app, "app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "shop", "pod-template-hash": HASH, "tier": "backend"}
    spec = {
        "containers": [container(app)] + ([sidecar(app)] if APPS[app] else []),
        "initContainers": [{"name": "wait-for-database", "image": "registry.example.com/base/busybox:1.36",
                            "command": ["sh", "-c", "until nc -z database 5432; do sleep 1; done"]}],
        "volumes": [{"name": "config", "configMap": {"name": f"{app}-config"}}, {"name": "tmp", "emptyDir": {}},
                    {"name": "kube-api-access-x7k2p", "projected": {"sources": [
                        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}}],
        "serviceAccountName": "app", "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 45,
        "securityContext": {"runAsUser": 10001, "fsGroup": 10001},
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
                        {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
                        {"key": "dedicated", "operator": "Equal", "value": "shop", "effect": "NoSchedule"}],
    }
    if kind != "pending":
        spec["nodeName"] = NODE
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {
        "name": f"{app}-{HASH}-{SUFFIX if kind == 'fine' else kind[:3] + SUFFIX[3:]}", "namespace": TEMPLATES, "labels": labels,
        "annotations": {"checksum/config": "9f86d081884c7d659a2feaa0c55ad015", "prometheus.io/scrape": "true", "kubectl.kubernetes.io/restartedAt": "2025-01-01T08:00:00Z"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"{app}-{HASH}", "uid": OWNER_UID, "controller": True, "blockOwnerDeletion": True}],
    }, "spec": spec}


def status_of(document, kind, now):
    """What a kubelet (or, for a pending one, the scheduler) reports."""
    def condition(name, good, reason="", message=""):
        found = {"type": name, "status": "True" if good else "False", "lastProbeTime": None, "lastTransitionTime": rfc3339(now)}
        return {**found, **({"reason": reason} if reason else {}), **({"message": message} if message else {})}

    if kind == "pending":
        return {"phase": "Pending", "qosClass": "Burstable", "conditions": [condition(
            "PodScheduled", False, "Unschedulable", "0/100 nodes are available: 100 Insufficient cpu.")]}

    def entry(spec, state, ready=True, restarts=0, last=None):
        return {"name": spec["name"], "image": spec["image"], "imageID": spec["image"].split(":")[0] + "@sha256:" + "5b" * 32,
                "containerID": "containerd://" + CONTAINER_ID, "ready": ready, "started": ready, "restartCount": restarts, "state": state, "lastState": last or {}}

    running = {"running": {"startedAt": rfc3339(now)}}

    def ended(reason, code):
        return {"terminated": {"reason": reason, "exitCode": code, "startedAt": rfc3339(now - 30), "finishedAt": rfc3339(now), "containerID": "containerd://" + CONTAINER_ID}}

    spec = document["spec"]
    first = {"fine": lambda c: entry(c, running),
             "crash": lambda c: entry(c, {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container=app"}}, False, 17, ended("Error", 1)),
             "pull": lambda c: entry(c, {"waiting": {"reason": "ImagePullBackOff", "message": f"Back-off pulling image \"{c['image']}\""}}, False),
             "unready": lambda c: entry(c, running, False),
             "oom": lambda c: entry(c, running, True, 4, ended("OOMKilled", 137))}[kind]
    ready = kind in ("fine", "oom")
    why = () if ready else ("ContainersNotReady", "containers with unready status: [app]")
    return {
        "phase": "Pending" if kind == "pull" else "Running", "qosClass": "Burstable", "hostIP": "10.0.1.100", "podIP": POD_IP, "podIPs": [{"ip": POD_IP}], "startTime": rfc3339(now),
        "conditions": [condition("Initialized", True), condition("Ready", ready, *why), condition("ContainersReady", ready, *why), condition("PodScheduled", True)],
        "initContainerStatuses": [entry(c, ended("Completed", 0)) for c in spec["initContainers"]],
        "containerStatuses": [first(c) if c["name"] == "app" else entry(c, running) for c in spec["containers"]],
    }


def node():
    labels = {"kubernetes.io/hostname": NODE, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "node-role.kubernetes.io/worker": "",
              "topology.kubernetes.io/zone": "eu-central-1a", "topology.kubernetes.io/region": "eu-central-1", "node.kubernetes.io/instance-type": "m5.4xlarge"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": NODE, "labels": labels},
            "spec": {"podCIDR": "10.244.1.0/24", "providerID": "aws:///eu-central-1a/i-0123456789abcdef0"}}


def node_status(now):
    good = {"lastHeartbeatTime": rfc3339(now), "lastTransitionTime": rfc3339(now)}
    amount = {"cpu": "16", "memory": "64Gi", "pods": "250", "ephemeral-storage": "200Gi", "hugepages-1Gi": "0", "hugepages-2Mi": "0"}
    return {
        "capacity": amount, "allocatable": {**amount, "cpu": "15800m", "memory": "62Gi"},
        "conditions": [{"type": kind, "status": "False", "reason": f"KubeletHasNo{kind}", "message": f"kubelet has no {kind}", **good}
                       for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")] +
                      [{"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status", **good}],
        "addresses": [{"type": "InternalIP", "address": "10.0.1.100"}, {"type": "Hostname", "address": NODE}],
        "nodeInfo": {"machineID": "ec2" + "0" * 29, "systemUUID": str(uuid.UUID(int=7)), "bootID": str(uuid.UUID(int=8)), "kernelVersion": "6.1.0-25-amd64",
                     "osImage": "Debian GNU/Linux 12 (bookworm)", "containerRuntimeVersion": "containerd://1.6.20", "kubeletVersion": "v1.20.2",
                     "kubeProxyVersion": "v1.20.2", "operatingSystem": "linux", "architecture": "amd64"},
        "images": [{"names": [f"registry.example.com/shop/{app}@sha256:{'5b' * 32}", f"registry.example.com/shop/{app}:2.14.3"], "sizeBytes": 217483647}
                   for app in APPS for _ in range(4)],
    }


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def age(stored, made, now, seconds):
    """All times from `made` to `now` in a stored object, moved into the past."""
    for at in range(made - 60, now + 2):
        stored = stored.replace(b"\x08" + varint(at), b"\x08" + varint(at - seconds))
    return stored


def make_templates(server, etcd):
    """{(app, kind): (what etcd holds, uid)}"""
    def make(chosen):
        app, kind = chosen
        own = Server("https://" + server.host, None, server.token)
        own.context = server.context
        document = pod(app, kind)
        base = f"/api/v1/namespaces/{TEMPLATES}/pods"
        created = own.call("POST", base + "?fieldManager=kube-controller-manager", document)
        name = created["metadata"]["name"]
        own.call("PATCH", f"{base}/{name}/status?fieldManager=kubelet", {"status": status_of(document, kind, int(time.time()))}, "application/merge-patch+json")
        return (app, kind), created["metadata"]["uid"], name

    wanted = [(app, kind) for app in APPS for kind in ["fine"] + [name for name, _ in PROBLEMS]]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        made = list(pool.map(make, wanted))
    templates = {which: (etcd.get(f"/registry/pods/{TEMPLATES}/{name}"), uid) for which, uid, name in made}
    for _, _, name in made:
        server.call("DELETE", f"/api/v1/namespaces/{TEMPLATES}/pods/{name}?gracePeriodSeconds=0")
    return templates


def pod_copies(templates, count, made, now):
    chance = random.Random(1)
    apps = list(APPS)
    text = "bcdfghjklmnpqrstvwxz2456789"
    aged = {}  # (app, kind, age): moving the times of 10,000 pods one by one would take longer than all else
    for number in range(count):
        ns = f"team-{number % NAMESPACES:02d}"
        app = apps[(number // NAMESPACES) % len(apps)]
        draw = chance.random()
        kind = "fine"
        for name, share in PROBLEMS:
            if draw < share:
                kind = name
                break
            draw -= share
        days = chance.choice((0.02, 0.3, 1, 3, 9, 20))
        key = (app, kind, days)
        if key not in aged:
            aged[key] = age(templates[app, kind][0], made, now, int(days * 86400))
        stored, uid = aged[key], templates[app, kind][1]
        suffix = "".join(chance.choices(text, k=5))
        old = f"{app}-{HASH}-{SUFFIX if kind == 'fine' else kind[:3] + SUFFIX[3:]}"
        new = f"{app}-{HASH}-{suffix}"
        host = number % NODES
        for a, b in ((old, new), (uid, str(uuid.UUID(int=chance.getrandbits(128), version=4))), (TEMPLATES, ns), (NODE, f"worker-{host:03d}"),
                     ("10.0.1.100", f"10.0.1.{host + 100:03d}"), (POD_IP, f"10.244.{chance.randint(100, 199)}.{chance.randint(100, 199)}"),
                     (CONTAINER_ID, f"{chance.getrandbits(256):064x}"), (OWNER_UID, str(uuid.uuid5(uuid.NAMESPACE_DNS, ns + app)))):
            stored = stored.replace(a.encode(), b.encode())
        yield f"/registry/pods/{ns}/{new}", stored


def fill(url, ca_file, token, directory, count):
    """Makes NAMESPACES namespaces, NODES nodes and `count` pods; answers the seconds it took."""
    began = time.monotonic()
    stop_controllers(directory)
    server, etcd = Server(url, ca_file, token), Etcd(etcd_address(directory))
    made = int(time.time())
    for number in range(NAMESPACES):
        server.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"team-{number:02d}", "labels": {"team": f"{number:02d}"}}})
    server.call("POST", f"/api/v1/namespaces/{TEMPLATES}/serviceaccounts", {"metadata": {"name": "app"}})
    created = server.call("POST", "/api/v1/nodes?fieldManager=kubelet", node())
    server.call("PATCH", f"/api/v1/nodes/{NODE}/status?fieldManager=kubelet", {"status": node_status(made)}, "application/strategic-merge-patch+json")
    server.call("PATCH", f"/api/v1/nodes/{NODE}?fieldManager=kube-controller-manager", {"spec": {"taints": None}}, "application/merge-patch+json")
    stored = etcd.get(f"/registry/minions/{NODE}")
    etcd.put_all([(f"/registry/minions/worker-{n:03d}", stored.replace(NODE.encode(), f"worker-{n:03d}".encode())
                   .replace(b"10.0.1.100", f"10.0.1.{n + 100:03d}".encode()).replace(created["metadata"]["uid"].encode(), str(uuid.UUID(int=n + 1)).encode()))
                  for n in range(1, NODES)])
    templates = make_templates(server, etcd)
    now = int(time.time())
    copies = dict(pod_copies(templates, count, made, now))
    etcd.put_all(list(copies.items()))
    return time.monotonic() - began


def kubeconfig_values(path):
    """Server, CA (as base64), and token of the one cluster in a kubeconfig, be it written as YAML or as JSON."""
    with open(path, encoding="utf-8") as file:
        text = file.read()

    def value(key):
        found = re.search(r'"?\b%s"?\s*:\s*"?([^\s",}]+)' % re.escape(key), text)
        return found.group(1) if found else ""

    return {key: value(key) for key in ("server", "certificate-authority-data", "token", "client-certificate-data", "client-key-data")}


def unpack(encoded, path):
    with open(path, "wb") as file:
        file.write(base64.b64decode(encoded))
    return path
