// The kinds that rules look at.
#include <algorithm>
#include <stdexcept>

#include "diagnosis/source.h"
#include "kube/messages.h"
#include "ops/kind.h"

namespace fairlead::diagnosis::kinds {
namespace messages = kube::messages;

const Kind pods{.name = "Pod", .group = "", .plural = "pods", .versions = {"v1"}, .message = &messages::pod};
const Kind nodes{.name = "Node",
                 .group = "",
                 .plural = "nodes",
                 .versions = {"v1"},
                 .namespaced = false,
                 .message = &messages::node};
const Kind events{.name = "Event", .group = "", .plural = "events", .versions = {"v1"}, .message = &messages::event};
const Kind leases{.name = "Lease", .group = "coordination.k8s.io", .plural = "leases", .versions = {"v1"}};
const Kind resource_quotas{.name = "ResourceQuota",
                           .group = "",
                           .plural = "resourcequotas",
                           .versions = {"v1"},
                           .message = &messages::resource_quota};
const Kind limit_ranges{.name = "LimitRange", .group = "", .plural = "limitranges", .versions = {"v1"}};
const Kind autoscalers{.name = "HorizontalPodAutoscaler",
                       .group = "autoscaling",
                       .plural = "horizontalpodautoscalers",
                       .versions = {"v2", "v2beta2", "v1"}};
const Kind priority_classes{.name = "PriorityClass",
                            .group = "scheduling.k8s.io",
                            .plural = "priorityclasses",
                            .versions = {"v1"},
                            .namespaced = false};
const Kind ingress_classes{.name = "IngressClass",
                           .group = "networking.k8s.io",
                           .plural = "ingressclasses",
                           .versions = {"v1", "v1beta1"},
                           .namespaced = false};
const Kind mutating_webhooks{.name = "MutatingWebhookConfiguration",
                             .group = "admissionregistration.k8s.io",
                             .plural = "mutatingwebhookconfigurations",
                             .versions = {"v1"},
                             .namespaced = false};
const Kind validating_webhooks{.name = "ValidatingWebhookConfiguration",
                               .group = "admissionregistration.k8s.io",
                               .plural = "validatingwebhookconfigurations",
                               .versions = {"v1"},
                               .namespaced = false};
const Kind api_services{.name = "APIService",
                        .group = "apiregistration.k8s.io",
                        .plural = "apiservices",
                        .versions = {"v1"},
                        .namespaced = false};

const Kind endpoints{
    .name = "Endpoints", .group = "", .plural = "endpoints", .versions = {"v1"}, .message = &messages::endpoints};
const Kind endpoint_slices{.name = "EndpointSlice",
                           .group = "discovery.k8s.io",
                           .plural = "endpointslices",
                           .versions = {"v1", "v1beta1"},
                           .message = &messages::endpoint_slice};

const std::vector<const Kind*>& all() {
  static const std::vector<const Kind*> known{&pods,
                                              &nodes,
                                              &events,
                                              &leases,
                                              &resource_quotas,
                                              &limit_ranges,
                                              &autoscalers,
                                              &priority_classes,
                                              &ingress_classes,
                                              &mutating_webhooks,
                                              &validating_webhooks,
                                              &api_services,
                                              &endpoints,
                                              &endpoint_slices,
                                              &ops::kNamespaces,
                                              &ops::kConfigMaps,
                                              &ops::kSecrets,
                                              &ops::kDeployments,
                                              &ops::kReplicaSets,
                                              &ops::kStatefulSets,
                                              &ops::kDaemonSets,
                                              &ops::kJobs,
                                              &ops::kCronJobs,
                                              &ops::kServices,
                                              &ops::kIngresses,
                                              &ops::kNetworkPolicies,
                                              &ops::kPersistentVolumeClaims,
                                              &ops::kPersistentVolumes,
                                              &ops::kStorageClasses,
                                              &ops::kServiceAccounts,
                                              &ops::kRoles,
                                              &ops::kRoleBindings,
                                              &ops::kClusterRoles,
                                              &ops::kClusterRoleBindings};
  return known;
}

const Kind* find(std::string_view name) {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Kind* kind) { return kind->name == name; });
  return found == all().end() ? nullptr : *found;
}

const Kind& of(std::string_view name) {
  const Kind* kind = find(name);
  if (!kind) throw std::logic_error("no kind " + std::string(name));
  return *kind;
}

}  // namespace fairlead::diagnosis::kinds
