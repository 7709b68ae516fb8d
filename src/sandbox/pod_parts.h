// What the subresources of a pod may change: ephemeralcontainers adds containers, resize changes resources. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

bool is_pod_part(std::string_view subresource);
// The pod with that part as `from` has it, and all else as it is.
json::value with_part(std::string_view subresource, const json::value& pod, const json::value& from);
// What is wrong with the part in itself, and as a change of what it was.
std::vector<Cause> check_part(std::string_view subresource, const json::value& pod, const json::value& before);

}  // namespace fairlead::sandbox
