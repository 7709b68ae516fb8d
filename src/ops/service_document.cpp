#include "ops/service_document.h"

#include <fmt/format.h>

#include "ops/object_document.h"

namespace fairlead::ops {

std::vector<std::string> load_balancer_addresses(const json::value& object) {
  std::vector<std::string> out;
  for (const auto& point : array_at(object, {"status", "loadBalancer", "ingress"})) {
    const std::string_view ip = text_at(point, {"ip"});
    out.emplace_back(ip.empty() ? text_at(point, {"hostname"}) : ip);
  }
  return out;
}

std::vector<std::string> external_addresses(const json::value& service) {
  const std::string_view type = text_at(service, {"spec", "type"});
  if (type == "ExternalName") return {std::string(text_at(service, {"spec", "externalName"}))};
  std::vector<std::string> out;
  if (type == "LoadBalancer") out = load_balancer_addresses(service);
  for (const auto& address : array_at(service, {"spec", "externalIPs"}))
    if (address.is_string()) out.emplace_back(address.get_string());
  if (type == "LoadBalancer" && out.empty()) out.emplace_back(kPendingAddress);
  return out;
}

std::string service_port(const json::value& port) {
  const std::string_view protocol = text_at(port, {"protocol"});
  const std::int64_t node_port = integer_at(port, {"nodePort"});
  return fmt::format("{}{}/{}", integer_at(port, {"port"}), node_port > 0 ? fmt::format(":{}", node_port) : "",
                     protocol.empty() ? "TCP" : protocol);
}

json::object service_document(const json::value& service, std::int64_t now) {
  json::object out = metadata_document(service, now);
  put(out, "type", text_at(service, {"spec", "type"}));
  put(out, "selector", map_selector_text(object_at(service, {"spec", "selector"})));
  json::array ips, external, ports;
  for (const auto& ip : array_at(service, {"spec", "clusterIPs"})) ips.push_back(ip);
  if (ips.empty() && !text_at(service, {"spec", "clusterIP"}).empty())
    ips.emplace_back(text_at(service, {"spec", "clusterIP"}));
  put(out, "cluster_ips", std::move(ips));
  for (auto& address : external_addresses(service)) external.emplace_back(std::move(address));
  put(out, "external", std::move(external));
  for (const auto& port : array_at(service, {"spec", "ports"})) {
    const json::value* target = find(port, "targetPort");
    const std::string_view name = text_at(port, {"name"});
    ports.emplace_back(fmt::format("{}{}{} -> {}", name, name.empty() ? "" : " ", service_port(port),
                                   !target               ? std::string()
                                   : target->is_string() ? std::string(target->get_string())
                                                         : compact(*target)));
  }
  put(out, "ports", std::move(ports));
  for (auto [key, name] :
       {std::pair{"sessionAffinity", "session_affinity"}, std::pair{"externalTrafficPolicy", "external_traffic_policy"},
        std::pair{"internalTrafficPolicy", "internal_traffic_policy"},
        std::pair{"loadBalancerClass", "load_balancer_class"}})
    if (const std::string_view value = text_at(service, {"spec", key});
        !value.empty() && value != "None" && value != "Cluster")
      put(out, name, value);
  put(out, "conditions", condition_lines(array_at(service, {"status", "conditions"}), now));
  put(out, "annotations", short_annotations(service));
  return out;
}

}  // namespace fairlead::ops
