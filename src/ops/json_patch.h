// JSON Patch (RFC 6902), as far as Fairlead itself writes it. Pure.
#pragma once

#include <optional>

#include "base/json.h"

namespace fairlead::ops {

// `object` after a JSON Patch of add, replace, remove and test (RFC 6902), its resourceVersion left as it is. Nothing:
// it cannot be applied, or asks for more.
std::optional<json::value> patched(json::value object, const json::array& patch);

}  // namespace fairlead::ops
