// Where an agent is reached: its Service's addresses, as its mode of exposure says. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace fairlead::runtimes {

// Where a row names no host for its node ports.
inline constexpr std::string_view kNodePortHost = "host.docker.internal";

struct ReachedPort {
  std::string name;
  std::int64_t port = 0, node_port = 0;  // 0: none
  std::string address;                   // "192.0.2.7:9090"; empty: there is none yet
};
struct Reach {
  std::string type;  // the Service's: ClusterIP, NodePort, LoadBalancer
  std::string cluster_ip, load_balancer;
  std::vector<ReachedPort> ports;
};
// ClusterIP: the Service's address in the cluster. NodePort: `host` and the node port. LoadBalancer: the IP that was
// assigned, else the hostname.
Reach reach_of(const json::value& service, std::string_view host);

json::object shown(const Reach& reach);

}  // namespace fairlead::runtimes
