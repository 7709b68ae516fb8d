#include "sandbox/openapi.h"

#include <set>

#include "sandbox/api_test_support.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

// Every "$ref" of the document, wherever it is.
void collect(const json::value& value, std::set<std::string>* out) {
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (member.key() == "$ref" && member.value().is_string()) out->insert(std::string(member.value().get_string()));
      collect(member.value(), out);
    }
  } else if (value.is_array()) {
    for (const json::value& item : value.get_array()) collect(item, out);
  }
}

TEST(OpenApi, EveryReferenceIsDefined) {
  Cluster c(0, 1);
  json::value document = c.get("/openapi/v2").value();
  std::set<std::string> references;
  collect(document, &references);
  EXPECT_GT(references.size(), 200U);
  constexpr std::string_view prefix = "#/definitions/";
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with(prefix)) << reference;
    EXPECT_TRUE(find(document, "definitions", reference.substr(prefix.size()))) << reference;
  }
  json::value index = c.get("/openapi/v3").value();
  for (const auto& entry : object_at(index, {"paths"})) {
    json::value each = c.get(std::string(text_at(entry.value(), {"serverRelativeURL"}))).value();
    std::set<std::string> inner;
    collect(each, &inner);
    EXPECT_FALSE(inner.empty()) << entry.key();
    for (const std::string& reference : inner)
      EXPECT_TRUE(find(each, "components", "schemas", reference.substr(21))) << entry.key() << " " << reference;
  }
}

TEST(OpenApi, SaysWhatClientsLookUp) {
  Cluster c(0, 1);
  json::value document = c.get("/openapi/v2").value();
  const json::value* spec = find(document, "definitions", "io.k8s.api.core.v1.PodSpec");
  ASSERT_TRUE(spec);
  const json::value& containers = *find(*spec, "properties", "containers");
  EXPECT_EQ(text_at(containers, {"x-kubernetes-patch-merge-key"}), "name");
  EXPECT_EQ(text_at(containers, {"x-kubernetes-patch-strategy"}), "merge");
  EXPECT_EQ(text_at(containers, {"x-kubernetes-list-type"}), "map");
  EXPECT_EQ(text_at(*find(*spec, "properties", "volumes"), {"x-kubernetes-patch-strategy"}), "merge,retainKeys");
  EXPECT_EQ(array_at(*spec, {"required"}), json::array{"containers"});
  EXPECT_FALSE(
      text_at(*find(document, "definitions", "io.k8s.api.core.v1.Container"), {"properties", "image", "description"})
          .empty());
  const json::value* patch =
      find(document, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch");
  ASSERT_TRUE(patch);
  EXPECT_EQ(text_at(*patch, {"x-kubernetes-action"}), "patch");
  EXPECT_EQ(text_at(*patch, {"x-kubernetes-group-version-kind", "kind"}), "Deployment");
  std::set<std::string_view> parameters;
  for (const json::value& parameter : array_at(*patch, {"parameters"})) parameters.insert(text_at(parameter, {"name"}));
  EXPECT_TRUE(parameters.contains("dryRun"));
  EXPECT_TRUE(parameters.contains("fieldValidation"));
}

TEST(OpenApi, ProtobufHoldsTheSame) {
  Cluster c(0, 1);
  Reply reply = c.get("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_EQ(wire::at(reply.body, {1}), "2.0");
  EXPECT_EQ(wire::at(reply.body, {2, 1}), "Kubernetes");
  json::value document = c.get("/openapi/v2").value();
  std::size_t definitions = 0;
  wire::Reader reader(wire::at(reply.body, {9}).value_or(""));
  while (auto entry = reader.next()) {
    ++definitions;
    EXPECT_TRUE(find(document, "definitions", wire::at(entry->bytes, {1}).value_or("")));
  }
  EXPECT_FALSE(reader.broken());
  EXPECT_EQ(definitions, object_at(document, {"definitions"}).size());
}

TEST(OpenApi, FollowsDefinitionsAndAnswersTags) {
  Cluster c(0, 1);
  net::ServerRequest request;
  OpenApiDocuments documents(c.resources);
  auto first = documents.get("/openapi/v3", "application/json", "");
  ASSERT_TRUE(first);
  std::string tag = first->headers[0].value;
  EXPECT_EQ(documents.get("/openapi/v3", "", tag)->status, 304);
  EXPECT_EQ(documents.get("/openapi/v2", "text/html", "")->status, 406);
  EXPECT_FALSE(documents.get("/openapi/v3/apis/example.com/v1", "", ""));
  EXPECT_FALSE(documents.get("/openapi/v3/apis", "", ""));
  c.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
        R"({"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com",
    "scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":
    {"type":"object","description":"A widget.","properties":{"spec":{"type":"object","properties":{"size":{"x-kubernetes-int-or-string":true}}}}}}}]}})");
  c.pass(1000);
  EXPECT_EQ(documents.get("/openapi/v3", "", tag)->status, 200);
  json::value v3 = *parse_json(documents.get("/openapi/v3/apis/example.com/v1", "", "")->body, "test");
  const json::value* widget = find(v3, "components", "schemas", "com.example.v1.Widget");
  ASSERT_TRUE(widget);
  EXPECT_EQ(text_at(*widget, {"description"}), "A widget.");
  EXPECT_TRUE(flag_at(*widget, {"properties", "spec", "properties", "size", "x-kubernetes-int-or-string"}));
  json::value v2 = *parse_json(documents.get("/openapi/v2", "", "")->body, "test");
  EXPECT_EQ(compact(array_at(v2, {"definitions", "com.example.v1.Widget", "x-kubernetes-group-version-kind"})),
            R"([{"group":"example.com","kind":"Widget","version":"v1"}])");
}

}  // namespace
}  // namespace fairlead::sandbox
