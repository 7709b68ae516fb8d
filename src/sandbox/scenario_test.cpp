#include "sandbox/scenario.h"

#include <gtest/gtest.h>

#include "sandbox/api_test_support.h"

namespace fairlead::sandbox {
namespace {

std::string problem(std::string_view yaml) {
  auto read = parse_scenario(yaml);
  return read ? "" : read.error().cause;
}

TEST(Scenario, IsRead) {
  auto read = parse_scenario(R"(
name: x
title: An incident
story: Something happens.
lasts: 2h
steps:
- at: 90s
  apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}, data: {k: v}}
- at: 5m
  delete: {apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: shop}}
faults:
- {name: slow, delayMs: 10}
shows:
- {get: /api/v1/pods, contains: web}
)");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->lasts_ms, 7'200'000);
  ASSERT_EQ(read->steps.size(), 2u);
  EXPECT_EQ(read->steps[0].at_ms, 90'000);
  EXPECT_FALSE(read->steps[0].deletes);
  EXPECT_TRUE(read->steps[1].deletes);
  EXPECT_EQ(read->faults.size(), 1u);
  EXPECT_EQ(read->shows.size(), 1u);
}

TEST(Scenario, SaysWhatIsWrongWithIt) {
  const std::string head = "name: x\ntitle: t\nstory: s\nlasts: 5m\n";
  EXPECT_EQ(problem("[]"), "it must be an object");
  EXPECT_EQ(problem("name: x"), "it needs name, title and story");
  EXPECT_EQ(problem("name: x\ntitle: t\nstory: s\nlasts: long"), "lasts must be a duration such as 25m");
  EXPECT_EQ(problem(head + "stepz: []"), "there is no member 'stepz'");
  EXPECT_EQ(problem(head + "steps: [{at: 1m}]"), "a step needs at, and an object under apply or delete");
  EXPECT_EQ(problem(head + "steps: [{at: 1m, apply: {kind: Pod}}]"),
            "an object of a step needs kind, apiVersion and a name");
  EXPECT_EQ(problem(head + "steps: [{at: 6m, apply: {metadata: {name: x}}}]"), "the step at 6m is out of order");
  EXPECT_EQ(problem(head + "faults: [{name: x}]"), "a fault: it needs an effect: delayMs, status, drop or tearAfter");
  EXPECT_EQ(problem(head + "shows: [{get: /x}]"), "what a scenario shows needs get and contains");
}

TEST(Scenario, IsFoundByItsName) {
  EXPECT_GE(scenario_names().size(), 12u);
  auto wrong = find_scenario("bad-relese");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::not_found);
  EXPECT_EQ(wrong.error().remedy, "Did you mean bad-release?");
}

// Every built-in one plays to its end and shows what it says.
TEST(Scenario, EachShowsItsSigns) {
  for (std::string_view name : scenario_names()) {
    SCOPED_TRACE(name);
    auto scenario = find_scenario(name);
    ASSERT_TRUE(scenario) << scenario.error().sentence();
    EXPECT_EQ(scenario->name, name);
    EXPECT_FALSE(scenario->shows.empty());
    Cluster cluster;
    auto played = play(*scenario, cluster.objects, [&](std::int64_t span) { cluster.pass(span); });
    ASSERT_TRUE(played) << played.error().sentence();
    for (const auto& sign : scenario->shows) {
      Reply reply = cluster.get(sign.get);
      EXPECT_EQ(reply.status, 200) << sign.get;
      EXPECT_NE(reply.body.find(sign.contains), std::string::npos) << sign.get << " does not show " << sign.contains;
    }
  }
}

TEST(Scenario, StopsAtAnObjectThatIsRefused) {
  Cluster cluster;
  auto scenario = parse_scenario(
      "name: x\ntitle: t\nstory: s\nlasts: 5m\nsteps:\n- {at: 1m, apply: {apiVersion: v1, kind: Nothing, metadata: "
      "{name: a}}}");
  ASSERT_TRUE(scenario);
  auto played = play(*scenario, cluster.objects, [&](std::int64_t span) { cluster.pass(span); });
  ASSERT_FALSE(played);
  EXPECT_EQ(played.error().cause, "Nothing /a: no such kind is served");
}

}  // namespace
}  // namespace fairlead::sandbox
