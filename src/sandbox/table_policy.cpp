// Who may do what, and how much of it: RBAC, quotas, limits, budgets, autoscalers, priorities, leases.
#include <algorithm>

#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

// Kinds whose Table the API server does not make itself: a time instead of an age.
json::array plain_cells(const json::value& object, std::int64_t) {
  return {name_cell(object), cell(text_at(object, {"metadata", "creationTimestamp"}))};
}

const std::vector<Column> plain_columns{name_column, {"Created At", "date", "", 0, age_column_text}};

json::array binding_cells(const json::value& object, std::int64_t now) {
  std::vector<std::string> users, groups, accounts;
  for (const json::value& subject : array_at(object, {"subjects"})) {
    View kind = text_at(subject, {"kind"});
    std::string name(text_at(subject, {"name"}));
    if (kind == "User") users.push_back(name);
    if (kind == "Group") groups.push_back(name);
    if (kind == "ServiceAccount") accounts.push_back(std::string(text_at(subject, {"namespace"})) + "/" + name);
  }
  std::string role =
      std::string(text_at(object, {"roleRef", "kind"})) + "/" + std::string(text_at(object, {"roleRef", "name"}));
  return {name_cell(object),          cell(role),
          age_cell(object, now),      cell(joined(users, ", ")),
          cell(joined(groups, ", ")), cell(joined(accounts, ", "))};
}

std::vector<Column> binding_columns(const char* role, const char* users, const char* groups, const char* accounts) {
  return {name_column,
          {"Role", "string", "", 0, role},
          age_column,
          {"Users", "string", "", 1, users},
          {"Groups", "string", "", 1, groups},
          {"ServiceAccounts", "string", "", 1, accounts}};
}

std::string int_or_text(const json::value* value) {
  if (!value) return "N/A";
  return value->is_string() ? std::string(value->get_string()) : compact(*value);
}

json::array budget_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), cell(int_or_text(find(object, "spec", "minAvailable"))),
          cell(int_or_text(find(object, "spec", "maxUnavailable"))),
          integer_at(object, {"status", "disruptionsAllowed"}), age_cell(object, now)};
}

// One metric: what it is, and what is wanted.
std::string metric_text(const json::value& spec, const json::value* status) {
  View type = text_at(spec, {"type"});
  std::string member(type);
  if (!member.empty()) member[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(member[0])));
  const json::value* source = find(spec, member);
  if (!source) return "<unknown type>";
  const json::value* current = status ? find(*status, member, "current") : nullptr;
  auto now = [&](View value) {
    View text = current ? text_at(*current, {value}) : View();
    return std::string(text.empty() ? "<unknown>" : text);
  };
  View average = text_at(*source, {"target", "averageValue"});
  if (type == "Resource" || type == "ContainerResource") {
    std::string name = std::string(text_at(*source, {"name"})) + ": ";
    if (!average.empty()) return name + now("averageValue") + "/" + std::string(average);
    const json::value *used = current ? find(*current, "averageUtilization") : nullptr,
                      *wanted = find(*source, "target", "averageUtilization");
    return name + (used ? compact(*used) + "%" : "<unknown>") + "/" + (wanted ? compact(*wanted) + "%" : "<auto>");
  }
  if (type == "Pods") return now("averageValue") + "/" + std::string(average);
  if (!average.empty()) return now("averageValue") + "/" + std::string(average) + " (avg)";
  return now("value") + "/" + std::string(text_at(*source, {"target", "value"}));
}

std::string metrics_text(const json::value& autoscaler) {
  constexpr std::size_t most = 2;
  const json::array &specs = array_at(autoscaler, {"spec", "metrics"}),
                    &statuses = array_at(autoscaler, {"status", "currentMetrics"});
  if (specs.empty()) return "<none>";
  std::vector<std::string> shown;
  for (std::size_t i = 0; i < std::min(most, specs.size()); ++i)
    shown.push_back(metric_text(specs[i], i < statuses.size() ? &statuses[i] : nullptr));
  return joined(shown, ", ") + (specs.size() > most ? " + " + std::to_string(specs.size() - most) + " more..." : "");
}

json::array autoscaler_cells(const json::value& object, std::int64_t now) {
  const json::value* least = find(object, "spec", "minReplicas");
  std::string target = std::string(text_at(object, {"spec", "scaleTargetRef", "kind"})) + "/" +
                       std::string(text_at(object, {"spec", "scaleTargetRef", "name"}));
  return {name_cell(object),
          cell(target),
          cell(metrics_text(object)),
          cell(least ? compact(*least) : "<unset>"),
          integer_at(object, {"spec", "maxReplicas"}),
          integer_at(object, {"status", "currentReplicas"}),
          age_cell(object, now)};
}

json::array quota_cells(const json::value& object, std::int64_t now) {
  std::vector<std::string> names, requests, limits;
  for (const auto& entry : object_at(object, {"status", "hard"})) names.emplace_back(entry.key());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    View used = text_at(object, {"status", "used", name});
    std::string text = name + ": " + std::string(used.empty() ? "0" : used) + "/" +
                       std::string(text_at(object, {"status", "hard", name}));
    (name.starts_with("limits.") ? limits : requests).push_back(std::move(text));
  }
  return {name_cell(object), cell(joined(requests, ", ")), cell(joined(limits, ", ")), age_cell(object, now)};
}

json::array priority_class_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), integer_at(object, {"value"}), flag_at(object, {"globalDefault"}), age_cell(object, now),
          cell(text_at(object, {"preemptionPolicy"}))};
}

json::array lease_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), cell(text_at(object, {"spec", "holderIdentity"})), age_cell(object, now)};
}

}  // namespace

std::span<const TableKind> policy_tables() {
  static const std::vector<TableKind> tables{
      {"rbac.authorization.k8s.io", "Role", plain_columns, plain_cells},
      {"rbac.authorization.k8s.io", "ClusterRole", plain_columns, plain_cells},
      {"rbac.authorization.k8s.io", "RoleBinding",
       binding_columns(
           "RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace.",
           "Users in the roleBinding", "Groups in the roleBinding", "ServiceAccounts in the roleBinding"),
       binding_cells},
      {"rbac.authorization.k8s.io", "ClusterRoleBinding",
       binding_columns("RoleRef can only reference a ClusterRole in the global namespace.",
                       "Users in the clusterRoleBinding", "Groups in the clusterRoleBinding",
                       "ServiceAccounts in the clusterRoleBinding"),
       binding_cells},
      {"", "LimitRange", plain_columns, plain_cells},
      {"",
       "ResourceQuota",
       {name_column,
        {"Request", "string", "", 0, "Request represents a minimum amount of cpu/memory that a container may consume."},
        {"Limit", "string", "", 0,
         "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the "
         "node."},
        age_column},
       quota_cells},
      {"autoscaling",
       "HorizontalPodAutoscaler",
       {name_column,
        {"Reference", "string", "", 0, "scaleTargetRef points to the target resource to scale."},
        {"Targets", "string", "", 0,
         "metrics contains the specifications for which to use to calculate the desired replica count."},
        {"MinPods", "string", "", 0,
         "minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down."},
        {"MaxPods", "string", "", 0,
         "maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up."},
        {"Replicas", "string", "", 0,
         "currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the "
         "autoscaler."},
        age_column},
       autoscaler_cells},
      {"policy",
       "PodDisruptionBudget",
       {name_column,
        {"Min Available", "string", "", 0, "The minimum number of pods that must be available."},
        {"Max Unavailable", "string", "", 0, "The maximum number of pods that may be unavailable."},
        {"Allowed Disruptions", "integer", "", 0, "Calculated number of pods that may be disrupted at this time."},
        age_column},
       budget_cells},
      {"scheduling.k8s.io",
       "PriorityClass",
       {name_column,
        {"Value", "integer", "", 0, "value represents the integer value of this priority class."},
        {"Global-Default", "boolean", "", 0,
         "globalDefault specifies whether this PriorityClass should be considered as the default priority for pods "
         "that do not have any priority class."},
        age_column,
        {"PreemptionPolicy", "string", "", 0,
         "preemptionPolicy is the Policy for preempting pods with lower priority."}},
       priority_class_cells},
      {"coordination.k8s.io",
       "Lease",
       {name_column,
        {"Holder", "string", "", 0, "holderIdentity contains the identity of the holder of a current lease."},
        age_column},
       lease_cells},
  };
  return tables;
}

}  // namespace fairlead::sandbox
