#include "kube/node_status.h"

#include <gtest/gtest.h>

#include "kube/decode_testing.h"

namespace fairlead::kube {
namespace {

NodeView with(std::vector<Condition> conditions, bool unschedulable = false) {
  NodeView node;
  node.conditions = std::move(conditions);
  node.unschedulable = unschedulable;
  return node;
}

TEST(NodeStatus, SaysWhatKubectlSays) {
  EXPECT_EQ(node_status(with({{"Ready", "True"}})), "Ready");
  EXPECT_EQ(node_status(with({{"Ready", "False"}})), "NotReady");
  EXPECT_EQ(node_status(with({{"Ready", "Unknown"}})), "NotReady");
  EXPECT_EQ(node_status(with({{"MemoryPressure", "True"}})), "Unknown");
  EXPECT_EQ(node_status(with({{"Ready", "True"}}, true)), "Ready,SchedulingDisabled");
  EXPECT_EQ(node_status(with({}, true)), "Unknown,SchedulingDisabled");
}

TEST(NodeStatus, NamesRoles) {
  const auto roles = [](testing::Message meta) {
    const auto object = testing::Message().message(1, meta);
    NodeView node;
    EXPECT_TRUE(decode(object.bytes(), node));
    return node_roles(node);
  };
  EXPECT_EQ(roles(testing::Message()), "<none>");
  EXPECT_EQ(roles(testing::Message()
                      .entry(11, "node-role.kubernetes.io/worker", "")
                      .entry(11, "node-role.kubernetes.io/control-plane", "x")),
            "control-plane,worker");
  EXPECT_EQ(
      roles(testing::Message().entry(11, "kubernetes.io/role", "agent").entry(11, "node-role.kubernetes.io/agent", "")),
      "agent");
  EXPECT_EQ(roles(testing::Message().entry(11, "kubernetes.io/role", "").entry(11, "node-role.kubernetes.io/", "")),
            "<none>");
}

TEST(NodeStatus, RanksTroubleFirst) {
  EXPECT_EQ(node_rank(with({})), NodeRank::not_ready);
  EXPECT_EQ(node_rank(with({{"Ready", "Unknown"}}, true)), NodeRank::not_ready);
  EXPECT_EQ(node_rank(with({{"DiskPressure", "True"}, {"Ready", "True"}})), NodeRank::pressure);
  EXPECT_EQ(node_rank(with({{"DiskPressure", "False"}, {"Ready", "True"}}, true)), NodeRank::cordoned);
  EXPECT_EQ(node_rank(with({{"DiskPressure", "False"}, {"Ready", "True"}})), NodeRank::healthy);
  EXPECT_TRUE(is_problem(NodeRank::pressure));
  EXPECT_FALSE(is_problem(NodeRank::cordoned));
}

}  // namespace
}  // namespace fairlead::kube
