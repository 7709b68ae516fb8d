// The addresses behind Services, from EndpointSlices where the server has them, else from Endpoints.
#pragma once

#include <map>

#include "ops/operation.h"

namespace fairlead::ops {

struct EndpointAddress {
  std::string address;  // without a port
  std::string pod;      // its name; empty: something else is behind it
  std::string node;
  bool ready = false;
};

struct ServiceEndpoints {
  std::size_t ready = 0, not_ready = 0;
  std::vector<EndpointAddress> addresses;  // the first so many
  std::vector<std::string> ports;          // "http 8080/TCP"
};

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
