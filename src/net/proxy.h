// Inside net/ only: reaching an origin through a proxy.
#pragma once

#include "net/http_client.h"
#include "net/tcp.h"

namespace fairlead::net {

// A byte stream to host:port, through the proxy where one is given: HTTP CONNECT (RFC 9110, 9.3.6; over TLS for an
// https proxy) or SOCKS5 with the name resolved by the proxy (RFC 1928, RFC 1929).
awaitable<Result<TcpConnection>> connect_through(HttpOrigin origin, Deadline deadline);

}  // namespace fairlead::net
