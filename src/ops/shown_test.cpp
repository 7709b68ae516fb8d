#include "ops/shown.h"

#include <gmock/gmock.h>

namespace fairlead::ops {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

Write creation(ObjectRef object, std::string_view body) {
  Write write;
  write.verb = Write::Verb::create;
  write.object = std::move(object);
  write.body = parsed(body);
  return write;
}
Write patch(std::string_view before) {
  Write write;
  write.object = {"", "v1", "configmaps", "ConfigMap", "shop", "web", {}, "u"};
  write.before = parsed(before);
  return write;
}

TEST(DiffLines, WhatIsCreatedIsToldWhole) {
  const Write write = creation({"rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", "shop", "x", {}, {}},
                               R"({"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding",
                                   "metadata":{"name":"x","namespace":"shop"},
                                   "roleRef":{"kind":"ClusterRole","name":"cluster-admin"},
                                   "subjects":[{"kind":"User","name":"mallory"}]})");
  EXPECT_THAT(diff_lines(write, nullptr),
              ElementsAre("RoleBinding shop/x is created", R"(RoleBinding shop/x roleRef.kind: "ClusterRole")",
                          R"(RoleBinding shop/x roleRef.name: "cluster-admin")",
                          R"(RoleBinding shop/x subjects: [{"kind":"User","name":"mallory"}])"));
}

TEST(DiffLines, NoValueOfASecretButWhatKindItIs) {
  const Write write = creation({"", "v1", "secrets", "Secret", "shop", "x", {}, {}},
                               R"({"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token",
                                   "metadata":{"annotations":{"kubernetes.io/service-account.name":"admin"}},
                                   "data":{"a":"aHVudGVyMg=="},"stringData":{"b":"hunter2"}})");
  std::string all;
  for (const auto& line : diff_lines(write, nullptr)) all += line + "\n";
  EXPECT_THAT(all, HasSubstr("service-account-token"));
  EXPECT_THAT(all, HasSubstr(R"(metadata.annotations["kubernetes.io/service-account.name"]: "admin")"));
  EXPECT_THAT(all, HasSubstr("data.a: <redacted>"));
  EXPECT_THAT(all, HasSubstr("stringData.b: <redacted>"));
  EXPECT_THAT(all, Not(HasSubstr("hunter2")));
  EXPECT_THAT(all, Not(HasSubstr("aHVudGVyMg")));
}

TEST(DiffLines, ALongValueIsWhole) {
  const std::string tail(5000, 'x');
  const auto lines = diff_lines(patch(R"({"data":{"a":"short"}})"), json::object{{"data", {{"a", tail + "the end"}}}});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("the end"));
  EXPECT_THAT(brief(lines)[0], Not(HasSubstr("the end")));
}

TEST(DiffLines, OfLongTextsTheLinesThatDiffer) {
  const auto lines = diff_lines(patch(R"({"data":{"a":"one\ntwo\nthree\npassword=old1pass\n"}})"),
                                parsed(R"({"data":{"a":"one\n2\nthree\npassword=new2pass\n"}})"));
  EXPECT_THAT(lines, ElementsAre(R"(ConfigMap shop/web data.a: from line 2: "two\nthree\npassword=<redacted>" -> )"
                                 R"("2\nthree\npassword=<redacted>")"));
  EXPECT_THAT(diff_lines(patch(R"({"data":{"a":"one\ntwo\n"}})"), parsed(R"({"data":{"a":"one\ntwo\nthree\n"}})")),
              ElementsAre(R"(ConfigMap shop/web data.a: from line 3: (none) -> "three")"));
}

TEST(DiffLines, ThatACredentialDiffersIsSeen) {
  EXPECT_THAT(diff_lines(patch(R"({"data":{"password":"old1pass"}})"), parsed(R"({"data":{"password":"new2pass"}})")),
              ElementsAre(R"(ConfigMap shop/web data.password: "<redacted>" -> "<redacted>")"));
}

TEST(DiffLines, WhatWasNeverTriedIsWhatWasAskedFor) {
  Write write = patch(R"({"metadata":{"labels":{"a":"x"}},"data":{"a":"1"}})");
  write.body = parsed(R"({"metadata":{"resourceVersion":"7","labels":{"a":null}},"data":{"a":"2"}})");
  EXPECT_THAT(diff_lines(write, nullptr), ElementsAre(R"(ConfigMap shop/web metadata.labels.a: "x" -> null)",
                                                      R"(ConfigMap shop/web data.a: "1" -> "2")"));
  write.body = parsed(R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},
                          {"op":"remove","path":"/data/a"},{"op":"add","path":"/data/b","value":"2"}])");
  EXPECT_THAT(diff_lines(write, nullptr),
              ElementsAre("ConfigMap shop/web /data/a: remove", R"(ConfigMap shop/web /data/b: add "2")"));
}

TEST(DiffLines, NothingEndsALine) {
  const auto lines = diff_lines(patch(R"({"data":{}})"), parsed(R"({"data":{"a\nb":"x\u001b[2Jy"}})"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], Not(HasSubstr("\n")));
  EXPECT_THAT(lines[0], Not(HasSubstr("\x1b")));
}

TEST(NotKept, FieldsThatTheServerLeavesOut) {
  const Write write = creation({"apps", "v1", "deployments", "Deployment", "shop", "web", {}, {}},
                               R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{}},
                                   "spec":{"replicas":0,"paused":false,"replica":3,
                                           "template":{"spec":{"containers":[{"name":"web","comand":["sh"]}]}}}})");
  const json::value answer = parsed(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","uid":"u"},
          "spec":{"template":{"spec":{"containers":[{"name":"web","image":""}]}}}})");
  EXPECT_THAT(
      not_kept(write, answer),
      ElementsAre("the server does not keep spec.replica of Deployment shop/web",
                  "the server does not keep spec.template.spec.containers[name=web].comand of Deployment shop/web"))
      << "what is empty is as good as left out";
  EXPECT_THAT(not_kept(write, nullptr), ElementsAre()) << "it was not tried";
}

TEST(NotKept, TextOfASecretIsKeptInOtherWords) {
  const Write write = creation({"", "v1", "secrets", "Secret", "shop", "x", {}, {}},
                               R"({"stringData":{"a":"hunter2"},"data":{"b":"aA=="},"immutabel":true})");
  EXPECT_THAT(not_kept(write, parsed(R"({"data":{"a":"aHVudGVyMg==","b":"aA=="}})")),
              ElementsAre("the server does not keep immutabel of Secret shop/x"));
}

}  // namespace
}  // namespace fairlead::ops
