// A node as a short document for readers. From JSON; pure.
#pragma once

#include "base/json.h"

namespace fairlead::ops {

// Conditions, capacity, system info, taints and addresses, from an object that is already redacted.
json::object node_document(const json::value& node, std::int64_t now);

}  // namespace fairlead::ops
