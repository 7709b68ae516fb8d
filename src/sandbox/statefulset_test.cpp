#include "sandbox/controllers_test_support.h"
#include "sandbox/revisions.h"

namespace fairlead::sandbox {
namespace {

const std::string db = apps + "statefulsets/db";
constexpr const char* probe =
    R"("image":"postgres:1","readinessProbe":{"tcpSocket":{"port":5432},"initialDelaySeconds":1})";
constexpr const char* claims =
    R"("volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"standard","resources":{"requests":{"storage":"1Gi"}}}}],)";

void add_class(Lab& lab, const std::string& mode = "Immediate") {
  lab.make(
      "/apis/storage.k8s.io/v1/storageclasses",
      R"({"metadata":{"name":"standard"},"provisioner":"disk.csi.example.com","reclaimPolicy":"Delete","volumeBindingMode":")" +
          mode + "\"}");
}

std::vector<std::string> images(Lab& lab) {
  std::vector<std::string> out;
  for (const json::value& pod : lab.items(default_pods + "?labelSelector=app%3Ddb"))
    out.emplace_back(text_at(array_at(pod, {"spec", "containers"})[0], {"image"}));
  return out;
}

TEST(StatefulSet, MakesItsPodsInOrderAndTakesThemFromTheTop) {
  Lab lab;
  lab.make(apps + "statefulsets", workload_text("db", "db", probe, R"("replicas":3,"serviceName":"db",)"));
  // A pod is there only when the one before it is ready.
  for (int i = 0; i < 100; ++i) {
    lab.pass(100);
    std::vector<PodFacts> pods = lab.facts("db");
    for (std::size_t n = 1; n < pods.size(); ++n) EXPECT_TRUE(pods[n - 1].ready);
  }
  EXPECT_EQ(lab.names("db"), (std::vector<std::string>{"db-0", "db-1", "db-2"}));
  json::value pod = lab.at(default_pods + "/db-1");
  EXPECT_EQ(text_at(pod, {"spec", "hostname"}), "db-1");
  EXPECT_EQ(text_at(pod, {"spec", "subdomain"}), "db");
  EXPECT_EQ(text_at(pod, {"metadata", "labels", "apps.kubernetes.io/pod-index"}), "1");
  lab.merge(db, R"({"spec":{"replicas":1}})");
  for (int i = 0; i < 60; ++i) {
    lab.pass(100);
    int dying = 0;
    for (const PodFacts& one : lab.facts("db")) dying += one.dying;
    EXPECT_LE(dying, 1);
    EXPECT_EQ(lab.names("db").front(), "db-0");
  }
  EXPECT_EQ(lab.names("db"), (std::vector<std::string>{"db-0"}));
  json::value now = lab.at(db);
  EXPECT_EQ(integer_at(now, {"status", "replicas"}), 1);
  EXPECT_EQ(integer_at(now, {"status", "readyReplicas"}), 1);
  EXPECT_EQ(text_at(now, {"status", "currentRevision"}), text_at(now, {"status", "updateRevision"}));
}

TEST(StatefulSet, MakesThemAllAtOnceWhenParallel) {
  Lab lab;
  lab.make(apps + "statefulsets",
           workload_text("db", "db", probe, R"("replicas":3,"podManagementPolicy":"Parallel",)"));
  lab.pass(50);
  EXPECT_EQ(lab.names("db").size(), 3u);
}

TEST(StatefulSet, KeepsItsClaims) {
  Lab lab;
  add_class(lab);
  lab.make(apps + "statefulsets",
           workload_text("db", "db", R"("image":"postgres:1")", std::string(R"("replicas":2,)") + claims));
  lab.pass(10'000);
  EXPECT_EQ(lab.ready("db"), 2);
  ASSERT_EQ(lab.items(core + "persistentvolumeclaims").size(), 2u);
  std::string volume(text_at(lab.at(core + "persistentvolumeclaims/data-db-1"), {"spec", "volumeName"}));
  EXPECT_FALSE(volume.empty());
  lab.merge(db, R"({"spec":{"replicas":1}})");
  lab.pass(5000);
  EXPECT_EQ(lab.items(core + "persistentvolumeclaims").size(), 2u);
  lab.merge(db, R"({"spec":{"replicas":2}})");
  lab.pass(5000);
  EXPECT_EQ(lab.ready("db"), 2);
  EXPECT_EQ(text_at(lab.at(core + "persistentvolumeclaims/data-db-1"), {"spec", "volumeName"}), volume);
}

TEST(StatefulSet, ItsClaimsGoWhereItSaysSo) {
  for (auto [scaled, deleted] : {std::pair{"Delete", "Retain"}, std::pair{"Retain", "Delete"}}) {
    Lab lab;
    add_class(lab);
    const std::string policy = R"("persistentVolumeClaimRetentionPolicy":{"whenScaled":")" + std::string(scaled) +
                               R"(","whenDeleted":")" + deleted + "\"},";
    lab.make(apps + "statefulsets",
             workload_text("db", "db", R"("image":"postgres:1")", R"("replicas":2,)" + policy + claims));
    lab.pass(10'000);
    lab.merge(db, R"({"spec":{"replicas":1}})");
    lab.pass(10'000);
    const bool goes = std::string_view(scaled) == "Delete";
    EXPECT_EQ(lab.get(core + "persistentvolumeclaims/data-db-1").status, goes ? 404 : 200);
    EXPECT_EQ(lab.get(core + "persistentvolumeclaims/data-db-0").status, 200);
    lab.drop(db);
    lab.pass(10'000);
    EXPECT_EQ(lab.get(core + "persistentvolumeclaims/data-db-0").status, goes ? 200 : 404);
  }
}

TEST(StatefulSet, RollsDownToThePartitionAndBack) {
  Lab lab;
  lab.make(apps + "statefulsets",
           workload_text("db", "db", R"("image":"postgres:1")",
                         R"("replicas":3,"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":2}},)"));
  lab.pass(10'000);
  auto set_image = [&](const std::string& image) {
    EXPECT_EQ(lab.patch(db, R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":")" + image + "\"}]}}}}")
                  .status,
              200);
  };
  set_image("postgres:2");
  lab.pass(10'000);
  EXPECT_EQ(images(lab), (std::vector<std::string>{"postgres:1", "postgres:1", "postgres:2"}));
  EXPECT_EQ(integer_at(lab.at(db), {"status", "updatedReplicas"}), 1);
  EXPECT_EQ(integer_at(lab.at(db), {"status", "currentReplicas"}), 2);
  // A pod below the partition comes back as it was.
  lab.drop(default_pods + "/db-0");
  lab.pass(5000);
  EXPECT_EQ(images(lab)[0], "postgres:1");
  lab.merge(db, R"({"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}})");
  for (int i = 0; i < 200; ++i) {
    lab.pass(100);
    EXPECT_GE(lab.ready("db"), 2);
  }
  EXPECT_EQ(images(lab), (std::vector<std::string>{"postgres:2", "postgres:2", "postgres:2"}));
  EXPECT_EQ(text_at(lab.at(db), {"status", "currentRevision"}), text_at(lab.at(db), {"status", "updateRevision"}));
  EXPECT_EQ(lab.items(apps + "controllerrevisions").size(), 2u);
  set_image("postgres:1");
  lab.pass(20'000);
  EXPECT_EQ(lab.items(apps + "controllerrevisions").size(), 2u);
  std::int64_t newest = 0;
  for (const json::value& one : lab.items(apps + "controllerrevisions"))
    newest = std::max(newest, integer_at(one, {"revision"}));
  EXPECT_EQ(newest, 3);
}

TEST(StatefulSet, WaitsForAVolumeWhereItsPodGoes) {
  Lab lab;
  add_class(lab, "WaitForFirstConsumer");
  lab.make(
      core + "persistentvolumeclaims",
      R"({"metadata":{"name":"alone"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"standard","resources":{"requests":{"storage":"1Gi"}}}})");
  lab.pass(5000);
  EXPECT_EQ(text_at(lab.at(core + "persistentvolumeclaims/alone"), {"status", "phase"}), "Pending");
  EXPECT_EQ(lab.message("alone", "WaitForFirstConsumer"), "waiting for first consumer to be created before binding");
  lab.make(default_pods, pod_text_of("user", R"("image":"nginx")",
                                     R"("volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"alone"}}],)"));
  lab.pass(5000);
  EXPECT_EQ(lab.status("user"), "Running");
  json::value claim = lab.at(core + "persistentvolumeclaims/alone");
  EXPECT_EQ(text_at(claim, {"status", "phase"}), "Bound");
  EXPECT_EQ(text_at(claim, {"metadata", "annotations", "volume.kubernetes.io/selected-node"}),
            text_at(lab.at(default_pods + "/user"), {"spec", "nodeName"}));
  // Protected while it is used; its volume goes with it.
  std::string volume(text_at(claim, {"spec", "volumeName"}));
  lab.drop(core + "persistentvolumeclaims/alone");
  lab.pass(5000);
  EXPECT_EQ(lab.get(core + "persistentvolumeclaims/alone").status, 200);
  lab.drop(default_pods + "/user");
  lab.pass(5000);
  EXPECT_EQ(lab.get(core + "persistentvolumeclaims/alone").status, 404);
  EXPECT_EQ(lab.get("/api/v1/persistentvolumes/" + volume).status, 404);
}

TEST(Volumes, BindTheSmallestThatFits) {
  Lab lab;
  auto volume = [&](const std::string& name, const std::string& size, const std::string& policy) {
    lab.make("/api/v1/persistentvolumes",
             R"({"metadata":{"name":")" + name + R"("},"spec":{"capacity":{"storage":")" + size +
                 R"("},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":")" + policy +
                 R"(","storageClassName":"manual","hostPath":{"path":"/x"}}})");
  };
  volume("big", "10Gi", "Retain");
  volume("fitting", "2Gi", "Retain");
  volume("small", "1Gi", "Retain");
  lab.make(
      core + "persistentvolumeclaims",
      R"({"metadata":{"name":"a"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"manual","resources":{"requests":{"storage":"1500Mi"}}}})");
  lab.pass(1000);
  json::value claim = lab.at(core + "persistentvolumeclaims/a");
  EXPECT_EQ(text_at(claim, {"spec", "volumeName"}), "fitting");
  EXPECT_EQ(text_at(claim, {"status", "capacity", "storage"}), "2Gi");
  EXPECT_EQ(text_at(lab.at("/api/v1/persistentvolumes/fitting"), {"status", "phase"}), "Bound");
  lab.drop(core + "persistentvolumeclaims/a");
  lab.pass(1000);
  EXPECT_EQ(text_at(lab.at("/api/v1/persistentvolumes/fitting"), {"status", "phase"}), "Released");
  lab.make(
      core + "persistentvolumeclaims",
      R"({"metadata":{"name":"none"},"spec":{"accessModes":["ReadWriteMany"],"storageClassName":"","resources":{"requests":{"storage":"1Gi"}}}})");
  lab.pass(1000);
  EXPECT_EQ(lab.message("none", "FailedBinding"),
            "no persistent volumes available for this claim and no storage class is set");
  lab.make(default_pods, pod_text_of("user", R"("image":"nginx")",
                                     R"("volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"none"}}],)"));
  lab.pass(1000);
  EXPECT_EQ(
      lab.message("user", "FailedScheduling"),
      "0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/4 nodes are available: "
      "4 Preemption is not helpful for scheduling.");
}

TEST(DaemonSet, HasAPodOnEachNodeThatTakesIt) {
  Lab lab(5);  // the first is the control plane and is tainted
  lab.make(apps + "daemonsets", workload_text("agent", "agent", R"("image":"agent:1")"));
  lab.pass(3000);
  json::value set = lab.at(apps + "daemonsets/agent");
  EXPECT_EQ(integer_at(set, {"status", "desiredNumberScheduled"}), 4);
  EXPECT_EQ(integer_at(set, {"status", "numberReady"}), 4);
  // Cordoned nodes keep and get theirs.
  lab.merge("/api/v1/nodes/node-2", R"({"spec":{"unschedulable":true}})");
  lab.pass(2000);
  EXPECT_EQ(lab.ready("agent"), 4);
  EXPECT_EQ(
      lab.patch(apps + "daemonsets/agent", R"({"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}}})").status,
      200);
  lab.pass(5000);
  EXPECT_EQ(lab.names("agent").size(), 0u);
  lab.merge("/api/v1/nodes/node-3", R"({"metadata":{"labels":{"disk":"ssd"}}})");
  lab.pass(3000);
  EXPECT_EQ(lab.ready("agent"), 1);
  lab.merge("/api/v1/nodes/node-3", R"({"metadata":{"labels":{"disk":null}}})");
  lab.pass(3000);
  EXPECT_EQ(lab.names("agent").size(), 0u);
}

TEST(DaemonSet, RollsWithinItsBound) {
  Lab lab(6);
  lab.make(apps + "daemonsets",
           workload_text("agent", "agent",
                         R"("image":"agent:1","readinessProbe":{"httpGet":{"port":1},"initialDelaySeconds":1})",
                         R"("updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":2}},)"));
  lab.pass(5000);
  ASSERT_EQ(lab.ready("agent"), 5);
  EXPECT_EQ(lab.patch(apps + "daemonsets/agent",
                      R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":"agent:2"}]}}}})")
                .status,
            200);
  for (int i = 0; i < 300; ++i) {
    lab.pass(100);
    EXPECT_GE(lab.ready("agent"), 3);
  }
  json::value set = lab.at(apps + "daemonsets/agent");
  EXPECT_EQ(integer_at(set, {"status", "updatedNumberScheduled"}), 5);
  EXPECT_EQ(integer_at(set, {"status", "numberAvailable"}), 5);
  EXPECT_EQ(lab.items(apps + "controllerrevisions").size(), 2u);
}

}  // namespace
}  // namespace fairlead::sandbox
