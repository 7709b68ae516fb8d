#include "sandbox/custom_schema.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "sandbox/custom_kinds.h"
#include "sandbox/openapi_schemas.h"

namespace fairlead::sandbox {
namespace {

json::value parse(std::string_view text) {
  auto value = parse_json(text, "test");
  EXPECT_TRUE(value) << text;
  return value ? *value : json::value();
}

std::shared_ptr<const CustomSchema> schema_of(std::string_view text) {
  auto made = CustomSchema::make(parse(text));
  EXPECT_TRUE(made) << (made ? "" : made.error());
  return made ? *made : nullptr;
}

// "field: reason: message" of every cause.
std::vector<std::string> causes_of(std::string_view schema, std::string_view value) {
  std::vector<std::string> out;
  for (const Cause& cause : schema_of(schema)->check(parse(value)))
    out.push_back(cause.field + ": " + cause.reason + ": " + cause.message);
  return out;
}

using Texts = std::vector<std::string>;

TEST(CustomSchema, TypesAreWordedAsTheServerWordsThem) {
  constexpr std::string_view schema =
      R"({"type":"object","properties":{"spec":{"type":"object","properties":{"replicas":{"type":"integer"}}}}})";
  EXPECT_EQ(causes_of(schema, R"({"spec":{"replicas":"two"}})"),
            Texts{"spec.replicas: FieldValueTypeInvalid: Invalid value: \"string\": spec.replicas in body must be of "
                  "type integer: \"string\""});
  EXPECT_EQ(causes_of(schema, R"({"spec":{"replicas":null}})").size(), 1U);
  EXPECT_TRUE(causes_of(schema, R"({"spec":{"replicas":2.0}})").empty());
  EXPECT_EQ(causes_of(schema, R"({"spec":{"replicas":2.5}})").size(), 1U);
}

TEST(CustomSchema, BoundsPatternsAndChoices) {
  EXPECT_EQ(causes_of(R"({"type":"object","required":["a"],"properties":{"a":{"type":"string"}}})", "{}"),
            Texts{"a: FieldValueRequired: Required value"});
  auto of = [](std::string_view member, std::string_view value) {
    return causes_of(R"({"type":"object","properties":{"a":)" + std::string(member) + "}}",
                     R"({"a":)" + std::string(value) + "}");
  };
  EXPECT_EQ(of(R"({"type":"string","pattern":"^[a-z]+$"})", R"("B1")"),
            Texts{"a: FieldValueInvalid: Invalid value: \"B1\": a in body should match '^[a-z]+$'"});
  EXPECT_EQ(of(R"({"type":"string","enum":["x","y"]})", R"("z")"),
            Texts{"a: FieldValueNotSupported: Unsupported value: \"z\": supported values: \"x\", \"y\""});
  EXPECT_EQ(of(R"({"type":"integer","minimum":1})", "0"),
            Texts{"a: FieldValueInvalid: Invalid value: 0: a in body should be greater than or equal to 1"});
  EXPECT_EQ(of(R"({"type":"integer","maximum":10,"exclusiveMaximum":true})", "10"),
            Texts{"a: FieldValueInvalid: Invalid value: 10: a in body should be less than 10"});
  EXPECT_EQ(of(R"({"type":"string","maxLength":2})", R"("abc")"),
            Texts{"a: FieldValueTooLong: Too long: may not be more than 2 bytes"});
  EXPECT_TRUE(of(R"({"type":"string","maxLength":2})", R"("äö")").empty());
  EXPECT_EQ(of(R"({"type":"string","minLength":2})", R"("")"),
            Texts{"a: FieldValueInvalid: Invalid value: \"\": a in body should be at least 2 chars long"});
  EXPECT_EQ(of(R"({"type":"array","maxItems":1,"items":{"type":"integer"}})", "[1,2]"),
            Texts{"a: FieldValueTooMany: Too many: 2: must have at most 1 items"});
  EXPECT_EQ(
      of(R"({"type":"array","items":{"type":"integer"}})", R"([1,"2"])"),
      Texts{
          "a[1]: FieldValueTypeInvalid: Invalid value: \"string\": a[1] in body must be of type integer: \"string\""});
  EXPECT_EQ(of(R"({"type":"object","additionalProperties":{"type":"string"}})", R"({"k":1})").size(), 1U);
  EXPECT_TRUE(of(R"({"x-kubernetes-int-or-string":true})", R"("25%")").empty());
  EXPECT_EQ(of(R"({"x-kubernetes-int-or-string":true})", "true").size(), 1U);
  EXPECT_EQ(of(R"({"type":"string","format":"date-time"})", R"("soon")").size(), 1U);
  EXPECT_TRUE(of(R"({"type":"string","nullable":true})", "null").empty());
  EXPECT_EQ(of(R"({"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}})", R"(["x","x"])"),
            Texts{"a[1]: FieldValueDuplicate: Duplicate value: \"x\""});
  EXPECT_EQ(
      of(R"({"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","properties":{"n":{"type":"string"}}}})",
         R"([{"n":"x"},{"n":"x"}])"),
      Texts{"a[1]: FieldValueDuplicate: Duplicate value: {\"n\":\"x\"}"});
}

TEST(CustomSchema, Alternatives) {
  auto of = [](std::string_view member, std::string_view value) {
    return causes_of(R"({"type":"object","properties":{"a":)" + std::string(member) + "}}",
                     R"({"a":)" + std::string(value) + "}");
  };
  constexpr std::string_view one =
      R"({"type":"object","properties":{"x":{"type":"string"},"y":{"type":"string"}},"oneOf":[{"required":["x"]},{"required":["y"]}]})";
  EXPECT_TRUE(of(one, R"({"x":"1"})").empty());
  EXPECT_EQ(of(one, R"({"x":"1","y":"2"})"), Texts{"<nil>: FieldValueInvalid: Invalid value: \"\": \"a\" must validate "
                                                   "one and only one schema (oneOf). Found 2 valid alternatives"});
  EXPECT_EQ(of(one, "{}").front(),
            "<nil>: FieldValueInvalid: Invalid value: \"\": \"a\" must validate one and only one schema (oneOf). Found "
            "none valid");
  EXPECT_TRUE(of(R"({"type":"integer","not":{"enum":[3]}})", "2").empty());
  EXPECT_EQ(of(R"({"type":"integer","not":{"enum":[3]}})", "3"),
            Texts{"<nil>: FieldValueInvalid: Invalid value: \"\": \"a\" must not validate the schema (not)"});
  EXPECT_EQ(of(R"({"type":"integer","anyOf":[{"minimum":5},{"maximum":1}]})", "3").size(), 2U);
}

TEST(CustomSchema, PrunesAndFillsIn) {
  auto schema = schema_of(R"({"type":"object","properties":{
    "spec":{"type":"object","default":{},"properties":{
      "size":{"type":"integer","default":3},
      "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"type":"object","properties":{"a":{"type":"string"}}}}},
      "map":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"string"}}}},
      "list":{"type":"array","items":{"type":"object","properties":{"a":{"type":"string","default":"x"}}}},
      "gone":{"type":"string"},"maybe":{"type":"string","nullable":true}}}}})");
  json::value object =
      parse(R"({"metadata":{"name":"a","labels":{"x":"y"}},"extra":1,"spec":{"typo":1,"gone":null,"maybe":null,
    "free":{"what":{"ever":1},"known":{"a":"1","b":"2"}},"map":{"k":{"a":"1","b":"2"}},"list":[{"b":1}]}})");
  EXPECT_EQ(schema->unknown(object),
            (Texts{"extra", "spec.free.known.b", "spec.list[0].b", "spec.map.k.b", "spec.typo"}));
  schema->prune(object);
  schema->fill_in(object);
  EXPECT_EQ(
      object,
      parse(
          R"({"metadata":{"name":"a","labels":{"x":"y"}},"spec":{"maybe":null,"free":{"what":{"ever":1},"known":{"a":"1"}},
    "map":{"k":{"a":"1"}},"list":[{"a":"x"}],"size":3}})"));
  json::value again = object;
  schema->prune(again);
  schema->fill_in(again);
  EXPECT_EQ(again, object);
  json::value empty = parse("{}");
  schema->fill_in(empty);
  EXPECT_EQ(compact(empty), R"({"spec":{"size":3}})");
}

TEST(CustomSchema, ListSemanticsByPath) {
  auto schema = schema_of(
      R"({"type":"object","properties":{"spec":{"type":"object","properties":{"ports":{"type":"array","x-kubernetes-list-type":"map",
    "x-kubernetes-list-map-keys":["port","protocol"],"items":{"type":"object","properties":{"port":{"type":"integer"},"tags":{"type":"object","x-kubernetes-map-type":"atomic"}}}}}}}})");
  const CustomSchema* ports = schema->at({"spec", "ports"});
  ASSERT_TRUE(ports);
  EXPECT_EQ(ports->list_type, "map");
  EXPECT_EQ(ports->list_keys, (Texts{"port", "protocol"}));
  const CustomSchema* tags = schema->at({"spec", "ports", "[]", "tags"});
  ASSERT_TRUE(tags);
  EXPECT_EQ(tags->map_type, "atomic");
  EXPECT_FALSE(schema->at({"spec", "nothing"}));
}

// Whatever the schema and the object are, the work ends.
TEST(CustomSchema, HostileSchemasEnd) {
  std::string deep = R"({"type":"object","x-kubernetes-preserve-unknown-fields":true})", value = "{}";
  for (int i = 0; i < 50; ++i) {
    deep = R"({"type":"object","allOf":[{},{}],"properties":{"a":)" + deep + "}}";
    value = R"({"a":)" + value + "}";
  }
  EXPECT_TRUE(causes_of(deep, value).empty());

  // Patterns that backtrack for ever elsewhere.
  std::string text(100'000, 'a');
  EXPECT_EQ(causes_of(R"({"type":"object","properties":{"a":{"type":"string","pattern":"^(a+)+$"}}})",
                      R"({"a":")" + text + R"(b"})")
                .size(),
            1U);
  EXPECT_FALSE(CustomSchema::make(json::object{{"pattern", "((((a{100}){100}){100}){100})"}}));
  EXPECT_FALSE(CustomSchema::make(parse(R"({"pattern":"("})")));

  // Many alternatives for many items.
  json::array many, items;
  for (int i = 0; i < 3000; ++i) many.push_back(json::object{{"minimum", i}});
  for (int i = 0; i < 3000; ++i) items.push_back(-1);
  json::object schema{{"type", "array"}, {"items", json::object{{"type", "integer"}, {"anyOf", many}}}};
  auto made = CustomSchema::make(json::object{{"properties", json::object{{"a", schema}}}});
  ASSERT_TRUE(made);
  std::vector<Cause> causes = (*made)->check(json::object{{"a", items}});
  EXPECT_LE(causes.size(), 201U);
  EXPECT_EQ(causes.back().reason, "FieldValueForbidden");
}

// Random schemas over random values: checks agree with themselves, pruning and filling in are at rest after one pass.
TEST(CustomSchema, RandomSchemas) {
  std::mt19937_64 random(7);
  auto below = [&](std::uint64_t n) { return random() % n; };
  constexpr std::string_view names[] = {"a", "b", "c", "metadata", "kind"};
  std::function<json::value(int)> any_value = [&](int depth) -> json::value {
    switch (below(depth > 4 ? 4 : 6)) {
      case 0: return nullptr;
      case 1: return static_cast<std::int64_t>(below(10));
      case 2: return json::string(std::string(below(4), 'x'));
      case 3: return below(2) == 0;
      case 4: {
        json::array out;
        for (std::uint64_t i = below(4); i > 0; --i) out.push_back(any_value(depth + 1));
        return out;
      }
      default: {
        json::object out;
        for (std::uint64_t i = below(4); i > 0; --i) out[names[below(5)]] = any_value(depth + 1);
        return out;
      }
    }
  };
  std::function<json::value(int)> any_schema = [&](int depth) -> json::value {
    constexpr std::string_view types[] = {"object", "array", "string", "integer", "boolean", "number"};
    json::object out{{"type", types[below(6)]}};
    if (below(4) == 0) out["nullable"] = true;
    if (below(4) == 0) out["default"] = any_value(3);
    if (below(4) == 0) out["minLength"] = static_cast<std::int64_t>(below(3));
    if (below(4) == 0) out["enum"] = json::array{any_value(5), any_value(5)};
    if (below(5) == 0) out["pattern"] = "^x*$";
    if (below(5) == 0) out["x-kubernetes-preserve-unknown-fields"] = true;
    if (depth > 4) return out;
    if (below(2) == 0) out["items"] = any_schema(depth + 1);
    if (below(3) == 0) out["additionalProperties"] = any_schema(depth + 1);
    json::object properties;
    for (std::uint64_t i = below(4); i > 0; --i) properties[names[below(5)]] = any_schema(depth + 1);
    out["properties"] = std::move(properties);
    if (below(4) == 0) out["oneOf"] = json::array{any_schema(depth + 2), any_schema(depth + 2)};
    if (below(4) == 0) out["not"] = any_schema(depth + 2);
    return out;
  };
  for (int round = 0; round < 1000; ++round) {
    json::value document = any_schema(0);
    auto made = CustomSchema::make(document);
    ASSERT_TRUE(made);
    json::value value = any_value(0);
    EXPECT_LE((*made)->check(value).size(), 201U);
    (*made)->prune(value);
    EXPECT_TRUE((*made)->unknown(value).empty()) << compact(document) << compact(value);
    json::value once = value;
    (*made)->prune(once);
    EXPECT_EQ(once, value);
    std::vector<Cause> causes;
    check_schema(document, "spec", round % 2 == 0, &causes);
    json::value published = as_v2(document);
    EXPECT_EQ(as_v2(published), published);
  }
}

TEST(CustomPath, Paths) {
  json::value value = parse(
      R"({"metadata":{"labels":{"app.kubernetes.io/name":"web"}},"status":{"conditions":[{"type":"Synced","status":"False"},
    {"type":"Ready","status":"True"}]},"list":[{"n":1},{"n":2}]})");
  auto first = [&](std::string_view path) {
    auto parsed = CustomPath::parse(path);
    if (!parsed) return std::string("none");
    const json::value* found = parsed->first(value);
    return found ? compact(*found) : std::string("nothing");
  };
  EXPECT_EQ(first(R"(.status.conditions[?(@.type=="Ready")].status)"), "\"True\"");
  EXPECT_EQ(first(R"(.status.conditions[?(@.type=='Lost')].status)"), "nothing");
  EXPECT_EQ(first(R"(.metadata.labels.app\.kubernetes\.io/name)"), "\"web\"");
  EXPECT_EQ(first(R"(.metadata.labels['app.kubernetes.io/name'])"), "\"web\"");
  EXPECT_EQ(first(".list[1].n"), "2");
  EXPECT_EQ(first(".list[-1].n"), "2");
  EXPECT_EQ(first(".list[*].n"), "1");
  EXPECT_EQ(first(".list[7].n"), "nothing");
  EXPECT_EQ(first("list"), "none");
  EXPECT_EQ(first(".list[?(@.n"), "none");
  EXPECT_EQ(first("..n"), "none");
}

}  // namespace
}  // namespace fairlead::sandbox
