// The fields of each kind that operations show, for read_message(). One declaration serves all versions of a kind that
// Kubernetes has served since 1.20: numbers are never used twice.
#pragma once

#include "kube/message.h"

namespace fairlead::kube::messages {

// core/v1
extern const Message name_space, config_map, secret, service, endpoints, service_account, persistent_volume,
    persistent_volume_claim, resource_quota, pod, node, event;
// apps/v1, batch/v1 (and v1beta1)
extern const Message deployment, replica_set, stateful_set, daemon_set, job, cron_job;
// networking.k8s.io/v1 (and v1beta1), discovery.k8s.io/v1 (and v1beta1), storage.k8s.io/v1
extern const Message ingress, network_policy, endpoint_slice, storage_class;
// rbac.authorization.k8s.io/v1: Role and ClusterRole, RoleBinding and ClusterRoleBinding are alike
extern const Message role, role_binding;
// metrics.k8s.io/v1beta1
extern const Message pod_metrics, node_metrics;

}  // namespace fairlead::kube::messages
