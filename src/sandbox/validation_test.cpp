// What is refused with 422, as "field: message".
#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

class Checked {
 public:
  std::string operator()(const std::string& path, const std::string& rest) {
    Reply reply = cluster_.ask("POST", path + "?dryRun=All", R"({"metadata":{"name":"n"},)" + rest + "}");
    if (reply.status == 201) return "";
    EXPECT_EQ(reply.status, 422) << reply.body;
    std::string out;
    json::value body = reply.value();
    for (const json::value& cause : array_at(body, {"details", "causes"}))
      out += (out.empty() ? "" : " ") + std::string(text_at(cause, {"field"}));
    return out;
  }
  std::string pod(const std::string& spec, const std::string& container = "") {
    return (*this)(space + "pods",
                   R"("spec":{)" + spec + R"("containers":[{"name":"c","image":"i")" + container + "}]}");
  }

  const std::string space = "/api/v1/namespaces/shop/";

 private:
  Cluster cluster_;
};

TEST(Validation, Nodes) {
  Checked check;
  auto node = [&](const std::string& spec) { return check("/api/v1/nodes", R"("spec":{)" + spec + "}"); };
  EXPECT_EQ(node(R"("taints":[{"key":"a","value":"b","effect":"NoSchedule"}],"podCIDR":"10.0.0.0/24")"), "");
  EXPECT_EQ(node(R"("taints":[{"key":"a b","value":"c d","effect":"Never"}])"),
            "metadata.taints[0].key metadata.taints[0].value metadata.taints[0].effect");
  EXPECT_EQ(node(R"("taints":[{"key":"a"}])"), "metadata.taints[0].effect");
  EXPECT_EQ(node(R"("taints":[{"key":"a","effect":"NoExecute"},{"key":"a","value":"x","effect":"NoExecute"}])"),
            "metadata.taints[1]");
  EXPECT_EQ(node(R"("podCIDR":"x")"), "spec.podCIDRs[0]");
  EXPECT_NE(check("/api/v1/nodes", R"("status":{"capacity":{"cpu":-1}})"), "");
}

TEST(Validation, PartsOfPods) {
  Checked check;
  EXPECT_EQ(check.pod(R"("securityContext":{"sysctls":[{"name":"net.core.somaxconn","value":"1"}]},)"), "");
  EXPECT_EQ(check.pod(R"("securityContext":{"sysctls":[{"name":"a b"},{"name":""},{"name":"a.b"},{"name":"a.b"}]},)"),
            "spec.securityContext.sysctls[0].name spec.securityContext.sysctls[1].name "
            "spec.securityContext.sysctls[3].name");
  EXPECT_EQ(check.pod(R"("hostAliases":[{"ip":"1.2.3.4","hostnames":["a","B c"]}],)"),
            "spec.hostAliases[0].hostnames[1]");
  EXPECT_EQ(check.pod(R"("dnsConfig":{"searches":["a.b.","_x.y",".","a b"],"options":[{"name":"ndots"},{}]},)"),
            "spec.dnsConfig.searches[3] spec.dnsConfig.options[1]");
  EXPECT_EQ(check.pod("", R"(,"livenessProbe":{"httpGet":{"port":80,"httpHeaders":[{"name":"X-A"},{"name":"a b"}]}})"),
            "spec.containers[0].livenessProbe.httpGet.httpHeaders");
}

TEST(Validation, Storage) {
  Checked check;
  auto volume = [&](const std::string& affinity) {
    return check("/api/v1/persistentvolumes",
                 R"("spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},
                 "nodeAffinity":)" +
                     affinity + "}");
  };
  EXPECT_EQ(volume(R"({"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"Exists"}]}]}})"),
            "");
  EXPECT_EQ(volume("{}"), "spec.nodeAffinity.required");
  EXPECT_EQ(volume(R"({"required":{}})"), "spec.nodeAffinity.required.nodeSelectorTerms");
  EXPECT_EQ(volume(R"({"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"a","operator":"x"}]}]}})"),
            "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].operator");
  auto topologies = [&](const std::string& list) {
    return check("/apis/storage.k8s.io/v1/storageclasses", R"("provisioner":"a.b/c","allowedTopologies":)" + list);
  };
  EXPECT_EQ(topologies(R"([{"matchLabelExpressions":[{"key":"a","values":["b"]}]}])"), "");
  EXPECT_EQ(topologies("[{}]"), "allowedTopologies[0].matchLabelExpressions");
  EXPECT_EQ(topologies(R"([{"matchLabelExpressions":[{"key":"a"}]}])"),
            "allowedTopologies[0].matchLabelExpressions[0].values");
  EXPECT_EQ(topologies(R"([{"matchLabelExpressions":[{"key":"a","values":["b","b"]}]}])"),
            "allowedTopologies[0].matchLabelExpressions[0].values[1]");
}

TEST(Validation, EndpointsEventsAndServices) {
  Checked check;
  EXPECT_EQ(check(check.space + "endpoints", R"("subsets":[{"addresses":[{"ip":"1.2.3.4","hostname":"a b"}]}])"),
            "subsets[0].addresses[0].hostname");
  auto event = [&](const std::string& about) {
    return check(check.space + "events", R"("involvedObject":{"kind":"Pod","name":"x")" + about + "}");
  };
  EXPECT_EQ(event(R"(,"namespace":"shop")"), "");
  EXPECT_EQ(event(R"(,"namespace":"other")"), "involvedObject.namespace");
  EXPECT_EQ(event(""), "involvedObject.namespace");
  EXPECT_EQ(check(check.space + "services", R"("spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local",
      "healthCheckNodePort":-1,"ports":[{"port":80}]})"),
            "spec.healthCheckNodePort");
  EXPECT_EQ(check("/apis/apps/v1/namespaces/shop/deployments",
                  R"("spec":{"selector":{"matchLabels":{"a":null}},"template":{"metadata":{"labels":{"a":"b"}},
                  "spec":{"containers":[{"name":"c","image":"i"}]}}})"),
            "spec.template.metadata.labels");
}

}  // namespace
}  // namespace fairlead::sandbox
