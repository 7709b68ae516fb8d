// The client's side of a WebSocket on a connection of an HttpClient (RFC 6455). One call at a time; use on one
// executor.
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

class WebSocketClient {
 public:
  // `upgraded` has a stream. A message of more than `message_limit` bytes ends it.
  WebSocketClient(Executor executor, Upgraded upgraded, std::size_t message_limit);
  ~WebSocketClient();

  // The next text or binary message, or the close; pings are answered. Errors: unreachable where the connection ended
  // without a close, server_error for what is no WebSocket, timeout, cancelled; afterwards it is of no use.
  awaitable<Result<WebSocketMessage>> next(Deadline deadline);
  awaitable<Result<void>> send(std::string_view binary, Deadline deadline);
  // Says goodbye, without waiting for an answer.
  awaitable<void> close(Deadline deadline);

 private:
  awaitable<Result<void>> write(std::string bytes, Deadline deadline);

  Executor executor_;
  Upgraded connection_;
  WebSocketCodec codec_;
  std::vector<WebSocketMessage> ready_;  // the next one last
};

}  // namespace fairlead::net
