#include "sandbox/quota.h"

#include <algorithm>
#include <set>

#include "sandbox/admission.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

void add_amounts(Usage& into, View prefix, const json::object& amounts) {
  for (const auto& entry : amounts) {
    auto quantity = entry.value().is_string() ? Quantity::parse(entry.value().get_string()) : std::nullopt;
    if (quantity) into[std::string(prefix) + std::string(entry.key())] += *quantity;
  }
}

// Containers that run add up; those that run before count where they want more.
Usage pod_requests(const json::value& pod, View member, View prefix) {
  Usage sum;
  for (const json::value& container : array_at(pod, {"spec", "containers"}))
    add_amounts(sum, prefix, object_at(container, {"resources", member}));
  for (const json::value& container : array_at(pod, {"spec", "initContainers"})) {
    Usage one;
    add_amounts(one, prefix, object_at(container, {"resources", member}));
    bool sidecar = text_at(container, {"restartPolicy"}) == "Always";
    for (const auto& [name, amount] : one) {
      if (sidecar) {
        sum[name] += amount;
      } else {
        sum[name] = std::max(sum[name], amount);
      }
    }
  }
  return sum;
}

void use_pod(const json::value& pod, Usage& out) {
  View phase = text_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return;
  out["pods"] += Quantity::of(1);
  Usage requests = pod_requests(pod, "requests", "requests.");
  for (View name : {"cpu", "memory", "ephemeral-storage"}) {
    if (auto found = requests.find("requests." + std::string(name)); found != requests.end())
      out[std::string(name)] += found->second;
  }
  out.merge(requests);
  out.merge(pod_requests(pod, "limits", "limits."));
}

void use_service(const json::value& service, Usage& out) {
  View type = text_at(service, {"spec", "type"});
  out["services"] += Quantity::of(1);
  const json::value* allocate = find(service, "spec", "allocateLoadBalancerNodePorts");
  bool ports = type == "NodePort" || (type == "LoadBalancer" && !(allocate && *allocate == false));
  if (ports)
    out["services.nodeports"] += Quantity::of(static_cast<std::int64_t>(array_at(service, {"spec", "ports"}).size()));
  if (type == "LoadBalancer") out["services.loadbalancers"] += Quantity::of(1);
}

void use_claim(const json::value& claim, Usage& out) {
  out["persistentvolumeclaims"] += Quantity::of(1);
  auto size = Quantity::parse(text_at(claim, {"spec", "resources", "requests", "storage"}));
  if (size) out["requests.storage"] += *size;
  std::string name(text_at(claim, {"spec", "storageClassName"}));
  if (name.empty()) return;
  out[name + ".storageclass.storage.k8s.io/persistentvolumeclaims"] += Quantity::of(1);
  if (size) out[name + ".storageclass.storage.k8s.io/requests.storage"] += *size;
}

bool in_scope(const json::value& pod, View scope, View op, const json::array& values) {
  bool ends = find(pod, "spec", "activeDeadlineSeconds") != nullptr;
  bool best_effort = quality_of_service(pod) == "BestEffort";
  if (scope == "Terminating") return ends;
  if (scope == "NotTerminating") return !ends;
  if (scope == "BestEffort") return best_effort;
  if (scope == "NotBestEffort") return !best_effort;
  if (scope != "PriorityClass") return false;
  View name = text_at(pod, {"spec", "priorityClassName"});
  bool listed = std::any_of(values.begin(), values.end(), [&](const json::value& value) {
    return value.is_string() && View(value.get_string()) == name;
  });
  if (op == "In") return listed;
  if (op == "NotIn") return !listed;
  return op == "DoesNotExist" ? name.empty() : !name.empty();
}

bool covers(const json::value& quota, const Resource& resource, const json::value& object) {
  const json::array &scopes = array_at(quota, {"spec", "scopes"}),
                    &expressions = array_at(quota, {"spec", "scopeSelector", "matchExpressions"});
  if (scopes.empty() && expressions.empty()) return true;
  if (resource.kind != "Pod") return false;
  static const json::array none;
  for (const json::value& scope : scopes) {
    if (!scope.is_string() || !in_scope(object, scope.get_string(), "Exists", none)) return false;
  }
  for (const json::value& expression : expressions) {
    if (!in_scope(object, text_at(expression, {"scopeName"}), text_at(expression, {"operator"}),
                  array_at(expression, {"values"})))
      return false;
  }
  return true;
}

// Only what the quota limits, under the names that it uses.
Usage masked(const Usage& usage, const json::object& hard) {
  Usage out;
  for (const auto& entry : hard) {
    if (auto found = usage.find(entry.key()); found != usage.end()) out.insert(*found);
  }
  return out;
}

std::string shown(const Usage& amounts) {
  std::string out;
  for (const auto& [name, amount] : amounts) out += (out.empty() ? "" : ",") + name + "=" + amount.text();
  return out;
}

// A quota on cpu or memory wants every container to say how much of it.
std::string unsaid(const json::object& hard, const json::value& pod) {
  std::string out;
  std::set<View> names;
  for (const auto& entry : hard) names.insert(entry.key());
  for (View name : names) {
    View member = name.starts_with("limits.") ? View("limits") : View("requests");
    View resource = name.substr(name.find('.') == name.npos ? 0 : name.find('.') + 1);
    bool asked = (resource == "cpu" || resource == "memory") &&
                 (name == resource || name.starts_with("requests.") || name.starts_with("limits."));
    if (!asked) continue;
    std::set<View> silent;
    for (View list : {"containers", "initContainers"}) {
      for (const json::value& container : array_at(pod, {"spec", list})) {
        if (text_at(container, {"resources", member, resource}).empty()) silent.insert(text_at(container, {"name"}));
      }
    }
    if (silent.empty()) continue;
    std::string list;
    for (View container : silent) list += (list.empty() ? "" : ",") + std::string(container);
    out += (out.empty() ? "" : "; ") + std::string(name) + " for: " + list;
  }
  return out;
}

Quantity amount_at(const json::value& quota, std::initializer_list<View> path) {
  return Quantity::parse(text_at(quota, path)).value_or(Quantity());
}

std::vector<ObjectPtr> quotas_of(const Objects& objects, View space) {
  return objects.store().list(objects.resources().get("", "resourcequotas"), space);
}

}  // namespace

Usage usage_of(const Resource& resource, const json::value& object) {
  Usage out;
  std::string counted = "count/" + resource.plural + (resource.group.empty() ? "" : "." + resource.group);
  out[counted] += Quantity::of(1);
  if (resource.is("", "pods")) use_pod(object, out);
  if (resource.is("", "services")) use_service(object, out);
  if (resource.is("", "persistentvolumeclaims")) use_claim(object, out);
  for (View plural : {"secrets", "configmaps", "replicationcontrollers", "resourcequotas"}) {
    if (resource.is("", plural)) out[std::string(plural)] += Quantity::of(1);
  }
  return out;
}

json::object counted_status(const Objects& objects, const json::value& quota) {
  const json::object& hard = object_at(quota, {"spec", "hard"});
  Usage used;
  for (const auto& entry : hard) used[std::string(entry.key())] = Quantity();
  for (const auto& resource : objects.resources().all()) {
    if (!resource->namespaced || resource->custom || !resource->shows_stored_form()) continue;
    // Only kinds that the quota says something of are looked at.
    Usage sample = usage_of(*resource, json::object());
    bool concerned = std::any_of(hard.begin(), hard.end(), [&](const auto& entry) {
      View name = entry.key();
      bool computing = resource->kind == "Pod" && (name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
                                                   name.starts_with("requests.") || name.starts_with("limits."));
      return sample.contains(name) || computing ||
             (resource->kind == "PersistentVolumeClaim" && name.find("storage") != name.npos) ||
             (resource->kind == "Service" && name.starts_with("services."));
    });
    if (!concerned) continue;
    for (const ObjectPtr& object : objects.store().list(*resource, text_at(quota, {"metadata", "namespace"}))) {
      json::value value = objects.load_brief(*object);
      if (!covers(quota, *resource, value)) continue;
      for (const auto& [name, amount] : masked(usage_of(*resource, value), hard)) used[name] += amount;
    }
  }
  json::object shown;
  for (const auto& [name, amount] : used) shown[name] = amount.text();
  return {{"hard", hard}, {"used", std::move(shown)}};
}

std::string charge_quotas(Objects& objects, const Resource& resource, const json::value& object,
                          const json::value* before, bool dry_run) {
  std::vector<ObjectPtr> quotas = quotas_of(objects, text_at(object, {"metadata", "namespace"}));
  if (quotas.empty() || resource.is("", "events")) return {};
  Usage usage = usage_of(resource, object);
  if (before) {
    Usage was = usage_of(resource, *before);
    for (auto& [name, amount] : usage) {
      if (auto found = was.find(name); found != was.end()) amount -= found->second;
    }
  }
  std::erase_if(usage, [](const auto& entry) { return entry.second.zero() || entry.second.negative(); });
  std::vector<std::pair<ObjectPtr, json::value>> charged;
  for (const ObjectPtr& stored : quotas) {
    json::value quota = objects.load(*stored);
    if (!covers(quota, resource, object)) continue;
    if (object_at(quota, {"status", "hard"}).empty()) quota.get_object()["status"] = counted_status(objects, quota);
    const json::object hard = object_at(quota, {"status", "hard"});
    if (resource.is("", "pods") && !before) {
      if (std::string missing = unsaid(hard, object); !missing.empty())
        return "failed quota: " + stored->name + ": must specify " + missing;
    }
    Usage wanted = masked(usage, hard), requested, used, limited;
    for (const auto& [name, amount] : wanted) {
      Quantity have = amount_at(quota, {"status", "used", name}), most = amount_at(quota, {"status", "hard", name}),
               sum = have;
      sum += amount;
      object_in(quota, {"status", "used"})[name] = sum.text();
      if (sum <= most) continue;
      requested[name] = amount;
      used[name] = have;
      limited[name] = most;
    }
    if (!requested.empty()) {
      return "exceeded quota: " + stored->name + ", requested: " + shown(requested) + ", used: " + shown(used) +
             ", limited: " + shown(limited);
    }
    if (!wanted.empty()) charged.emplace_back(stored, std::move(quota));
  }
  for (auto& [stored, quota] : charged) {
    if (!dry_run) (void)objects.update(stored, std::move(quota), Part::status);
  }
  return {};
}

void release_quotas(Objects& objects, const Resource& resource, const json::value& object) {
  if (!resource.namespaced || resource.is("", "events")) return;
  std::vector<ObjectPtr> quotas = quotas_of(objects, text_at(object, {"metadata", "namespace"}));
  if (quotas.empty()) return;
  Usage usage = usage_of(resource, object);
  for (const ObjectPtr& stored : quotas) {
    json::value quota = objects.load(*stored);
    Usage freed = masked(usage, object_at(quota, {"status", "hard"}));
    if (freed.empty() || !covers(quota, resource, object)) continue;
    for (const auto& [name, amount] : freed) {
      Quantity left = amount_at(quota, {"status", "used", name});
      left -= amount;
      object_in(quota, {"status", "used"})[name] = left.negative() ? "0" : left.text();
    }
    (void)objects.update(stored, std::move(quota), Part::status);
  }
}

}  // namespace fairlead::sandbox
