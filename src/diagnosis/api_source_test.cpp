#include "diagnosis/api_source.h"

#include <gmock/gmock.h>

#include "diagnosis/operations.h"
#include "ops/testing.h"

namespace fairlead::diagnosis {
namespace {

using ops::testing::Answer;
using ops::testing::list;
using ops::testing::Message;
using ops::testing::meta;
using ops::testing::refusal;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Answer json_answer(std::string body) { return {.body = std::move(body)}; }

// A source over a server that knows these answers.
struct Rig {
  explicit Rig(std::vector<std::pair<std::string, Answer>> answers, std::size_t most_bytes = 512 << 20)
      : world(std::move(answers)), source(call, most_bytes) {}

  std::vector<std::string> unread() const {
    std::vector<std::string> out;
    for (const auto& one : source.unreadable()) out.push_back(one.text());
    return out;
  }

  ops::testing::World world;
  ops::Operation operation{
      .name = "diagnose_pod", .family = "", .summary = "", .parameters = {}, .access = {}, .columns = {}};
  ops::Arguments arguments = ops::Arguments::validate({}, {}, "test").value();
  ops::Call call{operation, world.api.client(), arguments, world.clock, net::testing::patience(), "default", "", false,
                 nullptr};
  ApiSource source;
};

std::vector<std::pair<std::string, Answer>> with_kinds(std::vector<std::pair<std::string, Answer>> answers) {
  answers.emplace_back("GET /api", json_answer(R"({"kind":"APIVersions","versions":["v1"]})"));
  answers.emplace_back("GET /apis", json_answer(R"({"kind":"APIGroupList","groups":[
      {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],
       "preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}},
      {"name":"example.com","versions":[{"groupVersion":"example.com/v1","version":"v1"}],
       "preferredVersion":{"groupVersion":"example.com/v1","version":"v1"}}]})"));
  answers.emplace_back("GET /api/v1", json_answer(R"({"kind":"APIResourceList","groupVersion":"v1","resources":[
      {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list"]},
      {"name":"secrets","singularName":"","namespaced":true,"kind":"Secret","verbs":["get","list"]},
      {"name":"bindings","singularName":"","namespaced":true,"kind":"Binding","verbs":["create"]},
      {"name":"configmaps","singularName":"","namespaced":true,"kind":"ConfigMap","verbs":["get","list"]}]})"));
  return answers;
}

std::string page(std::string name, std::string more) {
  return R"({"kind":"PartialObjectMetadataList","metadata":{"continue":")" + more +
         R"("},"items":[{"metadata":{"name":")" + name +
         R"(","namespace":"shop","deletionTimestamp":"2025-12-31T00:00:00Z"}},{"metadata":{"name":"stays"}}]})";
}

std::vector<std::string> names(const TerminatingSeen& seen) {
  std::vector<std::string> out;
  for (const auto& item : seen.items) out.emplace_back(text_at(item.object, {"metadata", "name"}));
  return out;
}

constexpr auto kConfigMaps = "GET /api/v1/namespaces/shop/configmaps";

TEST(ApiSource, WhatIsTerminatingIsReadToTheEndAndWhatCannotBeReadIsTold) {
  Rig rig(with_kinds({{std::string(kConfigMaps) + "?limit=500", json_answer(page("a", "next"))},
                      {std::string(kConfigMaps) + "?limit=500&continue=next", json_answer(page("b", ""))},
                      {"GET /api/v1/namespaces/shop/secrets", refusal(403, "Forbidden", "no")},
                      {"GET /apis/metrics.k8s.io/v1beta1", refusal(503, "ServiceUnavailable", "no")},
                      {"GET /apis/example.com/v1", refusal(503, "ServiceUnavailable", "no")}}));
  const TerminatingSeen* seen = rig.world.api.run(rig.source.terminating("shop"));
  EXPECT_EQ(seen->sight, Sight::seen);
  EXPECT_THAT(names(*seen), ElementsAre("a", "b"));
  EXPECT_THAT(seen->gaps, ElementsAre("example.com/v1", "secrets"));
  EXPECT_THAT(rig.unread(), ElementsAre("the API example.com/v1 (server_error)",
                                        "what is being deleted of secrets of shop (permission_denied)"));
}

TEST(ApiSource, PagesThatDoNotEndAreAGap) {
  Rig rig(with_kinds({{kConfigMaps, json_answer(page("a", "again"))},
                      {"GET /api/v1/namespaces/shop/secrets", json_answer(page("s", ""))},
                      {"GET /apis/example.com/v1",
                       json_answer(R"({"kind":"APIResourceList","groupVersion":"example.com/v1","resources":[]})")}}));
  const TerminatingSeen* seen = rig.world.api.run(rig.source.terminating("shop"));
  EXPECT_THAT(seen->gaps, ElementsAre("configmaps"));
  EXPECT_THAT(rig.unread(), ::testing::Contains("configmaps of shop (too many)"));
}

TEST(ApiSource, WithoutDiscoveryNothingIsKnownOfWhatTerminates) {
  Rig rig({{"GET /api", refusal(403, "Forbidden", "no")}, {"GET /apis", refusal(403, "Forbidden", "no")}});
  const TerminatingSeen* seen = rig.world.api.run(rig.source.terminating("shop"));
  EXPECT_EQ(seen->sight, Sight::unreadable);
  EXPECT_THAT(rig.unread(), ElementsAre("discovery (permission_denied)"));
}

constexpr auto kLog = "GET /api/v1/namespaces/shop/pods/web/log";

TEST(ApiSource, LinesAboveALogsEndOnlySayWhatItIs) {
  std::string text = "password:\n  hunter2x\n";
  for (int i = 0; i < 199; ++i) text += "line\n";
  Rig rig({{kLog, {.body = text, .type = "text/plain"}}});
  const LogSeen* log = rig.world.api.run(rig.source.log("shop", "web", "app", true));
  ASSERT_EQ(log->sight, Sight::seen);
  EXPECT_THAT(log->text, ::testing::StartsWith("  <redacted>\nline\n"));
  EXPECT_THAT(rig.world.api.lines(), ElementsAre(HasSubstr("container=app&previous=true&tailLines=232")));
}

TEST(ApiSource, AnAnswerThatIsNoLogIsUnreadable) {
  Rig rig({{kLog, {.body = "<html>log in</html>", .type = "text/html"}}});
  EXPECT_EQ(rig.world.api.run(rig.source.log("shop", "web", "app", false))->sight, Sight::unreadable);
  EXPECT_THAT(rig.unread(), ElementsAre("logs of pods (server_error)"));
}

TEST(ApiSource, ALogThatThereIsNotIsAbsent) {
  Rig none({{kLog, refusal(400, "BadRequest", "waiting to start")}});
  EXPECT_EQ(none.world.api.run(none.source.log("shop", "web", "app", false))->sight, Sight::absent);
  Rig gone({{kLog, {.body = "unable to retrieve container logs for docker://1", .type = "text/plain"}}});
  EXPECT_EQ(gone.world.api.run(gone.source.log("shop", "web", "app", false))->sight, Sight::absent);
}

Answer pods() {
  return list("v1", "PodList",
              {Message().message(1, meta("shop", "a")), Message().message(1, meta("data", "b")),
               Message().message(1, meta("shop", "c"))});
}

TEST(ApiSource, OneNamespacesListIsAPartOfThatOfAll) {
  Rig rig({{"GET /api/v1/pods", pods()}});
  const ListSeen* all = rig.world.api.run(rig.source.list(kinds::pods, ""));
  const ListSeen* shop = rig.world.api.run(rig.source.list(kinds::pods, "shop"));
  ASSERT_EQ(shop->items.size(), 2u);
  EXPECT_EQ(text_at(shop->items[0], {"metadata", "name"}), "a");
  EXPECT_EQ(text_at(shop->items[1], {"metadata", "name"}), "c");
  EXPECT_EQ(shop->items.data(), all->items.data() + 1) << "nothing is copied";
  EXPECT_TRUE(rig.world.api.run(rig.source.list(kinds::pods, "none"))->items.empty());
  EXPECT_THAT(rig.world.api.lines(), ElementsAre("GET /api/v1/pods"));
}

TEST(ApiSource, MoreThanCanBeHeldIsUnreadable) {
  Rig rig({{"GET /api/v1/pods", pods()}}, 100);
  const ListSeen* all = rig.world.api.run(rig.source.list(kinds::pods, ""));
  EXPECT_EQ(all->sight, Sight::unreadable);
  EXPECT_TRUE(all->items.empty());
  EXPECT_THAT(rig.unread(), ElementsAre("pods (too many)"));
}

TEST(ApiSource, WhetherAnAccountMay) {
  const std::string path = "POST /apis/authorization.k8s.io/v1/subjectaccessreviews";
  Rig rig({{path, json_answer(R"({"kind":"SubjectAccessReview","status":{"allowed":true}})")}});
  const ops::Right right{
      .verb = "update", .group = "", .resource = "configmaps", .subresource = "status", .name = "a", .url = ""};
  EXPECT_EQ(rig.world.api.run(rig.source.may("ops", "backup", right, "shop")), std::optional<bool>(true));
  EXPECT_THAT(
      rig.world.api.requests[0].body,
      HasSubstr(
          R"("resourceAttributes":{"verb":"update","group":"","resource":"configmaps","subresource":"status","name":"a","namespace":"shop"})"));
  Rig refused({{path, refusal(403, "Forbidden", "no")}});
  EXPECT_EQ(refused.world.api.run(refused.source.may("ops", "backup", right, "shop")), std::nullopt);
}

// What rules ask for is what kinds::all() has (testing.h holds every test's rules against that); so is what is
// declared.
TEST(Operations, DeclareWhatRulesAskFor) {
  for (const auto& operation : operations()) {
    std::set<std::string> declared;
    for (const auto& access : operation.access) declared.insert(ops::resource_text(access.group, access.resource));
    for (const Kind* kind : kinds::all())
      EXPECT_EQ(declared.contains(ops::resource_text(kind->group, kind->plural)), kind->name != "Secret") << kind->name;
    EXPECT_TRUE(declared.contains("pods/log"));
    EXPECT_TRUE(declared.contains("subjectaccessreviews.authorization.k8s.io"));
    for (const auto& access : operation.access)
      EXPECT_EQ(access.optional, access.resource != "pods") << access.resource;
  }
}

Answer pods(std::string_view ns) {
  return list("v1", "PodList",
              {Message()
                   .message(1, meta(ns, "web-0"))
                   .message(3, Message().text(1, "Running").message(2, Message().text(1, "Ready").text(2, "True")))});
}

Result<ops::Reply> health(ops::testing::World& world) {
  const auto all = operations();
  const auto health =
      std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == "cluster_health"; });
  const ops::Arguments arguments = ops::Arguments::validate({}, health->parameters, "test").value();
  ops::Call call{*health, world.api.client(), arguments, world.clock, net::testing::patience(), "default", "", false,
                 nullptr};
  return world.api.run(health->run(call));
}

TEST(ClusterHealth, OfTheNamespacesThatMayBeRead) {
  const Answer no = refusal(403, "Forbidden", "no");
  const Answer namespaces =
      list("v1", "NamespaceList", {Message().message(1, meta("", "cart")), Message().message(1, meta("", "shop"))});
  ops::testing::World some({{"GET /api/v1/pods", no},
                            {"GET /api/v1/namespaces", namespaces},
                            {"GET /api/v1/namespaces/cart/pods", no},
                            {"GET /api/v1/namespaces/shop/pods", pods("shop")}});
  auto reply = health(some);
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->notes, ElementsAre("only 1 of 2 namespaces: you may not list pods in cart"));
  EXPECT_EQ(std::get<ops::Document>(reply->body).value.at("looked_at"), (json::value{{"shop", {{"pods", "1"}}}}));
  ops::testing::World own({{"GET /api/v1/pods", no},
                           {"GET /api/v1/namespaces", no},
                           {"GET /api/v1/namespaces/default/pods", pods("default")}});
  reply = health(own);
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->notes, ElementsAre(HasSubstr("only namespace default, the connection's own")));
  ops::testing::World none(
      {{"GET /api/v1/pods", no}, {"GET /api/v1/namespaces", no}, {"GET /api/v1/namespaces/default/pods", no}});
  reply = health(none);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::permission_denied);
}

}  // namespace
}  // namespace fairlead::diagnosis
