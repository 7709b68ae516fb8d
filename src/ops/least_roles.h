// The least roles that let an identity run given operations, made from what each of them declares as its access. Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/catalog.h"

namespace fairlead::ops {

struct RoleRequest {
  std::vector<const Operation*> operations;
  // Not named one by one, but by a trust level: what reads Secrets, or more namespaces than those that were given, is
  // left out, since nobody has said that it is wanted.
  bool by_trust = false;
  std::vector<std::string> namespaces;  // empty: the whole cluster
  std::vector<std::string> kinds;       // "certificates.cert-manager.io": for operations on any kind
};

struct RoleRule {
  std::string group;
  std::vector<std::string> resources, verbs;
};

struct LeastRoles {
  std::vector<RoleRule> in_namespaces;  // of a Role in each namespace; empty for the whole cluster
  std::vector<RoleRule> in_cluster;     // of a ClusterRole
  std::vector<const Operation*> covered;
  struct LeftOut {
    std::string_view why;
    std::vector<std::string_view> operations;
  };
  std::vector<LeftOut> left_out;
  std::vector<std::string> warnings;  // what whoever applies it should know
};

// Rules are merged by group and verbs and sorted; none holds "*".
LeastRoles least_roles(const Catalog& catalog, const RoleRequest& request);

struct ManifestNames {
  std::string roles = "fairlead";  // of roles and bindings
  std::string account, account_namespace;
};

// YAML for kubectl apply -f -: the ServiceAccount, the roles and their bindings, with comments that say what they are
// for. Stable.
std::string role_manifests(const LeastRoles& roles, const RoleRequest& request, const ManifestNames& names);

// One sentence why it is no "pods" or "deployments.apps"; nothing when it is one.
std::optional<std::string> why_not_kind(std::string_view text);

// Whether this is the access of an operation on any kind.
inline bool is_any_kind(const Access& access) { return access.resource == "*"; }

}  // namespace fairlead::ops
