#include "ops/manifest.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace fairlead::ops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_in(const json::value& given) {
  auto objects = read_manifest(given, "apply_manifest");
  if (!objects) return {objects.error().cause};
  std::vector<std::string> out;
  for (const auto& one : *objects) out.emplace_back(text_at(one, {"metadata", "name"}));
  return out;
}
std::vector<std::string> names_of(std::string_view json) { return names_in(parse_json(json, "test").value()); }

const std::string kA = R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"prod"}})",
                  kB = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"b"}})";

TEST(Manifest, AListIsItsItems) {
  EXPECT_THAT(names_of(kA), ElementsAre("a"));
  EXPECT_THAT(names_of(R"({"apiVersion":"v1","kind":"List","items":[)" + kA + "," + kB + "]}"), ElementsAre("a", "b"));
  EXPECT_THAT(names_of(R"({"kind":"SecretList","items":[{"kind":"List","items":[)" + kA + "]}]}"), ElementsAre("a"));
  EXPECT_THAT(names_of(R"({"kind":"SecretList","apiVersion":"v1","items":[]})"),
              ElementsAre("the manifest holds no object"));
}

// Whatever has items and is no List is one object, of its own kind.
TEST(Manifest, ItemsOfAnotherKindAreNotTakenApart) {
  EXPECT_THAT(names_of(R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"c"},"items":[)" + kA + "]}"),
              ElementsAre("c"));
}

TEST(Manifest, DocumentsOfAStream) {
  EXPECT_THAT(names_in(json::value("---\n" + kA + "\n---\n\n---\n" + kB + "\n")), ElementsAre("a", "b"));
  EXPECT_THAT(names_in("kind: x\nkind: y\n"), ElementsAre(HasSubstr("kind")));
  EXPECT_THAT(names_in(""), ElementsAre("the manifest holds no object"));
}

TEST(Manifest, ADocumentMayBeginBehindItsSeparator) {
  EXPECT_THAT(names_in(json::value(kA + "\n--- " + kB + "\n--- # the last\n" + kA)), ElementsAre("a", "b", "a"));
  EXPECT_THAT(names_in(json::value("--- " + kB)), ElementsAre("b"));
}

TEST(Manifest, WhatIsNoObjectIsRefused) {
  EXPECT_THAT(names_of(R"({"kind":"Secret","apiVersion":"v1","metadata":{}})"), ElementsAre(HasSubstr("no name")));
  EXPECT_THAT(names_of(R"({"apiVersion":"v1","metadata":{"name":"c"}})"), ElementsAre(HasSubstr("no kind")));
  EXPECT_THAT(names_of(R"({"kind":"List","items":["x"]})"), ElementsAre(HasSubstr("no object")));
  EXPECT_THAT(names_of(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"../x"}})"),
              ElementsAre(HasSubstr("name that can be used")));
  EXPECT_THAT(names_of(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"c","namespace":"a/b"}})"),
              ElementsAre(HasSubstr("namespace")));
  std::string deep = kA;
  for (int i = 0; i < 9; ++i) deep = R"({"kind":"List","items":[)" + deep + "]}";
  EXPECT_THAT(names_of(deep), ElementsAre(HasSubstr("no object")));
}

TEST(Manifest, TwoHundredAtOnce) {
  json::array many(201, parse_json(kB, "test").value());
  EXPECT_THAT(names_in(many), ElementsAre(HasSubstr("200")));
  many.pop_back();
  EXPECT_EQ(names_in(many).size(), 200U);
}

}  // namespace
}  // namespace fairlead::ops
