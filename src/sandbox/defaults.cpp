#include "sandbox/defaults.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

void default_http(json::object& http) {
  set_default(http, "scheme", "HTTP");
  set_default(http, "path", "/");
}

// References to the pod's own fields.
void default_items(json::value& holder, std::initializer_list<std::string_view> path) {
  if (!find(holder, *path.begin())) return;
  json::object& source = object_in(holder, path);
  auto items = source.find("items");
  if (items == source.end() || !items->value().is_array()) return;
  for (json::value& item : items->value().get_array()) {
    if (find(item, "fieldRef")) set_default(object_in(item, {"fieldRef"}), "apiVersion", "v1");
  }
}

void default_probe(json::object& container, std::string_view name) {
  auto found = container.find(name);
  if (found == container.end() || !found->value().is_object()) return;
  json::object& probe = found->value().get_object();
  set_default(probe, "timeoutSeconds", 1);
  set_default(probe, "periodSeconds", 10);
  set_default(probe, "successThreshold", 1);
  set_default(probe, "failureThreshold", 3);
  if (auto http = probe.find("httpGet"); http != probe.end() && http->value().is_object())
    default_http(http->value().get_object());
  if (auto grpc = probe.find("grpc"); grpc != probe.end() && grpc->value().is_object())
    set_default(grpc->value().get_object(), "service", "");
}

void default_container(json::object& container) {
  std::string image(text_in(container, "image"));
  std::size_t slash = image.rfind('/');
  std::size_t colon = image.find(':', slash == image.npos ? 0 : slash);
  bool floating =
      !image.empty() && image.find('@') == image.npos && (colon == image.npos || image.substr(colon) == ":latest");
  set_default(container, "imagePullPolicy", floating ? "Always" : "IfNotPresent");
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  set_default(container, "resources", json::object());
  if (auto ports = container.find("ports"); ports != container.end() && ports->value().is_array()) {
    for (json::value& port : ports->value().get_array()) {
      if (port.is_object()) set_default(port.get_object(), "protocol", "TCP");
    }
  }
  if (auto env = container.find("env"); env != container.end() && env->value().is_array()) {
    for (json::value& variable : env->value().get_array()) {
      if (find(variable, "valueFrom", "fieldRef"))
        set_default(object_in(variable, {"valueFrom", "fieldRef"}), "apiVersion", "v1");
    }
  }
  for (std::string_view probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  if (auto lifecycle = container.find("lifecycle"); lifecycle != container.end()) {
    for (std::string_view hook : {"postStart", "preStop"}) {
      if (find(lifecycle->value(), hook, "httpGet")) default_http(object_in(lifecycle->value(), {hook, "httpGet"}));
    }
  }
}

void default_volume(json::object& volume) {
  bool has_source = volume.size() > (volume.contains("name") ? 1u : 0u);
  if (!has_source) volume["emptyDir"] = json::object();
  json::value value(volume);
  for (std::string_view source : {"configMap", "secret", "projected", "downwardAPI"}) {
    if (find(value, source)) set_default(object_in(value, {source}), "defaultMode", 420);
  }
  if (find(value, "hostPath")) set_default(object_in(value, {"hostPath"}), "type", "");
  if (find(value, "iscsi")) set_default(object_in(value, {"iscsi"}), "iscsiInterface", "default");
  if (find(value, "ephemeral", "volumeClaimTemplate", "spec"))
    set_default(object_in(value, {"ephemeral", "volumeClaimTemplate", "spec"}), "volumeMode", "Filesystem");
  if (find(value, "projected", "sources")) {
    for (json::value& source : array_in(object_in(value, {"projected"}), "sources")) {
      if (find(source, "serviceAccountToken"))
        set_default(object_in(source, {"serviceAccountToken"}), "expirationSeconds", 3600);
      default_items(source, {"downwardAPI"});
    }
  }
  default_items(value, {"downwardAPI"});
  volume = std::move(value.get_object());
}

}  // namespace

void default_pod_spec(json::object& spec) {
  for (std::string_view list : {"containers", "initContainers", "ephemeralContainers"}) {
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
      if (volume.is_object()) default_volume(volume.get_object());
    }
  }
}

void default_pod(json::value& pod) {
  json::object& spec = object_in(pod, {"spec"});
  default_pod_spec(spec);
  set_default(spec, "enableServiceLinks", true);
  bool on_host = flag_at(pod, {"spec", "hostNetwork"});
  for (std::string_view list : {"containers", "initContainers"}) {
    auto containers = spec.find(list);
    if (containers == spec.end() || !containers->value().is_array()) continue;
    for (json::value& container : containers->value().get_array()) {
      // Who says what is the most says what is wanted.
      if (find(container, "resources", "limits")) {
        json::object limits = object_at(container, {"resources", "limits"});
        for (const auto& limit : limits)
          set_default(object_in(container, {"resources", "requests"}), limit.key(), limit.value());
      }
      if (!on_host || !find(container, "ports")) continue;
      for (json::value& port : array_in(container.get_object(), "ports")) {
        if (port.is_object() && find(port, "containerPort"))
          set_default(port.get_object(), "hostPort", *find(port, "containerPort"));
      }
    }
  }
}

void apply_defaults(const Resource& resource, json::value& object) {
  if (!object.is_object()) return;
  if (resource.custom) return default_custom(*resource.custom, object);
  if (resource.is_builtin("CustomResourceDefinition")) return default_definition(object);
  if (resource.kind == "Pod") return default_pod(object);
  default_workload(resource.kind, object);
  default_network(resource.kind, object);
  default_other(resource.kind, object);
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
      if (limit == limits.end() || (request != requests.end() && request->value() != limit->value()))
        guaranteed = false;
    }
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace fairlead::sandbox
