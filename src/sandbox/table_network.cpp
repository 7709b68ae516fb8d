// Services and what leads to them.
#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

std::string service_ports(const json::value& service) {
  std::vector<std::string> out;
  for (const json::value& port : array_at(service, {"spec", "ports"})) {
    std::string entry = std::to_string(integer_at(port, {"port"}));
    if (std::int64_t node_port = integer_at(port, {"nodePort"}); node_port > 0)
      entry += ":" + std::to_string(node_port);
    out.push_back(entry + "/" + std::string(text_at(port, {"protocol"})));
  }
  return joined(out);
}

std::string external_addresses(const json::value& service) {
  View type = text_at(service, {"spec", "type"});
  if (type == "ExternalName") return std::string(text_at(service, {"spec", "externalName"}));
  std::vector<std::string> out;
  if (type == "LoadBalancer") out = balancer_addresses(service);
  for (const json::value& ip : array_at(service, {"spec", "externalIPs"})) {
    if (ip.is_string()) out.emplace_back(ip.get_string());
  }
  if (!out.empty()) return joined(out);
  return type == "LoadBalancer" ? "<pending>" : "<none>";
}

json::array service_cells(const json::value& service, std::int64_t now) {
  return {name_cell(service),
          cell(text_at(service, {"spec", "type"})),
          cell_or(text_at(service, {"spec", "clusterIP"}), "<none>"),
          cell(external_addresses(service)),
          cell_or(service_ports(service), "<none>"),
          age_cell(service, now),
          labels_cell(object_at(service, {"spec", "selector"}))};
}

// Hosts are counted with the rules that have none.
std::string ingress_hosts(const json::value& ingress) {
  constexpr std::size_t most = 3;
  const json::array& rules = array_at(ingress, {"spec", "rules"});
  std::vector<std::string> hosts;
  bool more = false;
  for (const json::value& rule : rules) {
    more |= hosts.size() == most;
    View host = text_at(rule, {"host"});
    if (!more && !host.empty()) hosts.emplace_back(host);
  }
  if (hosts.empty()) return "*";
  return joined(hosts) + (more ? " + " + std::to_string(rules.size() - most) + " more..." : "");
}

json::array ingress_cells(const json::value& ingress, std::int64_t now) {
  return {name_cell(ingress),
          cell_or(text_at(ingress, {"spec", "ingressClassName"}), "<none>"),
          cell(ingress_hosts(ingress)),
          cell(joined(balancer_addresses(ingress))),
          cell(array_at(ingress, {"spec", "tls"}).empty() ? "80" : "80, 443"),
          age_cell(ingress, now)};
}

json::array ingress_class_cells(const json::value& object, std::int64_t now) {
  std::string parameters = "<none>";
  if (const json::value* given = find(object, "spec", "parameters")) {
    parameters = text_at(*given, {"kind"});
    if (View group = text_at(*given, {"apiGroup"}); !group.empty()) parameters += "." + std::string(group);
    parameters += "/" + std::string(text_at(*given, {"name"}));
  }
  return {name_cell(object), cell(text_at(object, {"spec", "controller"})), cell(parameters), age_cell(object, now)};
}

std::string with_port(View address, std::int64_t port) {
  std::string host(address);
  if (address.find(':') != address.npos) host = "[" + host + "]";
  return host + ":" + std::to_string(port);
}

json::array endpoints_cells(const json::value& object, std::int64_t now) {
  const json::array& subsets = array_at(object, {"subsets"});
  std::vector<std::string> all;
  for (const json::value& subset : subsets) {
    const json::array &ports = array_at(subset, {"ports"}), &addresses = array_at(subset, {"addresses"});
    if (ports.empty()) {
      for (const json::value& address : addresses) all.emplace_back(text_at(address, {"ip"}));
    }
    for (const json::value& port : ports) {
      for (const json::value& address : addresses)
        all.push_back(with_port(text_at(address, {"ip"}), integer_at(port, {"port"})));
    }
  }
  return {name_cell(object), cell(subsets.empty() ? "<none>" : first_three(all)), age_cell(object, now)};
}

json::array endpoint_slice_cells(const json::value& object, std::int64_t now) {
  std::vector<std::string> ports, addresses;
  for (const json::value& port : array_at(object, {"ports"})) {
    std::int64_t number = integer_at(port, {"port"});
    View name = text_at(port, {"name"});
    ports.push_back(number != 0 ? std::to_string(number) : name.empty() ? "*" : std::string(name));
  }
  for (const json::value& endpoint : array_at(object, {"endpoints"})) {
    for (const json::value& address : array_at(endpoint, {"addresses"})) {
      if (address.is_string()) addresses.emplace_back(address.get_string());
    }
  }
  return {name_cell(object), cell(text_at(object, {"addressType"})), cell_or(first_three(ports), "<unset>"),
          cell_or(first_three(addresses), "<unset>"), age_cell(object, now)};
}

json::array network_policy_cells(const json::value& object, std::int64_t now) {
  return {name_cell(object), selector_cell(find(object, "spec", "podSelector")), age_cell(object, now)};
}

}  // namespace

std::span<const TableKind> network_tables() {
  static const std::vector<TableKind> tables{
      {"",
       "Service",
       {name_column,
        {"Type", "string", "", 0, "type determines how the Service is exposed."},
        {"Cluster-IP", "string", "", 0, "clusterIP is the IP address of the service and is usually assigned randomly."},
        {"External-IP", "string", "", 0,
         "externalIPs is a list of IP addresses for which nodes in the cluster will also accept traffic for this "
         "service."},
        {"Port(s)", "string", "", 0, "The list of ports that are exposed by this service."},
        age_column,
        {"Selector", "string", "", 1,
         "Route service traffic to pods with label keys and values matching this selector."}},
       service_cells},
      {"discovery.k8s.io",
       "EndpointSlice",
       {name_column,
        {"AddressType", "string", "", 0, "addressType specifies the type of address carried by this EndpointSlice."},
        {"Ports", "string", "", 0, "ports specifies the list of network ports exposed by each endpoint in this slice."},
        {"Endpoints", "string", "", 0, "endpoints is a list of unique endpoints in this slice."},
        age_column},
       endpoint_slice_cells},
      {"",
       "Endpoints",
       {name_column,
        {"Endpoints", "string", "", 0, "The set of all endpoints is the union of all subsets."},
        age_column},
       endpoints_cells},
      {"networking.k8s.io",
       "Ingress",
       {name_column,
        {"Class", "string", "", 0,
         "The name of the IngressClass resource that should be used for additional configuration"},
        {"Hosts", "string", "", 0, "Hosts that incoming requests are matched against before the ingress rule"},
        {"Address", "string", "", 0, "Address is a list containing ingress points for the load-balancer"},
        {"Ports", "string", "", 0, "Ports of TLS configurations that open"},
        age_column},
       ingress_cells},
      {"networking.k8s.io",
       "IngressClass",
       {name_column,
        {"Controller", "string", "", 0, "Controller that is responsible for handling this class"},
        {"Parameters", "string", "", 0, "A reference to a resource with additional parameters"},
        age_column},
       ingress_class_cells},
      {"networking.k8s.io",
       "NetworkPolicy",
       {name_column,
        {"Pod-Selector", "string", "", 0, "podSelector selects the pods to which this NetworkPolicy object applies."},
        age_column},
       network_policy_cells},
  };
  return tables;
}

}  // namespace fairlead::sandbox
