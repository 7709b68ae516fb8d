#include <gmock/gmock.h>

#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using testing::codes;
using testing::diagnose;
using testing::FakeSource;
using testing::first;
using ::testing::HasSubstr;
using testing::manifest;

constexpr std::string_view kNode = R"(
kind: Node
metadata: {name: n1}
status: {allocatable: {cpu: "4"}, conditions: [{type: Ready, status: 'True'}]}
)";

std::vector<Cause> pending(FakeSource& source, std::string spec, std::string message) {
  const json::value pod = manifest(
      "kind: Pod\nmetadata: {name: web-1, namespace: shop, creationTimestamp: 2025-12-31T23:50:00Z}\nspec: {" + spec +
      "}\nstatus: {phase: Pending" +
      (message.empty() ? "" : ", conditions: [{type: PodScheduled, status: 'False', message: \"" + message + "\"}]") +
      "}\n");
  return diagnose(source, [&](Trail trail) { return explain_scheduling(trail, pod); });
}

constexpr auto kAffinity =
    "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: "
    "cache}}, "
    "topologyKey: zone}]}}";
constexpr auto kAntiAffinity =
    "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: "
    "web}}, topologyKey: zone}]}}";
constexpr auto kOfBoth = "0/1 nodes are available: 1 node(s) didn't match pod affinity/anti-affinity rules.";

TEST(Scheduling, WordsThatMeanEitherAffinityAreReadByWhatThePodHas) {
  FakeSource source({kNode});
  EXPECT_EQ(first(pending(source, kAffinity, kOfBoth)),
            "pod_affinity: No node has the pods that its affinity asks for: app=cache in the same zone");
  EXPECT_EQ(first(pending(source, kAntiAffinity, kOfBoth)),
            "pod_anti_affinity: Its anti-affinity keeps it from every node that has room: app=web in the same zone");
  EXPECT_EQ(codes(pending(source, "", "1 node(s) didn't satisfy existing pods anti-affinity rules")),
            "pod_anti_affinity_of_others");
}

TEST(Scheduling, AVolumeOfAnotherNode) {
  FakeSource source(
      {kNode, "{kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}, spec: {volumeName: v1}}",
       "{kind: PersistentVolume, metadata: {name: v1}, spec: {nodeAffinity: {required: {nodeSelectorTerms: "
       "[{matchExpressions: [{key: host, operator: In, values: [n9]}]}]}}}}"});
  for (auto words :
       {"1 node(s) had volume node affinity conflict", "1 node(s) didn't match PersistentVolume's node affinity"})
    EXPECT_EQ(
        first(pending(source, "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]", words)),
        "volume_node_affinity: Its volume can only be used on nodes that it cannot run on: PersistentVolume v1 is for "
        "nodes with host in (n9)");
}

TEST(Scheduling, ASchedulerThatSaysNothing) {
  FakeSource source({kNode});
  EXPECT_EQ(codes(pending(source, "", "")), "scheduler_silent");
  FakeSource waits({kNode, R"(
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop, annotations: {volume.kubernetes.io/selected-node: n1}}
status: {phase: Pending}
)"});
  EXPECT_EQ(codes(pending(waits, "volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]", "")), "")
      << "it has chosen a node";
  FakeSource works({kNode, R"(
kind: Pod
metadata: {name: other, namespace: shop}
spec: {schedulerName: default-scheduler}
status: {conditions: [{type: PodScheduled, status: 'True', lastTransitionTime: 2025-12-31T23:55:00Z}]}
)"});
  EXPECT_EQ(codes(pending(works, "", "")), "");
  EXPECT_EQ(codes(pending(works, "schedulerName: other", "")), "scheduler_absent");
}

}  // namespace
}  // namespace fairlead::diagnosis
