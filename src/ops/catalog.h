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

// One function a family; each is a file of its own.
std::vector<Operation> pod_operations();
std::vector<Operation> pod_log_operations();
std::vector<Operation> node_operations();
std::vector<Operation> namespace_operations();
std::vector<Operation> workload_operations();
std::vector<Operation> deployment_describe_operations();
std::vector<Operation> scale_operations();
std::vector<Operation> rollout_operations();
std::vector<Operation> deployment_patch_operations();
std::vector<Operation> pod_change_operations();
std::vector<Operation> exec_operations();
std::vector<Operation> node_change_operations();
std::vector<Operation> secret_change_operations();
std::vector<Operation> cronjob_change_operations();
std::vector<Operation> resource_change_operations();
std::vector<Operation> config_operations();
std::vector<Operation> network_operations();
std::vector<Operation> endpoint_operations();
std::vector<Operation> storage_operations();
std::vector<Operation> identity_operations();
std::vector<Operation> access_operations();
std::vector<Operation> who_can_operations();
std::vector<Operation> event_operations();
std::vector<Operation> api_resource_operations();
std::vector<Operation> resource_operations();
std::vector<Operation> field_operations();
std::vector<Operation> cluster_operations();
std::vector<Operation> top_operations();

// The Kubernetes families together, and the catalog of them alone.
std::vector<Operation> kubernetes_operations();
Catalog kubernetes_catalog();

}  // namespace fairlead::ops
