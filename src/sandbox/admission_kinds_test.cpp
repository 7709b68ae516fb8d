// What the API server does to objects of all kinds, seen through the API.
#include <set>

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string core = "/api/v1/namespaces/shop/", apps = "/apis/apps/v1/namespaces/shop/",
                  batch = "/apis/batch/v1/namespaces/shop/";
constexpr std::string_view pod_template =
    R"("template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}})";

json::value made(Cluster& cluster, const std::string& path, const std::string& body) {
  Reply reply = cluster.ask("POST", path, body);
  EXPECT_EQ(reply.status, 201) << reply.body;
  return reply.value();
}

// Every cause as "field: message", in their order.
std::string causes(const Reply& reply) {
  std::string out;
  json::value body = reply.value();
  for (const json::value& cause : array_at(body, {"details", "causes"})) {
    out += (out.empty() ? "" : "\n") + std::string(text_at(cause, {"field"})) + ": " +
           std::string(text_at(cause, {"message"}));
  }
  return out;
}

std::string refused(Cluster& cluster, const std::string& path, const std::string& body) {
  Reply reply = cluster.ask("POST", path, body);
  EXPECT_EQ(reply.status, 422) << body << reply.body;
  return causes(reply);
}

TEST(Kinds, HaveTheirDefaults) {
  Cluster cluster;
  json::value set = made(
      cluster, apps + "statefulsets",
      R"({"metadata":{"name":"s"},"spec":{"selector":{"matchLabels":{"a":"b"}},)" + std::string(pod_template) +
          R"(,"volumeClaimTemplates":[{"metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1024Mi"}}}}]}})");
  EXPECT_EQ(text_at(set, {"spec", "podManagementPolicy"}), "OrderedReady");
  EXPECT_EQ(integer_at(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}, -1), 0);
  EXPECT_EQ(text_at(set, {"spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"}), "Retain");
  EXPECT_EQ(text_at(array_at(set, {"spec", "volumeClaimTemplates"})[0], {"spec", "resources", "requests", "storage"}),
            "1Gi");
  json::value daemons = made(
      cluster, apps + "daemonsets",
      R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},)" + std::string(pod_template) + "}}");
  EXPECT_EQ(integer_at(daemons, {"spec", "updateStrategy", "rollingUpdate", "maxUnavailable"}), 1);
  json::value claim = made(
      cluster, core + "persistentvolumeclaims",
      R"({"metadata":{"name":"p"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})");
  EXPECT_EQ(text_at(claim, {"spec", "storageClassName"}), "standard-rwo");
  EXPECT_EQ(text_at(claim, {"status", "phase"}), "Pending");
  EXPECT_EQ(compact(array_at(claim, {"metadata", "finalizers"})), R"(["kubernetes.io/pvc-protection"])");
  json::value policy = made(cluster, "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies",
                            R"({"metadata":{"name":"n"},"spec":{"podSelector":{},"egress":[{}]}})");
  EXPECT_EQ(compact(array_at(policy, {"spec", "policyTypes"})), R"(["Ingress","Egress"])");
  json::value scaler = made(
      cluster, "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers",
      R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"cart"}}})");
  EXPECT_EQ(integer_at(scaler, {"spec", "minReplicas"}), 1);
  EXPECT_EQ(integer_at(array_at(scaler, {"spec", "metrics"})[0], {"resource", "target", "averageUtilization"}), 80);
  json::value binding = made(
      cluster, "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
      R"({"metadata":{"name":"b:c"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s"}]})");
  EXPECT_EQ(text_at(binding, {"roleRef", "apiGroup"}), "rbac.authorization.k8s.io");
  EXPECT_EQ(text_at(array_at(binding, {"subjects"})[0], {"apiGroup"}), "rbac.authorization.k8s.io");
  EXPECT_EQ(find(array_at(binding, {"subjects"})[1], "apiGroup"), nullptr);
}

TEST(Kinds, JobsGetASelectorOfTheirOwn) {
  Cluster cluster;
  json::value job = made(
      cluster, batch + "jobs",
      R"({"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}})");
  std::string uid(text_at(job, {"metadata", "uid"}));
  EXPECT_EQ(compact(object_at(job, {"spec", "selector"})),
            R"({"matchLabels":{"batch.kubernetes.io/controller-uid":")" + uid + R"("}})");
  for (std::string_view key : {"batch.kubernetes.io/job-name", "job-name"}) {
    EXPECT_EQ(text_at(job, {"spec", "template", "metadata", "labels", key}), "j");
    EXPECT_EQ(text_at(job, {"metadata", "labels", key}), "j");
  }
  EXPECT_EQ(integer_at(job, {"spec", "completions"}), 1);
  EXPECT_EQ(integer_at(job, {"spec", "backoffLimit"}), 6);
  Reply changed =
      cluster.patch(batch + "jobs/j", R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}})");
  EXPECT_EQ(changed.status, 422);
  EXPECT_NE(changed.message().find("field is immutable"), std::string::npos);
  EXPECT_NE(
      refused(
          cluster, batch + "jobs",
          R"({"metadata":{"name":"k"},"spec":{"selector":{"matchLabels":{"x":"y"}},"template":{"metadata":{"labels":{"x":"y"}},
      "spec":{"restartPolicy":"Always","containers":[{"name":"c","image":"i:1"}]}}}})")
          .find("spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""),
      std::string::npos);
}

TEST(Kinds, ServicesNeverShareAnAddressOrAPort) {
  Cluster cluster;
  auto service = [](std::string name, std::string more) {
    return R"({"metadata":{"name":")" + name + R"("},"spec":{"ports":[{"port":80}])" + more + "}}";
  };
  std::set<std::string> addresses;
  std::set<std::int64_t> ports;
  json::value list = cluster.get("/api/v1/services").value();
  for (const json::value& one : array_at(list, {"items"})) addresses.emplace(text_at(one, {"spec", "clusterIP"}));
  for (int i = 0; i < 200; ++i) {
    json::value one = made(cluster, core + "services", service("s" + std::to_string(i), R"(,"type":"NodePort")"));
    EXPECT_TRUE(addresses.emplace(text_at(one, {"spec", "clusterIP"})).second);
    EXPECT_TRUE(ports.insert(integer_at(array_at(one, {"spec", "ports"})[0], {"nodePort"})).second);
    EXPECT_EQ(compact(array_at(one, {"spec", "clusterIPs"})),
              "[\"" + std::string(text_at(one, {"spec", "clusterIP"})) + "\"]");
  }
  std::int64_t taken = *ports.begin();
  std::string again = R"(,"type":"NodePort","clusterIP":"10.96.255.9")";
  std::string with_port = R"({"metadata":{"name":"other"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":)" +
                          std::to_string(taken) + "}]}}";
  EXPECT_EQ(refused(cluster, core + "services", with_port),
            "spec.ports[0].nodePort: Invalid value: " + std::to_string(taken) + ": provided port is already allocated");
  EXPECT_EQ(refused(cluster, core + "services",
                    R"({"metadata":{"name":"other"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}})"),
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid "
            "ports is 30000-32767");
  EXPECT_EQ(refused(cluster, core + "services", service("other", R"(,"clusterIP":"10.96.0.10")")),
            "spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: provided IP is "
            "already allocated");
  EXPECT_EQ(refused(cluster, core + "services", service("other", R"(,"clusterIP":"10.0.0.1")")),
            "spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: failed to allocate IP 10.0.0.1: the provided "
            "network does not match the current range");
  // What was deleted is free again.
  for (int i = 0; i < 200; ++i) EXPECT_EQ(cluster.ask("DELETE", core + "services/s" + std::to_string(i)).status, 200);
  made(cluster, core + "services", with_port);
  json::value asked = made(cluster, core + "services", service("asked", again));
  EXPECT_EQ(text_at(asked, {"spec", "clusterIP"}), "10.96.255.9");
  EXPECT_EQ(causes(cluster.patch(core + "services/asked", R"({"spec":{"clusterIP":"10.96.255.10"}})")),
            "spec.clusterIPs[0]: Invalid value: [\"10.96.255.10\"]: may not change once set");
  json::value headless =
      made(cluster, core + "services", service("headless", R"(,"clusterIP":"None","selector":{"a":"b"})"));
  EXPECT_EQ(text_at(headless, {"spec", "clusterIP"}), "None");
  // Another type loses its ports, and gets new ones.
  json::value changed = cluster.patch(core + "services/asked", R"({"spec":{"type":"ClusterIP"}})").value();
  EXPECT_EQ(find(array_at(changed, {"spec", "ports"})[0], "nodePort"), nullptr);
  EXPECT_EQ(find(changed, "spec", "externalTrafficPolicy"), nullptr);
  changed =
      cluster.patch(core + "services/asked", R"({"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local"}})")
          .value();
  EXPECT_GE(integer_at(array_at(changed, {"spec", "ports"})[0], {"nodePort"}), 30'000);
  EXPECT_GE(integer_at(changed, {"spec", "healthCheckNodePort"}), 30'000);
}

TEST(Kinds, RefuseWhatPeopleGetWrong) {
  Cluster cluster;
  auto pod = [&](std::string spec) {
    return refused(cluster, core + "pods", R"({"metadata":{"name":"p"},"spec":{)" + spec + "}}");
  };
  auto container = [&](std::string more) { return pod(R"("containers":[{"name":"c","image":"i:1",)" + more + "}]"); };
  EXPECT_EQ(container(R"("volumeMounts":[{"name":"v","mountPath":"/a"}])"),
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\"");
  EXPECT_EQ(container(R"("ports":[{"containerPort":70000}])"),
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive");
  EXPECT_EQ(
      container(R"("resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}})"),
      "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1");
  EXPECT_EQ(container(R"("livenessProbe":{})"),
            "spec.containers[0].livenessProbe: Required value: must specify a handler type");
  EXPECT_EQ(container(R"("livenessProbe":{"exec":{"command":["a"]},"httpGet":{"port":80}})"),
            "spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type");
  EXPECT_EQ(container(R"("env":[{"name":"A","valueFrom":{}}])"),
            "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, "
            "`resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
  EXPECT_EQ(container(R"("terminationMessagePolicy":"Near")"),
            "spec.containers[0].terminationMessagePolicy: Unsupported value: \"Near\": supported values: \"File\", "
            "\"FallbackToLogsOnError\"");
  std::string fine = R"("containers":[{"name":"c","image":"i:1"}],)";
  EXPECT_EQ(pod(fine + R"("dnsPolicy":"x")"),
            "spec.dnsPolicy: Unsupported value: \"x\": supported values: \"ClusterFirstWithHostNet\", "
            "\"ClusterFirst\", \"Default\", \"None\"");
  EXPECT_EQ(pod(fine + R"("tolerations":[{"key":"a","operator":"Exists","value":"b"}])"),
            "spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'");
  EXPECT_EQ(
      refused(cluster, core + "configmaps", R"({"metadata":{"name":"o","ownerReferences":[{"apiVersion":"a/"}]}})"),
      "metadata.ownerReferences.apiVersion: Invalid value: \"a/\": version must not be empty\n"
      "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty\n"
      "metadata.ownerReferences.name: Invalid value: \"\": must not be empty\n"
      "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty");
  EXPECT_EQ(refused(cluster, core + "secrets", R"({"metadata":{"name":"s"},"type":"kubernetes.io/basic-auth"})"),
            "data[username]: Required value\ndata[password]: Required value");
  EXPECT_EQ(refused(cluster, core + "secrets", R"({"metadata":{"name":"s"},"type":"kubernetes.io/ssh-auth"})"),
            "data[ssh-privatekey]: Required value");
  EXPECT_EQ(container(R"("ports":[{"containerPort":80,"protocol":"HTTP"}])"),
            "spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", "
            "\"UDP\"");
  EXPECT_EQ(
      pod(R"("containers":[{"name":"c","image":"i:1"}],"volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/"}}])"),
      "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type");
  EXPECT_EQ(refused(cluster, apps + "deployments",
                    R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"x"}},)" +
                        std::string(pod_template) + "}}"),
            "spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`");
  EXPECT_EQ(
      refused(
          cluster, batch + "cronjobs",
          R"({"metadata":{"name":"c"},"spec":{"schedule":"every day","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never",
      "containers":[{"name":"c","image":"i:1"}]}}}}}})"),
      "spec.schedule: Invalid value: \"every day\": expected exactly 5 fields, found 2: [every day]");
  EXPECT_EQ(
      refused(
          cluster, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses",
          R"({"metadata":{"name":"i"},"spec":{"rules":[{"host":"A_b","http":{"paths":[{"path":"x","pathType":"Prefix","backend":{"service":{"name":"s"}}}]}}]}})"),
      "spec.rules[0].host: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case "
      "alphanumeric characters, '-' or '.', and must start and end with an "
      "alphanumeric character (e.g. 'example.com', regex used for validation is "
      "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n"
      "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path\n"
      "spec.rules[0].http.paths[0].backend: Required value: port name or number is required");
  EXPECT_EQ(
      refused(cluster, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses",
              R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"A_b","port":{"number":80}}}}})")
          .substr(0, 54),
      "spec.defaultBackend.service.name: Invalid value: \"A_b\"");
  EXPECT_EQ(refused(cluster, "/apis/policy/v1/namespaces/shop/poddisruptionbudgets",
                    R"({"metadata":{"name":"b"},"spec":{"minAvailable":1,"maxUnavailable":"120%"}})"),
            "spec: Invalid value: "
            "{\"MinAvailable\":1,\"Selector\":null,\"MaxUnavailable\":\"120%\",\"UnhealthyPodEvictionPolicy\":null}: "
            "minAvailable and maxUnavailable cannot be both set\n"
            "spec.maxUnavailable: Invalid value: \"120%\": must not be greater than 100%");
  EXPECT_EQ(
      refused(cluster, "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers",
              R"({"metadata":{"name":"h"},"spec":{"minReplicas":5,"maxReplicas":2,"scaleTargetRef":{"name":"x"}}})"),
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`\nspec.scaleTargetRef.kind: "
      "Required value");
  EXPECT_EQ(
      refused(cluster, core + "persistentvolumeclaims", R"({"metadata":{"name":"p"},"spec":{}})"),
      "spec.accessModes: Required value: at least 1 access mode is required\nspec.resources[storage]: Required value");
  EXPECT_EQ(
      refused(
          cluster, "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies",
          R"({"metadata":{"name":"n"},"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/24"]}},{}]}]}})"),
      "spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/24\": must be a strict subset of "
      "`cidr`\nspec.ingress[0].from[1]: Required value: must specify a peer");
  EXPECT_EQ(refused(cluster, "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles",
                    R"({"metadata":{"name":"r"},"rules":[{"resources":["pods"]}]})"),
            "rules[0].verbs: Required value: verbs must contain at least one value\nrules[0].apiGroups: Required "
            "value: resource rules must supply at least one api group");
  EXPECT_EQ(refused(cluster, core + "services", R"({"metadata":{"name":"a.b"},"spec":{"ports":[{"port":80}]}})"),
            "metadata.name: Invalid value: \"a.b\": must not contain dots");
  made(
      cluster, apps + "statefulsets",
      R"({"metadata":{"name":"s"},"spec":{"serviceName":"s","revisionHistoryLimit":-1,"selector":{"matchLabels":{"a":"b"}},)" +
          std::string(pod_template) + "}}");
  made(cluster, core + "services", R"({"metadata":{"name":"1a"},"spec":{"ports":[{"port":80}]}})");
  EXPECT_EQ(refused(cluster, core + "configmaps", R"({"metadata":{"name":"m"},"data":{"a/b":"1"}})").substr(0, 32),
            "data[a/b]: Invalid value: \"a/b\":");
}

TEST(Kinds, KeepWhatMayNotChange) {
  Cluster cluster;
  Reply role = cluster.patch("/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/deployer",
                             R"({"roleRef":{"name":"x"}})");
  EXPECT_EQ(causes(role),
            "roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"x\"}: "
            "cannot change roleRef");
  Reply set =
      cluster.patch("/apis/apps/v1/namespaces/monitoring/statefulsets/prometheus", R"({"spec":{"serviceName":"x"}})");
  EXPECT_EQ(causes(set),
            "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
            "'updateStrategy', 'revisionHistoryLimit', "
            "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
  std::string claims = "/api/v1/namespaces/monitoring/persistentvolumeclaims/";
  EXPECT_EQ(
      causes(cluster.patch(claims + "data-prometheus-0", R"({"spec":{"resources":{"requests":{"storage":"1Gi"}}}})")),
      "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity");
  EXPECT_EQ(
      cluster.patch(claims + "data-prometheus-0", R"({"spec":{"resources":{"requests":{"storage":"80Gi"}}}})").status,
      200);
  EXPECT_EQ(cluster.patch(claims + "data-prometheus-0", R"({"spec":{"storageClassName":"premium-rwo"}})").status, 422);
  EXPECT_EQ(causes(cluster.patch("/apis/storage.k8s.io/v1/storageclasses/standard-rwo", R"({"provisioner":"x/y"})")),
            "provisioner: Forbidden: updates to provisioner are forbidden.");
  std::string pod = core + "pods/" + cluster.pods_of("frontend").front();
  EXPECT_EQ(
      cluster.patch(pod, R"({"spec":{"hostNetwork":true}})")
          .message()
          .find("Pod \"" + pod.substr(core.size() + 5) + "\" is invalid: spec: Forbidden: pod updates may not change"),
      0u);
}

TEST(Admission, EnforcesLimitsAndQuotas) {
  Cluster cluster;
  std::string space = "/api/v1/namespaces/monitoring/";
  json::value before = cluster.get(space + "resourcequotas/compute").value();
  EXPECT_EQ(text_at(before, {"status", "used", "pods"}), "2");
  EXPECT_EQ(text_at(before, {"status", "used", "requests.memory"}), "2Gi");
  auto pod = [](std::string name, std::string resources) {
    return R"({"metadata":{"name":")" + name +
           R"("},"spec":{"containers":[{"name":"c","image":"nginx:1.29","resources":)" + resources + "}]}}";
  };
  json::value small = made(cluster, space + "pods", pod("small", "{}"));
  EXPECT_EQ(text_at(array_at(small, {"spec", "containers"})[0], {"resources", "requests", "cpu"}), "50m");
  EXPECT_EQ(text_at(small, {"metadata", "annotations", "kubernetes.io/limit-ranger"}),
            "LimitRanger plugin set: cpu, memory request for container c; memory limit for container c");
  EXPECT_EQ(text_at(cluster.get(space + "resourcequotas/compute").value(), {"status", "used", "pods"}), "3");
  Reply big = cluster.ask("POST", space + "pods", pod("big", R"({"requests":{"cpu":"9"},"limits":{"memory":"1Gi"}})"));
  EXPECT_EQ(big.status, 403);
  EXPECT_EQ(big.message(),
            "pods \"big\" is forbidden: exceeded quota: compute, requested: requests.cpu=9, used: requests.cpu=250m, "
            "limited: requests.cpu=8");
  Reply huge = cluster.ask("POST", space + "pods", pod("huge", R"({"limits":{"memory":"16Gi"}})"));
  EXPECT_EQ(huge.status, 403);
  EXPECT_EQ(huge.message(), "pods \"huge\" is forbidden: maximum memory usage per Container is 8Gi, but limit is 16Gi");
  cluster.ask("DELETE", space + "pods/small", R"({"gracePeriodSeconds":0})");
  EXPECT_EQ(text_at(cluster.get(space + "resourcequotas/compute").value(), {"status", "used", "pods"}), "2");
  EXPECT_EQ(cluster.get(space + "resourcequotas/compute").value().at("status").at("used"),
            before.at("status").at("used"));
  // Dry runs cost nothing.
  EXPECT_EQ(cluster.ask("POST", space + "pods?dryRun=All", pod("small", "{}")).status, 201);
  EXPECT_EQ(text_at(cluster.get(space + "resourcequotas/compute").value(), {"status", "used", "pods"}), "2");
}

TEST(Admission, LooksAtAccountsAndPriorities) {
  Cluster cluster;
  auto create = [&](std::string spec) {
    return cluster.ask(
        "POST", core + "pods",
        R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"nginx:1.29"}],)" + spec + "}}");
  };
  EXPECT_EQ(create(R"("serviceAccountName":"none")").message(),
            "pods \"p\" is forbidden: error looking up service account shop/none: serviceaccount \"none\" not found");
  EXPECT_EQ(create(R"("priorityClassName":"none")").message(),
            "pods \"p\" is forbidden: no PriorityClass with name none was found");
  EXPECT_EQ(create(R"("priorityClassName":"business-critical","priority":5)").status, 403);
  json::value pod = create(R"("priorityClassName":"business-critical")").value();
  EXPECT_EQ(integer_at(pod, {"spec", "priority"}), 100'000);
  for (std::string name : {"default", "kube-system", "kube-public"}) {
    Reply reply = cluster.ask("DELETE", "/api/v1/namespaces/" + name);
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(reply.message(), "namespaces \"" + name + "\" is forbidden: this namespace may not be deleted");
  }
}

}  // namespace
}  // namespace fairlead::sandbox
