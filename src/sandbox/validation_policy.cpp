// Roles and bindings, autoscalers, disruption budgets, priorities, leases.
#include "sandbox/names.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

constexpr View rbac_group = "rbac.authorization.k8s.io";

void check_rule(const Place& rule, bool namespaced, Findings& out) {
  Place urls = rule["nonResourceURLs"];
  if (rule["verbs"].items().empty()) out.required(rule["verbs"], "verbs must contain at least one value");
  if (!urls.items().empty()) {
    if (namespaced) out.invalid(urls, "namespaced rules cannot apply to non-resource URLs");
    bool resources = !rule["apiGroups"].items().empty() || !rule["resources"].items().empty() ||
                     !rule["resourceNames"].items().empty();
    if (resources) out.invalid(urls, "rules cannot apply to both regular resources and non-resource URLs");
    return;
  }
  if (rule["apiGroups"].items().empty())
    out.required(rule["apiGroups"], "resource rules must supply at least one api group");
  if (rule["resources"].items().empty())
    out.required(rule["resources"], "resource rules must supply at least one resource");
}

void check_role(const Place& object, const Place*, Findings& out) {
  for (const Place& rule : object["rules"].items()) check_rule(rule, true, out);
}

void check_cluster_role(const Place& object, const Place*, Findings& out) {
  for (const Place& rule : object["rules"].items()) check_rule(rule, false, out);
  Place aggregation = object["aggregationRule"];
  if (!aggregation.given()) return;
  Place selectors = aggregation["clusterRoleSelectors"];
  if (selectors.items().empty())
    out.required(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
  for (const Place& selector : selectors.items()) out.label_selector(selector);
}

void check_subject(const Place& subject, bool namespaced, Findings& out) {
  Place kind = subject["kind"], name = subject["name"], group = subject["apiGroup"];
  if (name.text().empty()) out.required(name);
  if (kind.is("ServiceAccount")) {
    if (!name.text().empty()) out.subdomain(name);
    if (!group.text().empty()) out.not_supported(group, {""});
    if (!namespaced && subject["namespace"].text().empty()) out.required(subject["namespace"]);
  } else if (kind.is("User") || kind.is("Group")) {
    if (!group.is(rbac_group)) out.not_supported(group, {rbac_group});
  } else {
    out.not_supported(kind, {"ServiceAccount", "User", "Group"});
  }
}

void check_binding_of(const Place& object, const Place* before, bool namespaced, Findings& out) {
  Place role = object["roleRef"], name = role["name"];
  if (!role["apiGroup"].is(rbac_group)) out.not_supported(role["apiGroup"], {rbac_group});
  if (namespaced && !role["kind"].is("Role") && !role["kind"].is("ClusterRole"))
    out.not_supported(role["kind"], {"Role", "ClusterRole"});
  if (!namespaced && !role["kind"].is("ClusterRole")) out.not_supported(role["kind"], {"ClusterRole"});
  if (name.text().empty()) {
    out.required(name);
  } else if (std::string problem = path_segment_problem(name.text()); !problem.empty()) {
    out.invalid(name, problem);
  }
  for (const Place& subject : object["subjects"].items()) check_subject(subject, namespaced, out);
  if (!before || role.value() == (*before)["roleRef"].value()) return;
  json::value shown =
      json::object{{"APIGroup", role["apiGroup"].text()}, {"Kind", role["kind"].text()}, {"Name", name.text()}};
  out.invalid(role, shown, "cannot change roleRef");
}

void check_role_binding(const Place& object, const Place* before, Findings& out) {
  check_binding_of(object, before, true, out);
}
void check_cluster_role_binding(const Place& object, const Place* before, Findings& out) {
  check_binding_of(object, before, false, out);
}

// ---- autoscalers

void check_path_name(const Place& place, Findings& out) {
  if (place.text().empty()) {
    out.required(place);
  } else if (std::string problem = path_segment_problem(place.text()); !problem.empty()) {
    out.invalid(place, problem);
  }
}

void check_target(const Place& target, bool resource, Findings& out) {
  Place type = target["type"];
  if (type.text().empty()) {
    out.required(type, "must specify a metric target type");
  } else if (!type.is("Utilization") && !type.is("Value") && !type.is("AverageValue")) {
    out.invalid(type, "must be either Utilization, Value, or AverageValue");
  }
  Place utilization = target["averageUtilization"];
  if (resource && !utilization.given() && !target["averageValue"].given()) {
    out.required(utilization, "must set either a target raw value or a target utilization");
  }
  if (utilization.given() && utilization.number() < 1) out.invalid(utilization, "must be greater than 0");
  if (resource && utilization.given() && target["averageValue"].given()) {
    out.forbidden(target["averageValue"], "may not set both a target raw value and a target utilization");
  }
}

void check_metric(const Place& metric, Findings& out) {
  Place type = metric["type"];
  if (type.text().empty()) return out.required(type, "must specify a metric source type");
  constexpr std::pair<View, View> kinds[] = {{"ContainerResource", "containerResource"},
                                             {"External", "external"},
                                             {"Object", "object"},
                                             {"Pods", "pods"},
                                             {"Resource", "resource"}};
  View member;
  for (auto [name, field] : kinds) {
    if (type.is(name)) member = field;
  }
  if (member.empty()) return out.not_supported(type, {"ContainerResource", "External", "Object", "Pods", "Resource"});
  Place source = metric[member];
  if (!source.given()) {
    out.required(source, "must populate information for the given metric source");
  } else {
    bool resource = member == "resource" || member == "containerResource";
    if (resource && source["name"].text().empty()) out.required(source["name"], "must specify a resource name");
    if (member == "containerResource" && source["container"].text().empty())
      out.required(source["container"], "must specify a container");
    if (!resource && source["metric"]["name"].text().empty())
      out.required(source["metric"]["name"], "must specify a metric name");
    check_target(source["target"], resource, out);
  }
  for (auto [name, field] : kinds) {
    if (field != member && metric[field].given())
      out.forbidden(metric[field], "must populate the given metric source only");
  }
}

void check_scaling_rules(const Place& rules, Findings& out) {
  if (!rules.given()) return;
  Place window = rules["stabilizationWindowSeconds"];
  if (window.number() < 0) out.invalid(window, "must be greater than or equal to zero");
  if (window.number() > 3600) out.invalid(window, "must be less than or equal to 3600");
  if (rules["selectPolicy"].given()) out.one_of(rules["selectPolicy"], {"Disabled", "Max", "Min"});
  if (rules["policies"].items().empty()) out.required(rules["policies"], "must specify at least one Policy");
  for (const Place& policy : rules["policies"].items()) {
    if (!policy["type"].is("Pods") && !policy["type"].is("Percent"))
      out.not_supported(policy["type"], {"Percent", "Pods"});
    for (View member : {"value", "periodSeconds"}) {
      if (policy[member].number() <= 0) out.invalid(policy[member], "must be greater than zero");
    }
    if (policy["periodSeconds"].number() > 1800)
      out.invalid(policy["periodSeconds"], "must be less than or equal to 1800");
  }
}

void check_autoscaler(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"], least = spec["minReplicas"], most = spec["maxReplicas"], target = spec["scaleTargetRef"];
  const json::value shown = most.given() ? most.value() : json::value(0);
  if (least.given() && least.number() < 1) out.invalid(least, "must be greater than or equal to 1");
  if (most.number() < 1) out.invalid(most, shown, "must be greater than 0");
  if (least.given() && most.number() < least.number())
    out.invalid(most, shown, "must be greater than or equal to `minReplicas`");
  check_path_name(target["kind"], out);
  check_path_name(target["name"], out);
  for (const Place& metric : spec["metrics"].items()) check_metric(metric, out);
  check_scaling_rules(spec["behavior"]["scaleUp"], out);
  check_scaling_rules(spec["behavior"]["scaleDown"], out);
}

// ---- budgets, priorities, leases

void check_amount(const Place& place, Findings& out) {
  if (!place.given()) return;
  if (!place.value().is_string()) return out.not_negative(place);
  if (std::string problem = percent_problem(place.text()); !problem.empty()) return out.invalid(place, problem);
  if (place.text().size() > 4 || std::stoi(std::string(place.text())) > 100)
    out.invalid(place, "must not be greater than 100%");
}

void check_budget(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"], least = spec["minAvailable"], most = spec["maxUnavailable"];
  if (least.given() && most.given()) {
    json::value shown = json::object{{"MinAvailable", least.value()},
                                     {"Selector", spec["selector"].value()},
                                     {"MaxUnavailable", most.value()},
                                     {"UnhealthyPodEvictionPolicy", spec["unhealthyPodEvictionPolicy"].value()}};
    out.invalid(spec, shown, "minAvailable and maxUnavailable cannot be both set");
  }
  check_amount(least, out);
  check_amount(most, out);
  out.label_selector(spec["selector"]);
  if (Place policy = spec["unhealthyPodEvictionPolicy"]; policy.given())
    out.one_of(policy, {"AlwaysAllow", "IfHealthyBudget"});
}

void check_priority_class(const Place& object, const Place* before, Findings& out) {
  constexpr std::int64_t highest = 1'000'000'000;
  Place name = object[{"metadata", "name"}], value = object["value"];
  if (name.text().starts_with("system-")) {
    bool cluster = name.is("system-cluster-critical"), node = name.is("system-node-critical");
    std::int64_t known = 2 * highest + (node ? 1000 : 0);
    std::string why;
    if (!cluster && !node) why = std::string(name.text()) + " is not a known system priority class";
    if (why.empty() && value.number() != known)
      why = "value of " + std::string(name.text()) + " PriorityClass must be " + std::to_string(known);
    if (why.empty() && object["globalDefault"].flag())
      why = "globalDefault of " + std::string(name.text()) + " PriorityClass must be false";
    if (!why.empty())
      out.forbidden(name, "priority class names with 'system-' prefix are reserved for system use only. error: " + why);
  } else if (value.number() > highest) {
    out.forbidden(value, "maximum allowed value of a user defined priority is 1000000000");
  }
  if (Place policy = object["preemptionPolicy"]; policy.given()) out.one_of(policy, {"PreemptLowerPriority", "Never"});
  if (!before) return;
  if (value.number() != (*before)["value"].number())
    out.forbidden(Place(nullptr, "Value"), "may not be changed in an update.");
  out.unchanged(object["preemptionPolicy"], (*before)["preemptionPolicy"]);
}

void check_lease(const Place& object, const Place*, Findings& out) {
  Place spec = object["spec"];
  out.positive(spec["leaseDurationSeconds"]);
  if (spec["leaseTransitions"].number() < 0)
    out.invalid(spec["leaseTransitions"], "must be greater than or equal to 0");
}

}  // namespace

Check policy_check(std::string_view kind) {
  if (kind == "Role") return check_role;
  if (kind == "ClusterRole") return check_cluster_role;
  if (kind == "RoleBinding") return check_role_binding;
  if (kind == "ClusterRoleBinding") return check_cluster_role_binding;
  if (kind == "HorizontalPodAutoscaler") return check_autoscaler;
  if (kind == "PodDisruptionBudget") return check_budget;
  if (kind == "PriorityClass") return check_priority_class;
  return kind == "Lease" ? check_lease : nullptr;
}

}  // namespace fairlead::sandbox
