// The conflict of a write that is meant for an object of another uid, as the storage behind the API server words it.
// Pure.
#pragma once

#include <string_view>

#include "sandbox/resources.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

// `have` is empty where there is no object.
StatusError uid_mismatch(const Resource& resource, std::string_view namespace_name, std::string_view name,
                         std::string_view wanted, std::string_view have);

}  // namespace fairlead::sandbox
