#include "ops/printer_columns.h"

#include <gmock/gmock.h>

#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::refusal;
using testing::World;

TEST(LeadsToACredential, ByTheNamesOnTheWay) {
  for (std::string_view path :
       {".spec.password", ".spec.apiKey", ".spec.tokens.a", ".spec.credentials.value", ".spec['db-password']",
        R"(.spec.params[?(@.name=="password")].value)", ".spec.secretKey", ".spec.passwords[0]"})
    EXPECT_TRUE(leads_to_a_credential(path)) << path;
  for (std::string_view path : {".metadata.name", ".spec.secretRef.name", ".spec.secretName", ".spec.secret.name",
                                ".status.tokens.count", R"(.status.conditions[?(@.type=="Ready")].status)",
                                ".metadata.creationTimestamp", ".spec.privateKey.algorithm", ""})
    EXPECT_FALSE(leads_to_a_credential(path)) << path;
}

const std::string kDefinition = "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.x.example";

World world_with(Answer definition, std::string_view kind = "Widget") {
  return World({{"GET /api", {.body = R"({"kind":"APIVersions","versions":[]})"}},
                {"GET /apis", {.body = R"({"kind":"APIGroupList","groups":[{"name":"x.example","versions":[
                   {"groupVersion":"x.example/v1","version":"v1"}],"preferredVersion":{"groupVersion":"x.example/v1","version":"v1"}}]})"}},
                {"GET /apis/x.example/v1",
                 {.body = R"({"kind":"APIResourceList","groupVersion":"x.example/v1","resources":[
                   {"name":"widgets","singularName":"widget","namespaced":false,"kind":")" +
                          std::string(kind) + R"(","verbs":["get","list"]}]})"}},
                {kDefinition, std::move(definition)},
                {"GET /apis/x.example/v1/widgets",
                 {.body = R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":[
                    {"name":"Name","type":"string"},{"name":"Value","type":"string"},{"name":"Color","type":"string"},{"name":"Age","type":"string"}],
                    "rows":[{"cells":["a","hunterx","red","3d"],"object":{}}]})"}}});
}

TEST(ListResources, ColumnsThatLeadToCredentials) {
  World known = world_with({.body = R"({"kind":"CustomResourceDefinition","spec":{"versions":[
      {"name":"v0","additionalPrinterColumns":[{"name":"Color","jsonPath":".spec.password"}]},
      {"name":"v1","additionalPrinterColumns":[{"name":"Value","jsonPath":".spec.password"},{"name":"Color","jsonPath":".spec.color"}]}]}})"});
  EXPECT_EQ(known.text("list_resources", R"({"kind":"widgets"})"), "NAME VALUE COLOR AGE\na <redacted> red 3d\n");
  World aggregated = world_with(refusal(404, "NotFound", "no such definition"));
  EXPECT_EQ(aggregated.text("list_resources", R"({"kind":"widgets"})"), "NAME VALUE COLOR AGE\na hunterx red 3d\n");
}

TEST(ListResources, WhatCannotBeAskedIsHidden) {
  World refused = world_with(refusal(403, "Forbidden", "no"));
  const std::string out = refused.text("list_resources", R"({"kind":"widgets"})");
  EXPECT_THAT(out, HasSubstr("\na <redacted> <redacted> 3d\n# only name, type and age are shown"));
  World secrets = world_with(refusal(404, "NotFound", "no"), "Secret");
  EXPECT_THAT(secrets.text("list_resources", R"({"kind":"widgets"})"), HasSubstr("\na <redacted> <redacted> 3d\n"));
}

}  // namespace
}  // namespace fairlead::ops
