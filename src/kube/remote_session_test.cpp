// Sessions against a server that plays the kubelet's part: it sends back what it is sent, as `cat` would.
#include "kube/remote_session.h"

#include <gmock/gmock.h>

#include <random>

#include "kube/fake_api.h"
#include "net/websocket_connection.h"

namespace fairlead::kube {
namespace {

using net::WebSocketOpcode;
using ::testing::HasSubstr;

constexpr std::string_view kSuccess = R"({"status":"Success"})";

// Gives what it is told, in pieces, and keeps what it gets.
class Streams final : public RemoteStreams {
 public:
  explicit Streams(net::Executor executor) : never_(std::move(executor)) {}
  awaitable<Result<void>> begun(bool input_can_end) override {
    can_end = input_can_end;
    if (refuses) co_return fail(ErrorCode::cancelled, "", "they have gone");
    co_return Result<void>();
  }
  awaitable<Result<RemoteInput>> input() override {
    if (gives.empty()) (void)co_await never_.wait();
    if (gives.empty()) co_return fail(ErrorCode::cancelled, "", "cancelled");
    RemoteInput out = std::move(gives.back());
    gives.pop_back();
    co_return out;
  }
  awaitable<Result<void>> output(bool is_error_output, std::string_view bytes) override {
    (is_error_output ? err : out) += bytes;
    if (slow) (void)co_await net::sleep_for(std::chrono::milliseconds(1));
    if (out.size() >= takes) co_return fail(ErrorCode::cancelled, "", "they have read enough");
    co_return Result<void>();
  }
  awaitable<Result<void>> finished() override {
    has_finished = true;
    co_return Result<void>();
  }
  Duration idle_limit() const override { return idle; }

  std::vector<RemoteInput> gives;  // the next one last
  std::string out, err;
  std::size_t takes = SIZE_MAX;
  bool can_end = false, refuses = false, slow = false, has_finished = false;
  Duration idle = std::chrono::minutes(30);

 private:
  net::Event never_;
};

class RemoteSessionTest : public ::testing::Test {
 public:
  RemoteSessionTest() : streams(loop.executor()) {
    auto listening = net::HttpServer::listen(
        loop.executor(), {}, [this](net::ServerRequest request, net::ResponseWriter& writer) -> net::awaitable<void> {
          return serve(std::move(request), &writer);
        });
    server = std::move(listening.value());
  }

  net::awaitable<void> serve(net::ServerRequest request, net::ResponseWriter* writer) {
    target = request.http.target;
    auto headers = net::accept_websocket(request.http, protocol).value();
    auto stream = co_await writer->upgrade(std::move(headers));
    if (!stream) co_return;
    net::WebSocketConnection socket(loop.executor(), std::move(*stream), "",
                                    net::WebSocketCodec(net::WebSocketRole::server, 1 << 20));
    net::TaskGroup group(loop.executor());
    group.spawn(socket.pump());
    auto played = deaf ? sleep() : echo(&socket);
    co_await std::move(played);
    co_await socket.close(1000, "", Deadline::after(std::chrono::seconds(1)));
    group.cancel_all();
    co_await group.join();
  }
  static net::awaitable<void> sleep() { (void)co_await net::sleep_for(std::chrono::seconds(20)); }

  net::awaitable<void> echo(net::WebSocketConnection* socket) {
    while (true) {
      auto message = co_await socket->next();
      if (!message || message->opcode != WebSocketOpcode::binary) co_return;
      const auto said = read_channel_message(message->payload);
      if (!said) continue;
      if (said->channel == Channel::resize) sizes.emplace_back(said->bytes);
      got += said->channel == Channel::input ? said->bytes : "";
      std::string answer;
      if (said->channel == Channel::input) answer = channel_message(Channel::output, said->bytes);
      const bool ends = (said->channel == Channel::close && ends_input(said->bytes)) || got.size() >= head;
      if (!answer.empty()) {
        auto sent = co_await socket->send(WebSocketOpcode::binary, answer);
        if (!sent) co_return;
      }
      if (!ends) continue;
      const std::string last = channel_message(Channel::status, status);
      auto sent = co_await socket->send(WebSocketOpcode::binary, last);
      (void)sent;
      co_return;
    }
  }

  Result<SessionEnd> run(RemoteSession session, Duration patience = std::chrono::seconds(20)) {
    Connection connection;
    connection.server = {"http", "", "127.0.0.1", server->port(), ""};
    connection.credentials = std::make_shared<testing::FakeCredentials>(1);
    auto client = Client::make(loop.executor(), std::move(connection), {}, "test").value();
    return net::testing::await_on(loop, run_session(*client, std::move(session), streams, Deadline::after(patience)));
  }
  static RemoteSession cat() { return {"shop", "web-0", "app", {"cat"}, true, false}; }

  net::Loop loop;
  Streams streams;
  std::unique_ptr<net::HttpServer> server;
  std::string protocol{kChannelsV5}, target, got, status{kSuccess};
  std::vector<std::string> sizes;
  std::size_t head = SIZE_MAX;  // it ends after so many bytes, as `head -c` does
  bool deaf = false;
};

TEST_F(RemoteSessionTest, InputComesBackAndEnds) {
  streams.gives = {{"", true, {}}, {"two", false, {}}, {"one ", false, {}}};
  const auto end = run(cat());
  ASSERT_TRUE(end) << end.error().sentence();
  EXPECT_EQ(end->exit_code, 0);
  EXPECT_EQ(streams.out, "one two");
  EXPECT_TRUE(streams.can_end && streams.has_finished);
  EXPECT_THAT(target, HasSubstr("exec?command=cat&container=app&stdout=true&stderr=true&stdin=true"));
}

// However it is cut, and however slowly either side reads.
TEST_F(RemoteSessionTest, MuchComesBackUnchanged) {
  std::mt19937 random(7);
  for (const std::string_view spoken : {kChannelsV5, kChannelsV4}) {
    protocol = spoken;
    for (int round = 0; round < 6; ++round) {
      std::string all(1 + random() % (round == 0 ? 10 << 20 : 300'000), '\0');
      for (char& byte : all) byte = static_cast<char>(random());
      streams.out.clear();
      got.clear();
      streams.slow = round % 2 == 1;
      streams.gives.clear();
      for (std::size_t at = 0; at < all.size();) {
        const std::size_t size = std::min<std::size_t>(1 + random() % 90'000, all.size() - at);
        streams.gives.insert(streams.gives.begin(), RemoteInput{all.substr(at, size), false, {}});
        at += size;
      }
      streams.gives.insert(streams.gives.begin(), RemoteInput{"", true, {}});
      head = spoken == kChannelsV4 ? all.size() : SIZE_MAX;
      const auto end = run(cat());
      ASSERT_TRUE(end) << end.error().sentence();
      ASSERT_EQ(end->exit_code, 0);
      ASSERT_TRUE(streams.out == all) << all.size() << " bytes, " << streams.out.size() << " came back";
      EXPECT_EQ(streams.can_end, spoken == kChannelsV5);
    }
  }
}

TEST_F(RemoteSessionTest, ATerminalHasSizes) {
  streams.gives = {{"x", false, {}}, {"", false, TerminalSize{132, 43}}, {"", false, TerminalSize{80, 24}}};
  head = 1;
  status =
      R"({"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"130"}]}})";
  RemoteSession shell{"shop", "web-0", "", {"sh"}, true, true};
  const auto end = run(std::move(shell));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 130);
  EXPECT_EQ(sizes, (std::vector<std::string>{R"({"Width":80,"Height":24})", R"({"Width":132,"Height":43})"}));
  EXPECT_THAT(target, HasSubstr("exec?command=sh&stdout=true&stdin=true&tty=true"));
}

TEST_F(RemoteSessionTest, IdleOnesEnd) {
  streams.idle = std::chrono::milliseconds(200);
  streams.gives = {{"x", false, {}}};
  auto end = run(cat());
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->exit_code);
  EXPECT_THAT(end->why, HasSubstr("no byte came from either side"));
  deaf = true;  // also where it takes no more of what there is
  for (int i = 0; i < 400; ++i) streams.gives.push_back({std::string(64 << 10, 'x'), false, {}});
  end = run(cat());
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->exit_code);
  EXPECT_FALSE(streams.gives.empty());  // it was not asked for what could not be sent
}

TEST_F(RemoteSessionTest, WhoeverLeavesEndsIt) {
  streams.gives = {{"much", false, {}}};
  streams.takes = 1;
  auto end = run(cat());
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->exit_code);
  EXPECT_EQ(end->why, "they have read enough");
  streams.refuses = true;
  end = run(cat());
  ASSERT_TRUE(end);
  EXPECT_EQ(end->why, "they have gone");
}

TEST_F(RemoteSessionTest, WhatIsLostLeavesTheOutcomeOpen) {
  deaf = true;
  auto end = run(cat(), std::chrono::milliseconds(200));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::timeout);
  EXPECT_TRUE(end.error().outcome_unknown);
  deaf = false;
  status = "{";
  streams.gives = {{"", true, {}}};
  end = run(cat());
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, ErrorCode::server_error);
  EXPECT_TRUE(end.error().outcome_unknown);
}

}  // namespace
}  // namespace fairlead::kube
