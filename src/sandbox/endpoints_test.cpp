#include "base/text.h"
#include "sandbox/controllers_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string slices(const std::string& service) {
  return "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3D" +
         service;
}

std::string service_text(const std::string& name, const std::string& more = "") {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{)" + more +
         R"("selector":{"app":"web"},"ports":[{"name":"http","port":80,"targetPort":"web"}]}})";
}

constexpr const char* container =
    R"("image":"nginx:1","ports":[{"name":"web","containerPort":8080}],"readinessProbe":{"httpGet":{"port":8080},"initialDelaySeconds":2})";

TEST(Endpoints, FollowThePods) {
  Lab lab;
  lab.make(core + "services", service_text("web"));
  lab.pass(1000);
  EXPECT_TRUE(array_at(lab.at(core + "endpoints/web"), {"subsets"}).empty());
  ASSERT_EQ(lab.items(slices("web")).size(), 1u);
  lab.make(apps + "deployments", workload_text("web", "web", container, R"("replicas":3,)"));
  lab.pass(1000);
  json::value endpoints = lab.at(core + "endpoints/web");
  EXPECT_EQ(array_at(array_at(endpoints, {"subsets"})[0], {"notReadyAddresses"}).size(), 3u);
  lab.pass(3000);
  endpoints = lab.at(core + "endpoints/web");
  const json::value& subset = array_at(endpoints, {"subsets"})[0];
  EXPECT_EQ(array_at(subset, {"addresses"}).size(), 3u);
  EXPECT_TRUE(array_at(subset, {"notReadyAddresses"}).empty());
  EXPECT_EQ(integer_at(array_at(subset, {"ports"})[0], {"port"}), 8080);
  json::array list = lab.items(slices("web"));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(array_at(list[0], {"endpoints"}).size(), 3u);
  // One that ends is still there, but not ready.
  std::string gone = lab.names("web").front();
  lab.drop(default_pods + "/" + gone);
  lab.pass(200);
  bool seen = false;
  list = lab.items(slices("web"));
  for (const json::value& endpoint : array_at(list[0], {"endpoints"})) {
    if (text_at(endpoint, {"targetRef", "name"}) != gone) continue;
    seen = true;
    EXPECT_FALSE(flag_at(endpoint, {"conditions", "ready"}));
    EXPECT_TRUE(flag_at(endpoint, {"conditions", "terminating"}));
  }
  EXPECT_TRUE(seen);
  lab.drop(core + "services/web");
  lab.pass(1000);
  EXPECT_EQ(lab.get(core + "endpoints/web").status, 404);
  EXPECT_TRUE(lab.items(slices("web")).empty());
}

// Of the change that made the controller write, not of its own work.
TEST(Endpoints, TellWhenTheChangeWas) {
  Lab lab;
  constexpr std::string_view note = "endpoints.kubernetes.io/last-change-trigger-time";
  auto told = [&] { return parse_rfc3339(text_at(lab.at(core + "endpoints/web"), {"metadata", "annotations", note})); };
  const std::int64_t begin = lab.clock.unix_seconds();
  lab.make(core + "services", service_text("web"));
  lab.pass(1000);
  EXPECT_EQ(told(), begin) << "the service's creation";
  lab.pass(60'000);
  lab.make(apps + "deployments", workload_text("web", "web", container, R"("replicas":1,)"));
  lab.pass(10'000);
  ASSERT_EQ(lab.ready("web"), 1);
  EXPECT_EQ(told(), lab.facts("web").front().ready_changed) << "when the pod became ready";
}

TEST(Endpoints, AreSharedOutAmongSlices) {
  Lab lab(6);
  lab.make(core + "services", service_text("web"));
  lab.make(apps + "deployments",
           workload_text("web", "web", R"("image":"nginx:1","ports":[{"name":"web","containerPort":8080}])",
                         R"("replicas":230,)"));
  lab.pass(5000);
  json::array list = lab.items(slices("web"));
  ASSERT_EQ(list.size(), 3u);
  std::size_t total = 0;
  for (const json::value& slice : list) {
    EXPECT_LE(array_at(slice, {"endpoints"}).size(), 100u);
    total += array_at(slice, {"endpoints"}).size();
  }
  EXPECT_EQ(total, 230u);
  lab.merge(apps + "deployments/web", R"({"spec":{"replicas":2}})");
  lab.pass(5000);
  EXPECT_EQ(lab.items(slices("web")).size(), 1u);
}

TEST(Endpoints, ShowUnreadyOnesWhereAsked) {
  Lab lab;
  lab.make(core + "services", service_text("all", R"("clusterIP":"None","publishNotReadyAddresses":true,)"));
  lab.make(apps + "deployments", workload_text("web", "web", container));
  lab.pass(1000);
  json::value endpoints = lab.at(core + "endpoints/all");
  EXPECT_EQ(array_at(array_at(endpoints, {"subsets"})[0], {"addresses"}).size(), 1u);
}

TEST(Services, GetALoadBalancerAfterAMoment) {
  Lab lab;
  lab.make(core + "services", service_text("web", R"("type":"LoadBalancer",)"));
  lab.pass(1000);
  EXPECT_TRUE(array_at(lab.at(core + "services/web"), {"status", "loadBalancer", "ingress"}).empty());
  lab.pass(3000);
  EXPECT_EQ(array_at(lab.at(core + "services/web"), {"status", "loadBalancer", "ingress"}).size(), 1u);
  lab.drop(core + "services/web");
  lab.pass(1000);
  EXPECT_EQ(lab.get(core + "services/web").status, 404);
}

TEST(Garbage, KeepsWhatStillHasAnOwner) {
  Lab lab;
  std::string a(text_at(lab.make(core + "configmaps", R"({"metadata":{"name":"a"}})"), {"metadata", "uid"}));
  std::string b(text_at(lab.make(core + "configmaps", R"({"metadata":{"name":"b"}})"), {"metadata", "uid"}));
  auto reference = [](const std::string& name, const std::string& uid, bool block) {
    return R"({"apiVersion":"v1","kind":"ConfigMap","name":")" + name + R"(","uid":")" + uid +
           R"(","blockOwnerDeletion":)" + (block ? "true" : "false") + "}";
  };
  lab.make(core + "secrets", R"({"metadata":{"name":"both","ownerReferences":[)" + reference("a", a, true) + "," +
                                 reference("b", b, true) + "]}}");
  lab.make(core + "secrets",
           R"({"metadata":{"name":"lost","ownerReferences":[)" + reference("c", "no-such-uid", true) + "]}}");
  lab.make(core + "secrets", R"({"metadata":{"name":"held","finalizers":["example.com/hold"],"ownerReferences":[)" +
                                 reference("b", b, true) + "]}}");
  lab.make(core + "secrets", R"({"metadata":{"name":"free","finalizers":["example.com/hold"],"ownerReferences":[)" +
                                 reference("a", a, false) + "]}}");
  lab.pass(100);
  EXPECT_EQ(lab.get(core + "secrets/lost").status, 404);
  lab.drop(core + "configmaps/a", R"({"propagationPolicy":"Foreground"})");
  lab.pass(100);
  EXPECT_EQ(lab.get(core + "configmaps/a").status, 404);  // what does not block is not waited for
  EXPECT_EQ(array_at(lab.at(core + "secrets/both"), {"metadata", "ownerReferences"}).size(), 1u);
  lab.drop(core + "configmaps/b", R"({"propagationPolicy":"Foreground"})");
  lab.pass(1000);
  EXPECT_EQ(lab.get(core + "secrets/both").status, 404);
  EXPECT_EQ(lab.get(core + "configmaps/b").status, 200);
  lab.merge(core + "secrets/held", R"({"metadata":{"finalizers":null}})");
  lab.pass(100);
  EXPECT_EQ(lab.get(core + "configmaps/b").status, 404);
}

TEST(Namespaces, SayWhatHoldsThem) {
  Lab lab;
  lab.make("/api/v1/namespaces", R"({"metadata":{"name":"demo"}})");
  lab.pass(10);
  EXPECT_EQ(lab.get("/api/v1/namespaces/demo/configmaps/kube-root-ca.crt").status, 200);
  lab.make("/api/v1/namespaces/demo/secrets", R"({"metadata":{"name":"held","finalizers":["example.com/hold"]}})");
  lab.drop("/api/v1/namespaces/demo");
  lab.pass(2000);
  json::value space = lab.at("/api/v1/namespaces/demo");
  EXPECT_TRUE(is_true(space, "NamespaceContentRemaining"));
  EXPECT_TRUE(is_true(space, "NamespaceFinalizersRemaining"));
  lab.merge("/api/v1/namespaces/demo/secrets/held", R"({"metadata":{"finalizers":null}})");
  lab.pass(2000);
  EXPECT_EQ(lab.get("/api/v1/namespaces/demo").status, 404);
}

}  // namespace
}  // namespace fairlead::sandbox
