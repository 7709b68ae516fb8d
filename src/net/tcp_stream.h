// Inside net/ only: a socket as a Stream (needs Asio's socket templates).
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "net/asio.h"
#include "net/tcp.h"

namespace fairlead::net {

TcpConnection wrap_socket(asio::ip::tcp::socket socket);

}  // namespace fairlead::net
