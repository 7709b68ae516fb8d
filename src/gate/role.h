// What callers with a credential of their own may do at all: roles, each bound to clusters and namespaces. The policy
// (gate/policy.h) decides within that and never beyond it. Whoever works on a kubeconfig of their own has no bindings
// and is bound by the policy alone. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "ops/operation.h"

namespace fairlead::gate {

struct Touch;

enum class Role {
  viewer,     // READ
  agent,      // asks for changes as well, and never decides about any
  operator_,  // asks for changes, takes them back, closes interrupted ones
  approver,   // READ, and decides about the changes of others
  admin,      // all of it; clusters, tokens and the audit log
};
std::string_view to_string(Role role);  // viewer, agent, operator, approver, admin
std::optional<Role> parse_role(std::string_view text);

struct Binding {
  Role role = Role::viewer;
  std::vector<std::string> clusters;    // ids; empty: all
  std::vector<std::string> namespaces;  // empty: all, and what is in none
  bool operator==(const Binding&) const = default;
};
using Bindings = std::vector<Binding>;

// invalid_request with what is wrong in it, such as an admin of one cluster.
Result<void> check_binding(const Binding& binding);
// {"role": "viewer", "clusters": ["k8s:a"], "namespaces": ["shop"]}. An empty list is refused: it would mean all.
Result<Binding> binding_from_json(const json::value& value);
json::object to_json(const Binding& binding);
// "viewer", "operator@k8s:a", "agent@k8s:a,k8s:b/shop,web", "viewer@*/shop".
Result<Binding> parse_binding(std::string_view text);
std::string to_string(const Binding& binding);

// What a role is asked for.
enum class Deed { read, change, take_back, decide, administer };

// Why these bindings do not cover it, a clause for readers ("no role of this credential allows changes in namespace
// shop"); nothing: they do. Each touch must be covered by one of them; one of the cluster itself or of every namespace
// only by one that is bound to no namespaces. Without touches any binding of the cluster does.
std::optional<std::string> why_not(const Bindings& bindings, Deed deed, const std::string& cluster,
                                   const std::vector<Touch>& touches);
// Whether something of the cluster may be seen at all.
bool covers_cluster(const Bindings& bindings, const std::string& cluster);
// The roles that count there: of bindings that cover the cluster, and the touch where there is one. For the policy:
// what somebody is elsewhere is nothing here.
std::vector<std::string> roles_at(const Bindings& bindings, const std::string& cluster, const Touch* touch);
// Whether one of them, wherever it is bound to, allows it.
bool may_somewhere(const Bindings& bindings, Deed deed);

inline Deed deed_of(ops::Trust trust) { return trust == ops::Trust::read ? Deed::read : Deed::change; }

}  // namespace fairlead::gate
