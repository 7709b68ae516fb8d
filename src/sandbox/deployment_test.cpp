#include "sandbox/deployment.h"

#include "sandbox/controllers_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string web = apps + "deployments/web";

std::string revision(Lab& lab) {
  return std::string(text_at(lab.at(web), {"metadata", "annotations", "deployment.kubernetes.io/revision"}));
}

std::string progressing(Lab& lab) {
  json::value deployment = lab.at(web);
  for (const json::value& condition : array_at(deployment, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "Progressing")
      return std::string(text_at(condition, {"status"})) + " " + std::string(text_at(condition, {"reason"}));
  }
  return {};
}

void set_image(Lab& lab, const std::string& image) {
  EXPECT_EQ(
      lab.patch(web, R"({"spec":{"template":{"spec":{"containers":[{"name":"c","image":")" + image + "\"}]}}}}").status,
      200);
}

TEST(Deployment, NeverLeavesItsBoundsWhileItRolls) {
  for (auto [surge, unavailable, most, least] : {std::tuple("0", "1", 5, 4), std::tuple("2", "0", 7, 5),
                                                 std::tuple("\"50%\"", "\"50%\"", 8, 3), std::tuple("1", "5", 6, 0)}) {
    Lab lab;
    lab.make(apps + "deployments",
             workload_text("web", "web",
                           R"("image":"nginx:1","readinessProbe":{"httpGet":{"port":80},"initialDelaySeconds":2})",
                           std::string(R"("replicas":5,"strategy":{"rollingUpdate":{"maxSurge":)") + surge +
                               ",\"maxUnavailable\":" + unavailable + "}},"));
    lab.pass(10'000);
    ASSERT_EQ(lab.ready("web"), 5);
    set_image(lab, "nginx:2");
    for (int i = 0; i < 300; ++i) {
      lab.pass(100);
      std::int64_t alive = 0;
      for (const PodFacts& pod : lab.facts("web")) alive += pod.active();
      EXPECT_LE(alive, most);
      EXPECT_GE(lab.ready("web"), least);
    }
    EXPECT_EQ(lab.ready("web"), 5);
    for (const json::value& pod : lab.items(default_pods))
      EXPECT_EQ(text_at(array_at(pod, {"spec", "containers"})[0], {"image"}), "nginx:2");
    EXPECT_EQ(progressing(lab), "True NewReplicaSetAvailable");
    EXPECT_EQ(revision(lab), "2");
  }
}

TEST(Deployment, RecreatesOnlyWhenTheOldPodsAreGone) {
  Lab lab;
  lab.make(apps + "deployments",
           workload_text("web", "web", R"("image":"nginx:1")", R"("replicas":3,"strategy":{"type":"Recreate"},)"));
  lab.pass(3000);
  set_image(lab, "nginx:2");
  for (int i = 0; i < 50; ++i) {
    lab.pass(100);
    std::set<std::string> images;
    for (const json::value& pod : lab.items(default_pods))
      images.emplace(text_at(array_at(pod, {"spec", "containers"})[0], {"image"}));
    EXPECT_LE(images.size(), 1u);
  }
  EXPECT_EQ(lab.ready("web"), 3);
}

TEST(Deployment, GoesBackAndKeepsItsHistory) {
  Lab lab;
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx:1")", R"("revisionHistoryLimit":2,)"));
  lab.pass(3000);
  for (int i = 2; i <= 5; ++i) {
    set_image(lab, "nginx:" + std::to_string(i));
    lab.pass(6000);
  }
  EXPECT_EQ(revision(lab), "5");
  EXPECT_EQ(lab.items(apps + "replicasets").size(), 3u);
  set_image(lab, "nginx:3");
  lab.pass(6000);
  EXPECT_EQ(revision(lab), "6");
  bool found = false;
  for (const json::value& set : lab.items(apps + "replicasets")) {
    if (text_at(set, {"metadata", "annotations", "deployment.kubernetes.io/revision"}) != "6") continue;
    found = true;
    EXPECT_EQ(text_at(set, {"metadata", "annotations", "deployment.kubernetes.io/revision-history"}), "3");
    EXPECT_EQ(integer_at(set, {"status", "readyReplicas"}), 1);
  }
  EXPECT_TRUE(found);
}

TEST(Deployment, SaysOnlyOfItsNewestRevisionWhyItChanged) {
  Lab lab;
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx:1")"));
  lab.pass(3000);
  lab.patch(web, R"({"metadata":{"annotations":{"kubernetes.io/change-cause":"newer"}},)"
                 R"("spec":{"template":{"metadata":{"labels":{"new":"yes"}}}}})");
  lab.pass(6000);
  for (const json::value& set : lab.items(apps + "replicasets")) {
    bool newest = text_at(set, {"metadata", "annotations", "deployment.kubernetes.io/revision"}) == "2";
    EXPECT_EQ(text_at(set, {"metadata", "annotations", "kubernetes.io/change-cause"}), newest ? "newer" : "");
  }
}

TEST(Deployment, PausesAndGoesOn) {
  Lab lab;
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx:1")", R"("replicas":2,)"));
  lab.pass(3000);
  lab.merge(web, R"({"spec":{"paused":true}})");
  set_image(lab, "nginx:2");
  lab.pass(5000);
  EXPECT_EQ(progressing(lab), "Unknown DeploymentPaused");
  EXPECT_EQ(lab.items(apps + "replicasets").size(), 1u);
  lab.merge(web, R"({"spec":{"replicas":4}})");
  lab.pass(3000);
  EXPECT_EQ(lab.ready("web"), 4);
  lab.merge(web, R"({"spec":{"paused":null}})");
  lab.pass(10'000);
  EXPECT_EQ(revision(lab), "2");
  EXPECT_EQ(progressing(lab), "True NewReplicaSetAvailable");
}

TEST(Deployment, SaysWhenItDoesNotGetOn) {
  Lab lab;
  lab.make(apps + "deployments",
           workload_text("web", "web", R"("image":"nginx:1")", R"("progressDeadlineSeconds":20,)"));
  lab.pass(3000);
  set_image(lab, "nginx:no-such-tag");
  lab.pass(10'000);
  EXPECT_EQ(progressing(lab), "True ReplicaSetUpdated");
  lab.pass(20'000);
  EXPECT_EQ(progressing(lab), "False ProgressDeadlineExceeded");
  set_image(lab, "nginx:1");
  lab.pass(5000);
  EXPECT_EQ(progressing(lab), "True NewReplicaSetAvailable");
}

TEST(Deployment, MakesAnotherNameWhenTheHashIsTaken) {
  Lab lab;
  json::value made =
      lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx:1")", R"("paused":true,)"));
  json::value wanted = *find(made, "spec", "template");
  lab.make(apps + "replicasets",
           workload_text("web-" + template_hash(wanted), "other", R"("image":"nginx:9")", R"("replicas":0,)"));
  lab.merge(web, R"({"spec":{"paused":null}})");
  lab.pass(3000);
  EXPECT_EQ(lab.ready("web"), 1);
  EXPECT_EQ(integer_at(lab.at(web), {"status", "collisionCount"}), 1);
}

TEST(Deployment, AdoptsWhatWasOrphaned) {
  Lab lab;
  std::string text = workload_text("web", "web", R"("image":"nginx:1")", R"("replicas":2,)");
  lab.make(apps + "deployments", text);
  lab.pass(3000);
  std::vector<std::string> before = lab.names("web");
  lab.drop(web, R"({"propagationPolicy":"Orphan"})");
  lab.pass(3000);
  EXPECT_EQ(lab.names("web"), before);
  lab.make(apps + "deployments", text);
  lab.pass(3000);
  EXPECT_EQ(lab.names("web"), before);
  EXPECT_EQ(lab.items(apps + "replicasets").size(), 1u);
}

// Whatever is done to it, in the end it has what its spec says and leaves nothing behind.
TEST(Deployment, ConvergesFromARandomWalk) {
  Lab lab;
  lab.make(apps + "deployments", workload_text("web", "web", R"("image":"nginx:1")", R"("replicas":3,)"));
  std::mt19937_64 random(7);
  std::int64_t replicas = 3;
  for (int step = 0; step < 60; ++step) {
    switch (random() % 6) {
      case 0:
        replicas = static_cast<std::int64_t>(random() % 9);
        lab.merge(web, R"({"spec":{"replicas":)" + std::to_string(replicas) + "}}");
        break;
      case 1: set_image(lab, "nginx:" + std::to_string(1 + random() % 4)); break;
      case 2: lab.merge(web, R"({"spec":{"paused":true}})"); break;
      case 3: lab.merge(web, R"({"spec":{"paused":false}})"); break;
      case 4:
        lab.merge(web, random() % 2 ? R"({"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}})"
                                    : R"({"spec":{"strategy":{"type":"RollingUpdate"}}})");
        break;
      default:
        if (auto names = lab.names("web"); !names.empty())
          lab.drop(default_pods + "/" + names[random() % names.size()]);
    }
    lab.pass(static_cast<std::int64_t>(random() % 3000));
  }
  lab.merge(web, R"({"spec":{"paused":false}})");
  lab.pass(60'000);
  EXPECT_EQ(lab.ready("web"), replicas);
  EXPECT_EQ(static_cast<std::int64_t>(lab.names("web").size()), replicas);
  json::value now = lab.at(web);
  EXPECT_EQ(integer_at(now, {"status", "updatedReplicas"}), replicas);
  EXPECT_EQ(integer_at(now, {"status", "observedGeneration"}), integer_at(now, {"metadata", "generation"}));
  lab.drop(web);
  lab.pass(10'000);
  EXPECT_TRUE(lab.items(apps + "replicasets").empty());
  EXPECT_TRUE(lab.names("web").empty());
  std::uint64_t version = lab.store.version();
  lab.pass(100'000);
  EXPECT_EQ(lab.store.version(), version);
}

TEST(Deployment, TellsWhyPodsCannotBeMadeAsLongAsTheyCannot) {
  Lab lab;
  lab.make(core + "resourcequotas", R"({"metadata":{"name":"none"},"spec":{"hard":{"pods":"0"}}})");
  lab.make(apps + "deployments", workload_text("web", "web"));
  lab.pass(3000);
  auto failure = [&] {
    json::value deployment = lab.at(web);
    for (const json::value& condition : array_at(deployment, {"status", "conditions"})) {
      if (text_at(condition, {"type"}) == "ReplicaFailure") return std::string(text_at(condition, {"message"}));
    }
    return std::string();
  };
  EXPECT_NE(failure().find("is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0"),
            std::string::npos)
      << failure();
  lab.drop(core + "resourcequotas/none");
  lab.pass(20'000);
  EXPECT_EQ(lab.ready("web"), 1);
  EXPECT_EQ(failure(), "");
  json::array sets = lab.items(apps + "replicasets");
  EXPECT_FALSE(find(sets.at(0), "status", "conditions"));
}

}  // namespace
}  // namespace fairlead::sandbox
