// Quotas and limits of a namespace.
#include <algorithm>
#include <map>
#include <set>

#include "sandbox/names.h"
#include "sandbox/quantity.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

bool standard_for_quota(View name) {
  constexpr View known[] = {"cpu",
                            "memory",
                            "ephemeral-storage",
                            "requests.cpu",
                            "requests.memory",
                            "requests.storage",
                            "requests.ephemeral-storage",
                            "limits.cpu",
                            "limits.memory",
                            "limits.ephemeral-storage",
                            "pods",
                            "resourcequotas",
                            "services",
                            "replicationcontrollers",
                            "secrets",
                            "persistentvolumeclaims",
                            "configmaps",
                            "services.nodeports",
                            "services.loadbalancers"};
  return std::find(std::begin(known), std::end(known), name) != std::end(known) || name.starts_with("hugepages-") ||
         name.starts_with("requests.hugepages-");
}

bool standard_resource(View name) { return standard_for_quota(name) || name == "storage"; }

// Whether the name is one at all.
bool check_name(const Place& place, View name, bool quota, Findings& out) {
  if (std::vector<std::string> problems = label_key_problems(name); !problems.empty()) {
    out.invalid(place, json::string(name), problems);
    return false;
  }
  if (is_qualified(name)) return true;
  if (!standard_resource(name))
    out.invalid(place, json::string(name), "must be a standard resource type or fully qualified");
  if (quota && !standard_for_quota(name))
    out.invalid(place, json::string(name), "must be a standard resource for quota");
  return true;
}

bool on_computing_only(View resource) {
  return resource == "pods" || resource == "cpu" || resource == "memory" || resource.starts_with("requests.") ||
         resource.starts_with("limits.") || is_qualified(resource);
}

void check_scopes(const Place& spec, Findings& out) {
  std::set<View> given;
  Place scopes = spec["scopes"];
  for (const Place& scope : scopes.items()) {
    View name = scope.text();
    bool known = name == "Terminating" || name == "NotTerminating" || name == "BestEffort" || name == "NotBestEffort" ||
                 name == "PriorityClass" || name == "CrossNamespacePodAffinity" || name == "VolumeAttributesClass";
    if (!known) out.invalid(scopes, "unsupported scope");
    if (!spec["hard"].value().is_object()) continue;
    for (const auto& entry : spec["hard"].value().get_object()) {
      bool fits = name == "BestEffort" ? View(entry.key()) == "pods" : on_computing_only(entry.key());
      if (known && !fits && standard_for_quota(entry.key()))
        out.invalid(scopes, "unsupported scope applied to resource");
    }
    given.insert(name);
  }
  if ((given.contains("Terminating") && given.contains("NotTerminating")) ||
      (given.contains("BestEffort") && given.contains("NotBestEffort"))) {
    out.invalid(scopes, "conflicting scopes");
  }
  for (const Place& expression : spec["scopeSelector"]["matchExpressions"].items()) {
    Place op = expression["operator"], values = expression["values"];
    if (op.is("In") || op.is("NotIn")) {
      if (values.items().empty())
        out.required(values, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    } else if (op.is("Exists") || op.is("DoesNotExist")) {
      if (!values.items().empty())
        out.invalid(values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    } else {
      out.invalid(op, json::string(op.text()), "not a valid selector operator");
    }
  }
}

void check_quota(const Place& object, const Place* before, Findings& out) {
  Place spec = object["spec"], hard = spec["hard"];
  if (hard.value().is_object()) {
    for (const auto& entry : hard.value().get_object()) {
      Place amount = hard.entry(entry.key());
      check_name(amount, entry.key(), true, out);
      out.amount(amount, entry.key());
    }
  }
  check_scopes(spec, out);
  if (before) out.unchanged(spec["scopes"], (*before)["spec"]["scopes"]);
}

using Amounts = std::map<std::string, Quantity, std::less<>>;

Amounts amounts_of(const Place& list, View type, Findings& out) {
  Amounts amounts;
  if (!list.value().is_object()) return amounts;
  for (const auto& entry : list.value().get_object()) {
    Place place = list.entry(entry.key());
    bool named = check_name(place, entry.key(), false, out);
    bool pods = type == "Pod" || type == "Container";
    View name = entry.key();
    if (named && pods && !is_qualified(name) && name != "cpu" && name != "memory" && name != "ephemeral-storage" &&
        !name.starts_with("hugepages-")) {
      out.invalid(place, json::string(name), "must be a standard resource for containers");
    }
    if (auto amount = Quantity::parse(place.text())) amounts.emplace(name, *amount);
  }
  return amounts;
}

void check_limit(const Place& limit, Findings& out) {
  Place type = limit["type"];
  View kind = type.text();
  if (std::vector<std::string> problems = label_key_problems(kind); !problems.empty()) {
    out.invalid(type, json::string(kind), problems);
  } else if (!is_qualified(kind) && kind != "Pod" && kind != "Container" && kind != "PersistentVolumeClaim") {
    out.invalid(type, "must be a standard limit type or fully qualified");
  }
  Amounts most = amounts_of(limit["max"], kind, out), least = amounts_of(limit["min"], kind, out), usual, usual_request;
  if (kind == "Pod") {
    for (View member : {"default", "defaultRequest"}) {
      if (!limit[member].entries().empty()) out.forbidden(limit[member], "may not be specified when `type` is 'Pod'");
    }
  } else {
    usual = amounts_of(limit["default"], kind, out);
    usual_request = amounts_of(limit["defaultRequest"], kind, out);
  }
  if (kind == "PersistentVolumeClaim" && !least.contains("storage") && !most.contains("storage")) {
    out.required(limit["limits"], "either minimum or maximum storage value is required, but neither was provided");
  }
  Amounts ratio = amounts_of(limit["maxLimitRequestRatio"], kind, out);
  std::set<std::string> names;
  for (const Amounts* list : {&most, &least, &usual, &usual_request, &ratio}) {
    for (const auto& [name, amount] : *list) names.insert(name);
  }
  auto at = [](const Amounts& list, const std::string& name) {
    auto found = list.find(name);
    return found == list.end() ? nullptr : &found->second;
  };
  for (const std::string& name : names) {
    auto ordered = [&](const Quantity* low, View low_name, const Quantity* high, View high_name, const Place& place,
                       const Quantity* shown) {
      if (!low || !high || *low <= *high) return;
      out.invalid(place.entry(name), json::string(shown->text()),
                  std::string(low_name) + " value " + low->text() + " is greater than " + std::string(high_name) +
                      " value " + high->text());
    };
    const Quantity *max = at(most, name), *min = at(least, name), *def = at(usual, name),
                   *request = at(usual_request, name), *share = at(ratio, name);
    ordered(min, "min", max, "max", limit["min"], min);
    ordered(min, "min", request, "default request", limit["defaultRequest"], request);
    ordered(request, "default request", max, "max", limit["defaultRequest"], request);
    ordered(request, "default request", def, "default limit", limit["defaultRequest"], request);
    ordered(min, "min", def, "default", limit["default"], min);
    ordered(def, "default", max, "max", limit["default"], max);
    if (share && *share < Quantity::of(1))
      out.invalid(limit["maxLimitRequestRatio"].entry(name), json::string(share->text()),
                  "ratio " + share->text() + " is less than 1");
  }
}

void check_limit_range(const Place& object, const Place*, Findings& out) {
  std::set<View> types;
  for (const Place& limit : object["spec"]["limits"].items()) {
    if (!types.insert(limit["type"].text()).second) out.duplicate(limit["type"]);
    check_limit(limit, out);
  }
}

}  // namespace

Check quota_check(std::string_view kind) {
  if (kind == "ResourceQuota") return check_quota;
  return kind == "LimitRange" ? check_limit_range : nullptr;
}

}  // namespace fairlead::sandbox
