#include <algorithm>
#include <set>

#include "sandbox/admission.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/names.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

using Causes = std::vector<Cause>;

void check_metadata(const Resource& resource, const json::value& object, Causes* out) {
  std::string_view name = text_at(object, {"metadata", "name"});
  if (name.empty()) {
    out->push_back(required("metadata.name", "name or generateName is required"));
  } else {
    std::string problem = resource.is_builtin("Namespace") ? label_problem(name) : subdomain_problem(name);
    if (!problem.empty()) out->push_back(invalid_value("metadata.name", json::string(name), problem));
  }
  for (const auto& label : object_at(object, {"metadata", "labels"})) {
    std::string problem = label_key_problem(label.key());
    if (!problem.empty()) out->push_back(invalid_value("metadata.labels", json::string(label.key()), problem));
    if (label.value().is_string() && !is_label_value(label.value().get_string())) {
      out->push_back(invalid_value("metadata.labels", label.value(),
                                   label.value().get_string().size() > 63
                                       ? "must be no more than 63 bytes"
                                       : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
                                         "and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for "
                                         "validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"));
    }
  }
  for (const auto& annotation : object_at(object, {"metadata", "annotations"})) {
    std::string lower(annotation.key());
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string problem = label_key_problem(lower);
    if (!problem.empty()) out->push_back(invalid_value("metadata.annotations", json::string(annotation.key()), problem));
  }
}

void check_containers(const json::value& spec, std::string_view list, const std::string& path, Causes* out) {
  std::set<std::string_view> names;
  std::size_t index = 0;
  for (const json::value& container : array_at(spec, {list})) {
    std::string at = path + "." + std::string(list) + "[" + std::to_string(index++) + "]";
    std::string_view name = text_at(container, {"name"});
    if (name.empty()) {
      out->push_back(required(at + ".name", ""));
    } else if (std::string problem = label_problem(name); !problem.empty()) {
      out->push_back(invalid_value(at + ".name", json::string(name), problem));
    } else if (!names.insert(name).second) {
      out->push_back(Cause{"FieldValueDuplicate", "Duplicate value: " + compact(json::value(json::string(name))), at + ".name"});
    }
    if (text_at(container, {"image"}).empty()) out->push_back(required(at + ".image", ""));
    std::string_view policy = text_at(container, {"imagePullPolicy"});
    if (!policy.empty() && policy != "Always" && policy != "IfNotPresent" && policy != "Never") {
      out->push_back(unsupported_value(at + ".imagePullPolicy", policy, "\"Always\", \"IfNotPresent\", \"Never\""));
    }
  }
}

void check_pod_spec(const json::value* spec, const std::string& path, Causes* out) {
  if (!spec || array_at(*spec, {"containers"}).empty()) {
    out->push_back(required(path + ".containers", ""));
    return;
  }
  check_containers(*spec, "containers", path, out);
  check_containers(*spec, "initContainers", path, out);
  std::string_view policy = text_at(*spec, {"restartPolicy"});
  if (policy != "Always" && policy != "OnFailure" && policy != "Never") {
    out->push_back(unsupported_value(path + ".restartPolicy", policy, "\"Always\", \"OnFailure\", \"Never\""));
  }
  if (integer_at(*spec, {"terminationGracePeriodSeconds"}) < 0) {
    out->push_back(invalid_value(path + ".terminationGracePeriodSeconds", *find(*spec, "terminationGracePeriodSeconds"), "must be greater than or equal to 0"));
  }
}

void check_workload(const json::value& object, const json::value* before, Causes* out) {
  if (const json::value* replicas = find(object, "spec", "replicas"); replicas && replicas->is_int64() && replicas->get_int64() < 0) {
    out->push_back(invalid_value("spec.replicas", *replicas, "must be greater than or equal to 0"));
  }
  const json::value* selector = find(object, "spec", "selector");
  bool empty = !selector || (object_at(*selector, {"matchLabels"}).empty() && array_at(*selector, {"matchExpressions"}).empty());
  if (!selector) {
    out->push_back(required("spec.selector", ""));
    const json::value* labels = find(object, "spec", "template", "metadata", "labels");
    out->push_back(invalid_value("spec.template.metadata.labels", labels ? *labels : json::value(), "`selector` does not match template `labels`"));
  } else if (empty) {
    out->push_back(invalid_value("spec.selector", *selector, "empty selector is invalid for deployment"));
  } else {
    Labels labels;
    json::object template_labels = object_at(object, {"spec", "template", "metadata", "labels"});
    for (const auto& label : template_labels) {
      if (label.value().is_string()) labels.emplace_back(label.key(), label.value().get_string());
    }
    if (!LabelSelector::from_object(*selector).matches(labels)) {
      out->push_back(invalid_value("spec.template.metadata.labels", template_labels, "`selector` does not match template `labels`"));
    }
  }
  check_pod_spec(find(object, "spec", "template", "spec"), "spec.template.spec", out);
  if (before && selector) {
    const json::value* was = find(*before, "spec", "selector");
    if (was && *was != *selector) out->push_back(invalid_value("spec.selector", *selector, "field is immutable"));
  }
}

// Everything of a pod's spec but what may change.
json::value frozen_part(const json::value& pod) {
  const json::value* spec = find(pod, "spec");
  json::value out = spec ? *spec : json::value(json::object());
  if (!out.is_object()) return out;
  for (std::string_view list : {"containers", "initContainers"}) {
    auto containers = out.get_object().find(list);
    if (containers == out.get_object().end() || !containers->value().is_array()) continue;
    for (json::value& container : containers->value().get_array()) {
      if (container.is_object()) container.get_object().erase("image");
    }
  }
  for (std::string_view field : {"activeDeadlineSeconds", "tolerations", "nodeName", "ephemeralContainers"}) out.get_object().erase(field);
  return out;
}

}  // namespace

std::vector<Cause> validate(const Resource& resource, const json::value& object, const json::value* before) {
  Causes out;
  check_metadata(resource, object, &out);
  if (resource.custom || resource.is_builtin("CustomResourceDefinition")) {
    for (Cause& cause : resource.custom ? check_custom(*resource.custom, object, before) : check_definition(object, before)) out.push_back(std::move(cause));
    return out;
  }
  if (resource.is_builtin("Pod")) {
    check_pod_spec(find(object, "spec"), "spec", &out);
    if (before && frozen_part(object) != frozen_part(*before)) {
      out.push_back(field_forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,"
                                            "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
                                            "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
    }
  } else if (resource.is_builtin("Deployment") || resource.is_builtin("ReplicaSet")) {
    check_workload(object, before, &out);
  } else if (resource.is_builtin("Service")) {
    if (array_at(object, {"spec", "ports"}).empty() && text_at(object, {"spec", "clusterIP"}) != "None" &&
        text_at(object, {"spec", "type"}) != "ExternalName") {
      out.push_back(required("spec.ports", ""));
    }
    std::string_view type = text_at(object, {"spec", "type"});
    if (type != "ClusterIP" && type != "NodePort" && type != "LoadBalancer" && type != "ExternalName") {
      out.push_back(unsupported_value("spec.type", type, "\"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\""));
    }
  } else if (resource.is_builtin("ConfigMap") || resource.is_builtin("Secret")) {
    if (before && find(*before, "immutable") && *find(*before, "immutable") == true) {
      for (std::string_view field : {"data", "binaryData"}) {
        const json::value *now = find(object, field), *was = find(*before, field);
        if ((now ? *now : json::value()) != (was ? *was : json::value())) {
          out.push_back(field_forbidden(std::string(field), "field is immutable when `immutable` is set"));
        }
      }
    }
  }
  return out;
}

}  // namespace fairlead::sandbox
