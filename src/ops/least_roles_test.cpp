#include "ops/least_roles.h"

#include <gmock/gmock.h>

#include "base/yaml.h"

namespace fairlead::ops {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Roles : public ::testing::Test {
 protected:
  LeastRoles make(const std::vector<std::string>& names) {
    request.operations.clear();
    for (const auto& name : names) request.operations.push_back(catalog.find(name));
    return least_roles(catalog, request);
  }
  LeastRoles by_trust(Trust most) {
    request.operations.clear();
    request.by_trust = true;
    for (const auto& operation : catalog.operations())
      if (operation.trust <= most) request.operations.push_back(&operation);
    return least_roles(catalog, request);
  }
  static std::vector<std::string> lines(const std::vector<RoleRule>& rules) {
    std::vector<std::string> out;
    for (const auto& rule : rules) {
      std::string line = "[" + rule.group + "]";
      for (const auto& resource : rule.resources) line += " " + resource;
      line += ":";
      for (const auto& verb : rule.verbs) line += " " + verb;
      out.push_back(line);
    }
    return out;
  }
  static std::vector<std::string> left_out(const LeastRoles& roles) {
    std::vector<std::string> out;
    for (const auto& group : roles.left_out)
      for (const auto name : group.operations) out.emplace_back(name);
    return out;
  }
  Catalog catalog = kubernetes_catalog();
  RoleRequest request;
};

TEST_F(Roles, AreMergedByGroupAndVerbs) {
  request.namespaces = {"shop"};
  const LeastRoles roles = make({"list_configmaps", "get_configmap", "list_services", "get_service", "list_nodes"});
  EXPECT_THAT(lines(roles.in_namespaces), ElementsAre("[] namespaces: get", "[] configmaps services: get list",
                                                      "[] endpoints: list", "[discovery.k8s.io] endpointslices: list"));
  EXPECT_THAT(lines(roles.in_cluster), ElementsAre("[] nodes: list", "[metrics.k8s.io] nodes: list"));
  EXPECT_EQ(roles.covered.size(), 5u);
}

TEST_F(Roles, OfTheWholeClusterAreOneClusterRole) {
  const LeastRoles roles = make({"get_pod_logs", "describe_node", "scale_deployment"});
  EXPECT_THAT(roles.in_namespaces, IsEmpty());
  EXPECT_THAT(
      lines(roles.in_cluster),
      ElementsAre("[] nodes pods/log: get", "[] pods: get list", "[] events services: list", "[apps] deployments: get",
                  "[apps] deployments/scale: get patch", "[metrics.k8s.io] nodes: get"));
}

TEST_F(Roles, OfNamespacesReadNoOtherOnes) {
  request.namespaces = {"shop"};
  const LeastRoles roles = make({"describe_node"});
  EXPECT_THAT(lines(roles.in_cluster), ElementsAre("[] nodes: get", "[metrics.k8s.io] nodes: get"));
  EXPECT_THAT(roles.in_namespaces, IsEmpty());
  EXPECT_THAT(roles.warnings, Contains(HasSubstr("describe_node will tell no pods")));
}

TEST_F(Roles, WhatTheClusterRoleGivesIsNotGivenTwice) {
  request.namespaces = {"shop"};
  catalog = kubernetes_catalog();
  const LeastRoles roles = make({"list_namespaces", "get_namespace"});
  EXPECT_THAT(lines(roles.in_cluster), ElementsAre("[] namespaces: list"));
  EXPECT_THAT(lines(roles.in_namespaces), ElementsAre("[] namespaces: get", "[] limitranges resourcequotas: list"));
}

TEST_F(Roles, NeverHoldAStar) {
  for (const auto& namespaces : {std::vector<std::string>{}, std::vector<std::string>{"shop"}}) {
    request.namespaces = namespaces;
    for (Trust trust : {Trust::read, Trust::write, Trust::destructive}) {
      const LeastRoles roles = by_trust(trust);
      for (const auto* rules : {&roles.in_namespaces, &roles.in_cluster})
        for (const auto& rule : *rules) {
          EXPECT_NE(rule.group, "*");
          for (const auto& resource : rule.resources) EXPECT_THAT(resource, Not(HasSubstr("*")));
          for (const auto& verb : rule.verbs) EXPECT_NE(verb, "*");
          EXPECT_THAT(rule.resources, Not(Contains("secrets"))) << "nobody has named them";
        }
      EXPECT_THAT(left_out(roles), ::testing::IsSupersetOf({"list_secrets", "get_secret", "list_resources"}));
    }
  }
}

TEST_F(Roles, OfReadersOnlyRead) {
  for (const auto& rule : by_trust(Trust::read).in_cluster)
    for (const auto& verb : rule.verbs) EXPECT_TRUE(verb == "get" || verb == "list") << verb;
}

TEST_F(Roles, OfAnyKindNeedKinds) {
  request.namespaces = {"shop"};
  request.kinds = {"certificates.cert-manager.io", "nodes", "persistentvolumes", "secrets"};
  const LeastRoles roles = make({"list_resources", "get_resource"});
  EXPECT_THAT(lines(roles.in_namespaces),
              ElementsAre("[] namespaces: get", "[] secrets: get list", "[cert-manager.io] certificates: get list"));
  EXPECT_THAT(lines(roles.in_cluster), ElementsAre("[] nodes persistentvolumes: get list",
                                                   "[apiextensions.k8s.io] customresourcedefinitions: get"));
  EXPECT_THAT(roles.warnings, Contains(HasSubstr("can read the values of Secrets")));
  request.kinds.clear();
  EXPECT_THAT(left_out(make({"list_resources", "list_pods"})), ElementsAre("list_resources"));
}

TEST_F(Roles, OfSecretsSayWhatTheyGive) {
  request.namespaces = {"shop"};
  const LeastRoles roles = make({"list_secrets"});
  EXPECT_THAT(lines(roles.in_namespaces), ElementsAre("[] namespaces: get", "[] secrets: list"));
  EXPECT_THAT(roles.warnings, Contains(HasSubstr("needed for list_secrets")));
}

TEST_F(Roles, AsManifests) {
  request.namespaces = {"shop", "pay"};
  ManifestNames names{"log-reader", "agent", "ops"};
  const std::string text = role_manifests(make({"get_pod_logs", "list_nodes"}), request, names);
  EXPECT_EQ(
      text,
      R"(# What service account ops/agent needs to run these operations in namespaces shop, pay, and no more: get_pod_logs,
# list_nodes.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: agent
  namespace: ops
---
# Of the whole cluster, since they are not things of one namespace: nodes.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: log-reader
rules:
- apiGroups:
  - ""
  resources:
  - nodes
  verbs:
  - list
- apiGroups:
  - metrics.k8s.io
  resources:
  - nodes
  verbs:
  - list
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: log-reader
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: log-reader
subjects:
- kind: ServiceAccount
  name: agent
  namespace: ops
---
)" + [] {
        std::string both;
        for (const std::string ns : {"shop", "pay"}) {
          both += (both.empty() ? "" : "---\n") + std::string(R"(apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: log-reader
  namespace: )") + ns +
                  R"(
rules:
- apiGroups:
  - ""
  resources:
  - pods
  - pods/log
  verbs:
  - get
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: log-reader
  namespace: )" + ns +
                  R"(
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: log-reader
subjects:
- kind: ServiceAccount
  name: agent
  namespace: ops
)";
        }
        return both;
      }());
  const std::string none = role_manifests(make({"can_i"}), request, names);
  EXPECT_THAT(none, HasSubstr("# No role is needed"));
  EXPECT_THAT(none, Not(HasSubstr("kind: Role")));
}

TEST(KindNames, AreChecked) {
  EXPECT_EQ(why_not_kind("pods"), std::nullopt);
  EXPECT_EQ(why_not_kind("certificates.cert-manager.io"), std::nullopt);
  for (auto wrong : {"", "*", "*.apps", "pods/log", "Pods", "a b", "a\n- \"*\""})
    EXPECT_TRUE(why_not_kind(wrong)) << wrong;
}

}  // namespace
}  // namespace fairlead::ops
