// What a YAML scalar without quotes means, for reading and for deciding what to quote. Internal to base.
#pragma once

#include <string_view>

#include "base/json.h"

namespace fairlead {

// The null, boolean, integer or double (infinities and NaN too) that kubectl reads there; otherwise the text itself.
json::value resolve_plain_scalar(std::string_view text);

// As kubectl turns a mapping's key into a JSON key; nothing for null, infinities and NaN.
std::optional<std::string> key_text(const json::value& scalar);

}  // namespace fairlead
