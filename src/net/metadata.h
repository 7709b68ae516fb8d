// Addresses where clouds hand out credentials to whoever asks from one of their machines.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace fairlead::net {

// Link-local, or one of those. Of a host that is an address, in whatever dress; of a name false.
bool is_metadata_host(const std::string& host);
// policy_denied
tl::unexpected<Error> metadata_refused(const std::string& host, std::uint16_t port);

}  // namespace fairlead::net
