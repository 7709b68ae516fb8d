// Pods, nodes, namespaces, events, configuration, identities.
#include <algorithm>

#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

json::array node_cells(const json::value& node, std::int64_t now) {
  std::string status;
  for (const json::value& condition : array_at(node, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "Ready")
      status = text_at(condition, {"status"}) == "True" ? "Ready" : "NotReady";
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
      if (text_at(entry, {"type"}) == type) return cell(text_at(entry, {"address"}));
    }
    return cell("<none>");
  };
  auto info = [&](View member) { return cell_or(text_at(node, {"status", "nodeInfo", member}), "<unknown>"); };
  return {name_cell(node),
          cell(status),
          cell_or(joined(roles), "<none>"),
          age_cell(node, now),
          cell(text_at(node, {"status", "nodeInfo", "kubeletVersion"})),
          address("InternalIP"),
          address("ExternalIP"),
          info("osImage"),
          info("kernelVersion"),
          info("containerRuntimeVersion")};
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
  std::transform(target.begin(), target.end(), target.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  View name = text_at(event, {"involvedObject", "name"});
  if (!name.empty()) target += "/" + std::string(name);
  std::string source(text_at(event, {"source", "component"}));
  View host = text_at(event, {"source", "host"});
  if (source.empty()) source = text_at(event, {"reportingComponent"});
  if (host.empty()) host = text_at(event, {"reportingInstance"});
  if (!host.empty()) source += ", " + std::string(host);
  return {cell(last),
          cell(text_at(event, {"type"})),
          cell(text_at(event, {"reason"})),
          cell(target),
          cell(text_at(event, {"involvedObject", "fieldPath"})),
          cell(source),
          cell(trim(text_at(event, {"message"}))),
          cell(first),
          count,
          name_cell(event)};
}

json::array namespace_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), cell(text_at(object, {"status", "phase"})), age_cell(object, now)};
}

json::array secret_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), cell(text_at(object, {"type"})), object_at(object, {"data"}).size(),
          age_cell(object, now)};
}

json::array config_map_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), object_at(object, {"data"}).size() + object_at(object, {"binaryData"}).size(),
          age_cell(object, now)};
}

json::array service_account_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), array_at(object, {"secrets"}).size(), age_cell(object, now)};
}

}  // namespace

std::span<const TableKind> core_tables() {
  static const std::vector<TableKind> tables{
      {"",
       "Pod",
       {name_column,
        {"Ready", "string", "", 0, "The aggregate readiness state of this pod for accepting traffic."},
        {"Status", "string", "", 0, "The aggregate status of the containers in this pod."},
        {"Restarts", "string", "", 0,
         "The number of times the containers in this pod have been restarted and when the last container in this pod "
         "has restarted."},
        age_column,
        {"IP", "string", "", 1, "podIP address allocated to the pod."},
        {"Node", "string", "", 1, "NodeName indicates in which node this pod is scheduled."},
        {"Nominated Node", "string", "", 1,
         "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled "
         "right away as preemption victims "
         "receive their graceful termination periods."},
        {"Readiness Gates", "string", "", 1, "If specified, all readiness gates will be evaluated for pod readiness."}},
       pod_cells},
      {"",
       "Node",
       {name_column,
        {"Status", "string", "", 0, "The status of the node"},
        {"Roles", "string", "", 0, "The roles of the node"},
        age_column,
        {"Version", "string", "", 0, "Kubelet Version reported by the node."},
        {"Internal-IP", "string", "", 1, "List of addresses reachable to the node."},
        {"External-IP", "string", "", 1, "List of addresses reachable to the node."},
        {"OS-Image", "string", "", 1,
         "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy))."},
        {"Kernel-Version", "string", "", 1,
         "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64)."},
        {"Container-Runtime", "string", "", 1,
         "ContainerRuntime Version reported by the node through runtime remote API (e.g. containerd://1.4.2)."}},
       node_cells},
      {"",
       "Namespace",
       {name_column, {"Status", "string", "", 0, "The status of the namespace"}, age_column},
       namespace_cells},
      {"",
       "Event",
       {{"Last Seen", "string", "", 0, "The time at which the most recent occurrence of this event was recorded."},
        {"Type", "string", "", 0, "Type of this event (Normal, Warning), new types could be added in the future"},
        {"Reason", "string", "", 0,
         "This should be a short, machine understandable string that gives the reason for the transition into the "
         "object's current status."},
        {"Object", "string", "", 0, "The object that this event is about."},
        {"Subobject", "string", "", 1,
         "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go "
         "field access statement."},
        {"Source", "string", "", 1, "The component reporting this event."},
        {"Message", "string", "", 0, "A human-readable description of the status of this operation."},
        {"First Seen", "string", "", 1, "The time at which the event was first recorded."},
        {"Count", "string", "", 1, "The number of times this event has occurred."},
        {"Name", "string", "name", 1, name_column_text}},
       event_cells},
      {"",
       "ConfigMap",
       {name_column, {"Data", "string", "", 0, "Data contains the configuration data."}, age_column},
       config_map_cells},
      {"",
       "Secret",
       {name_column,
        {"Type", "string", "", 0, "Used to facilitate programmatic handling of secret data."},
        {"Data", "string", "", 0, "Data contains the secret data."},
        age_column},
       secret_cells},
      {"",
       "ServiceAccount",
       {name_column,
        {"Secrets", "string", "", 0,
         "Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are "
         "allowed to use."},
        age_column},
       service_account_cells},
  };
  return tables;
}

}  // namespace fairlead::sandbox
