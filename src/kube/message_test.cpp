#include <gtest/gtest.h>

#include "kube/decode_testing.h"
#include "kube/messages.h"

namespace fairlead::kube {
namespace {

using testing::Message;

json::value read(const Message& object, const kube::Message& kind) {
  auto value = read_message(object.bytes(), kind);
  return value ? *value : json::value(value.error().sentence());
}

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

TEST(ReadMessage, ADeployment) {
  const auto selector =
      Message().entry(1, "tier", "web").message(2, Message().text(1, "zone").text(2, "In").text(3, "b").text(3, "a"));
  const auto spec = Message()
                        .number(1, 3)
                        .message(2, selector)
                        .message(3, Message()
                                        .message(1, Message().text(1, "").entry(11, "app", "web"))
                                        .message(2, Message()
                                                        .message(2, Message().text(1, "c").text(2, "image:2"))
                                                        .message(20, Message().text(1, "i"))))
                        .message(4, Message().text(1, "RollingUpdate"))
                        .number(7, 1);
  const auto status = Message().number(1, 8).number(3, 2).message(
      6, Message().text(1, "Progressing").text(2, "False").text(4, "R").text(5, "M").time(6, 1).time(7, 2));
  EXPECT_EQ(read(Message()
                     .message(1, Message()
                                     .text(1, "web")
                                     .number(7, 4)
                                     .time(8, 1767225600)
                                     .message(13, Message().text(1, "K").text(3, "n").number(6, 1)))
                     .message(2, spec)
                     .message(3, status),
                 messages::deployment),
            parsed(R"({
    "metadata": {"name": "web", "generation": 4, "creationTimestamp": "2026-01-01T00:00:00Z",
                 "ownerReferences": [{"kind": "K", "name": "n", "controller": true}]},
    "spec": {"replicas": 3, "paused": true, "strategy": {"type": "RollingUpdate"},
             "selector": {"matchLabels": {"tier": "web"},
                          "matchExpressions": [{"key": "zone", "operator": "In", "values": ["b", "a"]}]},
             "template": {"metadata": {"labels": {"app": "web"}},
                          "spec": {"containers": [{"name": "c", "image": "image:2"}],
                                   "initContainers": [{"name": "i"}]}}},
    "status": {"observedGeneration": 8, "updatedReplicas": 2,
               "conditions": [{"type": "Progressing", "status": "False", "reason": "R", "message": "M",
                               "lastTransitionTime": "1970-01-01T00:00:02Z"}]}})"));
}

TEST(ReadMessage, EveryTypeOfField) {
  // Quantities, a number or a text, and a message whose fields stand in the one around it.
  EXPECT_EQ(read(Message().message(3, Message().quantity(3, "storage", "1Gi")), messages::persistent_volume_claim),
            parsed(R"({"status": {"capacity": {"storage": "1Gi"}}})"));
  auto port = [](Message target) { return Message().message(2, Message().message(1, std::move(target))); };
  EXPECT_EQ(read(port(Message().number(3, 80).message(4, Message().number(1, 0).number(2, 8080))), messages::service),
            parsed(R"({"spec": {"ports": [{"port": 80, "targetPort": 8080}]}})"));
  EXPECT_EQ(read(port(Message().message(4, Message().number(1, 1).number(2, 0).text(3, "http"))), messages::service),
            parsed(R"({"spec": {"ports": [{"targetPort": "http"}]}})"));
  const auto rule =
      Message().text(1, "host").message(2, Message().message(1, Message().message(1, Message().text(1, "/"))));
  EXPECT_EQ(read(Message().message(2, Message().message(3, rule)), messages::ingress),
            parsed(R"({"spec": {"rules": [{"host": "host", "http": {"paths": [{"path": "/"}]}}]}})"));
  // Of a Secret's values only their sizes are taken, also where a key has none.
  EXPECT_EQ(read(Message().entry(2, "password", "hunter2").message(2, Message().text(1, "empty")).text(3, "Opaque"),
                 messages::secret),
            parsed(R"({"data": {"password": 7, "empty": 0}, "type": "Opaque"})"));
  // A zero time is none, as in JSON; a newer server's fields are skipped.
  EXPECT_EQ(read(Message().message(1, Message().message(8, Message()).text(200, "new")).fixed(99), messages::secret),
            parsed(R"({"metadata": {}})"));
}

TEST(ReadMessage, AFieldOfAnotherWireTypeIsSkipped) {
  EXPECT_EQ(read(Message().number(1, 5).text(5, "x"), messages::secret), parsed("{}"));
}

TEST(ReadMessage, SurvivesEveryCut) {
  const auto whole = Message()
                         .message(1, Message().text(1, "web").entry(11, "a", "b").time(8, 5))
                         .message(2, Message().message(1, Message().message(4, Message().number(1, 1).text(3, "x"))))
                         .bytes();
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto value = read_message(std::string(whole.substr(0, size)), messages::service);
    if (value) continue;
    ++refused;
    EXPECT_EQ(value.error().code, ErrorCode::server_error);
    EXPECT_NE(value.error().sentence().find("decode a Service: the object is not well-formed protobuf"),
              std::string::npos);
  }
  EXPECT_GT(refused, whole.size() / 2);
}

}  // namespace
}  // namespace fairlead::kube
