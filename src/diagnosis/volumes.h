// Which volumes a claim can have. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::diagnosis {

// Why this PersistentVolume is not for that claim, in a few words: "offers 5Gi of the 10Gi that are asked for". Empty
// when it is. What neither of them says is no reason.
std::string why_not(const json::value& volume, const json::value& claim, std::string_view storage_class);

// By a volume of the pod's, ephemeral ones included.
bool uses_claim(const json::value& pod, std::string_view claim);

}  // namespace fairlead::diagnosis
