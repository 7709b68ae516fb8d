#include "sandbox/patch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace fairlead::sandbox {
namespace {

json::value parse(std::string_view text) { return *parse_json(text, "test"); }

TEST(MergePatch, FollowsTheExamplesOfTheRfc) {
  // RFC 7386, appendix A.
  struct {
    std::string_view target, patch, result;
  } cases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& one : cases) {
    json::value target = parse(one.target);
    merge_patch(target, parse(one.patch));
    EXPECT_EQ(target, parse(one.result)) << one.target << " + " << one.patch;
  }
}

std::string patched(std::string_view document, std::string_view patch) {
  auto done = json_patch(parse(document), parse(patch));
  return done ? compact(*done) : "error: " + done.error().message;
}

TEST(JsonPatch, DoesItsSixOperations) {
  EXPECT_EQ(
      patched(
          R"({"a":1})",
          R"([{"op":"add","path":"/b","value":[]},{"op":"add","path":"/b/-","value":2},{"op":"add","path":"/b/0","value":1}])"),
      R"({"a":1,"b":[1,2]})");
  EXPECT_EQ(patched(R"({"a":[1,2,3]})", R"([{"op":"remove","path":"/a/1"}])"), R"({"a":[1,3]})");
  EXPECT_EQ(patched(R"({"a/b":{"~":1}})", R"([{"op":"replace","path":"/a~1b/~0","value":2}])"), R"({"a/b":{"~":2}})");
  EXPECT_EQ(patched(R"({"a":{"b":1}})", R"([{"op":"move","from":"/a/b","path":"/c"}])"), R"({"a":{},"c":1})");
  EXPECT_EQ(patched(R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/c"}])"), R"({"a":{"b":1},"c":{"b":1}})");
  EXPECT_EQ(
      patched(R"({"a":1.0})", R"([{"op":"test","path":"/a","value":1},{"op":"replace","path":"","value":{"z":0}}])"),
      R"({"z":0})");
}

TEST(JsonPatch, RefusesWhatDoesNotFit) {
  for (std::string_view patch :
       {R"([{"op":"remove","path":"/x"}])", R"([{"op":"replace","path":"/x","value":1}])",
        R"([{"op":"add","path":"/x/y","value":1}])", R"([{"op":"add","path":"/l/4","value":1}])",
        R"([{"op":"add","path":"/l/01","value":1}])", R"([{"op":"remove","path":"/l/-"}])",
        R"([{"op":"test","path":"/a","value":2}])", R"([{"op":"nothing","path":"/a"}])",
        R"([{"op":"add","path":"x","value":1}])", R"([{"op":"move","from":"/o","path":"/o/p"}])",
        R"([{"op":"copy","from":"/none","path":"/o"}])", R"([{"op":"add","path":"/~2","value":1}])"}) {
    auto done = json_patch(parse(R"({"a":1,"l":[1],"o":{}})"), parse(patch));
    ASSERT_FALSE(done) << patch;
    EXPECT_FALSE(done.error().malformed) << patch;
  }
  for (std::string_view patch : {R"([1])", R"([{"op":"add"}])", R"([{"op":"add","path":"/a"}])",
                                 R"([{"op":"copy","path":"/a"}])", R"([{"op":"add","path":5}])"}) {
    auto done = json_patch(parse("{}"), parse(patch));
    ASSERT_FALSE(done) << patch;
    EXPECT_FALSE(done.error().malformed) << patch;
  }
  for (std::string_view patch : {"{}", "1"}) {
    auto done = json_patch(parse("{}"), parse(patch));
    ASSERT_FALSE(done) << patch;
    EXPECT_TRUE(done.error().malformed) << patch;
  }
}

TEST(JsonPatch, CannotBeMadeToGrowWithoutBound) {
  // Each copy of the whole into itself doubles it.
  json::array wide, deep;
  for (int i = 0; i < 200; ++i) {
    wide.push_back(json::object{{"op", "copy"}, {"from", ""}, {"path", "/a" + std::to_string(i)}});
    deep.push_back(json::object{{"op", "copy"}, {"from", ""}, {"path", "/a"}});
  }
  EXPECT_FALSE(json_patch(parse(R"({"x":[1,2,3]})"), wide));
  EXPECT_FALSE(json_patch(parse(R"({"x":[1,2,3]})"), deep));
}

std::string merged(std::string_view kind, std::string_view document, std::string_view patch) {
  auto done = strategic_merge(*Schema::builtin().message(kind), parse(document), parse(patch));
  return done ? compact(*done) : "error: " + done.error().message;
}

TEST(StrategicMerge, MergesListsByTheirKeys) {
  EXPECT_EQ(merged("PodSpec", R"({"containers":[{"name":"a","image":"1"},{"name":"b"}]})",
                   R"({"containers":[{"name":"a","image":"2"},{"name":"c"}]})"),
            R"({"containers":[{"name":"a","image":"2"},{"name":"c"},{"name":"b"}]})");  // what is new comes as early as
                                                                                        // it can
  EXPECT_EQ(merged("Container", R"({"env":[{"name":"X","value":"1"}],"args":["a"]})",
                   R"({"env":[{"name":"Y","value":"2"},{"name":"X","value":null}],"args":["b"]})"),
            R"({"env":[{"name":"Y","value":"2"},{"name":"X"}],"args":["b"]})");
  EXPECT_EQ(merged("Container", R"({"ports":[{"containerPort":80,"name":"web"}]})",
                   R"({"ports":[{"containerPort":80,"name":"http"},{"containerPort":90}]})"),
            R"({"ports":[{"containerPort":80,"name":"http"},{"containerPort":90}]})");
  EXPECT_EQ(merged("NodeStatus", R"({"conditions":[{"type":"Ready","status":"True"}]})",
                   R"({"conditions":[{"type":"Ready","status":"False"}]})"),
            R"({"conditions":[{"type":"Ready","status":"False"}]})");
  EXPECT_EQ(merged("PodSpec", R"({"tolerations":[{"key":"a"}]})", R"({"tolerations":[{"key":"b"}]})"),
            R"({"tolerations":[{"key":"b"}]})");
}

TEST(StrategicMerge, KnowsItsDirectives) {
  EXPECT_EQ(merged("PodSpec", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                   R"({"containers":[{"name":"a","$patch":"delete"}]})"),
            R"({"containers":[{"name":"b"}]})");
  EXPECT_EQ(merged("PodSpec", R"({"containers":[{"name":"a"},{"name":"b"}]})",
                   R"({"containers":[{"$patch":"replace"},{"name":"c"}]})"),
            R"({"containers":[{"name":"c"}]})");
  EXPECT_EQ(merged("PodSpec", R"({"securityContext":{"runAsUser":1,"fsGroup":2}})",
                   R"({"securityContext":{"$patch":"replace","fsGroup":3}})"),
            R"({"securityContext":{"fsGroup":3}})");
  EXPECT_EQ(merged("PodSpec", R"({"securityContext":{"runAsUser":1}})", R"({"securityContext":{"$patch":"delete"}})"),
            "{}");
  EXPECT_EQ(merged("ObjectMeta", R"({"finalizers":["a","b"]})",
                   R"({"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c","b"]})"),
            R"({"finalizers":["c","b"]})");
  EXPECT_EQ(merged("DeploymentSpec", R"({"strategy":{"type":"RollingUpdate","rollingUpdate":{}}})",
                   R"({"strategy":{"$retainKeys":["type"],"type":"Recreate"}})"),
            R"({"strategy":{"type":"Recreate"}})");
  EXPECT_EQ(
      merged("PodSpec", R"({"containers":[{"name":"a"},{"name":"b"}]})",
             R"({"$setElementOrder/containers":[{"name":"b"},{"name":"c"},{"name":"a"}],"containers":[{"name":"c"}]})"),
      R"({"containers":[{"name":"b"},{"name":"c"},{"name":"a"}]})");
  // An order deeper down does not disturb the one above.
  EXPECT_EQ(
      merged(
          "PodSpec", R"({"containers":[{"name":"a","env":[{"name":"X"},{"name":"Y"}]},{"name":"z"}]})",
          R"({"$setElementOrder/containers":[{"name":"z"},{"name":"a"}],"containers":[{"name":"a","$setElementOrder/env":[{"name":"Y"},{"name":"X"}],"env":[{"name":"X","value":"1"}]}]})"),
      R"({"containers":[{"name":"z"},{"name":"a","env":[{"name":"Y"},{"name":"X","value":"1"}]}]})");
}

// The cases of json-patch-test-suite in a directory that the environment names (tests/json_patch).
TEST(JsonPatch, PassesTheTestSuite) {
  const char* directory = std::getenv("FAIRLEAD_JSON_PATCH_SUITE");
  if (!directory) GTEST_SKIP() << "FAIRLEAD_JSON_PATCH_SUITE names no directory";
  std::size_t count = 0;
  for (const char* name : {"tests.json", "spec_tests.json"}) {
    std::ifstream file(std::string(directory) + "/" + name, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    auto cases = parse_json(text, "read the suite");
    ASSERT_TRUE(cases) << name;
    for (const json::value& one : cases->as_array()) {
      const json::value *patch = find(one, "patch"), *expected = find(one, "expected"), *error = find(one, "error");
      // What the suite has switched off and expects to fail has members twice: a parsed document has them no longer.
      if (!patch || (flag_at(one, {"disabled"}) && error)) continue;
      ++count;
      auto done = json_patch(*find(one, "doc"), *patch);
      EXPECT_EQ(done.has_value(), !error) << compact(one) << (done ? compact(*done) : done.error().message);
      if (done && expected) { EXPECT_EQ(*done, *expected) << compact(one); }
    }
  }
  EXPECT_GE(count, 90u);
  RecordProperty("cases", static_cast<int>(count));
}

TEST(StrategicMerge, MergesMapsAndStripsNulls) {
  EXPECT_EQ(merged("Pod", R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
                   R"({"metadata":{"labels":{"a":null,"c":"3"},"annotations":{"x":null,"y":"z"}}})"),
            R"({"metadata":{"labels":{"b":"2","c":"3"},"annotations":{"y":"z"}}})");
}

TEST(StrategicMerge, RefusesBrokenPatches) {
  EXPECT_EQ(merged("PodSpec", "{}", R"({"containers":[{"image":"x"}]})"),
            R"(error: map: map[image:x] does not contain declared merge key: name)");
  EXPECT_TRUE(merged("PodSpec", "{}", R"({"containers":[1]})").starts_with("error"));
  EXPECT_TRUE(merged("PodSpec", "{}", R"({"$patch":"explode"})").starts_with("error"));
  EXPECT_TRUE(merged("PodSpec", "{}", R"({"$retainKeys":5})").starts_with("error"));
  EXPECT_TRUE(merged("PodSpec", "{}", R"({"$setElementOrder/containers":5})").starts_with("error"));
  EXPECT_TRUE(
      merged("PodSpec", R"({"containers":[]})", R"({"$deleteFromPrimitiveList/containers":5})").starts_with("error"));
  EXPECT_TRUE(merged("PodSpec", "{}", "[]").starts_with("error"));
  EXPECT_EQ(
      merged("PodSpec", "{}",
             R"({"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"b","image":"x"}]})"),
      "error: The order in patch list:\n[map[image:x name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n");
}

}  // namespace
}  // namespace fairlead::sandbox
