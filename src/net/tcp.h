// Inside net/ only: TCP connections as streams.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>

#include "net/metadata.h"
#include "net/stream.h"

namespace fairlead::net {

struct TcpConnection {
  std::unique_ptr<Stream> stream;
  std::function<void()> closer;  // closes it from a watchdog; harmless after it died
};

// "10.0.0.1:6443", "[::1]:6443".
std::string address_text(const std::string& host, std::uint16_t port);

// Name lookup and connection, trying each address in turn. unreachable, timeout, cancelled. With `no_metadata`
// policy_denied where there are only addresses of is_metadata().
awaitable<Result<TcpConnection>> connect_tcp(std::string host, std::uint16_t port, Deadline deadline,
                                             bool no_metadata = false);

// Link-local, or one of those at which clouds answer whoever asks from a machine with its credentials.
bool is_metadata(boost::asio::ip::address address);

}  // namespace fairlead::net
