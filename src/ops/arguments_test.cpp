#include "ops/arguments.h"

#include <gmock/gmock.h>

namespace fairlead::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<Parameter> kAll{
    {.name = "name", .type = ParameterType::name, .meaning = "Its name", .required = true},
    {.name = "namespace", .type = ParameterType::ns, .meaning = "Its namespace"},
    {.name = "container", .type = ParameterType::container, .meaning = "Which"},
    {.name = "selector", .type = ParameterType::selector, .meaning = "Such as app=web"},
    {.name = "replicas", .type = ParameterType::integer, .meaning = "How many", .minimum = 0, .maximum = 100},
    {.name = "seconds", .type = ParameterType::integer, .meaning = "How long", .default_value = "30"},
    {.name = "dry_run", .type = ParameterType::boolean, .meaning = "Only try"},
    {.name = "columns", .type = ParameterType::text_list, .meaning = "Which"},
    {.name = "since", .type = ParameterType::time, .meaning = "Since when"},
    {.name = "format", .meaning = "How", .default_value = "table", .choices = {"table", "json"}},
    {.name = "pattern", .type = ParameterType::regex, .meaning = "What"},
};

Result<Arguments> validate(json::object given) {
  if (!given.contains("name")) given["name"] = "web";
  return Arguments::validate(given, kAll, "an_operation");
}

std::string problem(json::object given) {
  auto arguments = validate(std::move(given));
  if (arguments) return "accepted";
  EXPECT_EQ(arguments.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(arguments.error().step, "an_operation");
  EXPECT_FALSE(arguments.error().remedy.empty());
  return arguments.error().cause;
}

TEST(Arguments, EveryType) {
  auto arguments = validate({{"namespace", "shop"},
                             {"container", "app"},
                             {"selector", "app in (a,b),tier!=x"},
                             {"replicas", 5},
                             {"dry_run", true},
                             {"columns", {"a", "b"}},
                             {"since", "2026-01-31T12:00:00Z"},
                             {"format", "json"},
                             {"pattern", "a.*b"}});
  ASSERT_TRUE(arguments) << arguments.error().sentence();
  EXPECT_EQ(arguments->text("name"), "web");
  EXPECT_EQ(arguments->text("namespace"), "shop");
  EXPECT_EQ(arguments->integer("replicas"), 5);
  EXPECT_EQ(arguments->integer("seconds"), 30);
  EXPECT_TRUE(arguments->flag("dry_run"));
  EXPECT_THAT(arguments->list("columns"), ElementsAre("a", "b"));
  EXPECT_EQ(arguments->text("format"), "json");
  EXPECT_EQ(arguments->text("nothing"), "");
  EXPECT_EQ(arguments->integer("nothing", 7), 7);
  EXPECT_FALSE(arguments->flag("nothing"));
  EXPECT_TRUE(arguments->list("nothing").empty());
}

TEST(Arguments, NullIsLeftOut) {
  auto arguments = validate({{"namespace", nullptr}, {"format", nullptr}, {"dry_run", nullptr}});
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(arguments->has("namespace"));
  EXPECT_FALSE(arguments->flag("dry_run"));
  EXPECT_EQ(arguments->text("format"), "table");
  EXPECT_THAT(problem({{"name", nullptr}}), HasSubstr("parameter name: it is required"));
}

TEST(Arguments, WrongTypes) {
  const std::vector<json::value> values{5,  5.5,   true,      "text", json::array{}, json::array{1}, json::object{},
                                        -1, 1e300, UINT64_MAX};
  for (const auto& parameter : kAll) {
    for (const auto& value : values) {
      if (parameter.type == ParameterType::boolean && value.is_bool()) continue;
      if (parameter.type == ParameterType::text_list && value.is_array() && value.get_array().empty()) continue;
      if (parameter.type == ParameterType::integer &&
          (value == json::value(5) || (parameter.name == "seconds" && value == json::value(-1))))
        continue;
      const bool text = parameter.type != ParameterType::boolean && parameter.type != ParameterType::text_list &&
                        parameter.type != ParameterType::integer;
      if (text && value.is_string() && parameter.type != ParameterType::time && parameter.choices.empty()) continue;
      EXPECT_THAT(problem({{parameter.name, value}}), HasSubstr("parameter " + std::string(parameter.name)))
          << compact(value);
    }
  }
}

TEST(Arguments, WholeNumbers) {
  EXPECT_EQ(validate({{"replicas", 5.0}})->integer("replicas"), 5);
  EXPECT_EQ(validate({{"replicas", std::uint64_t{5}}})->integer("replicas"), 5);
  EXPECT_EQ(validate({{"seconds", 5e9}})->integer("seconds"), 5000000000);
  EXPECT_EQ(validate({{"replicas", 0}})->integer("replicas"), 0);
  EXPECT_EQ(validate({{"replicas", 100}})->integer("replicas"), 100);
  EXPECT_THAT(problem({{"replicas", -1}}), HasSubstr("at least 0"));
  EXPECT_THAT(problem({{"replicas", 101}}), HasSubstr("at most 100"));
  for (json::value value : {json::value(0.5), json::value(-1e19), json::value("5")})
    EXPECT_THAT(problem({{"seconds", value}}), HasSubstr("whole number"));
}

TEST(Arguments, UnknownNames) {
  auto arguments = validate({{"namespaces", "shop"}});
  EXPECT_THAT(arguments.error().cause, HasSubstr("'namespaces'"));
  EXPECT_EQ(arguments.error().remedy, "Did you mean namespace?");
  EXPECT_THAT(problem({{"kubeconfig", "/etc/x"}}), HasSubstr("there is no parameter 'kubeconfig'"));
  EXPECT_THAT(problem({{"", 1}}), HasSubstr("''"));
  EXPECT_EQ(problem({{"a\n\x1b[31m", 1}}), "there is no parameter 'a\\x0A\\x1B[31m'");
  EXPECT_LT(problem({{std::string(100000, 'x'), 1}}).size(), 200u);
}

// Every one of these must be refused wherever an object's name is taken.
TEST(Arguments, HostileNames) {
  std::vector<std::string> names{"--server=https://x",
                                 "-n",
                                 "../x",
                                 "a/b",
                                 "..",
                                 ".",
                                 "a..b",
                                 ".a",
                                 "a.",
                                 "%2F",
                                 "a%2e",
                                 "a b",
                                 "a\tb",
                                 "a\nb",
                                 "A",
                                 "a_b",
                                 "a:b",
                                 "a?b",
                                 "a#b",
                                 "a&b",
                                 "a;b",
                                 "a|b",
                                 "$(x)",
                                 "`x`",
                                 "a'b",
                                 "a\"b",
                                 "a\\b",
                                 "",
                                 " ",
                                 "-a",
                                 "a-",
                                 "a.-b",
                                 "*",
                                 std::string("a\0b", 3),
                                 std::string("\0", 1),
                                 "\xff",
                                 "wеb",
                                 "ａ",
                                 "a\u200b",
                                 "a\u202e",
                                 "é",
                                 std::string(254, 'a')};
  for (const auto& name : names) {
    EXPECT_THAT(problem({{"name", name}}), HasSubstr("parameter name: ")) << name;
    EXPECT_THAT(problem({{"namespace", name}}), HasSubstr("parameter namespace: "));
    EXPECT_THAT(problem({{"container", name}}), HasSubstr("parameter container: "));
    EXPECT_LT(problem({{"name", name}}).size(), 400u);
  }
  EXPECT_THAT(problem({{"namespace", "a.b"}}), HasSubstr("parameter namespace: "));
  EXPECT_THAT(problem({{"namespace", std::string(64, 'a')}}), HasSubstr("63"));
}

TEST(Arguments, GoodNames) {
  for (std::string name : {std::string("a"), std::string("0"), std::string("web-0"), std::string("a.b-c.d0"),
                           std::string("ip-10-0-0-1.ec2.internal"), std::string(253, 'a')})
    EXPECT_EQ(problem({{"name", name}}), "accepted");
  EXPECT_EQ(problem({{"namespace", std::string(63, 'a')}}), "accepted");
}

TEST(Arguments, OtherBounds) {
  EXPECT_THAT(problem({{"selector", "a\nb"}}), HasSubstr("control character"));
  EXPECT_THAT(problem({{"selector", std::string("a\0", 2)}}), HasSubstr("control character"));
  EXPECT_THAT(problem({{"selector", std::string(4097, 'a')}}), HasSubstr("4096"));
  EXPECT_THAT(problem({{"since", "yesterday"}}), HasSubstr("2026-01-31T12:00:00Z"));
  EXPECT_THAT(problem({{"format", "xml"}}), HasSubstr("one of table json"));
  EXPECT_THAT(problem({{"pattern", std::string(1025, 'a')}}), HasSubstr("1024"));
  EXPECT_THAT(problem({{"columns", json::array(65, "a")}}), HasSubstr("64"));
  EXPECT_THAT(problem({{"columns", {std::string(257, 'a')}}}), HasSubstr("256"));
}

TEST(Arguments, ThatAPersonTyped) {
  auto parse = [](std::string_view name, std::string_view text) {
    for (const auto& parameter : kAll)
      if (parameter.name == name) return parse_argument(parameter, text);
    return Result<json::value>(fail(ErrorCode::internal, "", ""));
  };
  EXPECT_EQ(*parse("replicas", "5"), json::value(5));
  EXPECT_EQ(*parse("replicas", "-5"), json::value(-5));
  for (auto text : {"", "5x", "x", " 5", "5.0", "99999999999999999999"}) EXPECT_FALSE(parse("replicas", text)) << text;
  EXPECT_EQ(*parse("dry_run", "true"), json::value(true));
  EXPECT_EQ(*parse("dry_run", ""), json::value(true));
  EXPECT_EQ(*parse("dry_run", "false"), json::value(false));
  EXPECT_FALSE(parse("dry_run", "yes"));
  EXPECT_EQ(compact(*parse("columns", "a, b,,c")), R"(["a","b","c"])");
  EXPECT_EQ(compact(*parse("columns", "")), "[]");
  EXPECT_EQ(*parse("name", "web"), json::value("web"));
  EXPECT_THAT(parse("replicas", "x\x1b").error().cause, HasSubstr("'x\\x1B'"));
}

TEST(JsonSchema, EveryType) {
  EXPECT_EQ(
      compact(json_schema(kAll)),
      R"({"type":"object","properties":{"name":{"type":"string","description":"Its name"},"namespace":{"type":"string","description":"Its namespace"},"container":{"type":"string","description":"Which"},)"
      R"("selector":{"type":"string","description":"Such as app=web"},"replicas":{"type":"integer","minimum":0,"maximum":100,"description":"How many"},)"
      R"("seconds":{"type":"integer","description":"How long","default":30},"dry_run":{"type":"boolean","description":"Only try"},)"
      R"("columns":{"type":"array","items":{"type":"string"},"description":"Which"},"since":{"type":"string","description":"Since when"},)"
      R"("format":{"type":"string","enum":["table","json"],"description":"How","default":"table"},"pattern":{"type":"string","description":"What"}},"required":["name"],"additionalProperties":false})");
  EXPECT_EQ(compact(json_schema({})), R"({"type":"object","properties":{},"additionalProperties":false})");
}

}  // namespace
}  // namespace fairlead::ops
