#include "ops/diff.h"

#include <gmock/gmock.h>

#include "ops/json_testing.h"

namespace fairlead::ops {
namespace {

using testing::applied;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::parsed;
using testing::Tree;

std::vector<std::string> lines(const std::vector<FieldChange>& changes) {
  std::vector<std::string> out;
  for (const auto& change : changes)
    out.push_back(to_text(change.path) + (change.is_order ? " (order): " : ": ") +
                  (change.before ? compact(*change.before) : "-") + " -> " +
                  (change.after ? compact(*change.after) : "-"));
  return out;
}

TEST(Diff, NamesFieldsAndItemsOfLists) {
  const auto before = parsed(
      R"({"metadata":{"resourceVersion":"1","labels":{"a.b/c":"x"}},"spec":{"replicas":3,"containers":[
          {"name":"web","image":"web:1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"args":["x","y"]},
          {"name":"side","image":"s"}]},"status":{"replicas":3}})");
  const auto after = parsed(
      R"({"metadata":{"resourceVersion":"2","labels":{"a.b/c":"y"}},"spec":{"replicas":5,"containers":[
          {"name":"web","image":"web:2","env":[{"name":"B","value":"2"},{"name":"C","value":"3"}],"args":["x"]},
          {"name":"side","image":"s"}]}})");
  EXPECT_THAT(lines(diff(before, after)),
              ElementsAre(R"(metadata.labels["a.b/c"]: "x" -> "y")", "spec.replicas: 3 -> 5",
                          R"(spec.containers[name=web].image: "web:1" -> "web:2")",
                          R"(spec.containers[name=web].env[name=A]: {"name":"A","value":"1"} -> -)",
                          R"(spec.containers[name=web].env[name=C]: - -> {"name":"C","value":"3"})",
                          R"(spec.containers[name=web].args: ["x","y"] -> ["x"])"));
  EXPECT_THAT(diff(before, before), IsEmpty());
}

TEST(Diff, PortsOfOneNumberAndItemsWithoutAName) {
  EXPECT_THAT(lines(diff(parsed(R"({"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]})"),
                         parsed(R"({"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP","x":1}]})"))),
              ElementsAre("ports[port=53,protocol=TCP].x: - -> 1"));
  EXPECT_THAT(lines(diff(parsed(R"({"l":[{"a":1},{"a":2}]})"), parsed(R"({"l":[{"a":1}]})"))),
              ElementsAre(R"(l: [{"a":1},{"a":2}] -> [{"a":1}])"));
}

TEST(Diff, ItemsThatChangedPlacesAreAChange) {
  const auto before = parsed(R"({"env":[{"name":"A","value":"1"},{"name":"B","value":"b"}]})");
  const auto after = parsed(R"({"env":[{"name":"B","value":"b"},{"name":"A","value":"2"}]})");
  ASSERT_EQ(diff(before, after).size(), 1U);
  EXPECT_EQ(to_text(diff(before, after)[0].path), "env");
  EXPECT_THAT(lines(differences(before, after)),
              ElementsAre(R"(env[name=A].value: "1" -> "2")", R"(env (order): ["A","B"] -> ["B","A"])"));
  const auto back = reverse(diff(before, after), after);
  EXPECT_EQ(applied(after, back.patch), before);
}

TEST(Diff, LeavesAreAllThatAnObjectSays) {
  EXPECT_THAT(
      lines(leaves(parsed(
          R"({"metadata":{"name":"x","uid":"u"},"spec":{"podSelector":{},"l":[],"ports":[{"port":80,"protocol":"TCP"}],
                      "args":["a","b"]},"status":{"x":1}})"))),
      ElementsAre(R"(metadata.name: - -> "x")", "spec.podSelector: - -> {}", "spec.l: - -> []",
                  "spec.ports[port=80,protocol=TCP].port: - -> 80",
                  R"(spec.ports[port=80,protocol=TCP].protocol: - -> "TCP")", R"(spec.args: - -> ["a","b"])"));
}

TEST(Reverse, TakesBackWhatStillHolds) {
  const auto before = parsed(R"({"spec":{"replicas":3,"l":[{"name":"a","v":1},{"name":"b","v":2}]}})");
  const auto after = parsed(R"({"spec":{"replicas":5,"l":[{"name":"b","v":9}],"new":{"x":1}}})");
  const auto changes = diff(before, after);
  auto now = parsed(R"({"spec":{"replicas":5,"l":[{"name":"c"},{"name":"b","v":9}],"new":{"x":1},"other":true}})");
  auto back = reverse(changes, now);
  EXPECT_THAT(back.conflicts, IsEmpty());
  EXPECT_EQ(applied(now, back.patch),
            parsed(R"({"spec":{"replicas":3,"l":[{"name":"a","v":1},{"name":"c"},{"name":"b","v":2}],"other":true}})"));
  EXPECT_THAT(reverse(changes, before).patch, IsEmpty());
}

TEST(Reverse, HalfAnItemIsNone) {
  const auto changes = diff(parsed(R"({"spec":{"env":[{"name":"A","value":"1","x":0}]}})"),
                            parsed(R"({"spec":{"env":[{"name":"A","value":"2","x":0}]}})"));
  for (const char* now : {R"({"spec":{}})", R"({"spec":{"env":[]}})", R"({"spec":{"env":"none"}})"}) {
    const auto back = reverse(changes, parsed(now));
    ASSERT_EQ(back.conflicts.size(), 1U) << now;
    EXPECT_TRUE(back.conflicts[0].is_lost) << now;
    EXPECT_THAT(back.patch, IsEmpty()) << now;
  }
}

TEST(Reverse, SaysWhatSomebodyChangedSince) {
  const auto changes = diff(parsed(R"({"spec":{"replicas":3,"paused":true}})"), parsed(R"({"spec":{"replicas":5}})"));
  const auto now = parsed(R"({"spec":{"replicas":7}})");
  auto back = reverse(changes, now);
  ASSERT_EQ(back.conflicts.size(), 1U);
  EXPECT_EQ(to_text(back.conflicts[0].path), "spec.replicas");
  EXPECT_EQ(*back.conflicts[0].before, 3);
  EXPECT_EQ(*back.conflicts[0].left, 5);
  EXPECT_EQ(*back.conflicts[0].now, 7);
  EXPECT_EQ(applied(now, back.patch), parsed(R"({"spec":{"replicas":3,"paused":true}})"));
}

TEST(Holds, WhatAPatchAskedFor) {
  const auto object = parsed(R"({"a":1,"l":[{"name":"x","v":1},{"name":"y","v":2}],"s":["p","q"]})");
  EXPECT_TRUE(holds(object, parsed(R"({"a":1,"gone":null,"l":[{"name":"y","v":2}]})")));
  EXPECT_TRUE(holds(object, parsed(R"({"l":[{"name":"z","$patch":"delete"}],"s":["p","q"]})")));
  for (const char* not_held :
       {R"({"a":2})", R"({"a":null})", R"({"l":[{"name":"y","v":3}]})", R"({"l":[{"name":"z"}]})",
        R"({"l":[{"name":"x","$patch":"delete"}]})", R"({"s":["q","p"]})", R"({"b":1})"})
    EXPECT_FALSE(holds(object, parsed(not_held))) << not_held;
}

// undo ∘ do = identity, whatever was done.
TEST(Reverse, OfADiffIsWhatWasThere) {
  for (unsigned seed = 0; seed < 20000; ++seed) {
    Tree tree(seed);
    const json::value before = json::object{{"spec", tree.object(4)}}, after = json::object{{"spec", tree.object(4)}};
    const auto changes = diff(before, after);
    const auto back = reverse(changes, after);
    ASSERT_THAT(back.conflicts, IsEmpty()) << seed;
    ASSERT_EQ(applied(after, back.patch), before) << seed << "\n"
                                                  << compact(before) << "\n"
                                                  << compact(after) << "\n"
                                                  << compact(back.patch);
    ASSERT_EQ(with(before, changes), after) << seed;
  }
}

// Else taking back the removal of one subject would add it to a list that somebody has since written anew.
TEST(Reverse, SubjectsOfABindingAreOneDecision) {
  const auto subjects = [](std::vector<std::string> names) {
    json::array items;
    for (const auto& name : names) items.push_back(json::object{{"kind", "User"}, {"name", name}});
    return json::value(json::object{{"subjects", std::move(items)}});
  };
  const auto changes = diff(subjects({"alice", "mallory"}), subjects({"alice"}));
  EXPECT_EQ(reverse(changes, subjects({"dave"})).conflicts.size(), 1U);
  EXPECT_THAT(reverse(changes, subjects({"alice"})).conflicts, IsEmpty());
  EXPECT_FALSE(holds(subjects({"alice", "mallory"}), subjects({"alice"})));
}

TEST(Merged, ReplacesListsWholeAsRfc7396Does) {
  const auto value = [](std::string_view text) { return parse_json(text, "test").value(); };
  EXPECT_EQ(merged(value(R"({"a":"b","c":{"d":"e","f":"g"}})"), value(R"({"a":"z","c":{"f":null}})")),
            value(R"({"a":"z","c":{"d":"e"}})"));
  EXPECT_EQ(merged(value(R"({"l":[{"name":"a"},{"name":"b"}]})"), value(R"({"l":[{"name":"a"}]})")),
            value(R"({"l":[{"name":"a"}]})"));
  EXPECT_EQ(merged(value(R"({"a":"foo"})"), value(R"({"a":{"b":null,"c":1}})")), value(R"({"a":{"c":1}})"));
}

}  // namespace
}  // namespace fairlead::ops
