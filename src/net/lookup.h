// Inside net/ only: from a host's name to its addresses without blocking the event loop.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <string>
#include <vector>

#include "net/task.h"

namespace fairlead::net {

struct Addresses {
  std::vector<boost::asio::ip::address> list;
  std::string problem;  // why there are none
};

// Blocks. Called on a thread of its own.
using BlockingLookup = std::function<Addresses(const std::string& host)>;
Addresses system_lookup(const std::string& host);  // getaddrinfo

// An IP address is answered as it is. Each lookup has its own thread, so that a name server that hangs holds up
// nobody else; the thread is left behind when the deadline passes or the caller is cancelled.
// unreachable (no such host), timeout, cancelled.
awaitable<Result<std::vector<boost::asio::ip::address>>> look_up(std::string host, Deadline deadline,
                                                                 BlockingLookup how = system_lookup);

}  // namespace fairlead::net
