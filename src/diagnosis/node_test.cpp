#include "diagnosis/testing.h"

namespace fairlead::diagnosis {
namespace {

using namespace testing;

std::string node(std::string_view conditions, std::string_view spec = "{}",
                 std::string_view created = "2025-12-01T00:00:00Z") {
  return "{kind: Node, metadata: {name: n1, creationTimestamp: '" + std::string(created) +
         "'}, spec: " + std::string(spec) + ", status: {conditions: [" + std::string(conditions) + "]}}";
}
constexpr auto kReady = "{type: Ready, status: 'True', reason: KubeletReady}";
// Some clusters do not renew them, and one alone is no finding.
constexpr auto kOldLease =
    "{kind: Lease, metadata: {name: n1, namespace: kube-node-lease}, spec: {renewTime: '2025-12-31T23:50:00.000000Z'}}";

std::vector<Cause> ask(std::string_view text) {
  FakeSource source({text, kOldLease});
  const json::value object = manifest(text);
  return diagnose(source, [&](Trail trail) { return explain_node(trail, object); });
}

TEST(ExplainNode, SaysNothingOfAHealthyOne) {
  EXPECT_EQ(codes(ask(node(kReady))), "");
  EXPECT_EQ(codes(ask(node(std::string(kReady) +
                               ", {type: MemoryPressure, status: 'False'}, {type: NetworkUnavailable, status: 'False'}",
                           "{taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}"))),
            "");
}

TEST(ExplainNode, IsLost) {
  const auto causes = ask(
      node("{type: Ready, status: Unknown, reason: NodeStatusUnknown, message: Kubelet stopped posting node status., "
           "lastTransitionTime: '2025-12-31T23:57:00Z'}",
           "{taints: [{key: node.kubernetes.io/unreachable, effect: NoExecute}]}"));
  ASSERT_EQ(codes(causes), "node_lost");
  EXPECT_EQ(causes[0].sentence, "Node n1 is lost: its kubelet has not reported for 3m");
  EXPECT_EQ(causes[0].certainty, Certainty::proven);
  EXPECT_EQ(causes[0].evidence[1], "its lease in kube-node-lease was last renewed 10m ago");
  EXPECT_EQ(causes[0].evidence[2], "taint node.kubernetes.io/unreachable:NoExecute");
}

TEST(ExplainNode, SaysItselfThatItIsNotReady) {
  const auto causes =
      ask(node("{type: Ready, status: 'False', reason: KubeletNotReady, message: 'cni plugin not initialized'}"));
  EXPECT_EQ(first(causes), "node_not_ready: Node n1 has not been ready: cni plugin not initialized");
  EXPECT_EQ(causes[0].certainty, Certainty::told);
}

TEST(ExplainNode, HasNeverReported) {
  EXPECT_EQ(codes(ask(node(""))), "node_never_reported");
  EXPECT_EQ(codes(ask(node("", "{}", "2025-12-31T23:59:30Z"))), "");
}

TEST(ExplainNode, IsShortOfSomething) {
  EXPECT_EQ(
      first(ask(node(std::string(kReady) + ", {type: DiskPressure, status: 'True', reason: KubeletHasDiskPressure}"))),
      "node_pressure: Node n1 is short of disk space");
  EXPECT_EQ(codes(ask(node(std::string(kReady) + ", {type: NetworkUnavailable, status: 'True', message: no route}"))),
            "node_network_unavailable");
}

TEST(ExplainNode, IsSetAside) {
  const auto causes = ask(node(kReady, "{unschedulable: true}"));
  ASSERT_EQ(codes(causes), "node_cordoned");
  EXPECT_EQ(causes[0].certainty, Certainty::suspicious);
  const auto raw = "{taints: [{key: node.cloudprovider.kubernetes.io/uninitialized, effect: NoSchedule}]}";
  EXPECT_EQ(codes(ask(node(kReady, raw))), "node_uninitialised");
  EXPECT_EQ(codes(ask(node(kReady, raw, "2025-12-31T23:58:00Z"))), "");
}

}  // namespace
}  // namespace fairlead::diagnosis
