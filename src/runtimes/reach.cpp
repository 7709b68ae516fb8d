#include "runtimes/reach.h"

#include <fmt/format.h>

#include "base/text.h"

namespace fairlead::runtimes {
namespace {

// A word that others chose: what is none is no address.
std::string word(std::string_view text) { return text.empty() ? "" : plain_word(text); }

std::string joined(const std::string& host, std::int64_t port) {
  if (host.empty() || port == 0) return "";
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

}  // namespace

Reach reach_of(const json::value& service, std::string_view host) {
  Reach out;
  out.type = word(text_at(service, {"spec", "type"}));
  out.cluster_ip = word(text_at(service, {"spec", "clusterIP"}));
  if (out.cluster_ip == "None") out.cluster_ip.clear();
  for (auto field : {"ip", "hostname"})
    for (const auto& ingress : array_at(service, {"status", "loadBalancer", "ingress"}))
      if (out.load_balancer.empty()) out.load_balancer = word(text_at(ingress, {field}));
  for (const auto& one : array_at(service, {"spec", "ports"})) {
    ReachedPort port{word(text_at(one, {"name"})), integer_at(one, {"port"}), integer_at(one, {"nodePort"}), ""};
    if (out.type == "NodePort")
      port.address = joined(std::string(host.empty() ? kNodePortHost : host), port.node_port);
    else
      port.address = joined(out.type == "LoadBalancer" ? out.load_balancer : out.cluster_ip, port.port);
    out.ports.push_back(std::move(port));
  }
  return out;
}

json::object shown(const Reach& reach) {
  json::array ports;
  for (const auto& port : reach.ports)
    ports.push_back(json::object{{"name", port.name},
                                 {"port", port.port},
                                 {"node_port", port.node_port ? json::value(port.node_port) : json::value(nullptr)},
                                 {"address", or_null(port.address)}});
  json::object out{{"type", reach.type}, {"cluster_ip", or_null(reach.cluster_ip)}};
  if (reach.type == "LoadBalancer") out["load_balancer"] = or_null(reach.load_balancer);
  out["ports"] = std::move(ports);
  return out;
}

}  // namespace fairlead::runtimes
