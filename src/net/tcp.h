// Inside net/ only: TCP connections as streams.
#pragma once

#include <functional>

#include "net/stream.h"

namespace fairlead::net {

struct TcpConnection {
  std::unique_ptr<Stream> stream;
  std::function<void()> closer;  // closes it from a watchdog; harmless after it died
};

// "10.0.0.1:6443", "[::1]:6443".
std::string address_text(const std::string& host, std::uint16_t port);

// Name lookup and connection, trying each address in turn. unreachable, timeout, cancelled.
awaitable<Result<TcpConnection>> connect_tcp(std::string host, std::uint16_t port, Deadline deadline);

}  // namespace fairlead::net
