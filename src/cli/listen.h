// Inside cli/ only: where a server listens.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace fairlead::cli {

struct Listen {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool is_loopback() const;  // of an address, not of a name, which may mean another one tomorrow
};
// HOST:PORT, [IPv6]:PORT
Result<Listen> parse_listen(const std::string& text);

}  // namespace fairlead::cli
