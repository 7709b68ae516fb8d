// /version, /api, /apis and the resource lists below them, in the old form and the aggregated one. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/request.h"

namespace fairlead::sandbox {

json::object version_info();

struct DiscoveryAnswer {
  std::string content_type;
  std::string body;
};
// Nothing when the path is no discovery path.
std::optional<DiscoveryAnswer> discover(std::string_view path, std::string_view accept, const Resources& resources,
                                        std::string_view server_address);

}  // namespace fairlead::sandbox
