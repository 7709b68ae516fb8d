// Role-based access control as the API server evaluates it: who holds a right, by the roles and bindings that were
// read. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

// One verb on one resource, or on a path that is no resource. "*" asks for the right to all of them.
struct Right {
  std::string verb;
  std::string group, resource, subresource;
  std::string name;  // of the object; empty: any
  std::string url;   // "/metrics": then there is no resource
};

// "list pods", "get deployments/scale.apps", "get /metrics"
std::string right_text(const Right& right);
// "deployments/scale.apps"
std::string resource_text(std::string_view group, std::string_view resource, std::string_view subresource = {});

struct PolicyRule {
  std::vector<std::string> verbs, groups, resources, names, urls;

  static PolicyRule from(const json::value& rule);
  // Names of objects aside. A resource of a rule is "*", exactly what is asked for ("pods", "pods/log"), or "*/log";
  // "pods/*" means nothing to the API server but a subresource that is called so.
  bool covers(const Right& right) const;
};

struct PolicyRole {
  std::string ns, name;  // a ClusterRole is in no namespace
  std::vector<PolicyRule> rules;

  static PolicyRole from(const json::value& role);
};

struct PolicySubject {
  std::string kind, name, ns;  // a namespace: of ServiceAccounts
  auto operator<=>(const PolicySubject&) const = default;
};

struct PolicyBinding {
  std::string ns, name;  // a ClusterRoleBinding is in no namespace
  std::string role_kind, role_name;
  std::vector<PolicySubject> subjects;  // those that the API server takes for somebody

  static PolicyBinding from(const json::value& binding);
};

struct Holder {
  PolicySubject subject;
  std::string ns;                  // where; empty: everywhere, and of kinds that are in no namespace
  std::string binding, role;       // Kind/name
  std::vector<std::string> names;  // only objects with these names; empty: all
};

class RbacPolicy {
 public:
  void add(PolicyRole role);
  void add(PolicyBinding binding);
  // By every binding that was added, one entry for each subject of each. What is left out is what the API server does
  // not count: bindings whose role is not there.
  std::vector<Holder> holders(const Right& right) const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<PolicyRule>> roles_;  // by namespace and name
  std::vector<PolicyBinding> bindings_;
};

}  // namespace fairlead::ops
