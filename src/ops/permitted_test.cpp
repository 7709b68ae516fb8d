// Lists of whoever may not see all namespaces.
#include "ops/permitted.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::list;
using testing::Message;
using testing::meta;
using ::testing::Not;
using testing::refusal;
using ::testing::StartsWith;
using testing::World;

const Answer kForbidden = refusal(403, "Forbidden", "pods is forbidden: at the cluster scope");

Message pod(std::string_view ns, std::string_view name) {
  return Message().message(1, meta(ns, name)).message(3, Message().text(1, "Failed"));
}
Answer namespaces(std::initializer_list<std::string_view> names) {
  std::vector<Message> all;
  for (auto name : names) all.push_back(Message().message(1, meta("", name)));
  return list("v1", "NamespaceList", all);
}

Result<Reply> run(World& world, std::string_view name, std::string_view arguments_text) {
  const Operation* operation = world.catalog.find(name);
  auto arguments = Arguments::validate(testing::object(arguments_text), operation->parameters, name);
  kube::Client& client = world.api.client();
  Call call{*operation, client, *arguments, world.clock, net::testing::patience(), "mine", world.default_namespace,
            false,      nullptr};
  return world.api.run(run_where_permitted(call));
}

std::string text(World& world, std::string_view name, std::string_view arguments) {
  auto reply = run(world, name, arguments);
  if (!reply) return std::string(to_string(reply.error().code)) + ": " + explain_in_a_line(reply.error());
  auto rendered = render(*reply, {.aligned = false, .bytes = 32 << 10, .now = testing::kNow});
  std::string out = rendered->text;
  for (const auto& note : rendered->notes) out += "# " + note + "\n";
  return out;
}

TEST(Permitted, RowsOfTheNamespacesThatMayBeListed) {
  World world(
      {{"GET /api/v1/pods", kForbidden},
       {"GET /api/v1/namespaces", namespaces({"cart", "kube-system", "shop", "odd/../name"})},
       {"GET /api/v1/namespaces/cart/pods", list("v1", "PodList", {pod("cart", "db-0")})},
       {"GET /api/v1/namespaces/kube-system/pods", kForbidden},
       {"GET /api/v1/namespaces/shop/pods", list("v1", "PodList", {pod("shop", "web-0"), pod("shop", "web-1")})}});
  EXPECT_EQ(text(world, "list_pods", R"({"columns":["namespace","name"]})"),
            "NAMESPACE NAME\ncart db-0\nshop web-0\nshop web-1\n"
            "# only 2 of 3 namespaces: you may not list pods in kube-system\n");
  for (const auto& line : world.api.lines()) EXPECT_THAT(line, Not(HasSubstr("odd")));
}

TEST(Permitted, WhatIsNotThereInANamespaceThatIsNotThere) {
  World world({{"GET /api/v1/namespaces/shop", {}}, {"GET /api/v1/namespaces", kForbidden}});
  EXPECT_THAT(text(world, "get_pod", R"({"name":"web","namespace":"shpo"})"),
              AllOf(StartsWith("not_found: get_pod: namespace shpo does not exist: there is no GET"),
                    HasSubstr("list_namespaces shows those that do")));
  EXPECT_THAT(text(world, "get_pod", R"({"name":"web","namespace":"shop"})"), HasSubstr("there is no GET"));
}

TEST(Permitted, AnEmptyOneOfThemIsNotWorthANote) {
  World world({{"GET /api/v1/pods", kForbidden},
               {"GET /api/v1/namespaces", namespaces({"cart", "shop"})},
               {"GET /api/v1/namespaces/cart/pods", list("v1", "PodList", {})},
               {"GET /api/v1/namespaces/cart", {}},
               {"GET /api/v1/namespaces/shop/pods", list("v1", "PodList", {pod("shop", "web-0")})}});
  EXPECT_EQ(text(world, "list_pods", R"({"columns":["namespace","name"]})"), "NAMESPACE NAME\nshop web-0\n");
}

TEST(Permitted, CursorAndLimitAreThoseOfTheWhole) {
  World world({{"GET /api/v1/pods", kForbidden},
               {"GET /api/v1/namespaces", namespaces({"cart", "shop"})},
               {"GET /api/v1/namespaces/cart/pods", list("v1", "PodList", {pod("cart", "a"), pod("cart", "b")})},
               {"GET /api/v1/namespaces/shop/pods", list("v1", "PodList", {pod("shop", "c")})}});
  auto first = run(world, "list_pods", R"({"limit":2,"label_selector":"x=1"})");
  ASSERT_TRUE(first);
  const Table& table = std::get<Table>(first->body);
  EXPECT_EQ(table.total, 3u);
  EXPECT_EQ(table.more, 1u);
  EXPECT_THAT(world.api.lines().back(), HasSubstr("?labelSelector=x%3D1"));
  auto second = run(world, "list_pods", R"({"limit":2,"label_selector":"x=1","cursor":")" + table.continuation + "\"}");
  ASSERT_TRUE(second);
  const Table& rest = std::get<Table>(second->body);
  ASSERT_EQ(rest.order.size(), 1u);
  EXPECT_EQ(rest.rows.cell(rest.order[0], 1), "c");
}

TEST(Permitted, WithoutTheListOfNamespacesTheConnectionsOwn) {
  World world({{"GET /api/v1/pods", kForbidden},
               {"GET /api/v1/namespaces", kForbidden},
               {"GET /api/v1/namespaces/mine/pods", list("v1", "PodList", {pod("mine", "a")})}});
  EXPECT_EQ(text(world, "list_pods", R"({"columns":["namespace","name"]})"),
            "NAMESPACE NAME\nmine a\n# only namespace mine, the connection's own: you may neither list pods in all "
            "namespaces nor ask which ones there are; name another namespace to see it\n");
}

TEST(Permitted, NowhereTheFirstRefusalStays) {
  World world({{"GET /api/v1/pods", kForbidden},
               {"GET /api/v1/namespaces", namespaces({"cart", "shop"})},
               {"GET /api/v1/namespaces/cart/pods", refusal(403, "Forbidden", "in cart")},
               {"GET /api/v1/namespaces/shop/pods", refusal(403, "Forbidden", "in shop")}});
  EXPECT_THAT(text(world, "list_pods", "{}"), HasSubstr("at the cluster scope"));
  World empty({{"GET /api/v1/pods", kForbidden}, {"GET /api/v1/namespaces", namespaces({})}});
  EXPECT_THAT(text(empty, "list_pods", "{}"), HasSubstr("at the cluster scope"));
  World broken({{"GET /api/v1/pods", kForbidden}});
  EXPECT_THAT(text(broken, "list_pods", "{}"), HasSubstr("at the cluster scope"));
}

// Rows that lack some for another reason than a refusal would pass for all.
TEST(Permitted, AnotherErrorFailsTheWhole) {
  World world({{"GET /api/v1/pods", kForbidden},
               {"GET /api/v1/namespaces", namespaces({"cart", "shop"})},
               {"GET /api/v1/namespaces/cart/pods", list("v1", "PodList", {pod("cart", "a")})},
               {"GET /api/v1/namespaces/shop/pods", refusal(400, "BadRequest", "odd")}});
  EXPECT_THAT(text(world, "list_pods", "{}"), HasSubstr("invalid_request: "));
}

TEST(Permitted, WhatIsOfOneNamespaceOrOfNoneIsAskedOnce) {
  World world({{"GET /api/v1/namespaces/shop/pods", kForbidden}, {"GET /api/v1/nodes", kForbidden}});
  EXPECT_THAT(text(world, "list_pods", R"({"namespace":"shop"})"), HasSubstr("permission_denied: "));
  EXPECT_THAT(text(world, "list_nodes", "{}"), HasSubstr("permission_denied: "));
  EXPECT_THAT(world.api.lines(), ElementsAre("GET /api/v1/namespaces/shop/pods", "GET /api/v1/nodes"));
  world.default_namespace = "shop";
  EXPECT_THAT(text(world, "list_pods", "{}"), HasSubstr("permission_denied: "));
  EXPECT_EQ(world.api.requests.size(), 3u);
}

TEST(Permitted, ManyNamespaces) {
  std::vector<std::pair<std::string, Answer>> answers{{"GET /api/v1/pods", kForbidden}};
  std::vector<Message> all;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "ns-" + std::to_string(10 + i);
    all.push_back(Message().message(1, meta("", name)));
    answers.emplace_back("GET /api/v1/namespaces/" + name + "/pods",
                         i < 15 ? list("v1", "PodList", {pod(name, "a")}) : kForbidden);
  }
  answers.emplace_back("GET /api/v1/namespaces", list("v1", "NamespaceList", all));
  World world(std::move(answers));
  EXPECT_THAT(
      text(world, "list_pods", R"({"columns":["name"]})"),
      HasSubstr("# only 15 of 30 namespaces: you may not list pods in ns-25, ns-26, ns-27, ns-28, ns-29, ns-30, "
                "ns-31, ns-32, ns-33, ns-34 and 5 more\n"));
}

}  // namespace
}  // namespace fairlead::ops
