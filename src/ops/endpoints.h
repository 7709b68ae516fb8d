// The addresses behind Services, from EndpointSlices where the server has them, else from Endpoints.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>

#include "ops/operation.h"

namespace fairlead::ops {

struct EndpointAddress {
  std::string address;  // without a port
  std::string pod;      // its name; empty: something else is behind it
  std::string node;
  bool ready = false;
};

// What stands behind one Service, added up. The same address may come in several slices, one for each set of ports: it
// counts once, and is ready when it is in any of them.
struct ServiceEndpoints {
  std::size_t ready = 0, not_ready = 0;
  std::vector<EndpointAddress> addresses;  // the first so many
  std::vector<std::string> ports;          // "http 8080/TCP"

  void add_slice(const json::value& slice, std::size_t most_addresses = 0);        // an EndpointSlice of that Service
  void add_subsets(const json::value& endpoints, std::size_t most_addresses = 0);  // its Endpoints

  // Whether something takes what is sent to that port of the Service.
  bool serve(const json::value& service_port) const;

 private:
  void add(std::string_view address, const json::value& endpoint, bool ready, std::size_t most_addresses);
  void add_ports(const json::array& from);
  std::unordered_map<std::string, bool> known_;  // whether it is ready
  std::set<std::string> served_;                 // names of the Service's ports; "": of its only one
};

// The Service that an EndpointSlice is of; empty: of none.
std::string_view service_of(const json::value& slice);

using ServiceName = std::pair<std::string, std::string>;  // namespace, name

struct EndpointQuery {
  std::string ns;       // empty: all
  std::string service;  // empty: all
  std::string label_selector, field_selector;
  std::size_t most_addresses = 3;  // kept of each service
};

// A service is not in the map when there are no endpoints of that name at all.
awaitable<Result<std::map<ServiceName, ServiceEndpoints>>> read_endpoints(Call& call, EndpointQuery query);

// {namespace, name, ports, ready: [{address, pod, node}], not_ready: [...]}
json::object endpoints_document(std::string_view ns, std::string_view name, const ServiceEndpoints& endpoints);

}  // namespace fairlead::ops
