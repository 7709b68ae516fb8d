#include "kube/decode.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "kube/decode_testing.h"

namespace fairlead::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Message;

Message full_meta() {
  return Message()
      .text(1, "web-1")
      .text(3, "shop")
      .text(5, "uid-1")
      .text(6, "99")
      .number(7, 4)
      .time(8, 1700000000)
      .time(9, 1700000100)
      .entry(11, "app", "web")
      .entry(11, "tier", "")
      .entry(12, "note", "hello")
      .message(13, Message().text(1, "Node").text(3, "n1").number(6, 0))
      .message(13, Message().text(5, "apps/v1").text(1, "ReplicaSet").text(3, "web").text(4, "u").number(6, 1))
      .message(17, Message().text(1, "kubelet").text(7, "{\"f:metadata\":{}}"));
}

Message terminated(int code, std::int64_t finished, std::string_view reason = "", int signal = 0) {
  return Message().message(3, Message()
                                  .number(1, code)
                                  .number(2, signal)
                                  .text(3, reason)
                                  .text(4, "bye")
                                  .time(5, finished - 5)
                                  .time(6, finished));
}

Message full_pod() {
  const auto container = [](std::string_view name) {
    return Message()
        .text(1, name)
        .text(2, "registry/" + std::string(name) + ":1")
        .message(7, Message().text(1, "TOKEN").text(2, "hidden"))
        .message(8, Message().quantity(1, "memory", "128Mi").quantity(2, "cpu", "250m").quantity(2, "memory", "64Mi"));
  };
  return Message()
      .message(1, full_meta())
      .message(2, Message()
                      .message(1, Message().text(1, "volume"))
                      .message(2, container("web"))
                      .message(2, container("log"))
                      .text(3, "Always")
                      .text(8, "robot")
                      .text(10, "node-a")
                      .message(20, container("proxy").text(24, "Always"))
                      .message(28, Message().text(1, "example.com/gate"))
                      .message(34, Message().message(1, container("debug")).text(2, "web")))
      .message(3, Message()
                      .text(1, "Running")
                      .message(2, Message()
                                      .text(1, "Ready")
                                      .text(2, "False")
                                      .time(4, 1700000050)
                                      .text(5, "ContainersNotReady")
                                      .text(6, "no"))
                      .text(3, "a message")
                      .text(4, "a reason")
                      .text(5, "10.0.0.1")
                      .text(6, "10.244.0.7")
                      .time(7, 1700000010)
                      .message(8, Message()
                                      .text(1, "web")
                                      .message(2, Message().message(
                                                      1, Message().text(1, "CrashLoopBackOff").text(2, "back-off")))
                                      .message(3, terminated(137, 1700000090, "OOMKilled", 9))
                                      .number(4, 0)
                                      .number(5, 12)
                                      .text(6, "registry/web:1"))
                      .message(8, Message()
                                      .text(1, "log")
                                      .message(2, Message().message(2, Message().time(1, 1700000020)))
                                      .number(4, 1)
                                      .number(9, 1))
                      .text(9, "Burstable")
                      .message(10, Message().text(1, "proxy"))
                      .message(13, Message().text(1, "debug")));
}

TEST(Decode, ReadsMetadata) {
  const auto object = Message().message(1, full_meta());
  ObjectMeta meta;
  ASSERT_TRUE(decode(object.bytes(), meta));
  EXPECT_EQ(meta.name, "web-1");
  EXPECT_EQ(meta.ns, "shop");
  EXPECT_EQ(meta.uid, "uid-1");
  EXPECT_EQ(meta.resource_version, "99");
  EXPECT_EQ(meta.generation, 4);
  EXPECT_EQ(meta.created, 1700000000);
  EXPECT_EQ(meta.deletion, 1700000100);
  EXPECT_EQ(meta.controller_kind, "ReplicaSet");
  EXPECT_EQ(meta.controller_name, "web");
  std::vector<std::string> labels;
  for (const auto& [key, value] : meta.labels) labels.push_back(std::string(key) + "=" + std::string(value));
  EXPECT_THAT(labels, ElementsAre("app=web", "tier="));
  EXPECT_EQ(meta.labels.find("app"), "web");
  EXPECT_EQ(meta.labels.find("none"), std::nullopt);
  EXPECT_EQ(meta.annotations.find("note"), "hello");
  EXPECT_FALSE(meta.annotations.empty());
  EXPECT_TRUE(MapView().empty());
}

TEST(Decode, AZeroTimeIsNoTime) {
  const auto object = Message().message(1, Message().text(8, ""));
  ObjectMeta meta;
  ASSERT_TRUE(decode(object.bytes(), meta));
  EXPECT_FALSE(meta.created);
}

TEST(Decode, ReadsAPod) {
  const auto object = full_pod();
  PodView pod;
  ASSERT_TRUE(decode(object.bytes(), pod));
  EXPECT_EQ(pod.meta.name, "web-1");
  EXPECT_EQ(pod.node_name, "node-a");
  EXPECT_EQ(pod.service_account, "robot");
  ASSERT_EQ(pod.containers.size(), 2U);
  EXPECT_EQ(pod.containers[0].name, "web");
  EXPECT_EQ(pod.containers[1].image, "registry/log:1");
  EXPECT_EQ(pod.containers[0].requests.find("cpu"), "250m");
  EXPECT_EQ(pod.containers[0].requests.find("memory"), "64Mi");
  EXPECT_EQ(pod.containers[0].limits.find("memory"), "128Mi");
  EXPECT_FALSE(pod.containers[0].is_sidecar());
  ASSERT_EQ(pod.init_containers.size(), 1U);
  EXPECT_TRUE(pod.init_containers[0].is_sidecar());
  ASSERT_EQ(pod.ephemeral_containers.size(), 1U);
  EXPECT_EQ(pod.ephemeral_containers[0].name, "debug");
  EXPECT_THAT(pod.readiness_gates, ElementsAre("example.com/gate"));
  EXPECT_EQ(pod.phase, "Running");
  EXPECT_EQ(pod.message, "a message");
  EXPECT_EQ(pod.reason, "a reason");
  EXPECT_EQ(pod.host_ip, "10.0.0.1");
  EXPECT_EQ(pod.pod_ip, "10.244.0.7");
  EXPECT_EQ(pod.started, 1700000010);
  EXPECT_EQ(pod.qos_class, "Burstable");
  const auto* ready = find_condition(pod.conditions, "Ready");
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->status, "False");
  EXPECT_EQ(ready->reason, "ContainersNotReady");
  EXPECT_EQ(ready->message, "no");
  EXPECT_EQ(ready->last_transition, 1700000050);
  EXPECT_EQ(find_condition(pod.conditions, "Initialized"), nullptr);
  ASSERT_EQ(pod.statuses.size(), 2U);
  const auto& web = pod.statuses[0];
  EXPECT_TRUE(web.state.waiting());
  EXPECT_EQ(web.state.reason, "CrashLoopBackOff");
  EXPECT_EQ(web.state.message, "back-off");
  EXPECT_TRUE(web.last_state.terminated());
  EXPECT_EQ(web.last_state.exit_code, 137);
  EXPECT_EQ(web.last_state.signal, 9);
  EXPECT_EQ(web.last_state.reason, "OOMKilled");
  EXPECT_EQ(web.last_state.started_at, 1700000085);
  EXPECT_EQ(web.last_state.finished_at, 1700000090);
  EXPECT_EQ(web.restart_count, 12);
  EXPECT_FALSE(web.ready);
  EXPECT_EQ(web.image, "registry/web:1");
  EXPECT_TRUE(pod.statuses[1].ready);
  EXPECT_TRUE(pod.statuses[1].started);
  EXPECT_TRUE(pod.statuses[1].state.running());
  EXPECT_EQ(pod.statuses[1].state.started_at, 1700000020);
  EXPECT_EQ(pod.init_statuses.at(0).name, "proxy");
  EXPECT_EQ(pod.ephemeral_statuses.at(0).name, "debug");
}

TEST(Decode, ForgetsThePodBefore) {
  PodView pod;
  const auto object = full_pod();
  ASSERT_TRUE(decode(object.bytes(), pod));
  const auto* first = pod.containers.data();
  ASSERT_TRUE(decode("", pod));
  EXPECT_TRUE(pod.meta.name.empty() && pod.meta.labels.empty() && !pod.meta.deletion && pod.phase.empty() &&
              !pod.started);
  EXPECT_TRUE(pod.containers.empty() && pod.init_containers.empty() && pod.statuses.empty() && pod.conditions.empty());
  EXPECT_TRUE(pod.ephemeral_statuses.empty() && pod.init_statuses.empty() && pod.readiness_gates.empty());
  EXPECT_TRUE(pod.node_name.empty() && pod.reason.empty() && pod.ephemeral_containers.empty());
  ASSERT_TRUE(decode(object.bytes(), pod));
  EXPECT_EQ(pod.containers.data(), first) << "memory is kept from pod to pod";
}

TEST(Decode, OpensAnEnvelope) {
  const auto body = testing::envelope("v1", "Pod", full_pod());
  const auto envelope = open_envelope(body);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->api_version, "v1");
  EXPECT_EQ(envelope->kind, "Pod");
  EXPECT_EQ(envelope->raw, full_pod().bytes());
  EXPECT_FALSE(open_envelope(""));
  EXPECT_FALSE(open_envelope("<html>"));
  EXPECT_FALSE(open_envelope(std::string("k8s\0\x12\x7F", 6)));
}

TEST(Decode, ReadsAStatus) {
  const auto raw = Message()
                       .message(1, Message())
                       .text(2, "Failure")
                       .text(3, "pods \"x\" not found")
                       .text(4, "NotFound")
                       .message(5, Message()
                                       .text(1, "x")
                                       .text(2, "")
                                       .text(3, "pods")
                                       .message(4, Message().text(1, "r").text(2, "m").text(3, "f"))
                                       .number(5, 0)
                                       .text(6, ""))
                       .number(6, 404);
  const auto status = decode_status(raw.bytes());
  ASSERT_TRUE(status);
  EXPECT_EQ(
      json::serialize(*status),
      R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"pods \"x\" not found","reason":"NotFound",)"
      R"("details":{"name":"x","kind":"pods","causes":[{"reason":"r","message":"m","field":"f"}]},"code":404})");
  EXPECT_FALSE(decode_status("\x12\x05x"));
}

// Every decoder, on an object cut at every byte: an error or a part of the object, never a crash.
TEST(Decode, SurvivesEveryCut) {
  const auto whole = full_pod().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    PodView pod;
    NodeView node;
    EventView event;
    ObjectMeta meta;
    (void)decode(cut, pod);
    (void)decode(cut, node);
    (void)decode(cut, event);
    (void)decode(cut, meta);
    (void)decode_status(cut);
    for (const auto& entry : MapView(cut, 1, MapView::Values::quantity)) EXPECT_LE(entry.value.size(), size);
  }
}

TEST(Decode, SaysThatAnObjectIsMalformed) {
  PodView pod;
  const auto object = Message().message(3, Message().text(2, "\x0A\x7F"));
  const auto done = decode(object.bytes(), pod);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::server_error);
  EXPECT_THAT(done.error().sentence(), HasSubstr("decode a Pod: the object is not well-formed protobuf"));
  // A broken label, a broken quantity and a truncated flag are found as well.
  EXPECT_FALSE(decode(Message().message(1, Message().text(11, "\x0A\x7F")).bytes(), pod));
  EXPECT_FALSE(decode(
      Message().message(2, Message().message(2, Message().message(8, Message().text(2, "\x12\x7F")))).bytes(), pod));
  EXPECT_FALSE(decode(Message().message(3, Message().text(8, "\x20")).bytes(), pod));
}

TEST(Decode, AFieldOfAnotherWireTypeIsSkipped) {
  PodView pod;
  const auto object = Message()
                          .number(1, 5)
                          .message(2, Message().number(10, 7).text(10, "n"))
                          .message(3, Message().message(8, Message().text(4, "x")));
  ASSERT_TRUE(decode(object.bytes(), pod));
  EXPECT_EQ(pod.node_name, "n");
  EXPECT_FALSE(pod.statuses.at(0).ready);
}

}  // namespace
}  // namespace fairlead::kube
