#include "ops/rbac_policy.h"

#include <gmock/gmock.h>

namespace fairlead::ops {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

json::value parsed(std::string_view text) { return parse_json(text, "test").value(); }

PolicyRule rule(std::string_view text) { return PolicyRule::from(parsed(text)); }

Right on(std::string verb, std::string resource, std::string subresource = "", std::string group = "") {
  return {std::move(verb), std::move(group), std::move(resource), std::move(subresource), "", ""};
}

std::vector<std::string> told(const std::vector<Holder>& holders) {
  std::vector<std::string> out;
  for (const auto& holder : holders) {
    std::string line = holder.subject.kind + " " + holder.subject.ns + "/" + holder.subject.name + " in [" + holder.ns +
                       "] by " + holder.binding + " of " + holder.role;
    for (const auto& name : holder.names) line += " =" + name;
    out.push_back(line);
  }
  return out;
}

TEST(PolicyRule, VerbsGroupsAndResources) {
  const auto exact = rule(R"({"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]})");
  EXPECT_TRUE(exact.covers(on("get", "pods")));
  EXPECT_TRUE(exact.covers(on("list", "pods", "log")));
  EXPECT_FALSE(exact.covers(on("delete", "pods")));
  EXPECT_FALSE(exact.covers(on("get", "pods", "exec")));
  EXPECT_FALSE(exact.covers(on("get", "pods", "", "apps")));
  EXPECT_FALSE(exact.covers(on("*", "pods"))) << "all verbs are more than two";
  EXPECT_FALSE(exact.covers(on("get", "*")));

  const auto all = rule(R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]})");
  EXPECT_TRUE(all.covers(on("*", "*", "", "*")));
  EXPECT_TRUE(all.covers(on("create", "pods", "exec")));
  EXPECT_FALSE(all.covers({"get", "", "", "", "", "/metrics"})) << "resources are no paths";
}

TEST(PolicyRule, Subresources) {
  const auto scale = rule(R"({"verbs":["get"],"apiGroups":["apps"],"resources":["*/scale"]})");
  EXPECT_TRUE(scale.covers(on("get", "deployments", "scale", "apps")));
  EXPECT_FALSE(scale.covers(on("get", "deployments", "status", "apps")));
  EXPECT_FALSE(scale.covers(on("get", "deployments", "", "apps")));
  // Written often, and never what was meant.
  const auto star = rule(R"({"verbs":["get"],"apiGroups":[""],"resources":["pods/*"]})");
  EXPECT_FALSE(star.covers(on("get", "pods", "log")));
  EXPECT_FALSE(star.covers(on("get", "pods")));
  EXPECT_TRUE(star.covers(on("get", "pods", "*")));
  EXPECT_FALSE(rule(R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"]})").covers(on("get", "pods", "log")));
}

TEST(PolicyRule, Paths) {
  const auto paths = rule(R"({"verbs":["get"],"nonResourceURLs":["/healthz","/api/*"]})");
  const auto asks = [&](std::string url) { return paths.covers({"get", "", "", "", "", std::move(url)}); };
  EXPECT_TRUE(asks("/healthz"));
  EXPECT_TRUE(asks("/api/v1"));
  EXPECT_TRUE(asks("/api/"));
  EXPECT_FALSE(asks("/healthz/etcd"));
  EXPECT_FALSE(asks("/apis"));
  EXPECT_FALSE(paths.covers(on("get", "pods")));
}

class Policy : public testing::Test {
 protected:
  void role(std::string_view text) { policy.add(PolicyRole::from(parsed(text))); }
  void binding(std::string_view text) { policy.add(PolicyBinding::from(parsed(text))); }
  RbacPolicy policy;
};

TEST_F(Policy, WhereAndByWhat) {
  role(R"({"metadata":{"name":"reader"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})");
  role(R"({"metadata":{"name":"reader","namespace":"shop"},
           "rules":[{"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})");
  binding(R"({"metadata":{"name":"all"},"roleRef":{"kind":"ClusterRole","name":"reader"},
              "subjects":[{"kind":"User","name":"alice"},{"kind":"User","name":"alice"}]})");
  binding(R"({"metadata":{"name":"here","namespace":"shop"},"roleRef":{"kind":"ClusterRole","name":"reader"},
              "subjects":[{"kind":"Group","name":"devs"},{"kind":"ServiceAccount","name":"web"}]})");
  binding(R"({"metadata":{"name":"own","namespace":"shop"},"roleRef":{"kind":"Role","name":"reader"},
              "subjects":[{"kind":"ServiceAccount","name":"web","namespace":"other"}]})");
  EXPECT_THAT(told(policy.holders(on("get", "pods"))),
              ElementsAre("User /alice in [] by ClusterRoleBinding/all of ClusterRole/reader",
                          "Group /devs in [shop] by RoleBinding/here of ClusterRole/reader",
                          "ServiceAccount shop/web in [shop] by RoleBinding/here of ClusterRole/reader"));
  EXPECT_THAT(told(policy.holders(on("get", "secrets"))),
              ElementsAre("ServiceAccount other/web in [shop] by RoleBinding/own of Role/reader"));
  EXPECT_THAT(policy.holders(on("list", "pods")), IsEmpty());
}

TEST_F(Policy, WhatGrantsNothing) {
  role(R"({"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})");
  role(R"({"metadata":{"name":"urls"},"rules":[{"verbs":["get"],"nonResourceURLs":["/metrics"]}]})");
  binding(R"({"metadata":{"name":"a"},"roleRef":{"kind":"ClusterRole","name":"gone"},
              "subjects":[{"kind":"User","name":"u"}]})");
  binding(R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"}]})");
  binding(R"({"metadata":{"name":"c","namespace":"x"},"roleRef":{"kind":"Role","name":"r"},
              "subjects":[{"kind":"User","name":"u"}]})");
  binding(R"({"metadata":{"name":"d"},"roleRef":{"kind":"ClusterRole","name":"r"},
              "subjects":[{"kind":"ServiceAccount","name":"web"},{"kind":"Robot","name":"r"}]})");
  binding(R"({"metadata":{"name":"e","namespace":"x"},"roleRef":{"kind":"ClusterRole","name":"urls"},
              "subjects":[{"kind":"User","name":"u"}]})");
  binding(R"({"metadata":{"name":"f"},"roleRef":{"kind":"ClusterRole","name":"r"}})");
  EXPECT_THAT(policy.holders(on("get", "pods")), IsEmpty());
  EXPECT_THAT(policy.holders({"get", "", "", "", "", "/metrics"}), IsEmpty());
}

TEST_F(Policy, Names) {
  role(R"({"metadata":{"name":"named"},"rules":[
           {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["tls","db"]},
           {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["db"]}]})");
  role(R"({"metadata":{"name":"any"},"rules":[
           {"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["db"]},
           {"verbs":["get"],"apiGroups":[""],"resources":["secrets"]}]})");
  binding(R"({"metadata":{"name":"some"},"roleRef":{"kind":"ClusterRole","name":"named"},
              "subjects":[{"kind":"User","name":"u"}]})");
  binding(R"({"metadata":{"name":"every"},"roleRef":{"kind":"ClusterRole","name":"any"},
              "subjects":[{"kind":"User","name":"v"}]})");
  Right right = on("get", "secrets");
  EXPECT_THAT(told(policy.holders(right)),
              ElementsAre("User /u in [] by ClusterRoleBinding/some of ClusterRole/named =db =tls",
                          "User /v in [] by ClusterRoleBinding/every of ClusterRole/any"));
  right.name = "tls";
  EXPECT_THAT(told(policy.holders(right)),
              ElementsAre("User /u in [] by ClusterRoleBinding/some of ClusterRole/named =tls",
                          "User /v in [] by ClusterRoleBinding/every of ClusterRole/any"));
  right.name = "other";
  EXPECT_THAT(told(policy.holders(right)), ElementsAre("User /v in [] by ClusterRoleBinding/every of ClusterRole/any"));
}

TEST(Right, Text) {
  EXPECT_EQ(right_text(on("get", "deployments", "scale", "apps")), "get deployments/scale.apps");
  EXPECT_EQ(right_text(on("list", "pods")), "list pods");
  EXPECT_EQ(right_text({"get", "", "", "", "", "/metrics"}), "get /metrics");
}

}  // namespace
}  // namespace fairlead::ops
