// Services for readers. From JSON; pure.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace fairlead::ops {

// From an object that is already redacted.
json::object service_document(const json::value& service, std::int64_t now);

inline constexpr std::string_view kPendingAddress = "<pending>";
// Addresses outside the cluster, or its external name; kPendingAddress for a load balancer that has none yet.
std::vector<std::string> external_addresses(const json::value& service);
// Of status.loadBalancer: a Service's or an Ingress's.
std::vector<std::string> load_balancer_addresses(const json::value& object);
// "80:30080/TCP", "80/TCP"
std::string service_port(const json::value& port);

}  // namespace fairlead::ops
