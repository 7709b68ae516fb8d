// What a change destroys besides its objects, and no false alarm of it.
#include "ops/losses.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "ops/objects_testing.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::parsed;

const ObjectRef kSet{"apps", "v1", "statefulsets", "StatefulSet", "shop", "db", {}, "u-1"},
    kWeb{"apps", "v1", "deployments", "Deployment", "shop", "web", {}, "u-1"},
    kCronJob{"batch", "v1", "cronjobs", "CronJob", "shop", "nightly", {}, "u-1"},
    kNode{"", "v1", "nodes", "Node", "", "n-1", {}, "u-1"},
    kVolume{"", "v1", "persistentvolumes", "PersistentVolume", "", "pv", {}, "u-1"};

Write patch(const ObjectRef& object, std::string_view before, std::string_view body,
            std::string_view type = kube::Patch::merge) {
  Write out;
  out.object = object;
  out.content_type = type;
  out.before = parsed(before);
  out.body = parsed(body);
  return out;
}

class Losses : public ::testing::Test {
 protected:
  Result<Plan> looked(Write write) {
    Plan plan;
    plan.writes.push_back(std::move(write));
    return looked(std::move(plan));
  }
  Result<Plan> looked(Plan plan) {
    return testing::in_call(server.api, [&](Call& call) -> awaitable<Result<Plan>> {
      auto done = co_await look_for_losses(call, plan);
      if (!done) co_return fail(std::move(done.error()));
      co_return plan;
    });
  }
  std::string loses(Write write) {
    auto plan = looked(std::move(write));
    return plan ? fmt::format("{}", fmt::join(plan->loses, "; ")) : std::string(to_string(plan.error().code));
  }
  bool loses_claims(Write write) {
    const std::string what = loses(std::move(write));
    EXPECT_THAT(what, ::testing::AnyOf("", HasSubstr("volume claims of the pods of StatefulSet shop/db that go")));
    return !what.empty();
  }
  testing::ObjectServer server;
};

// A set with replicas, its first number, and whether claims go with pods that it scales away.
std::string set(std::string_view replicas, std::string_view start, std::string_view when_scaled = "Delete") {
  return R"({"metadata":{"uid":"u-1","resourceVersion":"7"},"spec":{"replicas":)" + std::string(replicas) +
         R"(,"ordinals":{"start":)" + std::string(start) +
         R"(},"persistentVolumeClaimRetentionPolicy":{"whenScaled":")" + std::string(when_scaled) + R"("}}})";
}

TEST_F(Losses, ClaimsGoWithPodsWhoseNumbersAreNoLongerWanted) {
  const auto moved = [&](std::string_view body) { return loses_claims(patch(kSet, set("3", "2"), body)); };
  EXPECT_TRUE(moved(R"({"spec":{"replicas":2}})"));
  EXPECT_TRUE(moved(R"({"spec":{"replicas":0}})"));
  EXPECT_TRUE(moved(R"({"spec":{"replicas":null}})")) << "1 of itself";
  EXPECT_FALSE(moved(R"({"spec":{"replicas":3}})"));
  EXPECT_FALSE(moved(R"({"spec":{"replicas":9}})"));
  EXPECT_TRUE(moved(R"({"spec":{"ordinals":{"start":3}}})")) << "2 goes";
  EXPECT_TRUE(moved(R"({"spec":{"ordinals":{"start":1}}})")) << "4 goes";
  EXPECT_TRUE(moved(R"({"spec":{"ordinals":null}})"));
  EXPECT_FALSE(moved(R"({"spec":{"ordinals":{"start":0},"replicas":5}})")) << "0 to 4 hold 2 to 4";
  EXPECT_TRUE(moved(R"({"spec":{"ordinals":{"start":0},"replicas":4}})"));
  EXPECT_TRUE(moved(R"({"spec":{"ordinals":{"start":3},"replicas":9}})"));
  EXPECT_FALSE(moved(R"({"metadata":{"labels":{"a":"b"}},"spec":{"template":{"metadata":{}}}})"));
  EXPECT_FALSE(loses_claims(patch(kSet, set("0", "2"), R"({"spec":{"ordinals":{"start":5}}})"))) << "it has no pods";
}

TEST_F(Losses, NumbersThatNoServerKeepsAreCounted) {
  constexpr std::string_view most = "9223372036854775807";
  EXPECT_TRUE(loses_claims(patch(kSet, set(most, most), R"({"spec":{"replicas":2}})")));
  EXPECT_FALSE(loses_claims(patch(kSet, set("3", "0"), set(most, "-9223372036854775808"))));
}

TEST_F(Losses, ClaimsStayWhereThePolicyKeepsThem) {
  EXPECT_FALSE(loses_claims(patch(kSet, set("3", "0", "Retain"), R"({"spec":{"replicas":1}})")));
  EXPECT_FALSE(loses_claims(patch(kSet, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":1}})")));
  constexpr std::string_view claims = R"({"spec":{"replicas":1,"persistentVolumeClaimRetentionPolicy":{"whenScaled":")";
  const auto with_policy = [&](std::string_view before, std::string_view after) {
    return loses_claims(patch(kSet, set("3", "0", before), std::string(claims) + std::string(after) + "\"}}}"));
  };
  EXPECT_TRUE(with_policy("Retain", "Delete")) << "it comes with the same patch";
  EXPECT_TRUE(with_policy("Delete", "Retain")) << "which of the two a controller sees first is not known";
  EXPECT_FALSE(loses_claims(patch(kSet, set("3", "0", "Retain"),
                                  R"({"spec":{"persistentVolumeClaimRetentionPolicy":{"whenScaled":"Delete"}}})")))
      << "no pod goes";
}

TEST_F(Losses, ClaimsOfASetThatIsDeletedGoByAnotherPolicy) {
  const auto removed = [&](std::string_view policy) {
    return loses_claims(removal_of(
        kSet, parsed(R"({"spec":{"replicas":3,"persistentVolumeClaimRetentionPolicy":)" + std::string(policy) + "}}")));
  };
  EXPECT_TRUE(removed(R"({"whenDeleted":"Delete","whenScaled":"Retain"})"));
  EXPECT_FALSE(removed(R"({"whenDeleted":"Retain","whenScaled":"Delete"})"));
}

TEST_F(Losses, AScaleIsLookedUpInItsSet) {
  ObjectRef scale = kSet;
  scale.subresource = "scale";
  const Write down = patch(scale, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":2}})"),
              up = patch(scale, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":4}})");
  server.objects[kSet.target()] = parsed(set("3", "0"));
  EXPECT_TRUE(loses_claims(down));
  server.objects[kSet.target()] = parsed(set("3", "0", "Retain"));
  EXPECT_FALSE(loses_claims(down));
  server.api.requests.clear();
  EXPECT_FALSE(loses_claims(up));
  EXPECT_THAT(server.api.requests, IsEmpty()) << "nothing goes, so nothing is asked";
}

TEST_F(Losses, WhatMayNotBeReadIsSaidOnceAndOtherErrorsStopIt) {
  ObjectRef scale = kSet;
  scale.subresource = "scale";
  const Write down = patch(scale, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":2}})");
  server.refused["GET " + kSet.target()] = testing::refusal(403, "Forbidden", "no");
  Plan plan;
  plan.writes = {down, down};
  auto told = looked(plan);
  ASSERT_TRUE(told);
  EXPECT_THAT(told->loses, ::testing::IsEmpty());
  EXPECT_THAT(told->reach,
              ElementsAre("whether volume claims of StatefulSet shop/db go with its pods may not be looked at"));
  server.refused["GET " + kSet.target()] = testing::refusal(500, "InternalError", "etcd");
  EXPECT_EQ(loses(down), "server_error") << "not known is not harmless";
}

TEST_F(Losses, WhatAnApplyLeavesOutGoesBackToItsDefaultWhereItWasApplied) {
  const auto left_out = [&](std::string_view manager, std::string_view operation, std::string_view fields) {
    json::value before = parsed(set("3", "0"));
    before.at("metadata").as_object()["managedFields"] =
        parsed(R"([{"manager":")" + std::string(manager) + R"(","operation":")" + std::string(operation) +
               R"(","fieldsV1":{"f:spec":)" + std::string(fields) + "}}]");
    return loses_claims(patch(kSet, compact(before), R"({"spec":{"template":{}}})", kube::Patch::apply));
  };
  EXPECT_TRUE(left_out("fairlead", "Apply", R"({"f:replicas":{}})"));
  EXPECT_FALSE(left_out("fairlead", "Apply", R"({"f:template":{}})"));
  EXPECT_FALSE(left_out("fairlead", "Update", R"({"f:replicas":{}})"));
  EXPECT_FALSE(left_out("kubectl", "Apply", R"({"f:replicas":{}})"));
}

// A webhook may decide otherwise.
TEST_F(Losses, TheServersWordCountsMoreThanTheRequest) {
  Write down = patch(kSet, set("3", "0"), R"({"spec":{"replicas":2}})");
  down.expected = parsed(set("3", "0"));
  EXPECT_FALSE(loses_claims(down));
  Write up = patch(kSet, set("3", "0"), R"({"spec":{"replicas":4}})");
  up.expected = parsed(set("2", "0"));
  EXPECT_TRUE(loses_claims(up));
}

TEST_F(Losses, ARollbackIsLookedAtAsAnyOther) {
  EXPECT_TRUE(loses_claims(patch(
      kSet, set("3", "0"),
      R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},{"op":"replace","path":"/spec/replicas","value":2}])",
      kube::Patch::json)));
}

TEST_F(Losses, AShorterHistoryDeletesWhatIsOlder) {
  const auto limited = [&](const ObjectRef& object, std::string_view before, std::string_view after) {
    return loses(
        patch(object, R"({"spec":{)" + std::string(before) + "}}", R"({"spec":{)" + std::string(after) + "}}"));
  };
  EXPECT_EQ(limited(kWeb, R"("revisionHistoryLimit":5)", R"("revisionHistoryLimit":2)"),
            "older revisions of Deployment shop/web are deleted but for 2 (revisionHistoryLimit)");
  EXPECT_THAT(limited(kWeb, "", R"("revisionHistoryLimit":9)"), HasSubstr("but for 9")) << "10 of itself";
  EXPECT_THAT(limited(kWeb, R"("revisionHistoryLimit":20)", R"("revisionHistoryLimit":null)"), HasSubstr("but for 10"));
  EXPECT_THAT(limited(kSet, "", R"("revisionHistoryLimit":0)"), HasSubstr("but for 0"));
  EXPECT_EQ(limited(kWeb, "", R"("revisionHistoryLimit":10)"), "");
  EXPECT_EQ(limited(kWeb, R"("revisionHistoryLimit":2)", R"("revisionHistoryLimit":5)"), "");
  EXPECT_EQ(limited(kWeb, R"("revisionHistoryLimit":2)", R"("replicas":0,"template":{})"), "");
  EXPECT_THAT(limited(kCronJob, "", R"("successfulJobsHistoryLimit":2)"),
              AllOf(HasSubstr("Jobs that have succeeded"), HasSubstr("but for 2")));
  EXPECT_THAT(limited(kCronJob, "", R"("failedJobsHistoryLimit":0)"), HasSubstr("Jobs that have failed"));
  EXPECT_EQ(limited(kCronJob, "", R"("failedJobsHistoryLimit":1,"successfulJobsHistoryLimit":3,"suspend":true)"), "");
  EXPECT_EQ(limited(kCronJob, "", R"("revisionHistoryLimit":0)"), "") << "it has no such field";
}

TEST_F(Losses, ANewTaintThatEndsPodsIsADrainThatAsksNobody) {
  const auto tainted = [&](std::string_view before, std::string_view after) {
    const auto spec = [](std::string_view taints) { return R"({"spec":{"taints":[)" + std::string(taints) + "]}}"; };
    return loses(patch(kNode, spec(before), spec(after)));
  };
  constexpr std::string_view ends = R"({"key":"a","value":"1","effect":"NoExecute"})",
                             keeps = R"({"key":"a","value":"1","effect":"NoSchedule"})",
                             other = R"({"key":"a","value":"2","effect":"NoExecute"})";
  EXPECT_THAT(tainted("", ends), HasSubstr("the pods on Node n-1 that do not tolerate its new taint (NoExecute)"));
  EXPECT_NE(tainted(keeps, ends), "");
  EXPECT_NE(tainted(ends, other), "") << "it is tolerated by its value";
  EXPECT_EQ(tainted("", keeps), "");
  EXPECT_EQ(tainted(ends, ends), "");
  EXPECT_EQ(tainted(ends, ""), "");
  EXPECT_EQ(loses(patch(kNode, R"({"spec":{}})", R"({"spec":{"unschedulable":true}})")), "");
}

TEST_F(Losses, AReleasedVolumeGoesOnceItNeedNotBeRetained) {
  const auto kept = [&](std::string_view phase, std::string_view before, std::string_view after) {
    return loses(patch(kVolume,
                       R"({"status":{"phase":")" + std::string(phase) +
                           R"("},"spec":{"persistentVolumeReclaimPolicy":")" + std::string(before) + R"("}})",
                       R"({"spec":{"persistentVolumeReclaimPolicy":")" + std::string(after) + R"("}})"));
  };
  EXPECT_THAT(kept("Released", "Retain", "Delete"), HasSubstr("PersistentVolume pv is released, and goes"));
  EXPECT_NE(kept("Failed", "Retain", "Recycle"), "");
  EXPECT_EQ(kept("Bound", "Retain", "Delete"), "") << "its claim holds it";
  EXPECT_EQ(kept("Released", "Delete", "Retain"), "");
  EXPECT_EQ(kept("Released", "Delete", "Delete"), "");
}

TEST_F(Losses, AVolumeThatLosesItsClaim) {
  const auto bound = [&](std::string_view policy, std::string_view body) {
    return loses(patch(kVolume,
                       R"({"status":{"phase":"Bound"},"spec":{"claimRef":{"uid":"a"},)"
                       R"("persistentVolumeReclaimPolicy":")" +
                           std::string(policy) + "\"}}",
                       body));
  };
  EXPECT_THAT(bound("Delete", R"({"spec":{"claimRef":{"uid":"b"}}})"), HasSubstr("loses its claim"));
  EXPECT_THAT(bound("Delete", R"({"spec":{"claimRef":null}})"), HasSubstr("loses its claim"));
  EXPECT_EQ(bound("Retain", R"({"spec":{"claimRef":null}})"), "");
  EXPECT_EQ(bound("Delete", R"({"metadata":{"labels":{"a":"b"}}})"), "");
}

TEST_F(Losses, ATokenThatIsOfAnotherAccount) {
  const ObjectRef secret{"", "v1", "secrets", "Secret", "shop", "t", {}, "u-1"};
  const auto annotated = [&](std::string_view type, std::string_view annotations) {
    return loses(patch(secret,
                       R"({"type":")" + std::string(type) +
                           R"(","metadata":{"annotations":{"kubernetes.io/service-account.name":"a",)"
                           R"("kubernetes.io/service-account.uid":"u"}}})",
                       R"({"metadata":{"annotations":)" + std::string(annotations) + "}}"));
  };
  constexpr std::string_view token = "kubernetes.io/service-account-token";
  EXPECT_NE(annotated(token, R"({"kubernetes.io/service-account.name":"b"})"), "");
  EXPECT_NE(annotated(token, R"({"kubernetes.io/service-account.uid":null})"), "");
  EXPECT_NE(annotated(token, "null"), "");
  EXPECT_EQ(annotated(token, R"({"note":"x"})"), "");
  EXPECT_EQ(annotated("Opaque", R"({"kubernetes.io/service-account.name":"b"})"), "");
}

TEST_F(Losses, DeadlinesOfPodsAndJobs) {
  const ObjectRef pod{"", "v1", "pods", "Pod", "shop", "p", {}, "u-1"},
      job{"batch", "v1", "jobs", "Job", "shop", "j", {}, "u-1"};
  for (const auto& object : {pod, job}) {
    EXPECT_NE(loses(patch(object, R"({"spec":{}})", R"({"spec":{"activeDeadlineSeconds":5}})")), "");
    EXPECT_EQ(loses(patch(object, R"({"spec":{"activeDeadlineSeconds":5}})", R"({"spec":{"suspend":true}})")), "");
  }
}

TEST_F(Losses, WhatWasLostByAnEarlierPlanIsForgotten) {
  Plan plan;
  plan.loses = {"everything"};
  plan.writes.push_back(patch(kWeb, R"({"spec":{"replicas":3}})", R"({"spec":{"replicas":0}})"));
  EXPECT_THAT(looked(plan)->loses, ::testing::IsEmpty());
}

// ---- no way back

std::string no_way_back_of(Write write) {
  Plan plan;
  plan.writes.push_back(std::move(write));
  return no_way_back(plan);
}

TEST(NoWayBack, OfWhatIsDeletedWithAllThatIsInIt) {
  const json::value bound = parsed(R"({"spec":{"volumeName":"pv"}})"),
                    owned = parsed(
                        R"({"metadata":{"ownerReferences":[{"kind":"ReplicaSet","name":"w","controller":true}]}})"),
                    by_time =
                        parsed(R"({"metadata":{"ownerReferences":[{"kind":"CronJob","name":"c","controller":true}]}})");
  const ObjectRef claim{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "shop", "d", {}, "u-1"};
  EXPECT_NE(no_way_back_of(removal_of({"", "v1", "namespaces", "Namespace", "", "shop", {}, "u-1"}, {})), "");
  EXPECT_NE(no_way_back_of(
                removal_of({"apiextensions.k8s.io", "v1", "customresourcedefinitions", "X", "", "x", {}, "u-1"}, {})),
            "");
  EXPECT_NE(no_way_back_of(removal_of(claim, bound)), "");
  EXPECT_EQ(no_way_back_of(removal_of(claim, parsed(R"({"spec":{}})"))), "");
  EXPECT_NE(no_way_back_of(removal_of({"", "v1", "pods", "Pod", "shop", "w", {}, "u-1"}, owned)), "");
  EXPECT_EQ(no_way_back_of(removal_of({"batch", "v1", "jobs", "Job", "shop", "w", {}, "u-1"}, by_time)), "");
  EXPECT_EQ(no_way_back_of(removal_of(kWeb, parsed(R"({"spec":{"replicas":3}})"))), "");
}

TEST(NoWayBack, OfWhatTheServerTakesInOneDirectionOnly) {
  const ObjectRef pod{"", "v1", "pods", "Pod", "shop", "p", {}, "u-1"},
      claim{"", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", "shop", "d", {}, "u-1"},
      job{"batch", "v1", "jobs", "Job", "shop", "j", {}, "u-1"},
      config{"", "v1", "configmaps", "ConfigMap", "shop", "c", {}, "u-1"};
  EXPECT_NE(no_way_back_of(patch(config, R"({"data":{}})", R"({"immutable":true})")), "");
  EXPECT_EQ(no_way_back_of(patch(config, R"({"data":{}})", R"({"immutable":false})")), "");
  EXPECT_NE(no_way_back_of(patch(pod, R"({"spec":{}})", R"({"spec":{"activeDeadlineSeconds":5}})")), "");
  EXPECT_EQ(no_way_back_of(patch(pod, R"({"spec":{"containers":[]}})", R"({"spec":{"containers":[{"name":"a"}]}})")),
            "");
  EXPECT_EQ(no_way_back_of(patch(job, R"({"spec":{}})", R"({"spec":{"suspend":true}})")), "");
  constexpr std::string_view one = R"({"spec":{"resources":{"requests":{"storage":"1Gi"}}}})",
                             two = R"({"spec":{"resources":{"requests":{"storage":"2Gi"}}}})";
  EXPECT_NE(no_way_back_of(patch(claim, one, two)), "");
  EXPECT_EQ(no_way_back_of(patch(claim, one, one)), "");
  EXPECT_NE(no_way_back_of(patch(claim, one, R"({"spec":{"volumeName":"pv"}})")), "");
}

TEST(NoWayBack, OfTheLastFinalizerOfWhatIsBeingDeleted) {
  const auto lets_go = [](std::string_view before, std::string_view body) {
    return no_way_back_of(patch(kWeb, before, body));
  };
  constexpr std::string_view going = R"({"metadata":{"deletionTimestamp":"x","finalizers":["a","b"]}})";
  EXPECT_NE(lets_go(going, R"({"metadata":{"finalizers":[]}})"), "");
  EXPECT_NE(lets_go(going, R"({"metadata":{"finalizers":null}})"), "");
  EXPECT_EQ(lets_go(going, R"({"metadata":{"finalizers":["a"]}})"), "");
  EXPECT_EQ(lets_go(going, R"({"metadata":{"labels":{}}})"), "");
  EXPECT_EQ(lets_go(R"({"metadata":{"finalizers":["a"]}})", R"({"metadata":{"finalizers":[]}})"), "");
}

}  // namespace
}  // namespace fairlead::ops
