// Whether the cluster has become what was asked for.
#include "ops/verify.h"

#include <gmock/gmock.h>

#include "ops/objects_testing.h"
#include "ops/planning.h"

namespace fairlead::ops {
namespace {

using ::testing::HasSubstr;
using testing::parsed;

ObjectRef of_apps(std::string plural, std::string kind) {
  return {"apps", "v1", std::move(plural), std::move(kind), "shop", "web", {}, "u-1"};
}
const ObjectRef kDeployment = of_apps("deployments", "Deployment"), kDaemonSet = of_apps("daemonsets", "DaemonSet"),
                kStatefulSet = of_apps("statefulsets", "StatefulSet"),
                kReplicaSet = of_apps("replicasets", "ReplicaSet"),
                kPod{"", "v1", "pods", "Pod", "shop", "p", {}, "u-1"},
                kNode{"", "v1", "nodes", "Node", "", "n-1", {}, "u-1"},
                kConfig{"", "v1", "configmaps", "ConfigMap", "shop", "c", {}, "u-1"};

Write write(Write::Verb verb, const ObjectRef& object, std::string_view before) {
  Write out;
  out.verb = verb;
  out.object = object;
  out.before = parsed(before);
  return out;
}

class Verify : public ::testing::Test {
 protected:
  // `now`: null where it has gone.
  Verification seen(const Write& write, std::string_view answer, std::string_view now) {
    ObjectRef object = write.object;
    object.subresource.clear();
    server.objects.erase(object.target());
    if (json::value is = parsed(now); !is.is_null()) server.objects[object.target()] = std::move(is);
    Plan plan;
    plan.writes.push_back(write);
    Answers answers;
    answers.push_back(parsed(answer));
    return seen(plan, answers);
  }
  Verification seen(const Plan& plan, const Answers& answers) {
    return testing::in_call(server.api, [&](Call& call) { return verify_plan(call, plan, answers); }).value();
  }
  // Of a workload whose labels were changed, with this spec and status.
  Verification rollout(const ObjectRef& object, std::string_view spec, std::string_view status) {
    const std::string at = R"({"metadata":{"uid":"u-1","generation":4},"spec":)" + std::string(spec);
    return seen(write(Write::Verb::patch, object, at + "}"), at + "}",
                at + R"(,"status":)" + std::string(status) + "}");
  }
  testing::ObjectServer server;
};

TEST_F(Verify, ADeploymentIsReadyOnceAllItsPodsAreNewAndAvailable) {
  const auto is = [&](std::string_view status) { return rollout(kDeployment, R"({"replicas":3})", status); };
  const Verification all =
      is(R"({"observedGeneration":4,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":3})");
  EXPECT_TRUE(all.reached);
  EXPECT_EQ(all.state, "Deployment shop/web: 3 of 3 replicas are up to date, 3 ready");
  EXPECT_FALSE(is(R"({"observedGeneration":4,"replicas":4,"updatedReplicas":3,"availableReplicas":3})").reached)
      << "an old one is still there";
  EXPECT_FALSE(is(R"({"observedGeneration":4,"replicas":3,"updatedReplicas":2,"availableReplicas":3})").reached);
  EXPECT_FALSE(
      is(R"({"observedGeneration":4,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":2})")
          .reached);
  const Verification unseen = is(R"({"observedGeneration":3,"replicas":3,"updatedReplicas":3,"availableReplicas":3})");
  EXPECT_FALSE(unseen.reached) << "its status is of what it was before";
  EXPECT_FALSE(unseen.contradicted);
  EXPECT_EQ(unseen.state, "Deployment shop/web: its controller has not seen it yet");
  EXPECT_TRUE(rollout(kDeployment, R"({"replicas":0})", R"({"observedGeneration":4})").reached);
  EXPECT_FALSE(rollout(kDeployment, "{}", R"({"observedGeneration":4})").reached) << "1 of itself";
}

TEST_F(Verify, APausedDeploymentDoesNotRollOut) {
  const Verification paused =
      rollout(kDeployment, R"({"replicas":3,"paused":true})", R"({"observedGeneration":4,"replicas":3})");
  EXPECT_TRUE(paused.reached);
  EXPECT_EQ(paused.state, "Deployment shop/web: its rollout is paused");
}

TEST_F(Verify, ADaemonSetCountsItsNodes) {
  const auto is = [&](std::string_view numbers, std::string_view spec = "{}") {
    return rollout(kDaemonSet, spec,
                   R"({"observedGeneration":4,"desiredNumberScheduled":5,)" + std::string(numbers) + "}");
  };
  EXPECT_TRUE(is(R"("numberReady":5,"updatedNumberScheduled":5)").reached);
  EXPECT_FALSE(is(R"("numberReady":4,"updatedNumberScheduled":5)").reached);
  EXPECT_FALSE(is(R"("numberReady":5,"updatedNumberScheduled":1)").reached);
  EXPECT_TRUE(is(R"("numberReady":5,"updatedNumberScheduled":1)", R"({"updateStrategy":{"type":"OnDelete"}})").reached)
      << "its pods become new when somebody deletes them";
}

TEST_F(Verify, AStatefulSetReplacesWhatItsStrategySays) {
  const auto is = [&](std::string_view status, std::string_view strategy) {
    return rollout(kStatefulSet, R"({"replicas":5,"updateStrategy":)" + std::string(strategy) + "}",
                   R"({"observedGeneration":4,)" + std::string(status) + "}");
  };
  constexpr std::string_view all = R"("replicas":5,"readyReplicas":5,"updatedReplicas":5)",
                             two = R"("replicas":5,"readyReplicas":5,"updatedReplicas":2)";
  EXPECT_TRUE(is(all, "{}").reached);
  EXPECT_FALSE(is(two, "{}").reached);
  EXPECT_FALSE(is(R"("replicas":6,"readyReplicas":5,"updatedReplicas":5)", "{}").reached);
  EXPECT_TRUE(is(two, R"({"type":"OnDelete"})").reached);
  constexpr std::string_view partition = R"({"type":"RollingUpdate","rollingUpdate":{"partition":3}})";
  EXPECT_TRUE(is(two, partition).reached) << "the others are to stay as they are";
  EXPECT_TRUE(is(all, partition).reached);
  EXPECT_FALSE(is(R"("replicas":5,"readyReplicas":5,"updatedReplicas":1)", partition).reached);
  EXPECT_TRUE(
      is(R"("replicas":5,"readyReplicas":5,"updatedReplicas":0)", R"({"rollingUpdate":{"partition":9}})").reached);
}

TEST_F(Verify, APartitionCountsFromTheFirstNumber) {
  const auto is = [&](std::string_view updated) {
    return rollout(
        kStatefulSet, R"({"replicas":5,"ordinals":{"start":2},"updateStrategy":{"rollingUpdate":{"partition":3}}})",
        R"({"observedGeneration":4,"replicas":5,"readyReplicas":5,"updatedReplicas":)" + std::string(updated) + "}");
  };
  EXPECT_TRUE(is("4").reached) << "3 to 6; 2 stays";
  EXPECT_FALSE(is("3").reached);
}

TEST_F(Verify, OtherKindsHaveNoRollout) {
  EXPECT_TRUE(rollout(kReplicaSet, R"({"replicas":3})", "{}").reached);
  EXPECT_EQ(rollout(kConfig, "{}", "{}").state, "ConfigMap shop/c: it is as it was asked for");
}

TEST_F(Verify, AScaleIsSeenInItsWorkload) {
  ObjectRef scale = kDeployment;
  scale.subresource = "scale";
  const Write down = write(Write::Verb::patch, scale, R"({"spec":{"replicas":3}})");
  constexpr std::string_view answer = R"({"spec":{"replicas":0}})";
  const auto now = [](std::string_view replicas) {
    return R"({"metadata":{"uid":"u-1","generation":4},"spec":{"replicas":)" + std::string(replicas) +
           R"(},"status":{"observedGeneration":4,"replicas":0}})";
  };
  EXPECT_TRUE(seen(down, answer, now("0")).reached);
  const Verification other = seen(down, answer, now("7"));
  EXPECT_TRUE(other.contradicted) << "an autoscaler has decided otherwise";
  EXPECT_FALSE(other.reached);
}

TEST_F(Verify, WhatWasDeletedHasGoneOrWaitsForItsFinalizers) {
  for (const auto verb : {Write::Verb::remove, Write::Verb::evict}) {
    const Write removal = write(verb, kPod, R"({"metadata":{"uid":"u-1"}})");
    EXPECT_EQ(seen(removal, "null", "null").state, "Pod shop/p: it has gone");
    EXPECT_TRUE(seen(removal, "null", R"({"metadata":{"uid":"u-2"}})").reached) << "its controller made another one";
    const Verification waits = seen(
        removal, "null", R"({"metadata":{"uid":"u-1","deletionTimestamp":"x","finalizers":["example.com/a","b"]}})");
    EXPECT_FALSE(waits.reached);
    EXPECT_FALSE(waits.contradicted);
    EXPECT_EQ(waits.state, "Pod shop/p: it is being deleted, and waits for what its finalizers name: example.com/a, b");
    EXPECT_EQ(seen(removal, "null", R"({"metadata":{"uid":"u-1","deletionTimestamp":"x"}})").state,
              "Pod shop/p: it is being deleted");
  }
}

TEST_F(Verify, WhatWasChangedMustBeThereStill) {
  const Write patch = write(Write::Verb::patch, kConfig, R"({"data":{"a":"1","b":"1","gone":"1"}})");
  constexpr std::string_view answer = R"({"data":{"a":"2","b":"1","new":"2"}})";
  const auto after = [&](std::string_view now) { return seen(patch, answer, now); };
  EXPECT_TRUE(after(answer).reached);
  EXPECT_TRUE(after(R"({"data":{"a":"2","b":"9","new":"2","more":"9"},"metadata":{"labels":{"l":"1"}}})").reached)
      << "what others wrote beside it is theirs";
  for (const char* other : {R"({"data":{"a":"1","b":"1","new":"2"}})", R"({"data":{"a":"2","b":"1"}})",
                            R"({"data":{"a":"2","b":"1","new":"2","gone":"1"}})", R"({})"}) {
    EXPECT_TRUE(after(other).contradicted) << other;
    EXPECT_THAT(after(other).state, HasSubstr("somebody else has changed it since")) << other;
  }
  EXPECT_TRUE(after("null").contradicted);
  EXPECT_EQ(after("null").state, "ConfigMap shop/c: it is not there");
}

TEST_F(Verify, TheLastFinalizerTakesWhatIsBeingDeletedWithIt) {
  const Write patch =
      write(Write::Verb::patch, kConfig, R"({"metadata":{"deletionTimestamp":"x","finalizers":["a"]}})");
  const Verification gone = seen(patch, R"({"metadata":{"deletionTimestamp":"x"}})", "null");
  EXPECT_TRUE(gone.reached);
  EXPECT_FALSE(gone.contradicted);
}

TEST_F(Verify, ANodeIsAsItWasSetWhateverItsTaintsAreByThen) {
  const Write cordon = write(Write::Verb::patch, kNode, R"({"spec":{}})");
  constexpr std::string_view answer = R"({"spec":{"unschedulable":true}})";
  EXPECT_TRUE(
      seen(
          cordon, answer,
          R"({"spec":{"unschedulable":true,"taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"}]}})")
          .reached);
  EXPECT_TRUE(seen(cordon, answer, R"({"spec":{}})").contradicted);
  const Write uncordon = write(Write::Verb::patch, kNode, answer);
  EXPECT_TRUE(seen(uncordon, R"({"spec":{}})", R"({"spec":{}})").reached);
  EXPECT_TRUE(seen(uncordon, R"({"spec":{}})", answer).contradicted);
}

TEST_F(Verify, OfWhatWasCreatedControllersMayCountOn) {
  Write creation;
  creation.verb = Write::Verb::create;
  creation.object = kDeployment;
  creation.body = parsed(R"({"spec":{"cpu":"1000m","replicas":2}})");
  const auto after = [&](std::string_view manager) {
    return seen(creation, R"({"spec":{"cpu":"1","replicas":2}})",
                R"({"metadata":{"managedFields":[{"manager":")" + std::string(manager) +
                    R"(","fieldsV1":{"f:spec":{"f:replicas":{}}}}]},"spec":{"cpu":"1","replicas":5}})");
  };
  EXPECT_FALSE(after("kube-controller-manager").contradicted);
  EXPECT_TRUE(after("kubectl").contradicted);
}

TEST_F(Verify, OfSeveralTheWorstIsTold) {
  ObjectRef other = kConfig;
  other.name = "d";
  Plan plan;
  plan.writes = {write(Write::Verb::patch, kConfig, R"({"data":{"a":"1"}})"),
                 write(Write::Verb::patch, other, R"({"data":{"a":"1"}})"),
                 write(Write::Verb::remove, kPod, R"({"metadata":{"uid":"u-1"}})")};
  const Answers answers{parsed(R"({"data":{"a":"2"}})"), parsed(R"({"data":{"a":"2"}})"), nullptr};
  server.objects[kConfig.target()] = answers[0];
  server.objects[other.target()] = answers[1];
  EXPECT_EQ(seen(plan, answers).state, "all 3 objects are as they were asked for");
  server.objects[kPod.target()] = parsed(R"({"metadata":{"uid":"u-1"}})");
  EXPECT_EQ(seen(plan, answers).state, "Pod shop/p: it is being deleted");
  server.objects[other.target()] = parsed(R"({"data":{"a":"3"}})");
  const Verification bad = seen(plan, answers);
  EXPECT_TRUE(bad.contradicted);
  EXPECT_FALSE(bad.reached);
  EXPECT_THAT(bad.state, HasSubstr("ConfigMap shop/d: it does not hold what was asked for"));
  EXPECT_FALSE(seen(plan, {answers[0]}).contradicted) << "what was not sent is not looked at";
}

TEST_F(Verify, WhatMayNotBeReadIsNoVerdict) {
  server.refused["GET " + kConfig.target()] = testing::refusal(403, "Forbidden", "no");
  Plan plan;
  plan.writes = {write(Write::Verb::patch, kConfig, "{}")};
  const Answers answers{parsed("{}")};
  auto seen = testing::in_call(server.api, [&](Call& call) { return verify_plan(call, plan, answers); });
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, ErrorCode::permission_denied);
}

}  // namespace
}  // namespace fairlead::ops
