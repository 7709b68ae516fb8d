// Who may do what, how much of it, and what comes first.
#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"
#include "sandbox/quota.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::string_view rbac = "rbac.authorization.k8s.io";

json::object rule(json::array groups, json::array resources, json::array verbs) {
  return {{"apiGroups", std::move(groups)}, {"resources", std::move(resources)}, {"verbs", std::move(verbs)}};
}

json::object role_reference(std::string_view kind, std::string_view name) {
  return {{"apiGroup", rbac}, {"kind", kind}, {"name", name}};
}
json::object account(std::string_view space, std::string_view name) {
  return {{"kind", "ServiceAccount"}, {"name", name}, {"namespace", space}};
}
json::object group(std::string_view name) { return {{"apiGroup", rbac}, {"kind", "Group"}, {"name", name}}; }
json::object user(std::string_view name) { return {{"apiGroup", rbac}, {"kind", "User"}, {"name", name}}; }

std::string micro_time(std::int64_t at) {
  std::string out = format_rfc3339(at);
  out.pop_back();
  return out + ".000000Z";
}

json::object selects(std::string_view app) { return {{"matchLabels", json::object{{"app.kubernetes.io/name", app}}}}; }

}  // namespace

void FixtureBuilder::add_policies() {
  auto priority = [&](std::string_view name, std::int64_t value, std::string_view description) {
    json::object metadata = stamp("", name, now_ - 83 * day);
    metadata["generation"] = 1;
    objects_.insert(resource("scheduling.k8s.io", "priorityclasses"),
                    json::object{{"metadata", std::move(metadata)},
                                 {"value", value},
                                 {"description", description},
                                 {"preemptionPolicy", "PreemptLowerPriority"}});
  };
  priority("system-node-critical", 2'000'001'000,
           "Used for system critical pods that must not be moved from their current node.");
  priority(
      "system-cluster-critical", 2'000'000'000,
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.");
  priority("business-critical", 100'000, "For what customers wait for.");

  auto lease = [&](std::string_view space, const std::string& name, const std::string& holder, std::int64_t seconds) {
    json::object spec{
        {"holderIdentity", holder}, {"leaseDurationSeconds", seconds}, {"renewTime", micro_time(now_ - 3)}};
    objects_.insert(resource("coordination.k8s.io", "leases"),
                    json::object{{"metadata", stamp(space, name, now_ - 83 * day)}, {"spec", std::move(spec)}});
  };
  for (const auto& [node, address] : nodes_) lease("kube-node-lease", node, node, 40);
  std::string first = nodes_.empty() ? "node-1" : nodes_.front().first;
  for (std::string name : {"kube-controller-manager", "kube-scheduler"})
    lease("kube-system", name, first + "_" + objects_.make_uid(), 15);

  for (auto [space, name] :
       {std::pair<std::string_view, std::string_view>{"monitoring", "prometheus"}, {"shop", "deployer"}}) {
    objects_.insert(resource("", "serviceaccounts"), json::object{{"metadata", stamp(space, name, now_ - 60 * day)}});
  }
  auto role = [&](std::string_view plural, std::string_view space, std::string_view name, json::array rules) {
    objects_.insert(resource(rbac, plural),
                    json::object{{"metadata", stamp(space, name, now_ - 60 * day)}, {"rules", std::move(rules)}});
  };
  auto binding = [&](std::string_view plural, std::string_view space, std::string_view name, json::object reference,
                     json::array subjects) {
    objects_.insert(resource(rbac, plural), json::object{{"metadata", stamp(space, name, now_ - 60 * day)},
                                                         {"roleRef", std::move(reference)},
                                                         {"subjects", std::move(subjects)}});
  };
  role("roles", "shop", "config-reader", json::array{rule({""}, {"configmaps"}, {"get", "list", "watch"})});
  role("roles", "shop", "deployer",
       json::array{rule({"apps"}, {"deployments", "deployments/scale", "replicasets"},
                        {"get", "list", "watch", "create", "update", "patch"}),
                   rule({""}, {"pods", "pods/log", "services", "configmaps"}, {"get", "list", "watch"})});
  role("clusterroles", "", "prometheus",
       json::array{rule({""}, {"nodes", "nodes/metrics", "services", "endpoints", "pods"}, {"get", "list", "watch"}),
                   json::object{{"nonResourceURLs", json::array{"/metrics"}}, {"verbs", json::array{"get"}}}});
  binding("rolebindings", "shop", "config-reader", role_reference("Role", "config-reader"),
          json::array{account("shop", "default")});
  binding("rolebindings", "shop", "deployer", role_reference("Role", "deployer"),
          json::array{account("shop", "deployer"), group("shop-developers")});
  binding("rolebindings", "shop", "viewers", role_reference("ClusterRole", "view"),
          json::array{group("support"), user("erin@example.com")});
  binding("clusterrolebindings", "", "prometheus", role_reference("ClusterRole", "prometheus"),
          json::array{account("monitoring", "prometheus")});

  json::object limits = stamp("monitoring", "container-defaults", now_ - 60 * day);
  json::object container{{"type", "Container"},
                         {"default", json::object{{"memory", "256Mi"}}},
                         {"defaultRequest", json::object{{"cpu", "50m"}, {"memory", "64Mi"}}},
                         {"max", json::object{{"memory", "8Gi"}}}};
  objects_.insert(resource("", "limitranges"),
                  json::object{{"metadata", std::move(limits)},
                               {"spec", json::object{{"limits", json::array{std::move(container)}}}}});
}

// Quotas, and what depends on how many pods there are.
void FixtureBuilder::add_quotas() {
  auto quota = [&](std::string_view space, std::string_view name, json::object hard) {
    json::value value = json::object{{"metadata", stamp(space, name, now_ - 60 * day)},
                                     {"spec", json::object{{"hard", std::move(hard)}}}};
    value.get_object()["status"] = counted_status(objects_, value);
    objects_.insert(resource("", "resourcequotas"), std::move(value));
  };
  quota("monitoring", "compute",
        {{"requests.cpu", "8"}, {"requests.memory", "16Gi"}, {"limits.memory", "32Gi"}, {"pods", "30"}});
  quota("shop", "objects",
        {{"services.loadbalancers", "2"},
         {"persistentvolumeclaims", "10"},
         {"requests.storage", "500Gi"},
         {"count/cronjobs.batch", "20"}});

  auto budget = [&](std::string_view space, std::string_view app, std::string_view member, std::int64_t amount,
                    std::int64_t pods) {
    if (pods == 0) return;
    std::int64_t desired = member == "minAvailable" ? amount : pods - amount,
                 allowed = std::max<std::int64_t>(0, pods - desired);
    json::object metadata = stamp(space, app, now_ - 40 * day);
    metadata["generation"] = 1;
    json::value value = json::object{{"metadata", std::move(metadata)},
                                     {"spec", json::object{{member, amount}, {"selector", selects(app)}}},
                                     {"status", json::object{{"currentHealthy", pods},
                                                             {"desiredHealthy", desired},
                                                             {"expectedPods", pods},
                                                             {"disruptionsAllowed", allowed},
                                                             {"observedGeneration", 1}}}};
    set_condition(value, "DisruptionAllowed", allowed > 0 ? "True" : "False",
                  allowed > 0 ? "SufficientPods" : "InsufficientPods", "", now_ - 40 * day);
    json::object& condition = *condition_in(array_in(object_in(value, {"status"}), "conditions"), "DisruptionAllowed");
    condition["message"] = "";
    condition["observedGeneration"] = 1;
    objects_.insert(resource("policy", "poddisruptionbudgets"), std::move(value));
  };
  auto replicas = [&](std::string_view plural, std::string_view space, std::string_view name) {
    ObjectPtr found = objects_.store().find(resource("apps", plural), space, name);
    return found ? integer_at(objects_.load_brief(*found), {"spec", "replicas"}) : 0;
  };
  std::int64_t frontends = replicas("deployments", "shop", "frontend");
  budget("shop", "frontend", "minAvailable", 2, frontends);
  budget("monitoring", "prometheus", "maxUnavailable", 1, replicas("statefulsets", "monitoring", "prometheus"));
  if (frontends == 0) return;

  json::object metadata = stamp("shop", "frontend", now_ - 40 * day);
  json::object target{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "frontend"}};
  json::object metric{
      {"type", "Resource"},
      {"resource",
       json::object{{"name", "cpu"}, {"target", json::object{{"type", "Utilization"}, {"averageUtilization", 70}}}}}};
  json::object current{
      {"type", "Resource"},
      {"resource",
       json::object{{"name", "cpu"}, {"current", json::object{{"averageUtilization", 41}, {"averageValue", "41m"}}}}}};
  json::value scaler = json::object{{"metadata", std::move(metadata)},
                                    {"spec", json::object{{"scaleTargetRef", std::move(target)},
                                                          {"minReplicas", 3},
                                                          {"maxReplicas", 10},
                                                          {"metrics", json::array{std::move(metric)}}}},
                                    {"status", json::object{{"currentReplicas", frontends},
                                                            {"desiredReplicas", frontends},
                                                            {"currentMetrics", json::array{std::move(current)}},
                                                            {"lastScaleTime", format_rfc3339(now_ - 2 * day)}}}};
  set_condition(scaler, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size",
                now_ - 40 * day);
  set_condition(scaler, "ScalingActive", "True", "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage "
                "of request)",
                now_ - 40 * day);
  set_condition(scaler, "ScalingLimited", "True", "TooFewReplicas",
                "the desired replica count is less than the minimum replica count", now_ - 2 * day);
  objects_.insert(resource("autoscaling", "horizontalpodautoscalers"), std::move(scaler));
}

}  // namespace fairlead::sandbox
