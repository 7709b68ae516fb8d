// A WebSocket (RFC 6455) on a stream, for either side and in both directions at once. Memory is bounded whatever the
// other side does: what it sends is read only when it is asked for, and what it does not read holds up send(). Not
// thread-safe: use on one executor.
#pragma once

#include "net/stream.h"
#include "net/websocket.h"

namespace fairlead::net {

class WebSocketConnection {
 public:
  // `received`: what was read behind the handshake already.
  WebSocketConnection(Executor executor, std::unique_ptr<Stream> stream, std::string received, WebSocketCodec codec);
  ~WebSocketConnection();

  // Writes what the others queue, until it is cancelled, the goodbye is written or writing fails. To be spawned once,
  // and to be joined before this dies.
  awaitable<void> pump();

  // The next text or binary message, or the close; pings and the close are answered. For one reader. Errors:
  // unreachable where the connection ended without a close, invalid_request for what is no WebSocket or too large,
  // cancelled; afterwards nothing comes any more.
  awaitable<Result<WebSocketMessage>> next();
  // Returns when there is room for it, in the order of the calls. unreachable once the connection is over.
  awaitable<Result<void>> send(WebSocketOpcode opcode, std::string_view payload);
  // Keeps what stands in between from taking it for idle; left out where much waits to be written.
  void ping();
  // What is queued, and then goodbye; returns when that is written, at the latest at the deadline.
  awaitable<void> close(std::uint16_t code, std::string reason, Deadline deadline);

 private:
  void say_goodbye(std::uint16_t code, std::string_view reason);

  std::unique_ptr<Stream> stream_;
  std::string received_;
  WebSocketCodec codec_;
  std::vector<WebSocketMessage> ready_;  // the next one last
  std::string queued_, pong_;            // of pings only the last one is answered
  bool said_goodbye_ = false, stopped_ = false;
  Event changed_, room_, done_;
};

}  // namespace fairlead::net
