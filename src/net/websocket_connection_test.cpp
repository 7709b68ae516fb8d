#include "net/websocket_connection.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/test_support.h"

namespace fairlead::net {
namespace {

using Opcode = WebSocketOpcode;

// What is written stands in `written` as long as `takes`; what is to be read comes from `to_read`, then nothing more.
struct Wire {
  explicit Wire(Executor executor) : changed(std::move(executor)) {}
  std::string to_read, written;
  bool takes = true, ended = false, broken = false;
  std::size_t reads = 0;
  Event changed;
};

class WireStream final : public Stream {
 public:
  explicit WireStream(Wire& wire) : wire_(wire) {}
  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    while (wire_.to_read.empty() && !wire_.ended) {
      wire_.changed.reset();
      auto changed = co_await wire_.changed.wait();
      if (!changed) co_return fail(std::move(changed.error()));
    }
    ++wire_.reads;
    const std::size_t count = wire_.to_read.copy(into.data(), into.size());
    wire_.to_read.erase(0, count);
    co_return count;
  }
  awaitable<Result<void>> write(std::string_view bytes) override {
    const std::string all(bytes);
    while (!wire_.takes) {
      auto slept = co_await sleep_for(std::chrono::milliseconds(1));
      if (!slept) co_return slept;
    }
    if (wire_.broken) co_return fail(ErrorCode::unreachable, "write", "broken");
    wire_.written += all;
    co_return Result<void>();
  }
  void close() override {}

 private:
  Wire& wire_;
};

class WebSocketConnectionTest : public ::testing::Test {
 public:
  WebSocketConnectionTest()
      : wire(loop.executor()),
        socket(loop.executor(), std::make_unique<WireStream>(wire), "",
               WebSocketCodec(WebSocketRole::server, 1 << 20)) {}

  // Runs `body` beside the pump, and answers what the other side has got.
  std::vector<WebSocketMessage> run(std::function<awaitable<void>()> body) {
    auto all = [this, &body]() -> awaitable<int> {
      TaskGroup group(loop.executor());
      group.spawn(socket.pump());
      co_await body();
      co_await socket.close(1000, "", Deadline::after(std::chrono::seconds(5)));
      group.cancel_all();
      co_await group.join();
      co_return 0;
    };
    testing::await_on(loop, all());
    auto got = peer.feed(wire.written);
    EXPECT_TRUE(got);
    return got ? *got : std::vector<WebSocketMessage>();
  }

  Loop loop;
  Wire wire;
  WebSocketConnection socket;
  WebSocketCodec peer{WebSocketRole::client, 1 << 22, [] { return 7u; }};
};

TEST_F(WebSocketConnectionTest, SendsInOrderAndSaysGoodbye) {
  const auto got = run([this]() -> awaitable<void> {
    for (int i = 0; i < 300; ++i) {
      auto sent = co_await socket.send(Opcode::binary, std::string(1000, static_cast<char>(i)));
      EXPECT_TRUE(sent);
    }
  });
  ASSERT_EQ(got.size(), 301U);
  for (int i = 0; i < 300; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)].payload[0], static_cast<char>(i));
  EXPECT_EQ(got.back().code, 1000);
  auto late = testing::await_on(loop, socket.send(Opcode::text, "x"));
  EXPECT_FALSE(late);
}

// However many pings come while nothing is read, one pong waits.
TEST_F(WebSocketConnectionTest, PingsOfWhoDoesNotReadCostNothing) {
  for (int i = 0; i < 5000; ++i) wire.to_read += peer.message(Opcode::ping, std::to_string(i));
  wire.to_read += peer.message(Opcode::binary, "end");
  wire.takes = false;
  const auto got = run([this]() -> awaitable<void> {
    auto message = co_await socket.next();
    EXPECT_TRUE(message && message->payload == "end");
    wire.takes = true;
  });
  ASSERT_LE(got.size(), 3U);
  EXPECT_EQ(got[got.size() - 2].payload, "4999");
}

TEST_F(WebSocketConnectionTest, WhatIsNotReadHoldsSendersUp) {
  wire.takes = false;
  std::size_t sent = 0;
  run([this, &sent]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    auto send = [](WebSocketConnection* to, std::size_t* count) -> awaitable<void> {
      while (true) {
        auto done = co_await to->send(Opcode::binary, std::string(10'000, 'x'));
        if (!done) co_return;
        *count += 10'000;
      }
    };
    group.spawn(send(&socket, &sent));
    auto slept = co_await sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(slept);
    EXPECT_LT(sent, 200'000U);
    EXPECT_GT(sent, 0U);
    wire.broken = wire.takes = true;  // and they hear when the other side goes
    co_await group.join();
  });
}

TEST_F(WebSocketConnectionTest, AnswersACloseAndWhatIsNoWebSocket) {
  wire.to_read = peer.close(4000, "bye");
  auto got = run([this]() -> awaitable<void> {
    auto message = co_await socket.next();
    EXPECT_TRUE(message && message->opcode == Opcode::close && message->code == 4000);
  });
  EXPECT_EQ(got.size(), 1U);
}

TEST_F(WebSocketConnectionTest, BreaksOnWhatIsTooLarge) {
  wire.to_read = peer.message(Opcode::binary, std::string((1 << 20) + 1, 'x'));
  const auto got = run([this]() -> awaitable<void> {
    auto message = co_await socket.next();
    EXPECT_TRUE(!message && message.error().code == ErrorCode::invalid_request);
  });
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].code, 1009);
}

TEST_F(WebSocketConnectionTest, AnEndWithoutAClose) {
  wire.ended = true;
  run([this]() -> awaitable<void> {
    auto message = co_await socket.next();
    EXPECT_TRUE(!message && message.error().code == ErrorCode::unreachable);
  });
}

}  // namespace
}  // namespace fairlead::net
