#include "net/websocket_connection.h"

namespace fairlead::net {
namespace {

constexpr std::size_t kMostQueued = 64 << 10, kPiece = 64 << 10;
constexpr std::string_view kReading = "read from the WebSocket", kWriting = "write to the WebSocket";

}  // namespace

WebSocketConnection::WebSocketConnection(Executor executor, std::unique_ptr<Stream> stream, std::string received,
                                         WebSocketCodec codec)
    : stream_(std::move(stream)),
      received_(std::move(received)),
      codec_(std::move(codec)),
      changed_(executor),
      room_(executor),
      done_(executor) {}
WebSocketConnection::~WebSocketConnection() = default;

awaitable<void> WebSocketConnection::pump() {
  while (true) {
    std::string bytes = std::exchange(pong_, {});
    bytes += std::exchange(queued_, {});
    if (bytes.empty()) {
      if (said_goodbye_) break;
      changed_.reset();
      auto changed = co_await changed_.wait();
      if (!changed) break;
      continue;
    }
    room_.set();
    // What the other side has sent before it went may still be read.
    auto written = co_await stream_->write(bytes);
    if (!written) break;
  }
  stopped_ = true;
  room_.set();
  done_.set();
}

awaitable<Result<WebSocketMessage>> WebSocketConnection::next() {
  auto buffer = std::make_unique_for_overwrite<char[]>(kPiece);
  while (true) {
    while (!ready_.empty()) {
      WebSocketMessage message = std::move(ready_.back());
      ready_.pop_back();
      if (message.opcode == WebSocketOpcode::pong) continue;
      if (message.opcode == WebSocketOpcode::close) say_goodbye(1000, "");
      if (message.opcode != WebSocketOpcode::ping) co_return message;
      if (said_goodbye_) continue;
      pong_ = codec_.message(WebSocketOpcode::pong, message.payload);
      changed_.set();
    }
    std::string bytes = std::exchange(received_, {});
    if (bytes.empty()) {
      auto count = co_await stream_->read_some({buffer.get(), kPiece});
      if (!count) co_return fail(std::move(count.error()));
      if (*count == 0)
        co_return fail(ErrorCode::unreachable, std::string(kReading), "the connection was cut in the middle");
      bytes.assign(buffer.get(), *count);
    }
    auto messages = codec_.feed(bytes);
    if (!messages) {
      say_goodbye(codec_.close_code(), messages.error().cause);
      co_return fail(std::move(messages.error()));
    }
    ready_.assign(std::make_move_iterator(messages->rbegin()), std::make_move_iterator(messages->rend()));
  }
}

awaitable<Result<void>> WebSocketConnection::send(WebSocketOpcode opcode, std::string_view payload) {
  while (queued_.size() >= kMostQueued && !stopped_ && !said_goodbye_) {
    room_.reset();
    auto room = co_await room_.wait();
    if (!room) co_return room;
  }
  if (stopped_ || said_goodbye_)
    co_return fail(ErrorCode::unreachable, std::string(kWriting), "the other side has gone");
  queued_ += codec_.message(opcode, payload);
  changed_.set();
  co_return Result<void>();
}

void WebSocketConnection::ping() {
  if (said_goodbye_ || queued_.size() >= kMostQueued) return;
  queued_ += codec_.message(WebSocketOpcode::ping, "");
  changed_.set();
}

void WebSocketConnection::say_goodbye(std::uint16_t code, std::string_view reason) {
  if (said_goodbye_) return;
  queued_ += codec_.close(code, reason);
  said_goodbye_ = true;
  changed_.set();
  room_.set();
}

awaitable<void> WebSocketConnection::close(std::uint16_t code, std::string reason, Deadline deadline) {
  say_goodbye(code, reason);
  if (stopped_) co_return;
  auto done = co_await done_.wait(deadline);
  static_cast<void>(done);  // it is over either way
}

}  // namespace fairlead::net
