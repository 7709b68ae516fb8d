#include "kube/node_status.h"

#include <algorithm>

namespace fairlead::kube {

std::string node_status(const NodeView& node) {
  // The last condition of that type counts.
  const auto ready = std::find_if(node.conditions.rbegin(), node.conditions.rend(),
                                  [](const Condition& condition) { return condition.type == "Ready"; });
  std::string status = ready == node.conditions.rend() ? "Unknown" : ready->status == "True" ? "Ready" : "NotReady";
  if (node.unschedulable) status += ",SchedulingDisabled";
  return status;
}

std::string node_roles(const NodeView& node) {
  constexpr std::string_view prefix = "node-role.kubernetes.io/";
  std::vector<std::string_view> roles;
  for (const auto& [key, value] : node.meta.labels) {
    if (key.starts_with(prefix)) {
      if (key.size() > prefix.size()) roles.push_back(key.substr(prefix.size()));
    } else if (key == "kubernetes.io/role" && !value.empty()) {
      roles.push_back(value);
    }
  }
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  std::string out;
  for (const auto role : roles) {
    if (!out.empty()) out += ',';
    out += role;
  }
  return out.empty() ? "<none>" : out;
}

NodeRank node_rank(const NodeView& node) {
  const auto* ready = find_condition(node.conditions, "Ready");
  if (!ready || ready->status != "True") return NodeRank::not_ready;
  // All other conditions of a node name something wrong: MemoryPressure, DiskPressure, NetworkUnavailable, …
  for (const auto& condition : node.conditions) {
    if (condition.type != "Ready" && condition.status == "True") return NodeRank::pressure;
  }
  return node.unschedulable ? NodeRank::cordoned : NodeRank::healthy;
}

}  // namespace fairlead::kube
