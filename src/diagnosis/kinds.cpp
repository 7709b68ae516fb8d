// The kinds that rules look at and that have no list operation made from a Kind.
#include <map>

#include "diagnosis/lookup.h"
#include "diagnosis/source.h"
#include "kube/messages.h"
#include "ops/catalog.h"

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
const Kind disruption_budgets{.name = "PodDisruptionBudget",
                              .group = "policy",
                              .plural = "poddisruptionbudgets",
                              .versions = {"v1", "v1beta1"},
                              .message = &messages::pod_disruption_budget};
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

const Kind* find(std::string_view name) {
  static const std::map<std::string_view, const Kind*> known = [] {
    std::map<std::string_view, const Kind*> all;
    for (const Kind* kind : {&pods, &nodes, &events, &leases, &resource_quotas, &limit_ranges, &disruption_budgets,
                             &autoscalers, &priority_classes, &ingress_classes, &mutating_webhooks,
                             &validating_webhooks, &api_services, &endpoints, &endpoint_slices})
      all.emplace(kind->name, kind);
    for (const auto& operation : ops::kubernetes_operations())
      if (operation.kind) all.emplace(operation.kind->name, operation.kind);
    return all;
  }();
  auto found = known.find(name);
  return found == known.end() ? nullptr : found->second;
}

const Kind& of(std::string_view name) {
  const Kind* kind = find(name);
  if (!kind) throw std::logic_error("no kind " + std::string(name));
  return *kind;
}

}  // namespace fairlead::diagnosis::kinds
