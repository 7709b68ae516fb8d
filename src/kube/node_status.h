// What `kubectl get nodes` says about a node (k8s.io/kubernetes/pkg/printers/internalversion, printNode). Pure and
// thread-safe.
#pragma once

#include <string>

#include "kube/decode.h"

namespace fairlead::kube {

// STATUS: "Ready", "NotReady", "Unknown" (it never reported), each with ",SchedulingDisabled" when cordoned.
std::string node_status(const NodeView& node);
// ROLES, sorted and separated by commas, from the labels node-role.kubernetes.io/ROLE and kubernetes.io/role=ROLE;
// "<none>" when there are none.
std::string node_roles(const NodeView& node);

// Worst first: the order of lists.
enum class NodeRank {
  not_ready,
  pressure,  // ready, but another condition (memory, disk, pids, network) says that something is wrong
  cordoned,
  healthy,
};
NodeRank node_rank(const NodeView& node);
inline bool is_problem(NodeRank rank) { return rank <= NodeRank::pressure; }

}  // namespace fairlead::kube
