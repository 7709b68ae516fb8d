#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/defaults.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view rbac_group = "rbac.authorization.k8s.io";

void default_secret(json::object& secret) {
  set_default(secret, "type", "Opaque");
  auto plain = secret.find("stringData");
  if (plain == secret.end()) return;
  if (plain->value().is_object()) {
    json::object entries = plain->value().get_object();
    json::value& data = secret["data"];
    if (!data.is_object()) data.emplace_object();
    for (const auto& entry : entries) {
      if (entry.value().is_string()) data.get_object()[entry.key()] = base64_encode(entry.value().get_string());
    }
  }
  secret.erase("stringData");
}

void default_namespace(json::value& object) {
  std::string name(text_at(object, {"metadata", "name"}));
  if (!name.empty()) object_in(object, {"metadata", "labels"})["kubernetes.io/metadata.name"] = name;
}

void default_binding(json::value& object) {
  json::object& role = object_in(object, {"roleRef"});
  if (text_in(role, "apiGroup").empty()) role["apiGroup"] = rbac_group;
  if (!find(object, "subjects")) return;
  for (json::value& subject : array_in(object.get_object(), "subjects")) {
    std::string kind(text_at(subject, {"kind"}));
    if (kind == "User" || kind == "Group") set_default(subject.get_object(), "apiGroup", json::string(rbac_group));
  }
}

std::string_view first_range(const json::value& node) {
  const json::array& ranges = array_at(node, {"spec", "podCIDRs"});
  return ranges.empty() || !ranges.front().is_string() ? std::string_view() : ranges.front().get_string();
}

void fill(json::object& into, const json::object& from) {
  for (const auto& entry : from) set_default(into, entry.key(), entry.value());
}

void default_limits(json::value& object) {
  if (!find(object, "spec", "limits")) return;
  for (json::value& limit : array_in(object_in(object, {"spec"}), "limits")) {
    if (text_at(limit, {"type"}) != "Container") continue;
    json::object usual = object_at(limit, {"default"}), request = object_at(limit, {"defaultRequest"});
    fill(usual, object_at(limit, {"max"}));
    fill(request, usual);
    fill(request, object_at(limit, {"min"}));
    if (!usual.empty()) limit.get_object()["default"] = std::move(usual);
    if (!request.empty()) limit.get_object()["defaultRequest"] = std::move(request);
  }
}

void default_scaling(json::value& behavior, std::string_view direction) {
  json::object& rules = object_in(behavior, {direction});
  bool up = direction == "scaleUp";
  if (up) set_default(rules, "stabilizationWindowSeconds", 0);
  set_default(rules, "selectPolicy", "Max");
  json::object by_percent{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}},
      by_pods{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}};
  set_default(rules, "policies", up ? json::array{by_pods, by_percent} : json::array{by_percent});
}

void default_autoscaler(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "minReplicas", 1);
  if (array_at(object, {"spec", "metrics"}).empty()) {
    json::object target{{"type", "Utilization"}, {"averageUtilization", 80}};
    spec["metrics"] = json::array{
        json::object{{"type", "Resource"}, {"resource", json::object{{"name", "cpu"}, {"target", std::move(target)}}}}};
  }
  if (!find(object, "spec", "behavior")) return;
  json::value behavior(object_in(object, {"spec", "behavior"}));
  default_scaling(behavior, "scaleUp");
  default_scaling(behavior, "scaleDown");
  object_in(object, {"spec"})["behavior"] = std::move(behavior);
}

}  // namespace

json::object initial_status(const Resource& resource) {
  std::string_view kind = resource.kind;
  json::object out;
  auto zeros = [&](std::initializer_list<std::string_view> members) {
    for (std::string_view member : members) out[member] = 0;
  };
  if (resource.custom) return out;
  if (kind == "Service" || kind == "Ingress") out["loadBalancer"] = json::object();
  if (kind == "ReplicaSet" || kind == "ReplicationController" || kind == "StatefulSet") zeros({"replicas"});
  if (kind == "StatefulSet") zeros({"availableReplicas"});
  if (kind == "DaemonSet")
    zeros({"currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"});
  if (kind == "PodDisruptionBudget") zeros({"disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"});
  if (kind == "HorizontalPodAutoscaler") zeros({"desiredReplicas"});
  return out;
}

void default_claim_spec(json::object& spec) { set_default(spec, "volumeMode", "Filesystem"); }

void default_other(std::string_view kind, json::value& object) {
  if (kind == "Secret") return default_secret(object.get_object());
  if (kind == "Namespace") return default_namespace(object);
  // The older field says the same as the first of the list.
  if (kind == "Node" && !text_at(object, {"spec", "podCIDR"}).empty() &&
      text_at(object, {"spec", "podCIDR"}) != first_range(object)) {
    std::string range(text_at(object, {"spec", "podCIDR"}));
    object_in(object, {"spec"})["podCIDRs"] = json::array{json::string(range)};
  }
  if (kind == "Event") set_default(object.get_object(), "source", json::object());
  if (kind == "RoleBinding" || kind == "ClusterRoleBinding") default_binding(object);
  if (kind == "LimitRange") default_limits(object);
  if (kind == "HorizontalPodAutoscaler") default_autoscaler(object);
  if (kind == "PriorityClass") set_default(object.get_object(), "preemptionPolicy", "PreemptLowerPriority");
  if (kind == "StorageClass") {
    set_default(object.get_object(), "reclaimPolicy", "Delete");
    set_default(object.get_object(), "volumeBindingMode", "Immediate");
  }
  if (kind == "PersistentVolume") {
    set_default(object_in(object, {"spec"}), "persistentVolumeReclaimPolicy", "Retain");
    set_default(object_in(object, {"spec"}), "volumeMode", "Filesystem");
    if (const json::value* path = find(object, "spec", "hostPath"); path && path->is_object())
      set_default(object_in(object, {"spec", "hostPath"}), "type", "");
    set_default(object_in(object, {"status"}), "phase", "Pending");
  }
  if (kind == "PersistentVolumeClaim") {
    default_claim_spec(object_in(object, {"spec"}));
    set_default(object_in(object, {"status"}), "phase", "Pending");
  }
}

}  // namespace fairlead::sandbox
