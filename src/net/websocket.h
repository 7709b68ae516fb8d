// WebSocket (RFC 6455) without I/O, for either side: the opening handshake's fields, and messages to and from bytes.
// Not thread-safe. (Beast's WebSocket wants a stream of its own kind and does the I/O itself, so it can neither be fed
// nor tested without a socket.)
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace fairlead::net {

// True for a request that wants to go on as a WebSocket: Upgrade and Connection say so.
bool wants_websocket(const HttpRequest& request);
// The subprotocols that the client offers, in its order.
std::vector<std::string> websocket_protocols(const HttpRequest& request);
// The headers of the 101 that accepts the request; with Sec-WebSocket-Protocol unless `protocol` is empty.
// invalid_request when method, version or key are not what RFC 6455 asks for.
Result<std::vector<HttpHeader>> accept_websocket(const HttpRequest& request, std::string_view protocol);
// False where a page of another site makes a browser ask: Origin names another host or port than Host does. True
// without an Origin, which every browser sends.
bool is_same_origin(const HttpRequest& request);
// What Sec-WebSocket-Accept must be for a key.
std::string websocket_accept(std::string_view key);

enum class WebSocketRole { server, client };
enum class WebSocketOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct WebSocketMessage {
  WebSocketOpcode opcode = WebSocketOpcode::binary;  // never continuation: fragments are put together
  std::string payload;                               // of a close: the reason
  std::uint16_t code = 1005;                         // of a close; 1005: it names none
};

class WebSocketCodec {
 public:
  // `message_limit` bounds a whole message in bytes. A client masks what it sends with what `mask` answers, which must
  // be unpredictable; a server needs none.
  WebSocketCodec(WebSocketRole role, std::size_t message_limit, std::function<std::uint32_t()> mask = nullptr);

  // The messages that became whole with these bytes. A ping must be answered with a pong of the same payload, a close
  // with a close; nothing is read after a close. An error (invalid_request) is for good: send close(close_code()).
  Result<std::vector<WebSocketMessage>> feed(std::string_view bytes);
  std::uint16_t close_code() const { return close_code_; }  // 1002, 1007 or 1009 after an error

  std::string message(WebSocketOpcode opcode, std::string_view payload);
  std::string close(std::uint16_t code, std::string_view reason = "");

 private:
  Result<void> take_frame(std::uint8_t first, std::string payload, std::vector<WebSocketMessage>* out);
  tl::unexpected<Error> broken(std::uint16_t code, std::string cause);

  WebSocketRole role_;
  std::size_t limit_;
  std::function<std::uint32_t()> mask_;
  std::string unread_;
  std::string partial_;                                             // fragments of a message so far
  WebSocketOpcode partial_opcode_ = WebSocketOpcode::continuation;  // continuation: none is under way
  std::uint16_t close_code_ = 0;
  bool closed_ = false;
};

}  // namespace fairlead::net
