// IP addresses as texts: which of them count as one sender. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fairlead::net {

// What limits for a sender are counted by: an IPv4 address, also in the dress of IPv6 (::ffff:10.0.0.1), is itself; of
// IPv6 the /64 counts, since whoever has one address there has all of them. A text that is no address is itself.
std::string address_block(const std::string& address);
bool is_loopback_address(const std::string& address);

}  // namespace fairlead::net
