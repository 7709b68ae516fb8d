// All operations that a program offers, in a fixed order. Built once by main from the families; immutable after that.
#pragma once

#include <vector>

#include "ops/operation.h"

namespace fairlead::ops {

class Catalog {
 public:
  explicit Catalog(std::vector<Operation> operations);
  const Operation* find(std::string_view name) const;  // null: no such operation
  const std::vector<Operation>& operations() const { return operations_; }
  // What to tell whoever asks for an operation that there is not: invalid_request, with the nearest name.
  Error unknown(std::string_view name) const;

 private:
  std::vector<Operation> operations_;
};

// One function a family; each is a file of its own. Cold, as what they are made with: they run once, at start, and lie
// apart from what calls run.
[[gnu::cold]] std::vector<Operation> pod_operations();
[[gnu::cold]] std::vector<Operation> pod_log_operations();
[[gnu::cold]] std::vector<Operation> node_operations();
[[gnu::cold]] std::vector<Operation> namespace_operations();
[[gnu::cold]] std::vector<Operation> workload_operations();
[[gnu::cold]] std::vector<Operation> deployment_describe_operations();
[[gnu::cold]] std::vector<Operation> scale_operations();
[[gnu::cold]] std::vector<Operation> rollout_operations();
[[gnu::cold]] std::vector<Operation> deployment_patch_operations();
[[gnu::cold]] std::vector<Operation> pod_change_operations();
[[gnu::cold]] std::vector<Operation> exec_operations();
[[gnu::cold]] std::vector<Operation> node_change_operations();
[[gnu::cold]] std::vector<Operation> secret_change_operations();
[[gnu::cold]] std::vector<Operation> cronjob_change_operations();
[[gnu::cold]] std::vector<Operation> resource_change_operations();
[[gnu::cold]] std::vector<Operation> config_operations();
[[gnu::cold]] std::vector<Operation> network_operations();
[[gnu::cold]] std::vector<Operation> endpoint_operations();
[[gnu::cold]] std::vector<Operation> storage_operations();
[[gnu::cold]] std::vector<Operation> identity_operations();
[[gnu::cold]] std::vector<Operation> access_operations();
[[gnu::cold]] std::vector<Operation> who_can_operations();
[[gnu::cold]] std::vector<Operation> event_operations();
[[gnu::cold]] std::vector<Operation> api_resource_operations();
[[gnu::cold]] std::vector<Operation> resource_operations();
[[gnu::cold]] std::vector<Operation> field_operations();
[[gnu::cold]] std::vector<Operation> cluster_operations();
[[gnu::cold]] std::vector<Operation> top_operations();

// The Kubernetes families together, and the catalog of them alone.
[[gnu::cold]] std::vector<Operation> kubernetes_operations();
Catalog kubernetes_catalog();

}  // namespace fairlead::ops
