// A right that somebody has in a cluster, and those that deploying agents and keeping them needs (docs/clusters.md).
// Pure.
#pragma once

#include <string>
#include <vector>

namespace fairlead::fleet {

struct Right {
  std::string group, resource, verb;  // a subresource stands in the resource: pods/log
  std::string ns;                     // empty: in the cluster
  std::string name;                   // empty: of all
};
std::string text_of(const Right& right);  // "create deployments.apps in agents"

// In each of the namespaces where agents run, and in the cluster. What operations do for them, these have declared
// themselves (ops::Access).
std::vector<Right> needs_of_agents(const std::vector<std::string>& namespaces);

}  // namespace fairlead::fleet
