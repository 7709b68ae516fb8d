// By the examples of RFC 6902, appendix A, and against what takes changes back.
#include "ops/json_patch.h"

#include <gmock/gmock.h>

#include "ops/diff.h"
#include "ops/json_testing.h"

namespace fairlead::ops {
namespace {

using testing::applied;
using testing::parsed;
using testing::Tree;

// Compact JSON; "-": it cannot be applied.
std::string after(std::string_view object, std::string_view patch) {
  const auto out = patched(parsed(object), parsed(patch).as_array());
  return out ? compact(*out) : "-";
}

TEST(JsonPatch, AddsToObjectsAndLists) {
  EXPECT_EQ(after(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])"), R"({"foo":"bar","baz":"qux"})");
  EXPECT_EQ(after(R"({"foo":"bar"})", R"([{"op":"add","path":"/foo","value":1}])"), R"({"foo":1})") << "it replaces";
  EXPECT_EQ(after(R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])"),
            R"({"foo":["bar","qux","baz"]})");
  EXPECT_EQ(after(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc"]}])"),
            R"({"foo":["bar",["abc"]]})");
  EXPECT_EQ(after(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/1","value":"x"}])"), R"({"foo":["bar","x"]})");
  EXPECT_EQ(after(R"({"foo":null})", R"([{"op":"add","path":"/foo","value":1}])"), R"({"foo":1})");
  EXPECT_EQ(after(R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"g":{}},"x":123}])"),
            R"({"foo":"bar","child":{"g":{}}})")
      << "unknown members are nothing";
}

TEST(JsonPatch, RemovesAndReplaces) {
  EXPECT_EQ(after(R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])"), R"({"foo":"bar"})");
  EXPECT_EQ(after(R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])"),
            R"({"foo":["bar","baz"]})");
  EXPECT_EQ(after(R"({"a":{"b":[1,2]}})", R"([{"op":"replace","path":"/a/b/0","value":{"c":3}}])"),
            R"({"a":{"b":[{"c":3},2]}})");
  EXPECT_EQ(after(R"({"a":1})", R"([{"op":"replace","path":"/a","value":null}])"), R"({"a":null})");
}

TEST(JsonPatch, IsCarriedOutInItsOrderOrNotAtAll) {
  EXPECT_EQ(after(R"({"l":[1,2,3]})", R"([{"op":"remove","path":"/l/0"},{"op":"replace","path":"/l/0","value":9}])"),
            R"({"l":[9,3]})");
  EXPECT_EQ(after(R"({"a":1})", R"([{"op":"add","path":"/b","value":{}},{"op":"add","path":"/b/c","value":2}])"),
            R"({"a":1,"b":{"c":2}})");
  EXPECT_EQ(after(R"({"a":1})", R"([{"op":"add","path":"/b","value":2},{"op":"remove","path":"/c"}])"), "-");
  EXPECT_EQ(after(R"({"a":1})", "[]"), R"({"a":1})");
}

TEST(JsonPatch, TestsWhatIsThere) {
  EXPECT_EQ(after(R"({"baz":"qux","foo":["a",2]})",
                  R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])"),
            R"({"baz":"qux","foo":["a",2]})");
  for (const char* fails :
       {R"([{"op":"test","path":"/baz","value":"bar"}])", R"([{"op":"test","path":"/no","value":1}])",
        R"([{"op":"test","path":"/baz"}])", R"([{"op":"test","path":"/foo/-","value":2}])"})
    EXPECT_EQ(after(R"({"baz":"qux","foo":["a",2]})", fails), "-") << fails;
  EXPECT_EQ(after(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])"), R"({"/":9,"~1":10})");
  EXPECT_EQ(after(R"({"~1":"10"})", R"([{"op":"test","path":"/~01","value":10}])"), "-") << "a string is no number";
}

TEST(JsonPatch, KeysHoldSlashesTildesAndDigits) {
  EXPECT_EQ(after(R"({"m":{}})", R"([{"op":"add","path":"/m/a.b~1c~0d","value":1}])"), R"({"m":{"a.b/c~d":1}})");
  EXPECT_EQ(after(R"({"m":{"~1":1,"/":2}})", R"([{"op":"remove","path":"/m/~01"}])"), R"({"m":{"/":2}})");
  EXPECT_EQ(after(R"({"m":{"0":1}})", R"([{"op":"replace","path":"/m/0","value":2}])"), R"({"m":{"0":2}})");
  EXPECT_EQ(after(R"({"m":{"":1}})", R"([{"op":"remove","path":"/m/"}])"), R"({"m":{}})");
  EXPECT_EQ(after(R"({"m":{}})", R"([{"op":"add","path":"/m/-","value":2}])"), R"({"m":{"-":2}})");
}

TEST(JsonPatch, NothingComesOfWhatCannotBeApplied) {
  for (const char* wrong : {R"([{"op":"add","path":"/a/b","value":1}])",
                            R"([{"op":"add","path":"/s/b","value":1}])",
                            R"([{"op":"remove","path":"/no"}])",
                            R"([{"op":"replace","path":"/no","value":1}])",
                            R"([{"op":"remove","path":"/l/2"}])",
                            R"([{"op":"replace","path":"/l/2","value":1}])",
                            R"([{"op":"remove","path":"/l/-"}])",
                            R"([{"op":"replace","path":"/l/-","value":1}])",
                            R"([{"op":"add","path":"/l/3","value":1}])",
                            R"([{"op":"add","path":"/l/-1","value":1}])",
                            R"([{"op":"add","path":"/l/1e0","value":1}])",
                            R"([{"op":"add","path":"/l/x","value":1}])",
                            R"([{"op":"add","path":"/l/","value":1}])",
                            R"([{"op":"add","path":"/l/99999999999999999999","value":1}])",
                            R"([{"op":"add","path":"/x"}])",
                            R"([{"op":"replace","path":"/s"}])",
                            R"([{"path":"/s","value":1}])",
                            R"([{"op":"add","path":"s","value":1}])",
                            R"([1])",
                            R"([{"op":"spam","path":"/s","value":1}])",
                            R"([{"op":"move","from":"/s","path":"/x"}])",
                            R"([{"op":"copy","from":"/s","path":"/x"}])"})
    EXPECT_EQ(after(R"({"s":"t","l":[1,2]})", wrong), "-") << wrong;
}

// It binds the request to a moment, and is no field of what the object becomes.
TEST(JsonPatch, LeavesTheResourceVersionAsItIs) {
  EXPECT_EQ(after(R"({"metadata":{"resourceVersion":"7"},"a":1})",
                  R"([{"op":"replace","path":"/metadata/resourceVersion","value":"9"},
                      {"op":"test","path":"/metadata/resourceVersion","value":"8"},{"op":"remove","path":"/a"}])"),
            R"({"metadata":{"resourceVersion":"7"}})");
}

TEST(JsonPatch, AgreesWithWhatTakesChangesBack) {
  for (unsigned seed = 0; seed < 5000; ++seed) {
    Tree tree(seed);
    const json::value before = tree.object(4), after = seed % 2 == 0 ? tree.object(4) : tree.changed(before, 4);
    const json::array back = reverse(diff(before, after), after).patch;
    const auto out = patched(after, back);
    ASSERT_TRUE(out) << seed << compact(back);
    ASSERT_EQ(*out, before) << seed << compact(back);
    ASSERT_EQ(*out, applied(after, back)) << seed;
  }
}

}  // namespace
}  // namespace fairlead::ops
