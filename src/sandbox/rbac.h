// Role-based access control (rbac.authorization.k8s.io/v1): what the stored roles and bindings let a user do. What was
// read from them is kept until one of them changes, so that a question costs about a microsecond. Not thread-safe: one
// loop.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/request_attributes.h"

namespace fairlead::sandbox {

struct PolicyRule {
  std::vector<std::string> verbs, groups, resources, resource_names, urls;

  static PolicyRule from(const json::value& object);
  json::object object() const;
  bool allows(const Attributes& attributes) const;
  bool operator==(const PolicyRule&) const = default;
};
using Rules = std::vector<PolicyRule>;

struct RoleReference {
  std::string kind, name;
  static RoleReference from(const json::value& binding);  // its roleRef
};

class Authorizer {
 public:
  explicit Authorizer(Objects& objects);
  ~Authorizer();

  struct Decision {
    bool allowed = false;
    // Allowed: by which binding; empty for system:masters, whom nobody asks. Not allowed: the roles that are missing,
    // if any.
    std::string reason;
  };
  Decision decide(const User& user, const Attributes& attributes) const;
  // The same without words.
  bool allows(const User& user, const Attributes& attributes) const;

  struct Granted {
    Rules rules;
    std::vector<std::string> missing;  // what is wrong with bindings whose role is not there
  };
  // Everything that bindings give the user in a namespace, cluster-wide rules first, in the order of the bindings'
  // names.
  Granted granted(const User& user, std::string_view namespace_name) const;

  // Null when there is no such role. `namespace_name` is the binding's, empty for a ClusterRoleBinding.
  std::shared_ptr<const Rules> rules_of(const RoleReference& role, std::string_view namespace_name) const;

 private:
  struct Cache;
  struct Grant;
  struct Grants;
  std::shared_ptr<const Grants> grants_of(const User& user, std::string_view namespace_name) const;

  Objects& objects_;
  std::shared_ptr<Cache> cache_;  // shared with the store's observer, which may outlive this
};

// Whether rules that somebody holds cover all of `wanted`; what they leave uncovered is put in order and worded as the
// API server words it. Empty: all is covered.
std::vector<std::string> uncovered(const Rules& held, const Rules& wanted);

// What guards against a user giving more than is theirs: roles with rules that they do not hold (unless they may
// `escalate`), bindings to roles whose rules they do not hold (unless they may `bind`). `before` is null for a new
// object.
ApiResult<void> check_escalation(const Authorizer& authorizer, const User& user, const Attributes& attributes,
                                 const json::value& object, const json::value* before);

}  // namespace fairlead::sandbox
