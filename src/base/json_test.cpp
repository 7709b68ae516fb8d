#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/text.h"

namespace fairlead {
namespace {

using testing::HasSubstr;

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

std::string cause_of(std::string_view text, JsonLimits limits = {}) {
  const auto result = parse_json(text, "read the answer", limits);
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, ErrorCode::invalid_request);
  EXPECT_EQ(result.error().step, "read the answer");
  EXPECT_NE(result.error().remedy, "");
  return result.error().cause;
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  const json::value value =
      parsed(R"( {"a": [null, true, -1, 18446744073709551615, 0.5, "x\u00e4\ud83d\ude80\n"], "b": {}} )");
  EXPECT_EQ(value, json::value({{"a", {nullptr, true, -1, 18446744073709551615U, 0.5, "x\xC3\xA4\xF0\x9F\x9A\x80\n"}},
                                {"b", json::object()}}));
  EXPECT_EQ(parsed("5"), 5);
  EXPECT_EQ(parsed("\"\""), "");
}

TEST(ParseJson, ReadsDoublesToTheLastBit) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t bits = random();
    double number;
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) continue;
    char text[64];
    std::snprintf(text, sizeof text, "%.17e", number);
    const json::value value = parsed(text);
    ASSERT_EQ(value.get_double(), number) << text;
  }
  EXPECT_EQ(parsed("-1.5"), -1.5);
  EXPECT_EQ(parsed("1e-400"), 0.0);
  EXPECT_EQ(parsed("123456789012345678901"), 123456789012345678901.0);
}

TEST(ParseJson, KeepsTheLastOfDuplicateKeysUnlessTheyAreRefused) {
  EXPECT_EQ(parsed(R"({"a":1,"a":2})"), json::value({{"a", 2}}));
  JsonLimits strict;
  strict.duplicate_keys = false;
  EXPECT_EQ(cause_of(R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]})", strict), "accepted");
  EXPECT_THAT(cause_of(R"({"a":1,"b":2,"a":3})", strict), HasSubstr(R"(the key "a" is there twice in one object)"));
  EXPECT_THAT(cause_of(R"([{"x":{"a":1,"\u0061":3}}])", strict), HasSubstr(R"(the key "a" is there twice)"));
  EXPECT_THAT(cause_of(R"({"a":{"b":1},"b":1,"a":{}})", strict), HasSubstr(R"(the key "a" is there twice)"));
  EXPECT_THAT(cause_of(R"({"":1,"":1})", strict), HasSubstr(R"(the key "" is there twice)"));
}

TEST(ParseJson, NamesTheByteAndTheReason) {
  const std::string remedy = "Give one complete JSON value in UTF-8";
  EXPECT_EQ(parse_json("{", "read x").error().sentence(), "read x: at byte 1: it ends too early. " + remedy + ".");
  EXPECT_EQ(cause_of(""), "the JSON is empty");
  EXPECT_EQ(cause_of(" \n"), "the JSON is empty");
  EXPECT_EQ(cause_of("[1,]"), "at byte 3: this is not JSON");
  EXPECT_EQ(cause_of("{a:1}"), "at byte 1: this is not JSON");
  EXPECT_EQ(cause_of("[1] x"), "at byte 4: there is text after the value");
  EXPECT_EQ(cause_of("nul"), "at byte 3: it ends too early");
  EXPECT_THAT(cause_of("\"a\nb\""), HasSubstr("at byte 2: "));
  EXPECT_THAT(cause_of(R"("\ud800\u0041")"), HasSubstr("half of a surrogate pair"));
  EXPECT_THAT(cause_of(R"("\udc00")"), HasSubstr("half of a surrogate pair"));
  EXPECT_THAT(cause_of(R"("\u00g0")"), HasSubstr("not four hexadecimal digits"));
  EXPECT_THAT(cause_of("1e400"), HasSubstr("a number is too large"));
  EXPECT_THAT(cause_of("[-1e99999999999]"), HasSubstr("a number is too large"));
  EXPECT_THAT(cause_of("// comment\n1"), HasSubstr("this is not JSON"));
  EXPECT_THAT(cause_of("NaN"), HasSubstr("this is not JSON"));
  EXPECT_THAT(cause_of("\xEF\xBB\xBF{}"), HasSubstr("at byte 0"));
}

TEST(ParseJson, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(cause_of("{\"a\":\"x\xFFy\"}"), "at byte 7: this byte is not UTF-8");
  EXPECT_EQ(cause_of("\"\xC0\xAF\""), "at byte 1: this byte is not UTF-8");
  EXPECT_EQ(cause_of("\"\xED\xA0\x80\""), "at byte 1: this byte is not UTF-8");
  EXPECT_EQ(cause_of("{\"k\xE2\x82\":1}"), "at byte 3: this byte is not UTF-8");
  EXPECT_EQ(cause_of("\xFF"), "at byte 0: this byte is not UTF-8");
  EXPECT_EQ(cause_of("[1, x, \"\xFF\"]"), "at byte 4: this is not JSON");
}

TEST(ParseJson, BoundsBytesDepthAndValues) {
  EXPECT_EQ(cause_of("[1,2]", {.bytes = 4}), "the JSON is 5 bytes long, and at most 4 are read");
  EXPECT_EQ(cause_of("[[1]]", {.depth = 2}), "accepted");
  EXPECT_THAT(cause_of("[[{}]]", {.depth = 2}), HasSubstr("nested more than 2 levels deep"));
  EXPECT_EQ(cause_of("[1,[2],{\"a\":3}]", {.nodes = 6}), "accepted");
  EXPECT_THAT(cause_of("[1,[2],{\"a\":3}]", {.nodes = 5}), HasSubstr("it holds more than 5 values"));
}

TEST(ParseJson, NeverRunsOutOfStack) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  for (const std::string open : {"[", "{\"a\":", "[{\"a\":"}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += open;
    EXPECT_THAT(cause_of(text), HasSubstr("nested more than 128 levels deep"));
    EXPECT_THAT(cause_of(text, {.depth = no_limit}), HasSubstr("nested more than 1000 levels deep"));
  }
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_EQ(compact(parse_json(deep, "test", {.depth = no_limit}).value()), deep);
}

TEST(ParseJson, ShowsNothingOfTheText) {
  for (const char* text :
       {"{\"token\": s3cret}", "s3cret", "\"s3cret", "{\"token\":\"s3cret\" \"x\"}", "[\"s3cret\",]"})
    EXPECT_THAT(cause_of(text), testing::Not(HasSubstr("s3cret")));
}

TEST(Find, WalksMembers) {
  const json::value value = parsed(R"({"metadata":{"name":"web","labels":null}})");
  ASSERT_TRUE(find(value, "metadata", "name"));
  EXPECT_EQ(*find(value, "metadata", "name"), "web");
  EXPECT_TRUE(find(value, "metadata", "labels")->is_null());
  EXPECT_FALSE(find(value, "metadata", "labels", "app"));
  EXPECT_FALSE(find(value, "spec", "name"));
  EXPECT_FALSE(find(json::value(nullptr), "a"));
}

TEST(At, AnswersTheValueOrTheDefault) {
  const json::value value =
      parsed(R"({"s":"x","i":-7,"u":18446744073709551615,"d":3.0,"f":3.5,"b":true,"a":[1],"o":{"k":"v"}})");
  EXPECT_EQ(text_at(value, {"s"}), "x");
  EXPECT_EQ(text_at(value, {"o", "k"}), "v");
  EXPECT_EQ(text_at(value, {"i"}), "");
  EXPECT_EQ(text_at(value, {"o", "missing"}), "");
  EXPECT_EQ(integer_at(value, {"i"}), -7);
  EXPECT_EQ(integer_at(value, {"d"}), 3);
  EXPECT_EQ(integer_at(value, {"u"}, 5), 5);
  EXPECT_EQ(integer_at(value, {"f"}, 5), 5);
  EXPECT_EQ(integer_at(value, {"s"}, 5), 5);
  EXPECT_EQ(integer_at(value, {"missing"}), 0);
  EXPECT_TRUE(flag_at(value, {"b"}));
  EXPECT_FALSE(flag_at(value, {"i"}));
  EXPECT_EQ(array_at(value, {"a"}).size(), 1);
  EXPECT_TRUE(array_at(value, {"o"}).empty());
  const json::array& kept = array_at(json::value(value), {"a"});  // of a temporary, which has gone
  EXPECT_EQ(kept.size(), 1);
  static_assert(std::is_same_v<decltype(object_at(json::value(), {})), json::object>);
  EXPECT_EQ(object_at(value, {"o"}).size(), 1);
  EXPECT_TRUE(object_at(value, {"a"}).empty());
}

TEST(WriteJson, IndentsByTwo) {
  const json::value value = parsed(R"({"b":[1,{"a":null},[],{}],"a":"x"})");
  EXPECT_EQ(compact(value), R"({"b":[1,{"a":null},[],{}],"a":"x"})");
  EXPECT_EQ(pretty(value), R"({
  "b": [
    1,
    {
      "a": null
    },
    [],
    {}
  ],
  "a": "x"
})");
  EXPECT_EQ(pretty(json::object()), "{}");
}

TEST(WriteJson, WritesNumbersAsGoDoes) {
  const std::pair<double, const char*> cases[] = {
      {2.0, "2"},      {-0.5, "-0.5"},     {0.1, "0.1"},   {1e20, "100000000000000000000"},
      {1e21, "1e+21"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {-1.5e-12, "-1.5e-12"},
      {0.0, "0"}};
  for (const auto& [number, text] : cases) EXPECT_EQ(compact(json::value(number)), text);
  EXPECT_EQ(compact(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(compact(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(compact(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(compact(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(WriteJson, EscapesWhatCannotBeSeen) {
  EXPECT_EQ(compact("\"\\\n\r\t\x1B[0m\x7F gr\xC3\xBC\xC3\x9F"), R"("\"\\\n\r\t\u001b[0m\u007f grüß")");
  EXPECT_EQ(compact("\xE2\x80\xAE\xF3\xA0\x81\x81\xF0\x9F\x9A\x80"), "\"\\u202e\\udb40\\udc41\xF0\x9F\x9A\x80\"");
  EXPECT_EQ(compact("a\xFF"), "\"a\xEF\xBF\xBD\"");
  const std::string all = [] {
    std::string text;
    for (char c = 0; c < 0x7F; ++c) text += c;
    return text + "\xC2\x85\xE2\x80\xA8\xEF\xBB\xBF\xF3\xA0\x87\xAF";
  }();
  EXPECT_EQ(parsed(compact(json::value{{all, all}})), (json::value{{all, all}}));
}

}  // namespace
}  // namespace fairlead
