#include <algorithm>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

void default_probe(json::object& container, std::string_view name) {
  auto found = container.find(name);
  if (found == container.end() || !found->value().is_object()) return;
  json::object& probe = found->value().get_object();
  set_default(probe, "timeoutSeconds", 1);
  set_default(probe, "periodSeconds", 10);
  set_default(probe, "successThreshold", 1);
  set_default(probe, "failureThreshold", 3);
  if (auto http = probe.find("httpGet"); http != probe.end() && http->value().is_object()) {
    set_default(http->value().get_object(), "scheme", "HTTP");
    set_default(http->value().get_object(), "path", "/");
  }
}

void default_container(json::object& container) {
  std::string image(text_in(container, "image"));
  std::size_t slash = image.rfind('/');
  std::size_t colon = image.find(':', slash == image.npos ? 0 : slash);
  bool floating = image.find('@') == image.npos && (colon == image.npos || image.substr(colon) == ":latest");
  set_default(container, "imagePullPolicy", floating ? "Always" : "IfNotPresent");
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  set_default(container, "resources", json::object());
  if (container["resources"].is_object()) {
    json::object& resources = container["resources"].get_object();
    if (auto limits = resources.find("limits"); limits != resources.end() && limits->value().is_object()) {
      json::object wanted = limits->value().get_object();
      json::value& requests = resources["requests"];
      if (!requests.is_object()) requests.emplace_object();
      for (const auto& limit : wanted) set_default(requests.get_object(), limit.key(), limit.value());
    }
  }
  if (auto ports = container.find("ports"); ports != container.end() && ports->value().is_array()) {
    for (json::value& port : ports->value().get_array()) {
      if (port.is_object()) set_default(port.get_object(), "protocol", "TCP");
    }
  }
  if (auto env = container.find("env"); env != container.end() && env->value().is_array()) {
    for (json::value& variable : env->value().get_array()) {
      if (find(variable, "valueFrom", "fieldRef")) set_default(object_in(variable, {"valueFrom", "fieldRef"}), "apiVersion", "v1");
    }
  }
  for (std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
}

void default_pod_spec(json::object& spec) {
  for (std::string_view list : {"containers", "initContainers"}) {
    auto found = spec.find(list);
    if (found == spec.end() || !found->value().is_array()) continue;
    for (json::value& container : found->value().get_array()) {
      if (container.is_object()) default_container(container.get_object());
    }
  }
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "securityContext", json::object());
  set_default(spec, "schedulerName", "default-scheduler");
  if (auto account = spec.find("serviceAccountName"); account != spec.end()) {
    json::value name = account->value();
    set_default(spec, "serviceAccount", std::move(name));
  }
  if (auto volumes = spec.find("volumes"); volumes != spec.end() && volumes->value().is_array()) {
    for (json::value& volume : volumes->value().get_array()) {
      for (std::string_view source : {"configMap", "secret", "projected", "downwardAPI"}) {
        if (find(volume, source)) set_default(object_in(volume, {source}), "defaultMode", 420);
      }
      if (find(volume, "hostPath")) set_default(object_in(volume, {"hostPath"}), "type", "");
    }
  }
}

void default_deployment(json::value& object) {
  json::object& spec = object_in(object, {"spec"});
  set_default(spec, "replicas", 1);
  set_default(spec, "revisionHistoryLimit", 10);
  set_default(spec, "progressDeadlineSeconds", 600);
  set_default(object_in(object, {"spec", "strategy"}), "type", "RollingUpdate");
  if (text_at(object, {"spec", "strategy", "type"}) == "RollingUpdate") {
    json::object& rolling = object_in(object, {"spec", "strategy", "rollingUpdate"});
    set_default(rolling, "maxUnavailable", "25%");
    set_default(rolling, "maxSurge", "25%");
  }
}

void default_service(json::object& spec) {
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  if (text_in(spec, "type") == "ExternalName") return;
  set_default(spec, "internalTrafficPolicy", "Cluster");
  set_default(spec, "ipFamilies", json::array{"IPv4"});
  set_default(spec, "ipFamilyPolicy", "SingleStack");
  auto ports = spec.find("ports");
  if (ports == spec.end() || !ports->value().is_array()) return;
  for (json::value& port : ports->value().get_array()) {
    if (!port.is_object()) continue;
    set_default(port.get_object(), "protocol", "TCP");
    if (json::value number = port.get_object()["port"]; number.is_number()) set_default(port.get_object(), "targetPort", std::move(number));
  }
}

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

}  // namespace

void apply_defaults(const Resource& resource, json::value& object) {
  if (!object.is_object()) return;
  if (resource.custom) return default_custom(*resource.custom, object);
  if (resource.is_builtin("CustomResourceDefinition")) return default_definition(object);
  if (resource.is_builtin("Pod")) {
    default_pod_spec(object_in(object, {"spec"}));
    set_default(object_in(object, {"spec"}), "enableServiceLinks", true);
  } else if (resource.is_builtin("Deployment")) {
    default_deployment(object);
    default_pod_spec(object_in(object, {"spec", "template", "spec"}));
  } else if (resource.is_builtin("ReplicaSet")) {
    set_default(object_in(object, {"spec"}), "replicas", 1);
    default_pod_spec(object_in(object, {"spec", "template", "spec"}));
  } else if (resource.is_builtin("Service")) {
    default_service(object_in(object, {"spec"}));
  } else if (resource.is_builtin("Secret")) {
    default_secret(object.get_object());
  } else if (resource.is_builtin("Namespace")) {
    set_default(object_in(object, {"spec"}), "finalizers", json::array{"kubernetes"});
    std::string name(text_at(object, {"metadata", "name"}));
    if (!name.empty()) object_in(object, {"metadata", "labels"})["kubernetes.io/metadata.name"] = name;
  } else if (resource.is_builtin("Event")) {
    set_default(object.get_object(), "source", json::object());
  }
}

void admit_pod(json::value& pod, std::string_view suffix) {
  json::object& spec = object_in(pod, {"spec"});
  set_default(spec, "serviceAccountName", "default");
  set_default(spec, "serviceAccount", json::value(spec["serviceAccountName"]));
  set_default(spec, "priority", 0);
  set_default(spec, "preemptionPolicy", "PreemptLowerPriority");
  json::array& tolerations = array_in(spec, "tolerations");
  for (std::string_view key : {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"}) {
    bool there = std::any_of(tolerations.begin(), tolerations.end(), [&](const json::value& t) {
      std::string_view have = text_at(t, {"key"});
      return have == key || (have.empty() && text_at(t, {"operator"}) == "Exists");
    });
    if (there) continue;
    tolerations.push_back(json::object{{"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  }
  if (const json::value* mounts = find(pod, "spec", "automountServiceAccountToken"); mounts && *mounts == false) return;
  constexpr std::string_view mount_path = "/var/run/secrets/kubernetes.io/serviceaccount";
  std::string volume = "kube-api-access-" + std::string(suffix);
  bool mounted = false;
  for (std::string_view list : {"initContainers", "containers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->value().is_array()) continue;
    for (json::value& container : containers->value().get_array()) {
      if (!container.is_object()) continue;
      json::array& mounts = array_in(container.get_object(), "volumeMounts");
      bool there = std::any_of(mounts.begin(), mounts.end(), [&](const json::value& m) { return text_at(m, {"mountPath"}) == mount_path; });
      if (there) continue;
      mounts.push_back(json::object{{"name", volume}, {"readOnly", true}, {"mountPath", mount_path}});
      mounted = true;
    }
  }
  if (!mounted) return;
  json::object token{{"serviceAccountToken", json::object{{"expirationSeconds", 3607}, {"path", "token"}}}};
  json::object authority{{"configMap", json::object{{"name", "kube-root-ca.crt"},
                                                    {"items", json::array{json::object{{"key", "ca.crt"}, {"path", "ca.crt"}}}}}}};
  json::object reference{{"apiVersion", "v1"}, {"fieldPath", "metadata.namespace"}};
  json::object place{{"downwardAPI", json::object{{"items", json::array{json::object{{"path", "namespace"}, {"fieldRef", reference}}}}}}};
  array_in(spec, "volumes")
      .push_back(json::object{{"name", volume}, {"projected", json::object{{"sources", json::array{token, authority, place}}, {"defaultMode", 420}}}});
}

std::string_view quality_of_service(const json::value& pod) {
  bool any = false, guaranteed = true;
  for (const json::value& container : array_at(pod, {"spec", "containers"})) {
    const json::object& requests = object_at(container, {"resources", "requests"});
    const json::object& limits = object_at(container, {"resources", "limits"});
    if (!requests.empty() || !limits.empty()) any = true;
    for (std::string_view name : {"cpu", "memory"}) {
      auto limit = limits.find(name);
      auto request = requests.find(name);
      if (limit == limits.end() || (request != requests.end() && request->value() != limit->value())) guaranteed = false;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace fairlead::sandbox
