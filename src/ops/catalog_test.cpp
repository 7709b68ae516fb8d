#include "ops/catalog.h"

#include <gmock/gmock.h>

#include <set>

#include "ops/describe.h"

namespace fairlead::ops {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Catalog, IsWellFormed) {
  const Catalog catalog = kubernetes_catalog();
  std::set<std::string_view> names;
  for (const auto& operation : catalog.operations()) {
    SCOPED_TRACE(std::string(operation.name));
    EXPECT_TRUE(names.insert(operation.name).second);
    EXPECT_EQ(operation.run == nullptr && operation.change == nullptr, operation.name == "list_clusters")
        << "only the gate can answer that";
    EXPECT_FALSE(operation.family.empty());
    EXPECT_FALSE(operation.summary.empty() || operation.summary.ends_with('.') ||
                 operation.summary.find('\n') != std::string_view::npos);
    std::set<std::string_view> parameters, columns;
    for (const auto& parameter : operation.parameters) {
      EXPECT_TRUE(parameters.insert(parameter.name).second);
      EXPECT_FALSE(parameter.meaning.empty());
      EXPECT_NE(parameter.name, "cluster") << "faces add it";
      EXPECT_LE(parameter.minimum, parameter.maximum);
      EXPECT_FALSE(parameter.required && !parameter.default_value.empty());
      if (!parameter.default_value.empty()) { EXPECT_TRUE(parse_argument(parameter, parameter.default_value)); }
    }
    for (const auto& column : operation.columns) EXPECT_TRUE(columns.insert(column.name).second);
    EXPECT_TRUE(parameters.count("format"));
    if (operation.trust == Trust::read) {
      for (const auto& access : operation.access)
        for (auto verb : access.verbs) EXPECT_TRUE(verb == "get" || verb == "list" || verb == "watch") << verb;
      EXPECT_TRUE(operation.idempotent);
    } else {
      EXPECT_TRUE(parameters.count("dry_run") && parameters.count("reason"));
    }
    if (!operation.columns.empty()) {
      EXPECT_TRUE(parameters.count("limit") && parameters.count("cursor") && parameters.count("columns"));
    }
    EXPECT_EQ(catalog.find(operation.name), &operation);
  }
  EXPECT_EQ(catalog.find("exec_anything"), nullptr);
  EXPECT_EQ(catalog.find(""), nullptr);
  EXPECT_EQ(catalog.unknown("list_pod").remedy, "Did you mean list_pods?");
  EXPECT_EQ(catalog.unknown("zzzzzzzzzzzzzzzz").remedy, "'fairlead ops' lists them all");
  EXPECT_EQ(catalog.unknown("a\x1b\n").cause, "there is no operation 'a\\x1B\\x0A'");
}

TEST(Trust, Words) {
  EXPECT_EQ(parse_trust("Write"), Trust::write);
  EXPECT_EQ(parse_trust("DESTRUCTIVE"), Trust::destructive);
  EXPECT_EQ(parse_trust("all"), std::nullopt);
  EXPECT_EQ(to_string(Trust::read), "READ");
  EXPECT_LT(Trust::read, Trust::write);
  EXPECT_LT(Trust::write, Trust::destructive);
}

TEST(Describe, AnOperation) {
  const Catalog catalog = kubernetes_catalog();
  EXPECT_EQ(
      operation_text(*catalog.find("scale_deployment")),
      "scale_deployment (WRITE): Scale a deployment to a specific number of replicas.\n\n"
      "Parameters:\n"
      "  name                   The object's name (name, required)\n"
      "  namespace              Its namespace; left out: the connection's default (namespace)\n"
      "  replicas               How many pods it shall have (integer 0..100000, required)\n"
      "  dry_run                The server checks the change and shows its result, but keeps nothing (true or false)\n"
      "  reason                 Why the change is made (text)\n"
      "  wait_seconds           Wait so long for the cluster to become what was asked; left out: one look (integer "
      "0..3600)\n"
      "  format                 How the answer is written (table|json|yaml, default table)\n\n"
      "API access it needs:\n  get,patch deployments/scale.apps\n  get deployments.apps (without it, it tells less)\n"
      "  list pods (without it, it tells less)\n  list services (without it, it tells less)\n\n"
      "Example:\n  fairlead call scale_deployment --namespace shop --name cart --replicas 5 --allow write\n");
  EXPECT_THAT(operation_text(*catalog.find("list_nodes")),
              HasSubstr("\nColumns:\n  name                   text: Its name\n"));
  EXPECT_THAT(operation_text(*catalog.find("delete_pod")), HasSubstr("--allow destructive\n"));
}

TEST(Describe, TheCatalog) {
  const Catalog catalog = kubernetes_catalog();
  const std::string text = catalog_text(catalog);
  for (const auto& operation : catalog.operations()) EXPECT_THAT(text, HasSubstr(std::string(operation.name) + " "));
  const json::value document = catalog_json(catalog);
  const auto& operations = array_at(document, {"operations"});
  ASSERT_EQ(operations.size(), catalog.operations().size());
  std::vector<std::string> keys;
  for (const auto& member : operations[0].as_object()) keys.emplace_back(member.key());
  EXPECT_THAT(keys, ElementsAre("name", "family", "trust", "idempotent", "summary", "parameters", "columns", "access",
                                "example"));
  EXPECT_EQ(text_at(operations[0], {"parameters", "type"}), "object");
}

}  // namespace
}  // namespace fairlead::ops
