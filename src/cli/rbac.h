// Inside cli/ only: what `rbac` and `rbac check` share.
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

CLI::App* add_rbac_check(CLI::App& rbac, World& world, Action& action);

}  // namespace fairlead::cli
