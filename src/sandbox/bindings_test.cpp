// POST …/bindings and pods/NAME/binding: what a scheduler of one's own does.
#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

const std::string pods = "/api/v1/namespaces/default/pods";
const std::string bindings = "/api/v1/namespaces/default/bindings";

// A pod that the sandbox's scheduler leaves alone.
std::string pod(std::string_view name, std::string_view more = "") {
  return R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + std::string(name) +
         R"("},"spec":{"schedulerName":"mine","containers":[{"name":"c","image":"i"}])" + std::string(more) + "}}";
}
std::string binding(std::string_view name, std::string_view target) {
  return R"({"apiVersion":"v1","kind":"Binding","metadata":{"name":")" + std::string(name) +
         R"(","annotations":{"by":"me"}},"target":)" + std::string(target) + "}";
}
constexpr std::string_view to_node = R"({"kind":"Node","name":"node-2"})";

TEST(Bindings, APodGoesToItsNodeOnce) {
  Cluster c;
  ASSERT_EQ(c.ask("POST", pods, pod("p")).status, 201);
  Reply bound = c.ask("POST", bindings, binding("p", to_node));
  ASSERT_EQ(bound.status, 201) << bound.body;
  EXPECT_EQ(text_at(bound.value(), {"status"}), "Success");
  const json::value now = c.get(pods + "/p").value();
  EXPECT_EQ(text_at(now, {"spec", "nodeName"}), "node-2");
  EXPECT_EQ(text_at(now, {"metadata", "annotations", "by"}), "me");
  Reply again = c.ask("POST", pods + "/p/binding", binding("p", to_node));
  EXPECT_EQ(again.status, 409);
  EXPECT_NE(again.message().find("pod p is already assigned to node \"node-2\""), std::string::npos) << again.body;
}

TEST(Bindings, WhatIsWrongIsSaid) {
  Cluster c;
  ASSERT_EQ(c.ask("POST", pods, pod("p")).status, 201);
  ASSERT_EQ(c.ask("POST", pods, pod("gated", R"(,"schedulingGates":[{"name":"wait.example.com/x"}])")).status, 201);
  EXPECT_EQ(c.ask("POST", bindings, binding("nobody", to_node)).status, 404);
  EXPECT_EQ(c.ask("POST", pods + "/p/binding", binding("other", to_node)).status, 400);
  EXPECT_EQ(c.ask("POST", bindings, binding("p", R"({"kind":"Rack","name":"r"})")).message(),
            R"(target.kind: Unsupported value: "Rack": supported values: "Node", "<empty>")");
  EXPECT_EQ(c.ask("POST", bindings, binding("p", "{}")).message(), "target.name: Required value");
  EXPECT_EQ(c.ask("POST", bindings, binding("gated", to_node)).status, 409);
  EXPECT_EQ(text_at(c.get(pods + "/p").value(), {"spec", "nodeName"}), "");
}

TEST(Bindings, ADryRunBindsNothing) {
  Cluster c;
  ASSERT_EQ(c.ask("POST", pods, pod("p")).status, 201);
  EXPECT_EQ(c.ask("POST", bindings + "?dryRun=All", binding("p", to_node)).status, 201);
  EXPECT_EQ(text_at(c.get(pods + "/p").value(), {"spec", "nodeName"}), "");
}

// A pod whose gate nobody has opened is not ready, whatever its containers say.
TEST(ReadinessGates, HoldAPodBack) {
  Cluster c;
  std::string body = pod("p", R"(,"readinessGates":[{"conditionType":"example.com/open"}])");
  body.replace(body.find(R"("schedulerName":"mine",)"), 23, "");
  ASSERT_EQ(c.ask("POST", pods, body).status, 201);
  c.pass(60'000);
  auto condition = [&](std::string_view type) {
    const json::value now = c.get(pods + "/p").value();
    for (const json::value& one : array_at(now, {"status", "conditions"}))
      if (text_at(one, {"type"}) == type) return std::string(text_at(one, {"status"}));
    return std::string();
  };
  EXPECT_EQ(condition("ContainersReady"), "True");
  EXPECT_EQ(condition("Ready"), "False");
  ASSERT_EQ(
      c.patch(pods + "/p/status", R"({"status":{"conditions":[{"type":"example.com/open","status":"True"}]}})").status,
      200);
  c.pass(60'000);
  EXPECT_EQ(condition("Ready"), "True");
}

}  // namespace
}  // namespace fairlead::sandbox
