"""Objects with a made-up secret in every place where people put real ones, and where a rule can know it for one."""
import base64
import gzip
import json
import string

from canaries import pem

NAMESPACE = "canary"
LOWER = string.ascii_lowercase + string.digits
NOWHERE = {"canary.fairlead.test/node": "nowhere"}  # no node: these pods are never started
IMAGE = "fairlead.test/busybox:1"


def encoded(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


class Objects:
    """`made` is what to apply; `texts` what a container writes."""

    def __init__(self, canaries, cronjob_version):
        self.canaries = canaries
        self.made = []
        self.secrets()
        self.texts = self.config_maps()
        self.pods()
        self.workloads(cronjob_version)
        self.network_and_storage()
        self.identity()
        self.custom()

    def new(self, place, length=24, alphabet=string.ascii_letters + string.digits):
        return self.canaries.new(place, length, alphabet)

    def key_lines(self, place):
        return [self.new(f"{place}, line {i}", 64) for i in range(3)]

    def add(self, kind, name, api_version="v1", namespaced=True, labels=None, annotations=None, **members):
        metadata = {"name": name, **({"namespace": NAMESPACE} if namespaced else {}), "labels": {"app": "canary", **(labels or {})}}
        notes = {"example.com/api-token": self.new(f"annotation of a {kind} that is named api-token"),
                 "example.com/config": json.dumps({"user": "ann", "password": self.new(f"JSON in an annotation of a {kind}")}),
                 "example.com/upstream": f"https://ann:{self.new(f'URL in an annotation of a {kind}')}@upstream.example/", **(annotations or {})}
        self.made.append({"apiVersion": api_version, "kind": kind, "metadata": {**metadata, "annotations": notes}, **members})

    def secrets(self):
        def secret(name, type, values, **more):
            self.add("Secret", name, type=type, stringData=values, **more)

        def value(what, **more):
            return self.new(f"Secret, {what}", **more)
        secret("opaque", "Opaque", {"color": value("stringData under a harmless name"), "password": value("stringData"), "lines": f"a\n{value('second line')}\n"},
               annotations={"kapp.k14s.io/original": json.dumps({"kind": "Secret", "apiVersion": "v1", "data": {"color": encoded(self.new("another applier's copy of a Secret"))}}),
                            "example.com/packed": encoded(gzip.compress(json.dumps({"password": self.new("packed annotation of a Secret")}).encode(), mtime=0))})
        color, shade = value("data, also in annotations"), value("stringData, also in a label")
        self.add("Secret", "plain-data", type="Opaque", data={"color": encoded(color)}, stringData={"shade": shade}, labels={"shade": shade},
                 annotations={"example.com/plain": color, "example.com/note": f"it is {encoded(color)}"})
        secret("basic", "kubernetes.io/basic-auth", {"username": "ann", "password": value("basic-auth")})
        secret("ssh", "kubernetes.io/ssh-auth", {"ssh-privatekey": pem(self.key_lines("Secret, ssh-auth"), "OPENSSH PRIVATE KEY")})
        secret("tls", "kubernetes.io/tls", {"tls.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "tls.key": pem(self.key_lines("Secret, tls"))})
        registry = value("dockerconfigjson")
        secret("registry", "kubernetes.io/dockerconfigjson",
               {".dockerconfigjson": json.dumps({"auths": {"r.example": {"username": "ann", "password": registry, "auth": encoded("ann:" + registry)}}})})
        secret("old-registry", "kubernetes.io/dockercfg", {".dockercfg": json.dumps({"r.example": {"auth": encoded("ann:" + value("dockercfg"))}})})
        secret("bootstrap", "bootstrap.kubernetes.io/token", {"token-id": "abcdef", "token-secret": value("bootstrap token", length=16, alphabet=LOWER)})
        release = json.dumps({"name": "shop", "manifest": f"password: {value('Helm release')}", "config": {"db": {"password": value("values of a Helm release")}}})
        secret("sh.helm.release.v1.shop.v1", "helm.sh/release.v1", {"release": encoded(gzip.compress(release.encode(), mtime=0))})
        secret("immutable", "example.com/own-type", {"anything": value("a type of its own")}, labels={"owner": "me"})

    def config_maps(self):
        """Texts as programs keep and write them; a pod shows the same ones in its log."""
        new = self.new
        token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + new("claims of a web token", 60) + "." + new("signature of a web token", 43)
        wrapped = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + new("claims of a wrapped web token", 80) + "." + new("signature of a wrapped web token", 43)
        own_pair = encoded("ann:" + new("base64 of user and password"))
        kubeconfig_key = pem(self.key_lines("client key of a kubeconfig"))
        texts = {
            "app.properties": f"db.user=shop\ndb.password={new('properties')}\n",
            "continued.properties": f"db.user=shop\ndb.password={new('properties, begin of a continued line', 16)}\\\n    {new('properties, end of a continued line', 16)}\n",
            "config.yaml": f"redis:\n  host: redis\n  password: {new('YAML')}\n  tokens:\n    - {new('YAML list')}\n",
            "block.yaml": f"tls:\n  privateKey: |\n    {new('YAML block, line 1', 40)}\n    {new('YAML block, line 2', 40)}\n  port: 443\n",
            "next-line.yaml": f"redis:\n  password:\n    {new('YAML, the line below')}\n  host: redis\n",
            "folded.yaml": f"redis:\n  password: \"{new('YAML in quotes, line 1', 16)}\\\n    {new('YAML in quotes, line 2', 16)}\"\n  host: redis\n",
            "config.json": json.dumps({"users": [{"name": "ann", "password": new("JSON")}], "clientSecret": new("JSON, clientSecret")}),
            "pretty.json": "{\n  \"password\":\n    \"" + new("JSON, the line below") + "\"\n}\n",
            "scalar.yaml": f"redis:\n  password: {new('YAML, begin of a plain scalar', 16)}\n    {new('YAML, end of a plain scalar', 16)}\n  host: redis\n",
            "quoted.yaml": f"redis:\n  password: '{new('YAML in single quotes, line 1', 16)}\n    {new('YAML in single quotes, line 2', 16)}'\n  host: redis\n",
            "quoted.sh": f"export DB_PASSWORD=\"{new('shell in quotes, line 1', 16)}\n{new('shell in quotes, line 2', 16)}\"\nrun\n",
            "literals.py": f"PASSWORD = (\"{new('first of two literals', 16)}\"\n            \"{new('second of two literals', 16)}\")\n",
            "people.yaml": f"passwords:\n  ann: {new('YAML, member of passwords')}\n  bob: {new('YAML, second member of passwords')}\nport: 5\n",
            "pairs.yaml": f"- name: DB_PASSWORD\n  description: of the database\n  value: {new('YAML pair with a member between')}\n",
            "nested.json": "{\"tokens\": {\"a\": \"" + new("JSON, member of tokens") + "\"}, \"passwords\": [\n  \"" + new("JSON, item of passwords") + "\"\n]}\n",
            "config.base64": encoded(f"redis:\n  host: redis\n  password: {new('YAML in base64')}\n") + "\n",
            "config.hex": f"password={new('hex')}".encode().hex() + "\n",
            "kubeconfig.base64": encoded(f"users:\n- name: ann\n  user:\n    token: {new('kubeconfig in base64')}\n") + "\n",
            "web-key.json": json.dumps({"kty": "oct", "k": new("JSON web key")}) + "\n",
            "nginx.conf": f"proxy_set_header X-Api-Key \"{new('header that nginx sets')}\";\n",
            "escaped.json": "{\"pass\\u0077ord\":\"" + new("behind a name with an escape") + "\"}\n",
            "config.xml": f"<db><user>ann</user><password>{new('XML')}</password></db>\n",
            "connection": f"postgres://shop:{new('URL')}@db:5432/shop?sslmode=disable\n",
            "start.sh": f"mysql -u root \\\n  --password {new('flag')} \\\n  --host db\n",
            "wrapped.sh": f"deploy --user ann --password \\\n  {new('flag, the line below')} --host db\n",
            "curl.sh": f"curl -u ann:{new('curl -u')} -H 'Authorization: Bearer {new('header in a shell line', 40)}' https://x.example/\n",
            "key.pem": pem(self.key_lines("private key")),
            "key.json": json.dumps({"type": "service_account", "private_key": pem(self.key_lines("private key in JSON"), "PRIVATE KEY")}),
            "key.base64": encoded(pem(self.key_lines("private key in base64"), "EC PRIVATE KEY")) + "\n",
            "wrapped.base64": base64.encodebytes(pem(self.key_lines("private key in wrapped base64")).encode()).decode(),
            "token.txt": token + "\n",
            "wrapped-token.txt": wrapped[:64] + "\n" + wrapped[64:128] + "\n" + wrapped[128:] + "\n",
            "request.log": f"GET / HTTP/1.1\nHost: x\nAuthorization: Bearer {new('Authorization header', 40)}\nX-Api-Key: {new('X-Api-Key header')}\n"
                           f"Cookie: session={new('cookie')}; theme=dark\n",
            "docker.json": json.dumps({"auths": {"r.example": {"auth": own_pair}}}),
            "netrc": f"machine x.example login ann password {new('netrc')}\n",
            "npmrc": f"//registry.example/:_authToken={new('npmrc')}\n",
            "credentials": f"[default]\naws_access_key_id = AKIA{new('AWS access key', 16, string.ascii_uppercase + string.digits)}\naws_secret_access_key = {new('AWS secret key', 40)}\n",
            "github.txt": f"remote: ghp_{new('GitHub token', 36)}\nslack: xoxb-{new('Slack token', 30)}\n",
            "mysql.log": f"[Note] A temporary password is generated for root@localhost: {new('a temporary password', 12)}\n",
            "init.sql": f"CREATE USER shop IDENTIFIED BY '{new('SQL')}';\n",
            "manifest.yaml": f"apiVersion: v1\ndata:\n  color: {encoded(new('manifest of a Secret'))}\nkind: Secret\nmetadata:\n  name: x\n",
            "manifest.json": json.dumps({"kind": "Secret", "apiVersion": "v1", "stringData": {"color": new("manifest of a Secret in JSON")}}),
            "kubeconfig": f"users:\n- name: ann\n  user:\n    client-key-data: {encoded(kubeconfig_key)}\n    token: {new('token of a kubeconfig')}\n",
            "structured.log": json.dumps({"level": "error", "msg": f"login failed: password={new('text in a structured log')}", "api_key": new("member of a structured log")}) + "\n",
            "coloured.log": f"\x1b[31mpassword\x1b[0m=\x1b[1m{new('behind colours')}\x1b[0m\n",
            "invisible.log": f"pass\u200bword={new('behind characters without width')}\n",
        }
        self.add("ConfigMap", "texts", data={**texts, "DB_PASSWORD": new("ConfigMap key"), "smtp-password": new("ConfigMap key with a dash")},
                 binaryData={"packed.properties": encoded(f"db.password={new('binaryData')}\n")})
        return texts

    def container(self, what, **more):
        new = self.new
        return {"name": "main", "image": IMAGE, "imagePullPolicy": "IfNotPresent",
                "env": [{"name": "DB_PASSWORD", "value": new(f"env of {what}")}, {"name": "STRIPE_KEY", "value": new(f"env that ends in KEY of {what}")},
                        {"name": "DATABASE_URL", "value": f"postgres://shop:{new(f'URL in env of {what}')}@db/shop"},
                        {"name": "JAVA_OPTS", "value": f"-Xmx1g -Ddb.password={new(f'option in env of {what}')} -Dx=y"},
                        {"name": "CONFIG", "value": json.dumps({"password": new(f"JSON in env of {what}")})},
                        {"name": "FROM_SECRET", "valueFrom": {"secretKeyRef": {"name": "opaque", "key": "color"}}}],
                "command": ["server", "--password", new(f"command of {what}"), f"--api-key={new(f'flag in the command of {what}')}"],
                "args": ["--token", new(f"args of {what}"), "-c", f"exec mysql -uroot -p{new(f'-p in args of {what}')} shop"], **more}

    def pod_spec(self, what, **more):
        containers = more.pop("containers", None) or [self.container(what)]
        return {"nodeSelector": NOWHERE, "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False, "containers": containers, **more}

    def pods(self):
        new = self.new
        probed = self.container("a container with probes",
                                livenessProbe={"exec": {"command": ["mysqladmin", f"-p{new('liveness probe')}", "ping"]}},
                                readinessProbe={"httpGet": {"path": "/", "port": 80, "httpHeaders": [{"name": "Authorization", "value": f"Bearer {new('header of a probe', 40)}"}]}},
                                lifecycle={"preStop": {"exec": {"command": ["curl", "-u", f"ann:{new('preStop')}", "http://x"]}}})
        first = dict(self.container("an init container"), name="init")
        self.add("Pod", "waits", spec=self.pod_spec("a pod", containers=[probed], initContainers=[first],
                                                   volumes=[{"name": "csi", "csi": {"driver": "csi.example", "volumeAttributes": {"password": new("volumeAttributes of a pod")}}}]))
        # Its log are the texts, one after another.
        files = " ".join(f"/texts/{name}" for name in sorted(self.texts))
        writer = {"name": "main", "image": IMAGE, "imagePullPolicy": "IfNotPresent", "command": ["sh", "-c", f"cat {files}; sleep 3600"],
                  "volumeMounts": [{"name": "texts", "mountPath": "/texts"}]}
        ended = dict(writer, name="ended", command=["sh", "-c", f"cat {files}"])
        self.add("Pod", "writes", spec={"terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False, "initContainers": [ended], "containers": [writer],
                                       "volumes": [{"name": "texts", "configMap": {"name": "texts"}}]})

    def workloads(self, cronjob_version):
        labels = {"app": "canary-workload"}

        def template(what, labels=labels, **more):
            return {"metadata": {"labels": labels, "annotations": {"example.com/token": self.new(f"annotation in the template of {what}")}},
                    "spec": {**self.pod_spec(what), **more}}
        selector = {"matchLabels": labels}
        self.add("Deployment", "deployment", "apps/v1", spec={"replicas": 1, "selector": selector, "template": template("a Deployment")})
        self.add("StatefulSet", "statefulset", "apps/v1", spec={"replicas": 1, "serviceName": "service", "selector": selector, "template": template("a StatefulSet")})
        self.add("DaemonSet", "daemonset", "apps/v1", spec={"selector": selector, "template": template("a DaemonSet")})
        alone = {"app": "canary-set"}
        self.add("ReplicaSet", "replicaset", "apps/v1", spec={"replicas": 0, "selector": {"matchLabels": alone}, "template": template("a ReplicaSet", labels=alone)})
        self.add("Job", "job", "batch/v1", spec={"template": template("a Job", restartPolicy="Never")})
        self.add("CronJob", "cronjob", cronjob_version,
                 spec={"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": {"template": template("a CronJob", restartPolicy="Never")}}})

    def network_and_storage(self):
        new = self.new
        self.add("Service", "service", spec={"selector": {"app": "canary-workload"}, "ports": [{"port": 80}]})
        self.add("Endpoints", "endpoints", subsets=[])
        backend = {"service": {"name": "service", "port": {"number": 80}}}
        self.add("Ingress", "ingress", "networking.k8s.io/v1",
                 annotations={"nginx.ingress.kubernetes.io/auth-url": f"https://ann:{new('userinfo of an Ingress')}@auth.example/",
                              "nginx.ingress.kubernetes.io/configuration-snippet": f"proxy_set_header Authorization \"Bearer {new('snippet of an Ingress', 40)}\";"},
                 spec={"rules": [{"host": "x.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]})
        self.add("NetworkPolicy", "policy", "networking.k8s.io/v1", spec={"podSelector": {}})
        self.add("PersistentVolumeClaim", "claim", spec={"accessModes": ["ReadWriteOnce"], "storageClassName": "canary-class", "resources": {"requests": {"storage": "1Gi"}}})
        self.add("PersistentVolume", "canary-volume", namespaced=False,
                 spec={"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "canary-other",
                       "csi": {"driver": "csi.example", "volumeHandle": "x", "volumeAttributes": {"password": new("volumeAttributes"), "source": f"smb://ann:{new('URL in volumeAttributes')}@x/y"}}})
        self.add("StorageClass", "canary-class", "storage.k8s.io/v1", namespaced=False, provisioner="example.com/none",
                 parameters={"adminPassword": new("parameters of a StorageClass"), "resturl": f"http://ann:{new('URL in parameters of a StorageClass')}@heketi"})

    def identity(self):
        rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
        group = "rbac.authorization.k8s.io"
        self.add("ServiceAccount", "account")
        self.add("Role", "role", f"{group}/v1", rules=rules)
        self.add("RoleBinding", "binding", f"{group}/v1", roleRef={"apiGroup": group, "kind": "Role", "name": "role"}, subjects=[])
        self.add("ClusterRole", "canary-role", f"{group}/v1", namespaced=False, rules=rules)
        self.add("ClusterRoleBinding", "canary-binding", f"{group}/v1", namespaced=False, roleRef={"apiGroup": group, "kind": "ClusterRole", "name": "canary-role"}, subjects=[])

    def custom(self):
        new = self.new
        self.made.append(self.definition())
        self.add("Canary", "custom", "fairlead.test/v1",
                 spec={"password": new("spec of a custom resource"), "endpoint": f"https://ann:{new('URL of a custom resource')}@x.example/",
                       "note": f"token={new('text of a custom resource')}",
                       "passwords": [new("list in a custom resource")], "tokens": {"a": new("tokens of a custom resource")}, "credentials": {"value": new("credentials of a custom resource")},
                       "headers": {"X-Api-Key": [new("headers of a custom resource")]}, "parameters": [{"key": "DB_PASSWORD", "value": new("pair of a custom resource")},
                                                                                                       {"name": "password", "default": new("default of a custom resource")}], "env": [{"name": "API_TOKEN", "value": new("env of a custom resource")}],
                       "inline": f"redis:\n  password: {new('YAML in a custom resource')}\n", "manifest": {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "x"},
                                                                                                        "data": {"color": encoded(new("Secret inside a custom resource"))}}},
                 status={"message": f"cannot log in: password={new('status of a custom resource')}"})

    @staticmethod
    def definition():
        """Its columns show what the server computes them from."""
        free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        columns = [{"name": name, "type": "string", "jsonPath": path} for name, path in
                   (("Password", ".spec.password"), ("Endpoint", ".spec.endpoint"), ("Note", ".spec.note"), ("Value", ".spec.credentials.value"), ("Key", ".spec.tokens.a"), ("Message", ".status.message"))]
        return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "canaries.fairlead.test"},
                "spec": {"group": "fairlead.test", "scope": "Namespaced", "names": {"plural": "canaries", "singular": "canary", "kind": "Canary"},
                         "versions": [{"name": "v1", "served": True, "storage": True, "additionalPrinterColumns": columns,
                                       "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": free, "status": free}}}}]}}

    def events(self):
        """Of the pod that waits: the messages of whoever writes them."""
        new = self.new
        messages = {"url": f"Failed to connect to postgres://shop:{new('URL in an event')}@db:5432/shop", "variable": f"Error: DB_PASSWORD={new('variable in an event')} was refused",
                    "header": f"upstream said 401 to Authorization: Bearer {new('header in an event', 40)}",
                    "split": f"Error in config.yaml: password:\n  {new('YAML in an event')}\nis wrong"}
        for name, message in messages.items():
            yield {"apiVersion": "v1", "kind": "Event", "metadata": {"name": f"waits.{name}", "namespace": NAMESPACE}, "type": "Warning", "reason": "Failed", "message": message,
                   "involvedObject": {"apiVersion": "v1", "kind": "Pod", "name": "waits", "namespace": NAMESPACE}, "source": {"component": "canary"},
                   "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z", "count": 3}

    def status(self):
        """Of the pod that waits, as a kubelet would report it."""
        new = self.new
        ended = {"exitCode": 1, "reason": "Error", "message": f"fatal: cannot connect to postgres://shop:{new('termination message')}@db/shop",
                 "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:00:01Z"}
        state = {"name": "main", "image": IMAGE, "imageID": "", "ready": False, "restartCount": 3, "lastState": {"terminated": ended},
                 "state": {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off: login with password={new('message of a waiting container')} failed"}}}
        return {"phase": "Pending", "message": f"token: {new('message of a pod')}", "containerStatuses": [state],
                "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": f"password={new('condition of a pod')}"}]}
