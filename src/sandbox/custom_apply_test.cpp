// Server-side apply and strict decoding of custom objects: their schema says how lists and maps are taken apart.
#include <map>

#include "sandbox/api_test_support.h"
#include "sandbox/custom_fields.h"

namespace fairlead::sandbox {
namespace {

const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const std::string widgets = "/apis/example.com/v1/namespaces/default/widgets";

constexpr std::string_view definition = R"({
  "apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},
  "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[
    {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
      "size":{"type":"integer"},
      "tags":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"set"},
      "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["number","protocol"],"items":{"type":"object",
        "required":["number"],"properties":{"number":{"type":"integer"},"protocol":{"type":"string","default":"TCP"},"name":{"type":"string"}}}},
      "plain":{"type":"array","items":{"type":"integer"}},
      "whole":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
      "any":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"type":"string"}}},
      "amount":{"x-kubernetes-int-or-string":true},
      "object":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}}}}},
    {"name":"v1beta1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{
      "size":{"type":"integer"}}}}}}}]}})";

struct Widgets : Cluster {
  Widgets() : Cluster(0, 1) {
    EXPECT_EQ(ask("POST", definitions, std::string(definition)).status, 201);
    pass(1000);
  }
  static std::string widget(std::string_view spec) {
    return R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"},"spec":)" + std::string(spec) +
           "}";
  }
  Reply apply_spec(const std::string& manager, std::string_view spec, const std::string& query = "") {
    return apply(widgets + "/w", manager, widget(spec), query);
  }
  std::string fields_of(const Reply& reply, std::string_view manager) {
    const json::value object = reply.value();
    for (const json::value& entry : array_at(object, {"metadata", "managedFields"}))
      if (text_at(entry, {"manager"}) == manager) return compact(*find(entry, "fieldsV1"));
    return "";
  }
};

TEST(CustomApply, ListsAndMapsAreTakenApartAsTheSchemaSays) {
  Widgets c;
  Reply made =
      c.apply_spec("one", R"({"ports":[{"number":80,"name":"http"}],"tags":["a"],"plain":[1],"whole":{"a":"1"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(
      c.fields_of(made, "one"),
      R"({"f:spec":{"f:plain":{},"f:ports":{"k:{\"number\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:number":{}}},"f:tags":{"v:\"a\"":{}},"f:whole":{}}})");
  EXPECT_EQ(*find(made.value(), "spec", "ports"), *parse_json(R"([{"number":80,"name":"http","protocol":"TCP"}])", ""));
  Reply two = c.apply_spec("two", R"({"ports":[{"number":443}],"tags":["b"]})");
  ASSERT_EQ(two.status, 200) << two.body;
  EXPECT_EQ(*find(two.value(), "spec", "tags"), (json::array{"a", "b"}));
  EXPECT_EQ(array_at(two.value(), {"spec", "ports"}).size(), 2U);
  Reply clash = c.apply_spec("two", R"({"ports":[{"number":80,"protocol":"TCP","name":"web"}]})");
  ASSERT_EQ(clash.status, 409);
  EXPECT_EQ(text_at(clash.value(), {"message"}),
            R"(Apply failed with 1 conflict: conflict with "one": .spec.ports[number=80,protocol="TCP"].name)");
  EXPECT_EQ(c.apply_spec("three", R"({"whole":{"b":"2"}})").status, 409);
  EXPECT_EQ(c.apply_spec("three", R"({"plain":[2]})").status, 409);
  // What nobody applies any more goes, an item at a time.
  Reply less = c.apply_spec("one", R"({"tags":["a"]})");
  ASSERT_EQ(less.status, 200) << less.body;
  EXPECT_EQ(array_at(less.value(), {"spec", "ports"}).size(), 1U);
  EXPECT_EQ(find(less.value(), "spec", "plain"), nullptr);
}

TEST(CustomApply, WhatTheSchemaDoesNotKnowIsRefused) {
  Widgets c;
  for (
      auto [spec, problem] : {
          std::pair{R"({"nonsense":1})", ".spec.nonsense: field not declared in schema"},
          std::pair{R"({"whole":{"z":1}})", ".spec.whole.z: field not declared in schema"},
          std::pair{R"({"size":"x"})", ".spec.size: expected numeric (int or float), got string"},
          std::pair{
              R"({"ports":[{"name":"x"}]})",
              R"(.spec.ports: element 0: associative list with keys has an element that omits key field "number" (and doesn't have default value))"},
          std::pair{R"({"ports":["x"]})",
                    ".spec.ports: element 0: associative list with keys may not have non-map elements"},
      }) {
    Reply refused = c.apply_spec("one", spec);
    EXPECT_EQ(refused.status, 500) << refused.body;
    EXPECT_EQ(text_at(refused.value(), {"message"}),
              std::string("failed to create typed patch object (/w; example.com/v1, Kind=Widget): ") + problem);
  }
  Reply open = c.apply_spec(
      "one",
      R"({"any":{"known":"k","other":{"deep":[1]}},"amount":"5%","object":{"apiVersion":"v1","kind":"X","metadata":{"name":"x"},"more":1}})");
  ASSERT_EQ(open.status, 201) << open.body;
  EXPECT_EQ(*find(open.value(), "spec", "any", "other"), *parse_json(R"({"deep":[1]})", ""));
}

TEST(CustomApply, StrictDecodingKnowsTheSchema) {
  Widgets c;
  const std::string body =
      R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","odd":1},"spec":{"nonsense":1,"any":{"z":1},"ports":[{"number":1,"z":1}],"size":1,"size":2}})";
  Reply refused = c.ask("POST", widgets + "?fieldValidation=Strict", body);
  EXPECT_EQ(refused.status, 400);
  const json::value answer = refused.value();
  for (const char* field : {"metadata.odd", "spec.nonsense", "spec.ports[0].z"})
    EXPECT_NE(text_at(answer, {"message"}).find("unknown field \"" + std::string(field) + "\""), std::string::npos)
        << refused.body;
  EXPECT_NE(text_at(answer, {"message"}).find("duplicate field \"spec.size\""), std::string::npos);
  EXPECT_EQ(text_at(answer, {"message"}).find("spec.any"), std::string::npos);
  EXPECT_EQ(c.ask("POST", widgets, body).status, 201);
}

TEST(CustomApply, AnotherVersionShowsWhatItsOwnSchemaNames) {
  Widgets c;
  EXPECT_EQ(c.ask("POST", widgets, Widgets::widget(R"({"size":1,"tags":["a"]})")).status, 201);
  const std::string beta = "/apis/example.com/v1beta1/namespaces/default/widgets";
  EXPECT_EQ(*find(c.get(beta + "/w").value(), "spec"), (json::value{{"size", 1}}));
  const json::value list = c.get(beta).value();
  EXPECT_EQ(*find(array_at(list, {"items"})[0], "spec"), (json::value{{"size", 1}}));
  EXPECT_EQ(array_at(c.get(widgets + "/w").value(), {"spec", "tags"}).size(), 1U) << "kept all the same";
}

}  // namespace
}  // namespace fairlead::sandbox
