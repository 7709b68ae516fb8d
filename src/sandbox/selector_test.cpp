#include "sandbox/selector.h"

#include <gtest/gtest.h>

#include "sandbox/names.h"
#include "sandbox/protobuf_encoder.h"

namespace fairlead::sandbox {
namespace {

bool matches(std::string_view selector, const Labels& labels) {
  auto parsed = LabelSelector::parse(selector);
  EXPECT_TRUE(parsed) << selector << ": " << parsed.error();
  return parsed && parsed->matches(labels);
}

std::string problem(std::string_view selector) {
  auto parsed = LabelSelector::parse(selector);
  return parsed ? "none" : parsed.error();
}

TEST(LabelSelector, MatchesAsTheApiServerDoes) {
  Labels labels{{"app", "web"}, {"tier", "front"}, {"n", "5"}, {"empty", ""}};
  for (std::string_view yes : {"", "app=web", "app==web", "app!=api", "missing!=x", "app in (api, web)",
                               "app notin (api)", "missing notin (x)", "app", "!missing", "n>4", "n<6",
                               "app=web,tier=front", " app = web , tier ", "empty=", "empty", "empty in (,x)"}) {
    EXPECT_TRUE(matches(yes, labels)) << yes;
  }
  for (std::string_view no : {"app=api", "app!=web", "app notin (web)", "missing", "!app", "n>5", "n<5", "missing>1",
                              "app>1", "app=web,tier=back", "app in (x)", "app="}) {
    EXPECT_FALSE(matches(no, labels)) << no;
  }
}

TEST(LabelSelector, WordsItsProblems) {
  EXPECT_EQ(problem(","), "found ',', expected: !, identifier, or 'end of string'");
  EXPECT_EQ(problem("a,,b"), "found ',', expected: identifier after ','");
  EXPECT_EQ(problem("a=b c"), "found 'c', expected: ',' or 'end of string'");
  EXPECT_EQ(problem("a in b"), "unable to parse requirement: found 'b' expected: '('");
  EXPECT_EQ(problem("a foo b"), "unable to parse requirement: found 'foo', expected: in, notin, =, ==, !=, gt, lt");
  EXPECT_TRUE(problem("-a").starts_with(
      "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of"));
  EXPECT_TRUE(problem("a=-x").starts_with(
      "unable to parse requirement: values[0][a]: Invalid value: \"-x\": a valid label must be"));
  std::string number = "unable to parse requirement: values[0]: Invalid value: ";
  std::string integer = ": for 'Gt', 'Lt' operators, the value must be an integer";
  EXPECT_EQ(problem("a>x"), number + "\"x\"" + integer);
  EXPECT_EQ(problem("a<"), number + "\"\"" + integer);
  EXPECT_TRUE(problem("a>-x").starts_with("unable to parse requirement: [values[0]: Invalid value: \"-x\"" + integer +
                                          ", values[0][a]: Invalid value: \"-x\": a valid label must be"));
  EXPECT_TRUE(
      problem("a in (b, .c, b)").starts_with("unable to parse requirement: values[0][a]: Invalid value: \".c\""));
  EXPECT_TRUE(
      problem("a in (b, c-, b)").starts_with("unable to parse requirement: values[1][a]: Invalid value: \"c-\""));
  for (std::string_view bad : {"a>x", "a===b", "(", "a in (", "a in (x", "!", "a/b/c", "/a", "a=b)", "a in (x,(y))"})
    EXPECT_NE(problem(bad), "none") << bad;
}

TEST(LabelSelector, IsMadeFromObjects) {
  auto selector = LabelSelector::from_object(*parse_json(
      R"({"matchLabels":{"b":"2","a":"1"},"matchExpressions":[{"key":"c","operator":"In","values":["x","y"]},
                                                             {"key":"d","operator":"DoesNotExist"}]})",
      "test"));
  EXPECT_EQ(selector.text(), "a=1,b=2,c in (x,y),!d");
  EXPECT_TRUE(selector.matches({{"a", "1"}, {"b", "2"}, {"c", "y"}}));
  EXPECT_FALSE(selector.matches({{"a", "1"}, {"b", "2"}, {"c", "y"}, {"d", ""}}));
}

TEST(FieldSelector, LooksIntoStoredObjects) {
  Resources resources;
  const Resource& pods = resources.get("", "pods");
  Object pod;
  pod.resource = &pods;
  pod.namespace_name = "shop";
  pod.name = "web-1";
  pod.body = *encode(
      *pods.message,
      *parse_json(
          R"({"metadata":{"name":"web-1","labels":{"a":"b"}},"spec":{"nodeName":"node-2"},"status":{"phase":"Running"}})",
          "test"));
  auto holds = [&](std::string_view text) {
    auto selector = FieldSelector::parse(text, pods);
    EXPECT_TRUE(selector) << text;
    return selector && selector->matches(pod);
  };
  for (std::string_view yes : {"", "metadata.name=web-1", "metadata.namespace==shop",
                               "spec.nodeName=node-2,status.phase!=Failed", "spec.hostNetwork=false"})
    EXPECT_TRUE(holds(yes)) << yes;
  for (std::string_view no : {"metadata.name=web-2", "status.phase=Pending", "spec.nodeName="})
    EXPECT_FALSE(holds(no)) << no;
  EXPECT_EQ(labels_of(pod), (Labels{{"a", "b"}}));
  EXPECT_EQ(FieldSelector::parse("x=y", pods).error(), "field label not supported: x");
  EXPECT_EQ(FieldSelector::parse("x", pods).error(), "invalid selector: 'x'; can't understand 'x'");
  EXPECT_EQ(FieldSelector::parse("x=y", resources.get("", "configmaps")).error(),
            "\"x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
}

TEST(Names, AreCheckedAsTheApiServerDoes) {
  for (std::string_view fine : {"a", "web-1", "a.b-c.d", "1"}) EXPECT_EQ(subdomain_problem(fine), "") << fine;
  for (std::string_view bad : {"", "A", "-a", "a-", "a..b", ".a", "a_b", "--server=https://x", "../x", "a/b"})
    EXPECT_NE(subdomain_problem(bad), "") << bad;
  using Problems = std::vector<std::string>;
  EXPECT_EQ(label_problems("1a"), Problems());
  EXPECT_EQ(label_problems("a.b"), Problems{"must not contain dots"});
  EXPECT_EQ(label_problems(std::string(62, 'a') + ".b"),
            (Problems{"must be no more than 63 characters", "must not contain dots"}));
  EXPECT_TRUE(as_one(label_problems("a."), "").starts_with("a lowercase RFC 1123 label"));
  EXPECT_EQ(label_key_problems("example.com/app"), Problems());
  EXPECT_EQ(label_key_problems(std::string(254, 'a') + "/app"), Problems{"prefix part must be no more than 253 bytes"});
  EXPECT_EQ(subdomain_problem(std::string(254, 'a')), "must be no more than 253 characters");
  EXPECT_EQ(name_suffix(12345).size(), 5u);
}

}  // namespace
}  // namespace fairlead::sandbox
