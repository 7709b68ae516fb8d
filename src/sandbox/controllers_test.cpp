#include "sandbox/controllers.h"

#include "sandbox/api_test_support.h"
#include "sandbox/table.h"

namespace fairlead::sandbox {
namespace {

const std::string pods = "/api/v1/namespaces/shop/pods";
const std::string deployments = "/apis/apps/v1/namespaces/shop/deployments";

std::string status_of(Cluster& cluster, const std::string& pod) {
  return pod_status(cluster.get(pods + "/" + pod).value());
}
void scale(Cluster& cluster, const std::string& name, int replicas) {
  Reply reply =
      cluster.patch(deployments + "/" + name + "/scale", "{\"spec\":{\"replicas\":" + std::to_string(replicas) + "}}",
                    "application/merge-patch+json");
  EXPECT_EQ(reply.status, 200);
}

TEST(Controllers, AreAtRestInTheBeginning) {
  Cluster cluster;
  cluster.pass(
      1000);  // what the fixtures leave to the controllers: endpoints, each namespace's account and certificate
  std::uint64_t version = cluster.store.version();
  cluster.pass(50'000);
  // A claim that waits for its class says so again and again, and the autoscaler notes what it measures.
  auto changes = cluster.store.changes_since(version);
  ASSERT_TRUE(changes);
  for (const Change& change : *changes)
    EXPECT_TRUE(change.object->resource->kind == "Event" || change.object->resource->kind == "HorizontalPodAutoscaler")
        << change.object->name;
}

TEST(Controllers, FollowTheWantedNumberOfReplicas) {
  Cluster cluster;
  scale(cluster, "cart", 4);
  cluster.pass(100);
  EXPECT_EQ(cluster.pods_of("cart").size(), 4u);
  EXPECT_EQ(integer_at(cluster.get(deployments + "/cart").value(), {"status", "readyReplicas"}), 2);
  cluster.pass(10'000);  // their readiness probes begin after five seconds
  json::value deployment = cluster.get(deployments + "/cart").value();
  EXPECT_EQ(integer_at(deployment, {"status", "readyReplicas"}), 4);
  EXPECT_EQ(integer_at(deployment, {"status", "updatedReplicas"}), 4);
  EXPECT_EQ(integer_at(deployment, {"status", "observedGeneration"}),
            integer_at(deployment, {"metadata", "generation"}));
  scale(cluster, "cart", 0);
  cluster.pass(3000);
  EXPECT_EQ(cluster.pods_of("cart").size(), 0u);
  deployment = cluster.get(deployments + "/cart").value();
  EXPECT_EQ(find(deployment, "status", "replicas"), nullptr);
  EXPECT_EQ(find(deployment, "status", "availableReplicas"), nullptr);
}

TEST(Controllers, ReplacePodsWhenTheTemplateChanges) {
  Cluster cluster;
  std::vector<std::string> before = cluster.pods_of("frontend");
  Reply reply = cluster.patch(
      deployments + "/frontend",
      R"({"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}})");
  ASSERT_EQ(reply.status, 200);
  // Never fewer than three that are ready.
  for (int i = 0; i < 400; ++i) {
    cluster.pass(100);
    EXPECT_GE(integer_at(cluster.get(deployments + "/frontend").value(), {"status", "availableReplicas"}), 3);
  }
  std::vector<std::string> after = cluster.pods_of("frontend");
  EXPECT_EQ(after.size(), 3u);
  for (const std::string& name : after) EXPECT_EQ(std::count(before.begin(), before.end(), name), 0);
  json::value deployment = cluster.get(deployments + "/frontend").value();
  EXPECT_EQ(text_at(deployment, {"metadata", "annotations", "deployment.kubernetes.io/revision"}), "4");
  EXPECT_EQ(integer_at(deployment, {"status", "updatedReplicas"}), 3);
  EXPECT_EQ(
      array_at(cluster.get("/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app.kubernetes.io/name=frontend")
                   .value(),
               {"items"})
          .size(),
      2u);
}

TEST(Controllers, StopARolloutThatCannotSucceed) {
  Cluster cluster;
  cluster.patch(
      deployments + "/frontend",
      R"({"spec":{"template":{"spec":{"containers":[{"name":"frontend","image":"registry.example.com/shop/frontend:5.0.0-rc"}]}}}})");
  cluster.pass(10'000);
  json::value deployment = cluster.get(deployments + "/frontend").value();
  EXPECT_EQ(integer_at(deployment, {"status", "availableReplicas"}), 3);
  EXPECT_EQ(integer_at(deployment, {"status", "updatedReplicas"}), 1);
  EXPECT_EQ(cluster.pods_of("frontend").size(), 4u);
}

TEST(Controllers, ReplaceAPodThatWasDeleted) {
  Cluster cluster;
  std::string gone = cluster.pods_of("catalog").front();
  EXPECT_EQ(cluster.ask("DELETE", pods + "/" + gone).status, 200);
  EXPECT_EQ(status_of(cluster, gone), "Terminating");
  cluster.pass(2000);
  EXPECT_EQ(cluster.get(pods + "/" + gone).status, 404);
  std::vector<std::string> now = cluster.pods_of("catalog");
  ASSERT_EQ(now.size(), 2u);
  for (const std::string& name : now) EXPECT_EQ(status_of(cluster, name), "Running");
}

TEST(Controllers, BringAPodUpAndLetOthersFail) {
  Cluster cluster;
  auto run = [&](std::string name, std::string image, std::string more = "") {
    return cluster
        .ask("POST", pods,
             R"({"metadata":{"name":")" + name + R"("},"spec":{"containers":[{"name":"c","image":")" + image + "\"" +
                 more + "}]}}")
        .status;
  };
  EXPECT_EQ(run("fine", "nginx:1.29"), 201);
  EXPECT_EQ(run("absent", "nginx:no-such-tag"), 201);
  EXPECT_EQ(run("crash", "registry.example.com/shop/payments:1.0"), 201);
  EXPECT_EQ(run("huge", "nginx:1.29", R"(,"resources":{"requests":{"memory":"900Gi"}})"), 201);
  EXPECT_EQ(status_of(cluster, "fine"), "Pending");
  cluster.pass(100);
  EXPECT_EQ(status_of(cluster, "fine"), "ContainerCreating");
  cluster.pass(500);
  json::value fine = cluster.get(pods + "/fine").value();
  EXPECT_EQ(pod_status(fine), "Running");
  EXPECT_FALSE(text_at(fine, {"status", "podIP"}).empty());
  EXPECT_EQ(status_of(cluster, "absent"), "ErrImagePull");
  EXPECT_EQ(status_of(cluster, "crash"), "Error");
  EXPECT_EQ(status_of(cluster, "huge"), "Pending");
  cluster.pass(3000);
  EXPECT_EQ(status_of(cluster, "absent"), "ImagePullBackOff");
  EXPECT_EQ(status_of(cluster, "crash"), "CrashLoopBackOff");
  cluster.pass(60'000);
  EXPECT_GE(
      integer_at(array_at(cluster.get(pods + "/crash").value(), {"status", "containerStatuses"})[0], {"restartCount"}),
      2);
  json::value events = cluster.get("/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dhuge").value();
  ASSERT_EQ(array_at(events, {"items"}).size(), 1u);
  EXPECT_EQ(text_at(array_at(events, {"items"})[0], {"reason"}), "FailedScheduling");
}

TEST(Controllers, KeepPodsOffCordonedNodes) {
  Cluster cluster;
  EXPECT_EQ(cluster.patch("/api/v1/nodes/node-2", R"({"spec":{"unschedulable":true}})").status, 200);
  cluster.pass(10);
  json::value node = cluster.get("/api/v1/nodes/node-2").value();
  EXPECT_EQ(text_at(array_at(node, {"spec", "taints"})[0], {"key"}), "node.kubernetes.io/unschedulable");
  auto there = [&] {
    return array_at(cluster.get(pods + "?fieldSelector=spec.nodeName%3Dnode-2").value(), {"items"}).size();
  };
  std::size_t before = there();
  scale(cluster, "cart", 8);
  cluster.pass(1000);
  EXPECT_EQ(cluster.pods_of("cart").size(), 8u);
  EXPECT_EQ(there(), before);
  cluster.patch("/api/v1/nodes/node-2", R"({"spec":{"unschedulable":null}})", "application/merge-patch+json");
  cluster.pass(10);
  EXPECT_EQ(find(cluster.get("/api/v1/nodes/node-2").value(), "spec", "taints"), nullptr);
}

TEST(Controllers, DeleteInTheThreeWays) {
  Cluster cluster;
  std::string replicasets = "/apis/apps/v1/namespaces/shop/replicasets?labelSelector=app.kubernetes.io/name=";
  cluster.ask("DELETE", deployments + "/cart");
  EXPECT_EQ(cluster.get(deployments + "/cart").status, 404);
  cluster.pass(3000);
  EXPECT_EQ(array_at(cluster.get(replicasets + "cart").value(), {"items"}).size(), 0u);
  EXPECT_EQ(cluster.pods_of("cart").size(), 0u);

  Reply foreground = cluster.ask("DELETE", deployments + "/checkout", R"({"propagationPolicy":"Foreground"})");
  EXPECT_NE(find(foreground.value(), "metadata", "deletionTimestamp"), nullptr);
  EXPECT_EQ(cluster.get(deployments + "/checkout").status, 200);
  cluster.pass(3000);
  EXPECT_EQ(cluster.get(deployments + "/checkout").status, 404);
  EXPECT_EQ(cluster.pods_of("checkout").size(), 0u);

  cluster.ask("DELETE", deployments + "/frontend", R"({"propagationPolicy":"Orphan"})");
  cluster.pass(3000);
  EXPECT_EQ(cluster.get(deployments + "/frontend").status, 404);
  json::value left = cluster.get(replicasets + "frontend").value();
  ASSERT_EQ(array_at(left, {"items"}).size(), 1u);
  EXPECT_TRUE(array_at(array_at(left, {"items"})[0], {"metadata", "ownerReferences"}).empty());
  EXPECT_EQ(cluster.pods_of("frontend").size(), 3u);
}

TEST(Controllers, EndNamespaces) {
  Cluster cluster;
  EXPECT_EQ(cluster.ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"demo"}})").status, 201);
  cluster.pass(10);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/demo/serviceaccounts/default").status, 200);
  cluster.ask("POST", "/api/v1/namespaces/demo/pods",
              R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"nginx"}]}})");
  cluster.pass(1000);
  EXPECT_EQ(text_at(cluster.ask("DELETE", "/api/v1/namespaces/demo").value(), {"status", "phase"}), "Terminating");
  Reply refused = cluster.ask("POST", "/api/v1/namespaces/demo/configmaps", R"({"metadata":{"name":"m"}})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      refused.message(),
      "configmaps \"m\" is forbidden: unable to create new content in namespace demo because it is being terminated");
  cluster.pass(5000);
  EXPECT_EQ(cluster.get("/api/v1/namespaces/demo").status, 404);
}

TEST(Controllers, LeaveAPodThatAFinalizerHolds) {
  Cluster cluster;
  json::value list = cluster.get(pods).value();
  std::string held;
  for (const json::value& pod : array_at(list, {"items"})) {
    if (find(pod, "metadata", "deletionTimestamp")) held = text_at(pod, {"metadata", "name"});
  }
  ASSERT_FALSE(held.empty());
  cluster.pass(10'000);
  EXPECT_EQ(status_of(cluster, held), "Terminating");
  cluster.patch(pods + "/" + held, R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
  cluster.pass(2000);
  EXPECT_EQ(cluster.get(pods + "/" + held).status, 404);
}

}  // namespace
}  // namespace fairlead::sandbox
