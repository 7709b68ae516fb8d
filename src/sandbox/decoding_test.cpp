// What Go's decoder makes of what clients write, seen through the API.
#include "sandbox/api_test_support.h"
#include "sandbox/stored_form.h"

namespace fairlead::sandbox {
namespace {

const std::string core = "/api/v1/namespaces/shop/", apps = "/apis/apps/v1/namespaces/shop/";

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

std::string decoded(std::string_view message, std::string_view text) {
  return compact(as_decoded(*Schema::builtin().message(message), parsed(text)));
}

TEST(Decoding, DropsNullsAndZerosThatAreLeftOut) {
  EXPECT_EQ(decoded("Container", R"({"name":"","imagePullPolicy":"","stdin":false,"env":null,"unknown":1})"),
            R"({"name":""})");
  // Pointers keep their zeros.
  EXPECT_EQ(decoded("PersistentVolumeClaimSpec", R"({"storageClassName":"","volumeName":""})"),
            R"({"storageClassName":""})");
  EXPECT_EQ(decoded("PodSpec", R"({"containers":[null],"nodeSelector":{"a":null},"terminationGracePeriodSeconds":0})"),
            R"({"containers":[{}],"nodeSelector":{"a":""},"terminationGracePeriodSeconds":0})");
  EXPECT_EQ(decoded("Volume", R"({"name":"v","emptyDir":null})"), R"({"name":"v"})");
}

TEST(Decoding, WritesAmountsAsTexts) {
  EXPECT_EQ(decoded("ResourceRequirements", R"({"limits":{"cpu":2,"memory":"1024Mi","a":null,"b":1.5,"c":-1}})"),
            R"({"limits":{"cpu":"2","memory":"1Gi","a":"0","b":"1500m","c":"-1"}})");
}

TEST(Decoding, EmptyTextsGetDefaults) {
  Cluster cluster;
  Reply pod = cluster.ask("POST", core + "pods", R"({"metadata":{"name":"p"},"spec":{"restartPolicy":"","dnsPolicy":"",
      "containers":[{"name":"c","image":"i:1","imagePullPolicy":"","terminationMessagePolicy":"",
      "ports":[{"containerPort":80,"protocol":""}],
      "livenessProbe":{"httpGet":{"port":80,"path":"","scheme":""},"timeoutSeconds":0}}],
      "volumes":[{"name":"v","emptyDir":null},{"name":"w","hostPath":null}]}})");
  ASSERT_EQ(pod.status, 201) << pod.body;
  json::value made = pod.value();
  json::value container = array_at(made, {"spec", "containers"})[0];
  EXPECT_EQ(text_at(made, {"spec", "restartPolicy"}), "Always");
  EXPECT_EQ(text_at(made, {"spec", "dnsPolicy"}), "ClusterFirst");
  EXPECT_EQ(text_at(container, {"imagePullPolicy"}), "IfNotPresent");
  EXPECT_EQ(text_at(array_at(container, {"ports"})[0], {"protocol"}), "TCP");
  EXPECT_EQ(text_at(container, {"livenessProbe", "httpGet", "path"}), "/");
  EXPECT_EQ(integer_at(container, {"livenessProbe", "timeoutSeconds"}), 1);
  EXPECT_TRUE(find(array_at(made, {"spec", "volumes"})[1], "emptyDir"));
  for (auto [path, body] : std::initializer_list<std::pair<std::string, std::string>>{
           {core + "services", R"("spec":{"type":"","sessionAffinity":"","selector":{"a":"b"},
                               "ports":[{"port":80,"protocol":"","targetPort":null}]})"},
           {apps + "deployments", R"("spec":{"selector":{"matchLabels":{"a":"b"}},"strategy":{"type":""},
                                  "template":{"metadata":{"labels":{"a":"b"}},
                                  "spec":{"containers":[{"name":"c","image":"i"}]}}})"},
           {"/api/v1/persistentvolumes", R"("spec":{"persistentVolumeReclaimPolicy":"","capacity":{"storage":1},
                                         "accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}})"},
           {"/apis/storage.k8s.io/v1/storageclasses", R"("provisioner":"a.b/c","reclaimPolicy":"")"},
           {"/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings",
            R"("roleRef":{"kind":"ClusterRole","name":"view","apiGroup":""},
            "subjects":[{"kind":"User","name":"a","apiGroup":""}])"},
           {"/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers",
            R"("spec":{"maxReplicas":2,"targetCPUUtilizationPercentage":null,
            "scaleTargetRef":{"kind":"Deployment","name":"d"}})"}}) {
    Reply reply = cluster.ask("POST", path, R"({"metadata":{"name":"n"},)" + body + "}");
    EXPECT_EQ(reply.status, 201) << reply.body;
  }
}

TEST(Decoding, AmountsThatAreNumbersAreChecked) {
  Cluster cluster;
  auto pod = [&](const std::string& resources) {
    return cluster
        .ask("POST", core + "pods?dryRun=All",
             R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":)" + resources +
                 "}]}}")
        .message();
  };
  EXPECT_EQ(pod(R"({"requests":{"cpu":2},"limits":{"cpu":1}})"),
            "Pod \"p\" is invalid: spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or "
            "equal to cpu limit of 1");
  EXPECT_EQ(pod(R"({"requests":{"cpu":1},"limits":{"cpu":null}})"),
            "Pod \"p\" is invalid: spec.containers[0].resources.requests: Invalid value: \"1\": must be less than or "
            "equal to cpu limit of 0");
  EXPECT_NE(pod(R"({"limits":{"cpu":-1}})"), "");
  auto status = [&](const std::string& path, const std::string& body) {
    return cluster.ask("POST", path + "?dryRun=All", R"({"metadata":{"name":"n"},"spec":)" + body + "}").status;
  };
  for (std::string size : {"0", "-1"}) {
    EXPECT_EQ(status(core + "persistentvolumeclaims",
                     R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":)" + size + "}}}"),
              422);
  }
  EXPECT_EQ(status("/api/v1/persistentvolumes",
                   R"({"capacity":{"storage":-1},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}})"),
            422);
  EXPECT_EQ(status(core + "pods", R"({"containers":[{"name":"c","image":"i"}],
                   "volumes":[{"name":"v","emptyDir":{"sizeLimit":-1}}]})"),
            422);
  EXPECT_EQ(status(core + "resourcequotas", R"({"hard":{"pods":-1}})"), 422);
  EXPECT_EQ(status(core + "limitranges", R"({"limits":[{"type":"Container","max":{"cpu":1},"min":{"cpu":2}}]})"), 422);
}

const std::string claimed = R"({"metadata":{"name":"s"},"spec":{"serviceName":"s","replicas":REPLICAS,
    "selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"i"}]}},"volumeClaimTemplates":[{TYPE"metadata":{"name":"d"},
    "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}})";

std::string claimed_set(int replicas, bool typed = false) {
  std::string out = claimed;
  out.replace(out.find("REPLICAS"), 8, std::to_string(replicas));
  out.replace(out.find("TYPE"), 4, typed ? R"("apiVersion":"v1","kind":"PersistentVolumeClaim",)" : "");
  return out;
}

TEST(Decoding, ClaimTemplatesMayComeAgain) {
  Cluster cluster;
  const std::string set = apps + "statefulsets/s",
                    prometheus = "/apis/apps/v1/namespaces/monitoring/statefulsets/prometheus";
  ASSERT_EQ(cluster.ask("POST", apps + "statefulsets", claimed_set(1)).status, 201);
  EXPECT_EQ(cluster.ask("PUT", set, claimed_set(2)).status, 200);
  EXPECT_EQ(cluster.ask("PUT", set + "?fieldValidation=Strict", claimed_set(3, true)).status, 200);
  for (const std::string& path : {set, prometheus}) {
    Reply whole = cluster.ask("PUT", path + "?fieldValidation=Strict", cluster.get(path).body);
    EXPECT_EQ(whole.status, 200) << whole.body;
    Reply patched = cluster.patch(path + "?fieldValidation=Strict", R"({"spec":{"replicas":2}})");
    EXPECT_EQ(patched.status, 200) << patched.body;
    EXPECT_EQ(integer_at(patched.value(), {"spec", "replicas"}), 2);
  }
  // kubectl apply sends the claims again when it finds that they are not as it sees them.
  std::string claims = compact(*find(parsed(claimed_set(1)), "spec", "volumeClaimTemplates"));
  EXPECT_EQ(cluster.patch(set, R"({"spec":{"volumeClaimTemplates":)" + claims + "}}").status, 200);
}

TEST(Decoding, ClaimTemplatesAreApplied) {
  Cluster cluster;
  const std::string set = apps + "statefulsets/s";
  auto typed = [](int replicas, bool claims) {
    std::string body = claimed_set(replicas, claims);
    return R"({"apiVersion":"apps/v1","kind":"StatefulSet",)" + body.substr(1);
  };
  ASSERT_EQ(cluster.apply(set, "me", typed(1, false)).status, 201);
  EXPECT_EQ(cluster.apply(set, "me", typed(1, false)).status, 200);
  Reply again = cluster.apply(set, "me", typed(2, true));
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(cluster.apply(set, "other", typed(2, true), "&force=true").status, 200);
}

}  // namespace
}  // namespace fairlead::sandbox
