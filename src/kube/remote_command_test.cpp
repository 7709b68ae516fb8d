// Commands in containers, against a server that plays the kubelet's part frame by frame.
#include "kube/remote_command.h"

#include <gmock/gmock.h>

#include "kube/fake_api.h"
#include "net/websocket.h"

namespace fairlead::kube {
namespace {

using net::WebSocketCodec;
using net::WebSocketOpcode;
using net::WebSocketRole;
using ::testing::HasSubstr;

const std::string kSuccess = R"({"kind":"Status","status":"Success"})";

class RemoteCommandTest : public ::testing::Test {
 public:
  RemoteCommandTest() {
    auto listening = net::HttpServer::listen(
        loop.executor(), {}, [this](net::ServerRequest request, net::ResponseWriter& writer) -> net::awaitable<void> {
          return serve(std::move(request), &writer);
        });
    server = std::move(listening.value());
  }

  net::awaitable<void> serve(net::ServerRequest request, net::ResponseWriter* writer) {
    targets.push_back(request.http.target);
    authorization = std::string(request.http.header("Authorization"));
    if (refuse != 0) {
      const std::string body = R"({"kind":"Status","status":"Failure","reason":"Forbidden","message":"no","code":)" +
                               std::to_string(refuse) + "}";
      net::HttpHeader type{"Content-Type", "application/json"};
      std::vector<net::HttpHeader> headers{type};
      co_await writer->send(refuse, std::move(headers), body);
      co_return;
    }
    auto headers = net::accept_websocket(request.http, protocol).value();
    if (wrong_key) headers[2].value = net::websocket_accept("another");
    auto stream = co_await writer->upgrade(std::move(headers));
    if (!stream) co_return;
    auto sent = co_await (*stream)->write(frames);
    if (!sent || cut) co_return;
    std::string buffer(4096, '\0');
    std::span<char> space(buffer);
    while (true) {  // until the client goes
      auto count = co_await (*stream)->read_some(space);
      if (!count || *count == 0) co_return;
      received.append(buffer.data(), *count);
    }
  }

  RemoteCommandTest& say(int channel, std::string_view bytes) {
    frames += codec.message(WebSocketOpcode::binary, std::string(1, static_cast<char>(channel)) + std::string(bytes));
    return *this;
  }
  Result<CommandOutcome> run(std::vector<std::string> words = {"ls", "-l"}, Duration patience = std::chrono::seconds(5),
                             std::size_t most = 100) {
    Connection connection;
    connection.server = {"http", "", "127.0.0.1", server->port(), ""};
    connection.credentials = std::make_shared<testing::FakeCredentials>(1);
    auto client = Client::make(loop.executor(), std::move(connection), {}, "test").value();
    RemoteCommand command{"shop", "web-0", "app", std::move(words), most};
    return net::testing::await_on(loop, run_command(*client, std::move(command), Deadline::after(patience)));
  }

  net::Loop loop;
  std::unique_ptr<net::HttpServer> server;
  WebSocketCodec codec{WebSocketRole::server, 1 << 20};
  std::string frames, protocol = "v4.channel.k8s.io", authorization, received;
  std::vector<std::string> targets;
  int refuse = 0;
  bool cut = false, wrong_key = false;
};

TEST_F(RemoteCommandTest, OutputAndExitCode) {
  say(1, "").say(1, "one\n").say(2, "oops\n").say(1, "two\n").say(3, kSuccess);
  const auto outcome = run({"sh", "-c", "echo a&b; rm -rf /tmp/ü"});
  ASSERT_TRUE(outcome) << outcome.error().sentence();
  EXPECT_EQ(outcome->exit_code, 0);
  EXPECT_EQ(outcome->out.text, "one\ntwo\n");
  EXPECT_EQ(outcome->err.text, "oops\n");
  EXPECT_EQ(targets.at(0),
            "/api/v1/namespaces/shop/pods/web-0/exec?command=sh&command=-c&command=echo%20a%26b%3B%20rm%20-rf%20%2Ftmp"
            "%2F%C3%BC&container=app&stdout=true&stderr=true");
  EXPECT_EQ(authorization, "Bearer secret-token-0");
}

TEST_F(RemoteCommandTest, ACommandThatFailsIsAnOutcome) {
  say(3,
      R"({"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}})");
  const auto outcome = run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->exit_code, 7);
}

TEST_F(RemoteCommandTest, KeepsTheBeginningAndCountsTheRest) {
  frames += codec.message(WebSocketOpcode::ping, "x");
  say(1, std::string(80, 'a')).say(1, std::string(80, 'b')).say(9, "later").say(3, kSuccess);
  const auto outcome = run();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out.text, std::string(80, 'a') + std::string(20, 'b'));
  EXPECT_EQ(outcome->out.bytes, 160U);
  EXPECT_FALSE(received.empty());  // the pong
}

TEST_F(RemoteCommandTest, WhatTheServerRefuses) {
  refuse = 403;
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(outcome.error().remedy.find(net::kUnknownOutcome), std::string::npos);
  refuse = 200;
  EXPECT_EQ(run().error().code, ErrorCode::server_error);
}

TEST_F(RemoteCommandTest, AStaleTokenIsFetchedAnew) {
  refuse = 401;
  EXPECT_EQ(run().error().code, ErrorCode::authentication_failed);
  EXPECT_EQ(targets.size(), 2U);
  EXPECT_EQ(authorization, "Bearer secret-token-1");
}

TEST_F(RemoteCommandTest, ACommandThatCouldNotBeRun) {
  say(3,
      R"({"kind":"Status","status":"Failure","reason":"InternalError","message":"exec: \"nope\": not found","code":500})");
  const auto outcome = run();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().sentence(), HasSubstr("the command could not be run. Check that the program exists"));
  EXPECT_THAT(outcome.error().foreign, HasSubstr("nope"));
}

// Each leaves open what the command has done.
TEST_F(RemoteCommandTest, WhatIsLostOnTheWay) {
  const auto lost = [this](ErrorCode code) {
    const auto outcome = run({"ls"}, std::chrono::milliseconds(300));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, code) << outcome.error().sentence();
    EXPECT_EQ(outcome.error().remedy, net::kUnknownOutcome);
    frames.clear();
  };
  say(1, "begun");
  lost(ErrorCode::timeout);
  say(1, "begun");
  frames += codec.close(1000);
  lost(ErrorCode::unreachable);
  say(3, "{");
  lost(ErrorCode::server_error);
  frames = "\xff\xff nonsense";
  lost(ErrorCode::server_error);
  cut = true;
  say(1, "begun");
  lost(ErrorCode::unreachable);
  wrong_key = true;
  lost(ErrorCode::server_error);
  wrong_key = false;
  protocol = "v9.channel.k8s.io";
  lost(ErrorCode::server_error);
}

}  // namespace
}  // namespace fairlead::kube
