#include "sandbox/table.h"

#include <algorithm>

#include "base/text.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {

json::array pod_cells(const json::value& pod, std::int64_t now);  // table_pod.cpp

namespace {

using View = std::string_view;

json::value text(View value) { return json::value(json::string(value)); }
json::value or_else(View value, View otherwise) { return text(value.empty() ? otherwise : value); }

json::value name_of(const json::value& object) { return text(text_at(object, {"metadata", "name"})); }
json::value age_of(const json::value& object, std::int64_t now) {
  return text(age_text_of(text_at(object, {"metadata", "creationTimestamp"}), now));
}

std::string joined(std::vector<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

json::value selector_text(const json::value& object) {
  const json::value* selector = find(object, "spec", "selector");
  std::string out = selector ? LabelSelector::from_object(*selector).text() : "";
  return or_else(out, "<none>");
}

std::string of_containers(const json::value& object, View member) {
  std::vector<std::string> out;
  for (const json::value& container : array_at(object, {"spec", "template", "spec", "containers"})) out.emplace_back(text_at(container, {member}));
  return joined(std::move(out));
}

json::array node_cells(const json::value& node, std::int64_t now) {
  std::string status;
  for (const json::value& condition : array_at(node, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "Ready") status = text_at(condition, {"status"}) == "True" ? "Ready" : "NotReady";
  }
  if (status.empty()) status = "Unknown";
  if (flag_at(node, {"spec", "unschedulable"})) status += ",SchedulingDisabled";
  std::vector<std::string> roles;
  constexpr View prefix = "node-role.kubernetes.io/";
  for (const auto& label : object_at(node, {"metadata", "labels"})) {
    View key = label.key();
    if (key.starts_with(prefix) && key.size() > prefix.size()) roles.emplace_back(key.substr(prefix.size()));
    if (key == "kubernetes.io/role" && label.value().is_string()) roles.emplace_back(label.value().get_string());
  }
  std::sort(roles.begin(), roles.end());
  auto address = [&](View type) {
    for (const json::value& entry : array_at(node, {"status", "addresses"})) {
      if (text_at(entry, {"type"}) == type) return text(text_at(entry, {"address"}));
    }
    return text("<none>");
  };
  json::array out;
  out.push_back(name_of(node));
  out.push_back(text(status));
  out.push_back(or_else(joined(std::move(roles)), "<none>"));
  out.push_back(age_of(node, now));
  out.push_back(text(text_at(node, {"status", "nodeInfo", "kubeletVersion"})));
  out.push_back(address("InternalIP"));
  out.push_back(address("ExternalIP"));
  for (View member : {"osImage", "kernelVersion", "containerRuntimeVersion"}) {
    out.push_back(or_else(text_at(node, {"status", "nodeInfo", member}), "<unknown>"));
  }
  return out;
}

json::array deployment_cells(const json::value& object, std::int64_t now) {
  json::array out;
  out.push_back(name_of(object));
  out.push_back(text(std::to_string(integer_at(object, {"status", "readyReplicas"})) + "/" + std::to_string(integer_at(object, {"spec", "replicas"}))));
  out.emplace_back(integer_at(object, {"status", "updatedReplicas"}));
  out.emplace_back(integer_at(object, {"status", "availableReplicas"}));
  out.push_back(age_of(object, now));
  out.push_back(text(of_containers(object, "name")));
  out.push_back(text(of_containers(object, "image")));
  out.push_back(selector_text(object));
  return out;
}

json::array replicaset_cells(const json::value& object, std::int64_t now) {
  json::array out;
  out.push_back(name_of(object));
  out.emplace_back(integer_at(object, {"spec", "replicas"}));
  out.emplace_back(integer_at(object, {"status", "replicas"}));
  out.emplace_back(integer_at(object, {"status", "readyReplicas"}));
  out.push_back(age_of(object, now));
  out.push_back(text(of_containers(object, "name")));
  out.push_back(text(of_containers(object, "image")));
  out.push_back(selector_text(object));
  return out;
}

json::array event_cells(const json::value& event, std::int64_t now) {
  View first_time = text_at(event, {"firstTimestamp"});
  std::string first = age_text_of(first_time.empty() ? text_at(event, {"eventTime"}) : first_time, now);
  View last_time = text_at(event, {"lastTimestamp"});
  std::string last = last_time.empty() ? first : age_text_of(last_time, now);
  std::int64_t count = integer_at(event, {"count"});
  if (const json::value* series = find(event, "series")) {
    last = age_text_of(text_at(*series, {"lastObservedTime"}), now);
    count = integer_at(*series, {"count"});
  } else if (count == 0) {
    count = 1;
  }
  std::string target(text_at(event, {"involvedObject", "kind"}));
  std::transform(target.begin(), target.end(), target.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  View name = text_at(event, {"involvedObject", "name"});
  if (!name.empty()) target += "/" + std::string(name);
  std::string source(text_at(event, {"source", "component"}));
  View host = text_at(event, {"source", "host"});
  if (source.empty()) source = text_at(event, {"reportingComponent"});
  if (!host.empty()) source += ", " + std::string(host);
  json::array out;
  out.push_back(text(last));
  out.push_back(text(text_at(event, {"type"})));
  out.push_back(text(text_at(event, {"reason"})));
  out.push_back(text(target));
  out.push_back(text(text_at(event, {"involvedObject", "fieldPath"})));
  out.push_back(text(source));
  out.push_back(text(trim(text_at(event, {"message"}))));
  out.push_back(text(first));
  out.emplace_back(count);
  out.push_back(name_of(event));
  return out;
}

std::string service_ports(const json::value& service) {
  std::vector<std::string> out;
  for (const json::value& port : array_at(service, {"spec", "ports"})) {
    std::string entry = std::to_string(integer_at(port, {"port"}));
    if (std::int64_t node_port = integer_at(port, {"nodePort"}); node_port > 0) entry += ":" + std::to_string(node_port);
    out.push_back(entry + "/" + std::string(text_at(port, {"protocol"})));
  }
  return joined(std::move(out));
}

json::array service_cells(const json::value& service, std::int64_t now) {
  View type = text_at(service, {"spec", "type"});
  std::vector<std::string> external;
  for (const json::value& ingress : array_at(service, {"status", "loadBalancer", "ingress"})) {
    View ip = text_at(ingress, {"ip"});
    external.emplace_back(ip.empty() ? text_at(ingress, {"hostname"}) : ip);
  }
  for (const json::value& ip : array_at(service, {"spec", "externalIPs"})) {
    if (ip.is_string()) external.emplace_back(ip.get_string());
  }
  std::string external_text = joined(std::move(external));
  if (type == "ExternalName") external_text = text_at(service, {"spec", "externalName"});
  std::vector<std::string> selector;
  for (const auto& label : object_at(service, {"spec", "selector"})) {
    if (label.value().is_string()) selector.push_back(std::string(label.key()) + "=" + std::string(label.value().get_string()));
  }
  json::array out;
  out.push_back(name_of(service));
  out.push_back(text(type));
  out.push_back(or_else(text_at(service, {"spec", "clusterIP"}), "<none>"));
  out.push_back(or_else(external_text, type == "LoadBalancer" ? "<pending>" : "<none>"));
  out.push_back(or_else(service_ports(service), "<none>"));
  out.push_back(age_of(service, now));
  out.push_back(or_else(joined(std::move(selector)), "<none>"));
  return out;
}

}  // namespace

std::string age_text_of(std::string_view rfc3339, std::int64_t now) {
  auto then = parse_rfc3339(rfc3339);
  return then ? human_duration(std::chrono::seconds(now - *then)) : "<unknown>";
}

json::array column_definitions(const Resource& resource) {
  if (resource.custom) return custom_column_definitions(*resource.custom);
  if (resource.is_builtin("CustomResourceDefinition")) return definition_column_definitions();
  json::array out;
  for (const Column& column : columns_of(resource)) {
    out.push_back(json::object{{"name", column.name},
                               {"type", column.type},
                               {"format", column.format},
                               {"description", column.description},
                               {"priority", column.priority}});
  }
  return out;
}

json::array cells_of(const Resource& resource, const json::value& object, std::int64_t now) {
  if (resource.custom) return custom_cells(*resource.custom, object, now);
  if (resource.is_builtin("CustomResourceDefinition")) return definition_cells(object);
  if (resource.kind == "Pod") return pod_cells(object, now);
  if (resource.kind == "Node") return node_cells(object, now);
  if (resource.kind == "Deployment") return deployment_cells(object, now);
  if (resource.kind == "ReplicaSet") return replicaset_cells(object, now);
  if (resource.kind == "Event") return event_cells(object, now);
  if (resource.kind == "Service") return service_cells(object, now);
  json::array out;
  out.push_back(name_of(object));
  if (resource.kind == "Namespace") out.push_back(text(text_at(object, {"status", "phase"})));
  if (resource.kind == "Secret") out.push_back(text(text_at(object, {"type"})));
  if (resource.kind == "Secret") out.emplace_back(object_at(object, {"data"}).size());
  if (resource.kind == "ConfigMap") out.emplace_back(object_at(object, {"data"}).size() + object_at(object, {"binaryData"}).size());
  if (resource.kind == "ServiceAccount") out.emplace_back(array_at(object, {"secrets"}).size());
  out.push_back(age_of(object, now));
  return out;
}

json::array row_conditions(const Resource& resource, const json::value& object) {
  if (!resource.is_builtin("Pod")) return {};
  View phase = text_at(object, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return {};
  return {json::object{{"type", "Completed"},
                       {"status", "True"},
                       {"reason", phase},
                       {"message", phase == "Succeeded" ? "The pod has completed successfully." : "The pod failed."}}};
}

}  // namespace fairlead::sandbox
