// Definitions and their objects through the whole API.
#include "sandbox/api_test_support.h"
#include "sandbox/discovery.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
constexpr std::string_view widgets = "/apis/example.com/v1/namespaces/default/widgets";

json::value definition() {
  auto value = parse_json(R"({
    "apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},
    "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget","shortNames":["wd"],"categories":["all"]},
      "versions":[
        {"name":"v1","served":true,"storage":true,
         "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}},
         "additionalPrinterColumns":[{"name":"Size","type":"integer","jsonPath":".spec.size"},{"name":"Colour","type":"string","jsonPath":".spec.colour","priority":1},
           {"name":"Age","type":"date","jsonPath":".metadata.creationTimestamp"}],
         "selectableFields":[{"jsonPath":".spec.colour"}],
         "schema":{"openAPIV3Schema":{"type":"object","properties":{
           "spec":{"type":"object","required":["size"],"properties":{"size":{"type":"integer","minimum":1},"replicas":{"type":"integer"},
             "colour":{"type":"string","default":"red","enum":["red","blue"]}}},
           "status":{"type":"object","properties":{"replicas":{"type":"integer"},"selector":{"type":"string"},"phase":{"type":"string"}}}}}}},
        {"name":"v1beta1","served":true,"storage":false,"deprecated":true,
         "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}})",
                          "test");
  return value ? *value : json::value();
}

struct Custom : Cluster {
  Custom() : Cluster(0, 1) {}
  Reply define(const json::value& value) {
    Reply reply = ask("POST", std::string(definitions), compact(value));
    pass(1000);
    return reply;
  }
  Reply widget(std::string_view name, std::string_view spec) {
    return ask("POST", std::string(widgets),
               R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":")" + std::string(name) +
                   R"("},"spec":)" + std::string(spec) + "}");
  }
};

TEST(CustomResources, ADefinitionIsEstablishedAndServedAtOnce) {
  Custom c;
  Reply made = c.define(definition());
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(array_at(made.value(), {"status", "storedVersions"}), json::array{"v1"});
  EXPECT_EQ(text_at(made.value(), {"spec", "names", "listKind"}), "WidgetList");
  EXPECT_EQ(text_at(made.value(), {"spec", "names", "singular"}), "widget");
  json::value now = c.get(std::string(definitions) + "/widgets.example.com").value();
  const json::array& conditions = array_at(now, {"status", "conditions"});
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(text_at(conditions[0], {"type"}), "NamesAccepted");
  EXPECT_EQ(text_at(conditions[1], {"reason"}), "InitialNamesAccepted");
  json::value group = c.get("/apis/example.com").value();
  EXPECT_EQ(text_at(group, {"preferredVersion", "version"}), "v1");
  json::value list = c.get("/apis/example.com/v1").value();
  ASSERT_EQ(array_at(list, {"resources"}).size(), 3U);
  EXPECT_EQ(text_at(array_at(list, {"resources"})[2], {"kind"}), "Scale");
  EXPECT_EQ(c.get("/apis/example.com/v2").status, 404);
  EXPECT_EQ(c.get("/apis/example.com/v1/gadgets").body, "404 page not found\n");
  constexpr std::string_view aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  json::value groups = c.get("/apis", std::string(aggregated)).value();
  for (const json::value& each : array_at(groups, {"items"})) {
    if (text_at(each, {"metadata", "name"}) == "example.com") group = each;
  }
  ASSERT_EQ(array_at(group, {"versions"}).size(), 2U);
  const json::value& resource = array_at(array_at(group, {"versions"})[0], {"resources"})[0];
  EXPECT_EQ(text_at(resource, {"responseKind", "kind"}), "Widget");
  EXPECT_EQ(array_at(resource, {"subresources"}).size(), 2U);
  json::value empty = c.get(std::string(widgets)).value();
  EXPECT_EQ(text_at(empty, {"kind"}), "WidgetList");
}

// Schemas go through the protobuf message and come back as they were, flags, lists and all.
TEST(CustomResources, DefinitionsKeepTheirSchemas) {
  auto schema = parse_json(R"({"type":"object","description":"d","properties":{"spec":{"type":"object","properties":{
    "any":{"type":"object","additionalProperties":true},"map":{"type":"object","additionalProperties":{"type":"string"}},
    "list":{"type":"array","items":{"type":"number","minimum":0.5,"enum":[1,1.5,null]},"default":[1],"maxItems":3},
    "text":{"type":"string","nullable":true,"default":"x","pattern":"^x$"},"mixed":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
    "deep":{"type":"object","default":{"b":1,"a":[{"c":null}]},"x-kubernetes-preserve-unknown-fields":true}},
    "x-kubernetes-validations":[{"rule":"self.list.size() > 0","message":"m"}]}}})",
                           "test");
  ASSERT_TRUE(schema);
  json::value value = definition();
  value.get_object()["spec"].get_object()["versions"].get_array()[1].get_object()["schema"] =
      json::object{{"openAPIV3Schema", *schema}};
  Custom c;
  Reply made = c.define(value);
  ASSERT_EQ(made.status, 201) << made.body;
  json::value now = c.get(std::string(definitions) + "/widgets.example.com").value();
  EXPECT_EQ(*find(array_at(now, {"spec", "versions"})[1], "schema", "openAPIV3Schema"), *schema);
  EXPECT_EQ(*find(array_at(made.value(), {"spec", "versions"})[1], "schema", "openAPIV3Schema"), *schema);
  // The same as protobuf, there and back.
  Reply bytes = c.get(std::string(definitions) + "/widgets.example.com", "application/vnd.kubernetes.protobuf");
  EXPECT_EQ(
      c.ask("PUT", std::string(definitions) + "/widgets.example.com", bytes.body, "application/vnd.kubernetes.protobuf")
          .status,
      200);
  EXPECT_EQ(*find(array_at(c.get(std::string(definitions) + "/widgets.example.com").value(), {"spec", "versions"})[1],
                  "schema", "openAPIV3Schema"),
            *schema);
}

TEST(CustomResources, ObjectsAreValidatedPrunedAndFilledIn) {
  Custom c;
  c.define(definition());
  Reply made = c.widget("a", R"({"size":2,"typo":true})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(compact(object_at(made.value(), {"spec"})), R"({"colour":"red","size":2})");
  EXPECT_EQ(integer_at(made.value(), {"metadata", "generation"}), 1);
  Reply wrong = c.widget("b", R"({"size":0,"colour":"green"})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.message(),
            "Widget.example.com \"b\" is invalid: [spec.colour: Unsupported value: \"green\": supported values: "
            "\"red\", \"blue\", spec.size: "
            "Invalid value: 0: spec.size in body should be greater than or equal to 1]");
  EXPECT_EQ(c.widget("c", "{}").message(), "Widget.example.com \"c\" is invalid: spec.size: Required value");
  // Another version is another schema over the same object.
  json::value beta = c.get("/apis/example.com/v1beta1/namespaces/default/widgets/a").value();
  EXPECT_EQ(text_at(beta, {"apiVersion"}), "example.com/v1beta1");
  EXPECT_EQ(integer_at(beta, {"spec", "size"}), 2);
  EXPECT_EQ(c.patch("/apis/example.com/v1beta1/namespaces/default/widgets/a", R"({"spec":{"other":1}})",
                    "application/merge-patch+json")
                .status,
            200);
  EXPECT_EQ(integer_at(c.get("/apis/example.com/v1beta1/namespaces/default/widgets/a").value(), {"spec", "other"}), 1);
  Reply patched = c.patch(std::string(widgets) + "/a", R"({"spec":{"size":4}})", "application/merge-patch+json");
  EXPECT_EQ(integer_at(patched.value(), {"metadata", "generation"}), 3);
  EXPECT_FALSE(find(patched.value(), "spec", "other"));
  EXPECT_EQ(c.patch(std::string(widgets) + "/a", R"({"spec":{"size":4}})").status, 415);
}

TEST(CustomResources, StatusAndScale) {
  Custom c;
  c.define(definition());
  c.widget("a", R"({"size":2,"replicas":3})");
  std::string path = std::string(widgets) + "/a";
  EXPECT_FALSE(find(c.patch(path, R"({"status":{"phase":"Up"}})", "application/merge-patch+json").value(), "status"));
  Reply status =
      c.patch(path + "/status", R"({"status":{"phase":"Up","replicas":1,"selector":"a=b","more":1},"spec":{"size":9}})",
              "application/merge-patch+json");
  EXPECT_EQ(status.status, 200) << status.body;
  EXPECT_EQ(integer_at(status.value(), {"spec", "size"}), 2);
  EXPECT_EQ(compact(object_at(status.value(), {"status"})), R"({"phase":"Up","replicas":1,"selector":"a=b"})");
  EXPECT_EQ(integer_at(status.value(), {"metadata", "generation"}), 1);
  EXPECT_EQ(c.patch(path + "/status", R"({"status":{"replicas":"x"}})", "application/merge-patch+json").status, 422);
  json::value scale = c.get(path + "/scale").value();
  EXPECT_EQ(integer_at(scale, {"spec", "replicas"}), 3);
  EXPECT_EQ(text_at(scale, {"status", "selector"}), "a=b");
  EXPECT_EQ(c.patch(path + "/scale", R"({"spec":{"replicas":5}})", "application/merge-patch+json").status, 200);
  EXPECT_EQ(integer_at(c.get(path).value(), {"spec", "replicas"}), 5);
  EXPECT_EQ(c.get("/apis/example.com/v1beta1/namespaces/default/widgets/a/scale").status, 404);
}

TEST(CustomResources, TablesSelectorsAndFormats) {
  Custom c;
  c.define(definition());
  c.widget("a", R"({"size":2})");
  c.widget("b", R"({"size":3,"colour":"blue"})");
  json::value table = c.get(std::string(widgets), "application/json;as=Table;g=meta.k8s.io;v=v1").value();
  ASSERT_EQ(array_at(table, {"columnDefinitions"}).size(), 4U);
  EXPECT_EQ(compact(array_at(array_at(table, {"rows"})[1], {"cells"})), R"(["b",3,"blue","0s"])");
  EXPECT_EQ(array_at(c.get(std::string(widgets) + "?fieldSelector=spec.colour%3Dblue").value(), {"items"}).size(), 1U);
  EXPECT_EQ(text_at(array_at(c.get(std::string(widgets)).value(), {"items"})[0], {"kind"}), "Widget");
  json::value made_at = c.get(std::string(definitions), "application/json;as=Table;g=meta.k8s.io;v=v1").value();
  EXPECT_EQ(text_at(array_at(made_at, {"columnDefinitions"})[1], {"name"}), "Created At");
  EXPECT_EQ(array_at(array_at(made_at, {"rows"})[0], {"cells"}).size(), 2U);
  EXPECT_EQ(c.get(std::string(widgets) + "?fieldSelector=spec.size%3D3").status, 400);
  EXPECT_EQ(c.get(std::string(widgets), "application/vnd.kubernetes.protobuf").status, 406);
  EXPECT_EQ(
      c.get(std::string(widgets), "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
          .status,
      200);
  EXPECT_EQ(c.ask("POST", std::string(widgets), "k8s", "application/vnd.kubernetes.protobuf").status, 400);
  EXPECT_EQ(c.ask("POST", std::string(widgets), "a", "text/plain").status, 415);
  Reply yaml = c.get(std::string(widgets) + "/a", "application/yaml");
  EXPECT_NE(yaml.body.find("  size: 2\n"), std::string::npos) << yaml.body;
}

TEST(CustomResources, DeletingADefinitionDeletesItsObjectsFirst) {
  Custom c;
  c.define(definition());
  c.widget("a", R"({"size":2})");
  c.patch(std::string(widgets) + "/a", R"({"metadata":{"finalizers":["example.com/wait"]}})",
          "application/merge-patch+json");
  std::string path = std::string(definitions) + "/widgets.example.com";
  Reply deleted = c.ask("DELETE", path);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(array_at(deleted.value(), {"metadata", "finalizers"}),
            json::array{"customresourcecleanup.apiextensions.k8s.io"});
  c.pass(1000);
  EXPECT_EQ(c.get(path).status, 200);
  EXPECT_EQ(
      c.widget("b", R"({"size":2})").message(),
      "widgets.example.com \"b\" is forbidden: create not allowed while custom resource definition is terminating");
  c.patch(std::string(widgets) + "/a", R"({"metadata":{"finalizers":null}})", "application/merge-patch+json");
  c.pass(1000);
  EXPECT_EQ(c.get(path).status, 404);
  EXPECT_EQ(c.get(std::string(widgets)).status, 404);
  EXPECT_EQ(c.get("/apis/example.com").status, 404);
  // It may come back, with nothing of what it had.
  EXPECT_EQ(c.define(definition()).status, 201);
  EXPECT_TRUE(array_at(c.get(std::string(widgets)).value(), {"items"}).empty());
}

TEST(CustomResources, DefinitionsAreValidated) {
  Custom c;
  auto message = [&](auto&& change) {
    json::value value = definition();
    change(value.get_object());
    Reply reply = c.define(value);
    EXPECT_EQ(reply.status, 422) << reply.body;
    std::string text = reply.message();
    return text.substr(std::min(text.size(), text.find(" is invalid: ") + 13));
  };
  auto spec = [](json::object& object) -> json::object& { return object["spec"].get_object(); };
  auto schema = [&](json::object& object) -> json::object& {
    return spec(object)["versions"].get_array()[0].get_object()["schema"].get_object()["openAPIV3Schema"].get_object();
  };
  EXPECT_EQ(message([](json::object& o) { o["metadata"].get_object()["name"] = "wrong.example.com"; }),
            "metadata.name: Invalid value: \"wrong.example.com\": must be spec.names.plural+\".\"+spec.group");
  EXPECT_EQ(message([&](json::object& o) { spec(o)["scope"] = "Galaxy"; }),
            "spec.scope: Unsupported value: \"Galaxy\": supported values: \"Cluster\", \"Namespaced\"");
  EXPECT_NE(message([&](json::object& o) {
              spec(o)["versions"].get_array()[1].get_object()["storage"] = true;
            }).find("must have exactly one version marked as storage version"),
            std::string::npos);
  EXPECT_EQ(message([&](json::object& o) { spec(o)["versions"].get_array()[1].get_object().erase("schema"); }),
            "spec.versions[1].schema.openAPIV3Schema: Required value");
  EXPECT_EQ(message([&](json::object& o) { schema(o)["properties"].get_object()["spec"].get_object().erase("type"); }),
            "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for "
            "specified object fields");
  EXPECT_EQ(message([&](json::object& o) {
              schema(o)["properties"].get_object()["spec"].get_object()["x-kubernetes-list-type"] = "map";
            }).substr(0, 62),
            "[spec.versions[0].schema.openAPIV3Schema.properties[spec].type");
  EXPECT_NE(message([&](json::object& o) {
              schema(o)["properties"]
                  .get_object()["spec"]
                  .get_object()["properties"]
                  .get_object()["colour"]
                  .get_object()["pattern"] = "(";
            }).find("must be a valid regular expression"),
            std::string::npos);
  EXPECT_EQ(c.define(definition()).status, 201);
  Reply frozen = c.patch(std::string(definitions) + "/widgets.example.com", R"({"spec":{"scope":"Cluster"}})",
                         "application/merge-patch+json");
  EXPECT_EQ(frozen.message(),
            "CustomResourceDefinition.apiextensions.k8s.io \"widgets.example.com\" is invalid: spec.scope: Invalid "
            "value: \"Cluster\": field is immutable");
  Reply typed = c.ask(
      "POST", std::string(definitions),
      R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"x"},"spec":{"versions":{}}})");
  EXPECT_EQ(typed.status, 400);
}

TEST(CustomResources, ObjectsGoWithADefinitionThatServesNone) {
  Custom c;
  c.define(definition());
  c.widget("a", R"({"size":2})");
  std::string path = std::string(definitions) + "/widgets.example.com";
  Reply hidden = c.patch(
      path,
      R"([{"op":"replace","path":"/spec/versions/0/served","value":false},{"op":"replace","path":"/spec/versions/1/served","value":false}])",
      "application/json-patch+json");
  EXPECT_EQ(hidden.status, 200) << hidden.body;
  c.pass(1000);
  EXPECT_EQ(c.get(std::string(widgets)).status, 404);
  c.ask("DELETE", path);
  c.pass(1000);
  EXPECT_EQ(c.get(path).status, 404);
  c.define(definition());
  EXPECT_TRUE(array_at(c.get(std::string(widgets)).value(), {"items"}).empty());
}

TEST(CustomResources, MayHaveTheNamesOfBuiltInKinds) {
  Custom c;
  json::value value = definition();
  value.get_object()["metadata"].get_object()["name"] = "pods.example.com";
  value.get_object()["spec"].get_object()["names"] = json::object{{"plural", "pods"}, {"kind", "Pod"}};
  ASSERT_EQ(c.define(value).status, 201);
  Reply made = c.ask("POST", "/apis/example.com/v1/namespaces/default/pods",
                     R"({"apiVersion":"example.com/v1","kind":"Pod","metadata":{"name":"a"},"spec":{"size":1}})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(compact(object_at(made.value(), {"spec"})), R"({"colour":"red","size":1})");
  EXPECT_FALSE(find(made.value(), "status"));
  c.pass(5000);
  EXPECT_EQ(text_at(c.ask("DELETE", "/apis/example.com/v1/namespaces/default/pods/a").value(), {"status"}), "Success");
}

TEST(CustomResources, NamesBelongToWhoHadThemFirst) {
  Custom c;
  c.define(definition());
  json::value other = definition();
  other.get_object()["metadata"].get_object()["name"] = "gadgets.example.com";
  other.get_object()["spec"].get_object()["names"] = json::object{{"plural", "gadgets"}, {"kind", "Widget"}};
  EXPECT_EQ(c.define(other).status, 201);
  json::value now = c.get(std::string(definitions) + "/gadgets.example.com").value();
  EXPECT_EQ(text_at(array_at(now, {"status", "conditions"})[0], {"reason"}), "ListKindConflict");
  EXPECT_EQ(c.get("/apis/example.com/v1/namespaces/default/gadgets").status, 404);
}

}  // namespace
}  // namespace fairlead::sandbox
