// What gives an identity of a cluster its rights, as a manifest for `kubectl apply`: roles of its own and all that it
// needs in them, so that applying it takes nothing away, neither from it nor from another identity. Pure.
#pragma once

#include <string>
#include <vector>

#include "fleet/rights.h"

namespace fairlead::fleet {

struct Grant {
  std::string what;  // "fairlead-agents": with the cluster's id and the identity it names the roles and their bindings
  std::string cluster;
  std::string user;  // as the cluster knows it
  std::vector<Right> rights;
  // Namespaces that are made first: those that are not there, and those of which nobody knows.
  std::vector<std::string> missing, perhaps_missing;
};

// YAML. Namespaces come first, so that it can be applied at once.
std::string manifest_of(const Grant& grant);

// "fairlead-agents:aks-eastus2:agents:nora": two identities have never one, and one has another for each cluster that
// it is registered as, whose needs may differ.
std::string role_name(const Grant& grant);

}  // namespace fairlead::fleet
