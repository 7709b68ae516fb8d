#include "base/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"

namespace fairlead {
namespace {

using testing::HasSubstr;

json::value parsed(std::string_view text) {
  auto result = parse_yaml(text, "test");
  if (!result) ADD_FAILURE() << result.error().sentence() << "\n" << text;
  return result.value_or(nullptr);
}

std::string cause_of(std::string_view text, YamlLimits limits = {}) {
  const auto result = parse_yaml(text, "read the file", limits);
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(result.error().step, "read the file");
  EXPECT_NE(result.error().remedy, "");
  return result.error().cause;
}

TEST(ParseYaml, ReadsAKubeconfig) {
  const json::value value = parsed(R"(# made by hand
apiVersion: v1
kind: Config
clusters:
- name: kind
  cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: false}
users:
  - name: admin
    user:
      token: >-
        abc
        def
      exec: null
current-context:
)");
  EXPECT_EQ(
      compact(value),
      R"({"apiVersion":"v1","kind":"Config","clusters":[{"name":"kind","cluster":{"server":"https://127.0.0.1:6443",)"
      R"("insecure-skip-tls-verify":false}}],"users":[{"name":"admin","user":{"token":"abc def","exec":null}}],)"
      R"("current-context":null})");
}

TEST(ParseYaml, ReadsNothingAsNull) {
  for (const char* text : {"", "\n", "# comment", "---\n", "~", "\xEF\xBB\xBF", "---\n...\n"})
    EXPECT_TRUE(parsed(text).is_null());
  EXPECT_EQ(parse_yaml(std::string_view(), "").value(), json::value(nullptr));
}

TEST(ParseYaml, ReadsTheFirstDocument) {
  EXPECT_EQ(parsed("a: 1\n---\nb: 2\n"), json::value({{"a", 1}}));
  EXPECT_EQ(parsed("\xEF\xBB\xBF%YAML 1.1\n--- 5\n"), 5);
}

// Each was given to kubectl 1.32 (label --local -o json); the right side is what it answered.
TEST(ParseYaml, ReadsScalarsAsKubectl) {
  const std::pair<const char*, const char*> cases[] = {
      {"yes", "true"},
      {"On", "true"},
      {"TRUE", "true"},
      {"y", "true"},
      {"n", "false"},
      {"off", "false"},
      {"No", "false"},
      {"tRUE", R"("tRUE")"},
      {"~", "null"},
      {"Null", "null"},
      {"nULL", R"("nULL")"},
      {"0x1F", "31"},
      {"017", "15"},
      {"0o17", "15"},
      {"0O17", "15"},
      {"0b11", "3"},
      {"-0b11", "-3"},
      {"-0x1f", "-31"},
      {"0x_1f", "31"},
      {"1_000", "1000"},
      {"0_7", "7"},
      {"0_", "0"},
      {"00", "0"},
      {"-0", "0"},
      {"+5", "5"},
      {"08", "8"},
      {"1e3", "1000"},
      {"1.", "1"},
      {".5", "0.5"},
      {"-.5", "-0.5"},
      {"1_0.5", "10.5"},
      {".5_0", "0.5"},
      {"1e-7", "1e-7"},
      {"1e400", R"("1e400")"},
      {"1e-400", "0"},
      {"1:30", R"("1:30")"},
      {"2001-01-01", R"("2001-01-01")"},
      {"=", R"("=")"},
      {".e1", R"(".e1")"},
      {"0x", R"("0x")"},
      {"0xg", R"("0xg")"},
      {"1.2.3", R"("1.2.3")"},
      {"-", R"([null])"},
      {"+", R"("+")"},
      {".", R"(".")"},
      {"1e", R"("1e")"},
      {"\"5\"", R"("5")"},
      {"'true'", R"("true")"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"123456789012345678901", "123456789012345683968"},
      {"5d59d67564", R"("5d59d67564")"},
      {"100m", R"("100m")"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(compact(parsed(text)), expected) << text;
}

TEST(ParseYaml, HonoursTags) {
  const std::pair<const char*, const char*> cases[] = {{"!!str 5", R"("5")"},
                                                       {"!!str", R"("")"},
                                                       {"!!int \"5\"", "5"},
                                                       {"!!bool 'yes'", "true"},
                                                       {"!!null ''", "null"},
                                                       {"!!float 2.5", "2.5"},
                                                       {"! 5", "5"},
                                                       {"!custom 5", "5"},
                                                       {"!custom \"5\"", R"("5")"},
                                                       {"!!map {a: 1}", R"({"a":1})"},
                                                       {"!!set {a: }", R"({"a":null})"},
                                                       {"!!binary aGk=", R"("aGk=")"},
                                                       {"!<tag:yaml.org,2002:str> 7", R"("7")"},
                                                       {"%TAG !e! tag:yaml.org,2002:\n--- !e!str 8", R"("8")"},
                                                       {"!!timestamp 2001-01-01", R"("2001-01-01")"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(compact(parsed(text)), expected) << text;
  EXPECT_EQ(parsed("!!float 3"), 3.0);

  EXPECT_EQ(cause_of("a: !!int s3cret"), "line 1, column 4: this is not an integer");
  EXPECT_EQ(cause_of("a: !!float x"), "line 1, column 4: this is not a number");
  EXPECT_EQ(cause_of("a: !!bool 5"), "line 1, column 4: this is not a boolean");
  EXPECT_EQ(cause_of("a: !!null 5"), "line 1, column 4: this is not null");
  EXPECT_EQ(cause_of("!!str [a]"), "line 1, column 1: the tag is one for single values");
  EXPECT_EQ(cause_of("!!int {a: 1}"), "line 1, column 1: the tag is one for single values");
}

TEST(ParseYaml, MakesTextOfKeysAsKubectl) {
  EXPECT_EQ(compact(parsed("{yes: 1, 0x10: 2, 1.10: 3, 1e3: 7, 1.0: 8, 12345678.5: 9, \"no\": 10, -1: 11}")),
            R"({"true":1,"16":2,"1.1":3,"1000":7,"1":8,"1.2345678e+07":9,"no":10,"-1":11})");
  const std::string cause = "a key is text, a number or a boolean, and nothing else";
  EXPECT_EQ(cause_of("a: 1\n[b]: 2"), "line 2, column 1: " + cause);
  EXPECT_EQ(cause_of("? {a: 1}\n: 2"), "line 1, column 3: " + cause);
  EXPECT_EQ(cause_of("~: 2"), "line 1, column 1: " + cause);
  EXPECT_EQ(cause_of("null: 2"), "line 1, column 1: " + cause);
  EXPECT_EQ(cause_of("a: &x [1]\n*x : 2"), "line 2, column 1: " + cause);
}

TEST(ParseYaml, RefusesDuplicateKeys) {
  EXPECT_EQ(cause_of("a: 1\nb: 2\n\"a\": 3"), "line 3, column 1: the key \"a\" is there twice in one mapping");
  EXPECT_EQ(cause_of("x: {1: a, 0x1: b}"), "line 1, column 11: the key \"1\" is there twice in one mapping");
  EXPECT_EQ(cause_of(R"({"a": {"b": 1, "b": 2}})"), "line 1, column 16: the key \"b\" is there twice in one mapping");
  EXPECT_EQ(cause_of("- a: 1\n- a: 1"), "accepted");
}

TEST(ParseYaml, ResolvesAliases) {
  EXPECT_EQ(compact(parsed("a: &x [1, 2]\nb: *x\nc: &x hi\nd: *x\n&k e: *k")),
            R"({"a":[1,2],"b":[1,2],"c":"hi","d":"hi","e":"e"})");
  const std::string cause = "no complete value before this alias has its anchor";
  EXPECT_EQ(cause_of("password: *hunter2"), "line 1, column 11: " + cause);
  EXPECT_EQ(cause_of("a: &x\n  b: *x"), "line 2, column 6: " + cause);
}

TEST(ParseYaml, MergesMappings) {
  EXPECT_EQ(compact(parsed("base: &b {x: 1, z: 2}\nc:\n  z: 3\n  <<: *b\n")),
            R"({"base":{"x":1,"z":2},"c":{"z":3,"x":1}})");
  EXPECT_EQ(compact(parsed("{<<: [{a: 1}, {a: 2, b: 3}], c: 4}")), R"({"c":4,"a":1,"b":3})");
  EXPECT_EQ(compact(parsed("{\"<<\": 5}")), R"({"<<":5})");
  EXPECT_EQ(cause_of("<<: 5"), "line 1, column 1: \"<<\" takes a mapping or a list of mappings");
  EXPECT_EQ(cause_of("<<: [{a: 1}, 5]"), "line 1, column 1: \"<<\" takes a mapping or a list of mappings");
  EXPECT_EQ(cause_of("<<: {}\n<<: {}"), "line 2, column 1: the key \"<<\" is there twice in one mapping");
}

TEST(ParseYaml, BoundsBytesDepthAndValues) {
  EXPECT_EQ(cause_of("abcde", {.bytes = 4}), "the YAML is 5 bytes long, and at most 4 are read");
  EXPECT_EQ(cause_of("- - 1", {.depth = 2}), "accepted");
  EXPECT_EQ(cause_of("- - - 1", {.depth = 2}), "line 1, column 5: it is nested more than 2 levels deep");
  EXPECT_EQ(cause_of("[[[]]]", {.depth = 2}), "line 1, column 3: it is nested more than 2 levels deep");
  EXPECT_EQ(cause_of("a: 1\nb: 2", {.nodes = 5}), "accepted");
  EXPECT_EQ(cause_of("a: 1\nb: 2", {.nodes = 4}),
            "line 2, column 4: it holds more than 4 values once aliases are expanded");
  EXPECT_EQ(cause_of("x: &x [[1]]\ny: [*x]", {.depth = 3}), "line 2, column 5: it is nested more than 3 levels deep");
}

TEST(ParseYaml, BoundsWhatAliasesBecome) {
  std::string laughs = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int copy = 1; copy < 10; ++copy) laughs += ", " + alias;
    laughs += "]\n";
  }
  EXPECT_THAT(cause_of(laughs), testing::AnyOf(HasSubstr("too large when aliases are expanded"),
                                               HasSubstr("1000000 values once aliases are expanded")));

  std::string long_text = "a: &a " + std::string(1 << 20, 'x') + "\nb:\n";
  for (int i = 0; i < 1000; ++i) long_text += "- *a\n";
  EXPECT_THAT(cause_of(long_text), HasSubstr("too large when aliases are expanded"));

  std::string nested = "&a0 " + std::string(1 << 20, 'x');
  for (int i = 1; i < 90; ++i) nested = "&a" + std::to_string(i) + " [" + nested + "]";
  EXPECT_THAT(cause_of(nested), HasSubstr("too large when aliases are expanded"));
}

TEST(ParseYaml, NeverRunsOutOfStack) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  for (const std::string open : {"[", "{a: ", "- ", "? "}) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += open;
    EXPECT_THAT(cause_of(text), HasSubstr("nested more than 100 levels deep")) << open;
    EXPECT_THAT(cause_of(text, {.depth = no_limit}), HasSubstr("nested more than 1000 levels deep")) << open;
  }
}

TEST(ParseYaml, RefusesManyTagDirectives) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "\n%TAG !e" + std::to_string(i) + "! x";
  EXPECT_EQ(cause_of(text + "\n--- 1"), "there are too many %TAG directives");
}

TEST(ParseYaml, RefusesBinary) {
  EXPECT_EQ(cause_of(std::string_view("a: 1\nb\0c", 8)),
            "line 2, column 2: the control character U+0000 is not allowed in YAML");
  EXPECT_EQ(cause_of("\x7F"
                     "ELF"),
            "line 1, column 1: the control character U+007F is not allowed in YAML");
  EXPECT_EQ(cause_of("a: \x1B[31m"), "line 1, column 4: the control character U+001B is not allowed in YAML");
  EXPECT_EQ(cause_of("a: b\n\nc: \xFF"), "line 3, column 4: the byte 0xFF is not UTF-8");
  EXPECT_EQ(cause_of("\xFF\xFE"
                     "a"),
            "line 1, column 1: the byte 0xFF is not UTF-8");
  EXPECT_EQ(cause_of("a: \xEF\xBF\xBE"), "line 1, column 4: the control character U+FFFE is not allowed in YAML");
  EXPECT_EQ(cause_of("a: \xC2\x9B"), "line 1, column 4: the control character U+009B is not allowed in YAML");
}

TEST(ParseYaml, NamesLineColumnAndReason) {
  EXPECT_EQ(parse_yaml("a: b: c", "read x").error().sentence(),
            "read x: line 1, column 5: mapping values are not allowed in this context. Correct the YAML there.");
  EXPECT_THAT(cause_of("a:\n\t- b"), HasSubstr("line 2, column 1: "));
  EXPECT_THAT(cause_of("a: [1, 2"), HasSubstr("did not find expected ',' or ']'"));
  EXPECT_THAT(cause_of("a: \"x"), HasSubstr("unexpected end of stream"));
  EXPECT_THAT(cause_of("{\"a\": 1} x"), HasSubstr("line 1, column 10: "));
  EXPECT_THAT(cause_of("a: 1\n b: 2"), HasSubstr("line 2, column 3: "));
  EXPECT_EQ(cause_of("- .inf"), "line 1, column 3: infinities and NaN have no form in JSON");
  EXPECT_EQ(cause_of(".NaN: 1"), "line 1, column 1: infinities and NaN have no form in JSON");
}

TEST(ParseYaml, RefusesASecondDocumentWhereThereMayBeOne) {
  const YamlLimits one{.documents = false};
  EXPECT_EQ(compact(parsed("a: 1\n---\nb: 2\n")), R"({"a":1})");
  EXPECT_EQ(cause_of("a: 1\n---\nb: 2\n", one),
            "line 2, column 1: a second document begins, and there may be only one");
  EXPECT_THAT(cause_of("a: 1\n...\n---\n", one), HasSubstr("a second document begins"));
  for (const char* text : {"", "a: 1\n", "---\na: 1\n...\n", "# x\n---\na: |\n  ---\n"})
    EXPECT_EQ(cause_of(text, one), "accepted") << text;
}

TEST(ParseYaml, ReadsJson) {
  EXPECT_EQ(compact(parsed("{\"a\":[1,\"\\ud83d\\ude80\\/\",null],\t\"b\":{\"c\":\"yes\"}}")),
            "{\"a\":[1,\"\xF0\x9F\x9A\x80/\",null],\"b\":{\"c\":\"yes\"}}");
  const json::value long_key{{std::string(3000, 'k'), 1}};
  EXPECT_EQ(parsed(compact(long_key)), long_key);
  EXPECT_EQ(compact(parsed("{a: [b, {c: yes}]}")), R"({"a":["b",{"c":true}]})");
  EXPECT_THAT(cause_of("[1,2,3]", {.nodes = 3}), HasSubstr("more than 3 values"));
}

}  // namespace
}  // namespace fairlead
