#include "fleet/grant.h"

#include <gmock/gmock.h>

#include <set>

#include "base/text.h"
#include "base/yaml.h"

namespace fairlead::fleet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Grant grant(std::string user, std::vector<Right> rights = {}) {
  return {"fairlead-agents", "aks", std::move(user), std::move(rights), {}, {}};
}

TEST(Grant, RolesOfAnIdentityAreNobodyElses) {
  EXPECT_EQ(role_name(grant("system:serviceaccount:agents:nora")), "fairlead-agents:aks:agents:nora");
  const std::string alice = role_name(grant("alice"));
  EXPECT_THAT(alice, HasSubstr("fairlead-agents:aks:user=alice-"));
  EXPECT_NE(role_name(grant("a/b")), role_name(grant("a%b"))) << "what no name may hold makes them no one";
  EXPECT_THAT(role_name(grant("a/b")), Not(HasSubstr("/")));
  EXPECT_NE(role_name(grant("system:serviceaccount:x:")), role_name(grant("system:serviceaccount::x")));
  const std::string longest(253, 'n');
  EXPECT_NE(role_name(grant("system:serviceaccount:a:" + longest + "1")),
            role_name(grant("system:serviceaccount:a:" + longest + "2")));
  EXPECT_LE(role_name(grant("system:serviceaccount:a:" + longest)).size(), 253U);
  EXPECT_LE(role_name(grant(std::string(5000, 'u'))).size(), 253U);
  Grant other = grant("alice");
  other.cluster = "other";
  EXPECT_NE(role_name(other), alice);
}

TEST(Grant, NamespacesComeFirst) {
  Grant one = grant("system:serviceaccount:agents:nora", needs_of_agents({"agents"}));
  one.missing = {"agents"};
  one.perhaps_missing = {"hidden"};
  const std::string text = manifest_of(one);
  std::vector<std::string> kinds;
  for (std::size_t at = 0; (at = text.find("\nkind: ", at)) != std::string::npos; ++at)
    kinds.push_back(text.substr(at + 7, text.find('\n', at + 7) - at - 7));
  EXPECT_THAT(kinds, ::testing::ElementsAre("Namespace", "Namespace", "ClusterRole", "ClusterRoleBinding", "Role",
                                            "RoleBinding"));
  EXPECT_THAT(text, HasSubstr("# This identity may not see"));
  EXPECT_THAT(text, HasSubstr("kind: ServiceAccount\n  namespace: agents\n  name: nora"));
}

// exec_in_pod reads the pod, and servers take a WebSocket for a "get".
TEST(Grant, WhatOperationsNeedIsWhatTheyDeclare) {
  std::vector<std::string> needs;
  for (const auto& right : needs_of_agents({"a"})) needs.push_back(text_of(right));
  for (const char* need : {"get pods in a", "list pods in a", "create pods/exec in a", "get pods/exec in a",
                           "get pods/log in a", "patch deployments.apps in a", "create namespaces"})
    EXPECT_THAT(needs, ::testing::Contains(need));
  EXPECT_THAT(needs, Not(::testing::Contains("list pods.metrics.k8s.io in a"))) << "operations run without it";
  EXPECT_EQ(std::set<std::string>(needs.begin(), needs.end()).size(), needs.size());
}

}  // namespace
}  // namespace fairlead::fleet
