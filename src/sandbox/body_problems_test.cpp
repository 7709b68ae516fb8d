#include "sandbox/body_problems.h"

#include <gtest/gtest.h>

#include "sandbox/patch.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {
namespace {

TEST(BodyProblems, JsonStopsWhereGoStops) {
  EXPECT_EQ(json_problem("{} {}"), "invalid character '{' after top-level value");
  EXPECT_EQ(json_problem("{\"a\": 1,}"), "invalid character '}' looking for beginning of object key string");
  EXPECT_EQ(json_problem("{'a': 1}"), "invalid character '\\'' looking for beginning of object key string");
  EXPECT_EQ(json_problem("{\"a\" 1}"), "invalid character '1' after object key");
  EXPECT_EQ(json_problem("{\"a\": 1 2}"), "invalid character '2' after object key:value pair");
  EXPECT_EQ(json_problem("[1 \"x\"]"), "invalid character '\"' after array element");
  EXPECT_EQ(json_problem("hello"), "invalid character 'h' looking for beginning of value");
  EXPECT_EQ(json_problem("trub"), "invalid character 'b' in literal true (expecting 'e')");
  EXPECT_EQ(json_problem("-x"), "invalid character 'x' in numeric literal");
  EXPECT_EQ(json_problem("\"\\q\""), "invalid character 'q' in string escape code");
  for (std::string_view half : {"", "{", "[1,", "\"a", "{\"a\":", "tr", "-", "\"\\u12"})
    EXPECT_EQ(json_problem(half), "unexpected end of JSON input") << half;
}

TEST(BodyProblems, YamlCountsLinesAsItsLibraryDoes) {
  EXPECT_EQ(yaml_problem("line 1, column 5: mapping values are not allowed in this context"),
            "yaml: mapping values are not allowed in this context");
  EXPECT_EQ(yaml_problem("line 3, column 5: mapping values are not allowed in this context"),
            "yaml: line 3: mapping values are not allowed in this context");
  EXPECT_EQ(yaml_problem("line 2, column 1: did not find expected node content"),
            "yaml: line 1: did not find expected node content");
}

TEST(BodyProblems, TextsAreQuotedAsByGo) {
  EXPECT_EQ(quoted_as_go("a\x01"
                         "b\n\"\\\x7f"),
            R"("a\x01b\n\"\\\x7f")");
  EXPECT_EQ(quoted_as_go("\xff"
                         "\xc3\xa9"
                         "\xe2\x80\x8b"),
            "\"\\xff\xc3\xa9\\u200b\"");
}

TEST(BodyProblems, ConversionNamesTheFirstMisfit) {
  const Message& deployment = *Schema::builtin().message("Deployment");
  auto problem = [&](std::string_view text) { return conversion_problem(deployment, *parse_json(text, "")); };
  EXPECT_EQ(problem(R"({"spec": {"template": {"spec": {"containers": "x"}}}})"), "cannot restore slice from string");
  EXPECT_EQ(problem(R"({"metadata": {"labels": {"a": 1}}})"), "cannot convert int64 to string");
  EXPECT_EQ(problem(R"({"metadata": {"labels": []}})"), "cannot restore map from slice");
  EXPECT_EQ(problem(R"({"spec": true})"), "cannot restore struct from: bool");
  EXPECT_EQ(problem(R"({"spec": {"replicas": 1, "template": null}})"), "");
}

}  // namespace
}  // namespace fairlead::sandbox
