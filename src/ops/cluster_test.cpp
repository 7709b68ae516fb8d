// get_cluster_info: what it asks, and what it makes of servers that answer badly.
#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::list;
using testing::Message;
using testing::meta;
using ::testing::Not;
using testing::refusal;
using ::testing::StartsWith;
using testing::World;

Message node(std::string_view name, std::string_view ready) {
  return Message()
      .message(1, meta("", name))
      .message(3, Message().message(4, Message().text(1, "Ready").text(2, ready)));
}

std::vector<std::pair<std::string, Answer>> healthy() {
  return {
      {"GET /version", {.body = R"({"major":"1","gitVersion":"v1.36.0","platform":"linux/amd64"})"}},
      {"GET /readyz", {.body = "ok", .type = "text/plain"}},
      {"GET /api", {.body = R"({"kind":"APIVersions","versions":["v1"]})"}},
      {"GET /apis",
       {.body =
            R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],
           "preferredVersion":{"groupVersion":"apps/v1","version":"v1"}}]})"}},
      {"GET /api/v1",
       {.body =
            R"({"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","kind":"Pod","namespaced":true,
           "singularName":"","verbs":["list"]},{"name":"nodes","kind":"Node","namespaced":false,"singularName":"","verbs":["list"]}]})"}},
      {"GET /apis/apps/v1",
       {.body =
            R"({"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{"name":"deployments","kind":"Deployment",
           "namespaced":true,"singularName":"","verbs":["list"]}]})"}},
      {"GET /api/v1/nodes", list("v1", "NodeList", {node("node-2", "False"), node("node-1", "True")})},
  };
}

void replace(std::vector<std::pair<std::string, Answer>>& answers, std::string_view line, Answer with) {
  for (auto& [key, answer] : answers)
    if (key == line) answer = with;
}

TEST(ClusterInfo, VersionHealthNodesAndApi) {
  World world(healthy());
  const std::string text = world.text("get_cluster_info", "{}");
  EXPECT_THAT(text, HasSubstr("version: v1.36.0\nplatform: linux/amd64\nhealth: ready\nnodes: 1 of 2 ready\n"
                              "not_ready:\n"));
  EXPECT_THAT(text, HasSubstr("kinds: 3\napi_groups: 1\ngroups: apps/v1\n"));
  auto reply = world.call("get_cluster_info", R"({"format":"json"})");
  const json::value& value = std::get<Document>(reply->body).value;
  EXPECT_EQ(value.at("nodes"), (json::object{{"total", 2}, {"ready", 1}, {"not_ready", json::array{"node-2"}}}));
  EXPECT_EQ(value.at("api_groups"), json::array{"apps/v1"});
  EXPECT_EQ(value.at("health"), (json::object{{"ready", true}}));
}

TEST(ClusterInfo, AServerThatIsNotReady) {
  auto answers = healthy();
  replace(answers, "GET /readyz",
          {.status = 500,
           .body = "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed",
           .type = "text/plain"});
  World world(answers);
  EXPECT_THAT(world.text("get_cluster_info", "{}"), HasSubstr("health: \"not ready: etcd\"\n"));
  replace(answers, "GET /readyz", refusal(404, "NotFound", "no such path"));
  answers.push_back({"GET /healthz", {.body = "ok", .type = "text/plain"}});
  World older(answers);
  EXPECT_THAT(older.text("get_cluster_info", "{}"), HasSubstr("health: ready\n"));
  replace(answers, "GET /healthz", refusal(404, "NotFound", "no such path"));
  World mute(answers);
  EXPECT_THAT(mute.text("get_cluster_info", "{}"), HasSubstr("health: \"unknown: not_found\"\n"));
  replace(answers, "GET /healthz", {.body = "<html>log in</html>", .type = "text/html"});
  World page(answers);
  EXPECT_THAT(page.text("get_cluster_info", "{}"), HasSubstr("health: not ready\n"));
}

TEST(ClusterInfo, WhatMayNotBeReadIsLeftOutAndSaid) {
  auto answers = healthy();
  const Answer no = refusal(403, "Forbidden", "obey me");
  for (const char* line : {"GET /readyz", "GET /api/v1/nodes", "GET /api", "GET /apis"}) replace(answers, line, no);
  World world(answers);
  const std::string text = world.text("get_cluster_info", "{}");
  EXPECT_THAT(text, HasSubstr("version: v1.36.0\n"));
  EXPECT_THAT(text, HasSubstr("health: \"unknown: permission_denied\"\n"));
  EXPECT_THAT(text, HasSubstr("# its nodes could not be read: permission_denied\n"));
  EXPECT_THAT(text, HasSubstr("# its API groups could not be read: "));
  EXPECT_THAT(text, Not(HasSubstr("obey me")));
  replace(answers, "GET /version", no);
  World nothing(answers);
  EXPECT_THAT(nothing.text("get_cluster_info", "{}"), StartsWith("permission_denied: "));
}

}  // namespace
}  // namespace fairlead::ops
