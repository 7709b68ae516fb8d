#include "net/websocket_client.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/asio.h"

namespace fairlead::net {
namespace {

constexpr std::string_view kStep = "read from the WebSocket";

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> out{};
  RAND_bytes(out.data(), static_cast<int>(out.size()));
  return out;
}

std::uint32_t mask() {
  std::uint32_t out = 0;
  for (unsigned char byte : random_bytes<4>()) out = out << 8 | byte;
  return out;
}

}  // namespace

WebSocketOffer::WebSocketOffer(std::vector<std::string> protocols) : protocols_(std::move(protocols)) {
  const auto nonce = random_bytes<16>();
  key_ = base64_encode(std::string_view(reinterpret_cast<const char*>(nonce.data()), nonce.size()));
}

std::vector<HttpHeader> WebSocketOffer::headers() const {
  std::string offered;
  for (const auto& protocol : protocols_) offered += (offered.empty() ? "" : ", ") + protocol;
  std::vector<HttpHeader> out{{"Connection", "Upgrade"},
                              {"Upgrade", "websocket"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", key_}};
  if (!offered.empty()) out.push_back({"Sec-WebSocket-Protocol", std::move(offered)});
  return out;
}

Result<std::string> WebSocketOffer::accepted(const HttpHead& head) const {
  const auto refuse = [](std::string cause) {
    return fail(ErrorCode::server_error, "open the WebSocket", std::move(cause),
                "Check that the address is that of a Kubernetes API server, and look at proxies on the way");
  };
  if (trim(head.header("Sec-WebSocket-Accept")) != websocket_accept(key_))
    return refuse("the server accepted something else than what was asked for");
  std::string chosen(trim(head.header("Sec-WebSocket-Protocol")));
  if (!protocols_.empty() && std::find(protocols_.begin(), protocols_.end(), chosen) == protocols_.end())
    return refuse("the server speaks none of the protocols that were offered");
  return chosen;
}

WebSocketClient::WebSocketClient(Executor executor, Upgraded upgraded, std::size_t message_limit)
    : executor_(std::move(executor)),
      connection_(std::move(upgraded)),
      codec_(WebSocketRole::client, message_limit, mask) {}
WebSocketClient::~WebSocketClient() = default;

awaitable<Result<WebSocketMessage>> WebSocketClient::next(Deadline deadline) {
  Watchdog watchdog(executor_, deadline, connection_.closer);
  auto buffer = std::make_unique_for_overwrite<char[]>(64 << 10);
  while (true) {
    while (!ready_.empty()) {
      WebSocketMessage message = std::move(ready_.back());
      ready_.pop_back();
      if (message.opcode == WebSocketOpcode::pong) continue;
      if (message.opcode != WebSocketOpcode::ping) co_return message;
      auto answered = co_await connection_.stream->write(codec_.message(WebSocketOpcode::pong, message.payload));
      if (!answered) co_return fail(std::move(answered.error()));
    }
    std::string bytes = std::move(connection_.received);
    connection_.received.clear();
    if (bytes.empty()) {
      auto count = co_await connection_.stream->read_some({buffer.get(), 64 << 10});
      if (!count && watchdog.fired())
        co_return fail(ErrorCode::timeout, std::string(kStep), "nothing more came in time");
      if (!count) co_return fail(std::move(count.error()));
      if (*count == 0)
        co_return fail(ErrorCode::unreachable, std::string(kStep), "the connection was cut in the middle");
      bytes.assign(buffer.get(), *count);
    }
    auto messages = codec_.feed(bytes);
    if (!messages) {
      messages.error().code = ErrorCode::server_error;
      co_return fail(std::move(messages.error()));
    }
    ready_.assign(std::make_move_iterator(messages->rbegin()), std::make_move_iterator(messages->rend()));
  }
}

awaitable<Result<void>> WebSocketClient::write(std::string bytes, Deadline deadline) {
  Watchdog watchdog(executor_, deadline, connection_.closer);
  auto written = co_await connection_.stream->write(bytes);
  if (!written && watchdog.fired())
    co_return fail(ErrorCode::timeout, "write to the WebSocket", "the server takes nothing");
  co_return written;
}

awaitable<Result<void>> WebSocketClient::send(std::string_view binary, Deadline deadline) {
  co_return co_await write(codec_.message(WebSocketOpcode::binary, binary), deadline);
}

awaitable<void> WebSocketClient::close(Deadline deadline) {
  Result<void> said = co_await write(codec_.close(1000), deadline);
  static_cast<void>(said);  // it is over either way
}

}  // namespace fairlead::net
