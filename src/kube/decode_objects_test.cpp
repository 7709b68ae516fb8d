// Nodes, namespaces, deployments and events; pods and what goes round them are in decode_test.cpp.
#include <gtest/gtest.h>

#include "kube/decode.h"
#include "kube/decode_testing.h"

namespace fairlead::kube {
namespace {

using testing::Message;

TEST(DecodeObjects, ReadsANode) {
  const auto object = Message()
                          .message(1, Message().text(1, "n1").entry(11, "node-role.kubernetes.io/worker", ""))
                          .message(2, Message()
                                          .text(1, "10.1.0.0/24")
                                          .text(3, "aws:///z/i-1")
                                          .number(4, 1)
                                          .message(5, Message().text(1, "k").text(2, "v").text(3, "NoSchedule")))
                          .message(3, Message()
                                          .quantity(1, "cpu", "4")
                                          .quantity(1, "memory", "16Gi")
                                          .quantity(2, "cpu", "3920m")
                                          .message(4, Message()
                                                          .text(1, "Ready")
                                                          .text(2, "True")
                                                          .time(3, 5)
                                                          .time(4, 6)
                                                          .text(5, "KubeletReady")
                                                          .text(6, "fine"))
                                          .message(5, Message().text(1, "Hostname").text(2, "n1"))
                                          .message(5, Message().text(1, "InternalIP").text(2, "10.0.0.1"))
                                          .message(7, Message()
                                                          .text(1, "machine")
                                                          .text(2, "system")
                                                          .text(3, "boot")
                                                          .text(4, "6.1")
                                                          .text(5, "Debian")
                                                          .text(6, "containerd://1.6")
                                                          .text(7, "v1.30.0")
                                                          .text(8, "v1.30.0")
                                                          .text(9, "linux")
                                                          .text(10, "amd64")));
  NodeView node;
  ASSERT_TRUE(decode(object.bytes(), node));
  EXPECT_EQ(node.meta.name, "n1");
  EXPECT_EQ(node.pod_cidr, "10.1.0.0/24");
  EXPECT_EQ(node.provider_id, "aws:///z/i-1");
  EXPECT_TRUE(node.unschedulable);
  ASSERT_EQ(node.taints.size(), 1U);
  EXPECT_EQ(node.taints[0].key, "k");
  EXPECT_EQ(node.taints[0].value, "v");
  EXPECT_EQ(node.taints[0].effect, "NoSchedule");
  EXPECT_EQ(node.capacity.find("memory"), "16Gi");
  EXPECT_EQ(node.allocatable.find("cpu"), "3920m");
  EXPECT_EQ(node.allocatable.find("memory"), std::nullopt);
  EXPECT_EQ(node.conditions.at(0).last_transition, 6);
  EXPECT_EQ(node.address("InternalIP"), "10.0.0.1");
  EXPECT_EQ(node.address("ExternalIP"), "");
  EXPECT_EQ(node.system_uuid, "system");
  EXPECT_EQ(node.kernel_version, "6.1");
  EXPECT_EQ(node.os_image, "Debian");
  EXPECT_EQ(node.container_runtime, "containerd://1.6");
  EXPECT_EQ(node.kubelet_version, "v1.30.0");
  EXPECT_EQ(node.operating_system, "linux");
  EXPECT_EQ(node.architecture, "amd64");
  ASSERT_TRUE(decode("", node));
  EXPECT_TRUE(node.taints.empty() && !node.unschedulable && node.capacity.empty() && node.addresses.empty());
}

TEST(DecodeObjects, ReadsAnOldEvent) {
  const auto involved =
      Message().text(1, "Pod").text(2, "shop").text(3, "web-1").text(4, "uid").text(7, "spec.containers{web}");
  const auto object = Message()
                          .message(1, Message().text(1, "web-1.17a").text(3, "shop").time(8, 90))
                          .message(2, involved)
                          .text(3, "BackOff")
                          .text(4, "Back-off restarting")
                          .message(5, Message().text(1, "kubelet").text(2, "n1"))
                          .time(6, 100)
                          .time(7, 200)
                          .number(8, 17)
                          .text(9, "Warning")
                          .text(10, "");
  EventView event;
  ASSERT_TRUE(decode(object.bytes(), event));
  EXPECT_EQ(event.involved.kind, "Pod");
  EXPECT_EQ(event.involved.ns, "shop");
  EXPECT_EQ(event.involved.name, "web-1");
  EXPECT_EQ(event.involved.uid, "uid");
  EXPECT_EQ(event.involved.field_path, "spec.containers{web}");
  EXPECT_EQ(event.reason, "BackOff");
  EXPECT_EQ(event.message, "Back-off restarting");
  EXPECT_EQ(event.type, "Warning");
  EXPECT_EQ(event.source_host, "n1");
  EXPECT_EQ(event.reporter(), "kubelet");
  EXPECT_EQ(event.times(), 17);
  EXPECT_EQ(event.first_seen(), 100);
  EXPECT_EQ(event.last_seen(), 200);
}

TEST(DecodeObjects, ReadsANewEvent) {
  const auto object = Message()
                          .message(1, Message().time(8, 90))
                          .time(10, 150)
                          .message(11, Message().number(1, 5).message(2, Message().number(1, 300).number(2, 9)))
                          .text(14, "scheduler");
  EventView event;
  ASSERT_TRUE(decode(object.bytes(), event));
  EXPECT_EQ(event.times(), 5);
  EXPECT_EQ(event.first_seen(), 150);
  EXPECT_EQ(event.last_seen(), 300);
  EXPECT_EQ(event.reporter(), "scheduler");
  const auto bare = Message().message(1, Message().time(8, 90));
  ASSERT_TRUE(decode(bare.bytes(), event));
  EXPECT_EQ(event.times(), 1);
  EXPECT_EQ(event.first_seen(), 90);
  EXPECT_EQ(event.last_seen(), 90);
}

}  // namespace
}  // namespace fairlead::kube
