// The client's side of a WebSocket's beginning, on a connection of an HttpClient (RFC 6455); websocket_connection.h is
// what comes after it.
#pragma once

#include "net/http_client.h"
#include "net/websocket.h"

namespace fairlead::net {

// What a request for a WebSocket carries, with the subprotocols in the order of preference.
class WebSocketOffer {
 public:
  explicit WebSocketOffer(std::vector<std::string> protocols);  // with a fresh key
  std::vector<HttpHeader> headers() const;
  // The subprotocol that a 101 chose. server_error where it accepts another key or a protocol that was not offered.
  Result<std::string> accepted(const HttpHead& head) const;

 private:
  std::vector<std::string> protocols_;
  std::string key_;
};

// For what goes on after the handshake, with masks from the system's random numbers.
WebSocketCodec websocket_client_codec(std::size_t message_limit);

}  // namespace fairlead::net
