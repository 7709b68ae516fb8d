// Inside cli/ only: what `rbac`, `rbac check` and `rbac kubeconfig` share.
#pragma once

#include <algorithm>

#include "cli/options.h"
#include "ops/least_roles.h"

namespace fairlead::cli {

struct OperationChoice {
  std::vector<std::string> operations, kinds;
  std::string trust;  // empty: read

  void add_to(CLI::App& app);
};

// invalid_request when there is no such operation, or when kinds are wrong or of no use.
Result<std::vector<const ops::Operation*>> chosen_operations(const ops::Catalog& catalog,
                                                             const OperationChoice& choice);

// The least roles for operations, of one service account.
struct RoleOptions {
  OperationChoice choice;
  std::vector<std::string> namespaces;
  std::string account, name;
  bool cluster_wide = false;

  void add_to(CLI::App& app);
};
struct MadeRoles {
  ops::RoleRequest request;
  ops::ManifestNames names;
  ops::LeastRoles roles;
  std::string manifests() const { return ops::role_manifests(roles, request, names); }
};
// invalid_request for options that are wrong, and where no role can be made.
Result<MadeRoles> make_roles(const ops::Catalog& catalog, const RoleOptions& options);
// What they do not cover, and what whoever applies them should know.
void tell_limits(World& world, const ops::LeastRoles& roles);

CLI::App* add_rbac_kubeconfig(CLI::App& rbac, World& world, Action& action);
CLI::App* add_rbac_check(CLI::App& rbac, World& world, Action& action);

}  // namespace fairlead::cli
