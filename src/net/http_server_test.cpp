#include "net/http_server.h"

#include <gtest/gtest.h>

#include <array>

#include "net/test_rig.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::await_on;
using testing::client_context;
using testing::connect_to_loopback;
using testing::HttpRig;
using testing::receive_all;
using testing::receive_until;
using testing::Reply;
using testing::send_text;
using testing::server_context;
using testing::Stopwatch;

class HttpServerTest : public HttpRig {
 protected:
  // Lets a plain client, in a thread, talk to the server and answers what it made of it.
  template <class Body>
  auto talk(Body body) {
    using Answer = decltype(body(0));
    std::optional<Answer> answer;
    std::thread thread([&] {
      int socket = connect_to_loopback(server->port());
      answer = body(socket);
      ::close(socket);
      loop.stop();
    });
    loop.run();
    thread.join();
    return *answer;
  }

  std::string say(std::string text) {
    return talk([&](int socket) {
      send_text(socket, text);
      return receive_all(socket);
    });
  }
};

awaitable<void> echo_target(ServerRequest request, ResponseWriter& writer) {
  std::vector<HttpHeader> headers;
  co_await writer.send(200, std::move(headers),
                       request.http.method + " " + request.http.target + " " + request.http.body + "\n");
}

std::string answered(std::string body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
  serve([](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
    if (request.http.target == "/1") co_await sleep_for(milliseconds(30));
    co_await echo_target(std::move(request), writer);
  });
  const std::string last = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 8\r\n\r\nGET /3 \n";
  EXPECT_EQ(say("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyGET /3 "
                "HTTP/1.1\r\nConnection: close\r\n\r\n"),
            answered("GET /1 \n") + answered("POST /2 body\n") + last);
  std::string many, expected;
  for (int i = 0; i < 3000; ++i) {
    many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    expected += answered("GET /" + std::to_string(i) + " \n");
  }
  EXPECT_EQ(say(many + "GET /3 HTTP/1.1\r\nConnection: close\r\n\r\n"), expected + last);
}

TEST_F(HttpServerTest, QuickAnswersReachAClientThatClosedItsSendingSide) {
  serve([](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
    co_await sleep_for(milliseconds(10));
    co_await echo_target(std::move(request), writer);
  });
  EXPECT_EQ(talk([](int socket) {
              send_text(socket, "GET /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\n\r\n");
              ::shutdown(socket, SHUT_WR);
              return receive_all(socket);
            }),
            answered("GET /x \n") + answered("GET /y \n"));
}

TEST_F(HttpServerTest, StreamedAndEmptyAnswers) {
  serve([](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
    std::vector<HttpHeader> headers{{"X-Note", "two\r\nlines"}};
    if (request.http.target == "/none") co_return;
    if (request.http.target == "/204") {
      co_await writer.send(204, std::move(headers), std::string());
      co_return;
    }
    auto early = co_await writer.write("too early");
    auto started = co_await writer.start(200, std::move(headers));
    std::vector<HttpHeader> none;
    auto again = co_await writer.start(200, none);
    auto sent = co_await writer.send(200, none, std::string());
    EXPECT_TRUE(!early && started && !again && !sent);
    auto first = co_await writer.write("hello");
    auto empty = co_await writer.write("");
    auto second = co_await writer.write(" world, here is more");
    EXPECT_TRUE(first && empty && second);
    auto finished = co_await writer.finish();
    auto twice = co_await writer.finish();
    auto late = co_await writer.write("too late");
    EXPECT_TRUE(finished && !twice && !late);
  });
  const std::string rest = "X-Note: two  lines\r\nConnection: close\r\n";
  EXPECT_EQ(say("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n" + rest +
                "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n14\r\n world, here is more\r\n0\r\n\r\n");
  EXPECT_EQ(say("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n" + rest + "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(say("GET /204 HTTP/1.1\r\nConnection: close\r\n\r\n"), "HTTP/1.1 204 No Content\r\n" + rest + "\r\n");
  EXPECT_EQ(say("GET /none HTTP/1.1\r\nConnection: close\r\n\r\n"),
            "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

TEST_F(HttpServerTest, LargeBodiesAreRefused) {
  HttpServerOptions options;
  options.body_bytes = 1000;
  serve(std::move(options), echo_target);
  const std::string refusal =
      "HTTP/1.1 413 Payload Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: "
      "close\r\nContent-Length: 22\r\n\r\nits body is too large\n";
  const auto read_refusal = [&](std::string text) {
    return talk([&](int socket) {
      send_text(socket, text);
      return testing::receive_exactly(socket, refusal.size());
    });
  };
  EXPECT_EQ(read_refusal("POST / HTTP/1.1\r\nContent-Length: 20000000\r\n\r\n" + std::string(20'000'000, 'x')),
            refusal);
  EXPECT_EQ(read_refusal("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x')),
            refusal);
  EXPECT_EQ(read_refusal("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n"), refusal);
  client_of(server->port());
  HttpRequest request = testing::get();
  request.method = "POST";
  request.body = std::string(20'000'000, 'x');
  Reply reply = ask(request);
  ASSERT_TRUE(reply.head) << problem(reply);
  EXPECT_EQ(reply.head->status, 413);
}

TEST_F(HttpServerTest, WhatCannotBeReadIsRefusedInTheServersOwnWords) {
  HttpServerOptions options;
  options.body_bytes = 1000;
  options.head_bytes = 20'000;
  options.refusal = [](int status, const std::string& cause) {
    return Content{"application/json", std::to_string(status) + ": " + cause};
  };
  serve(std::move(options), echo_target);
  const auto refused = [&](const std::string& text, const std::string& line, const std::string& body) {
    const std::string refusal = "HTTP/1.1 " + line + "\r\nContent-Type: application/json\r\nConnection: close\r\n" +
                                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    EXPECT_EQ(talk([&](int socket) {
                send_text(socket, text);
                return testing::receive_exactly(socket, refusal.size());
              }),
              refusal);
  };
  refused("POST / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'x'), "413 Payload Too Large",
          "413: its body is too large");
  refused("GET / HTTP/1.1\r\nA: " + std::string(60'000, 'x'), "431 Request Header Fields Too Large",
          "431: its head is too large");
  refused("GET /" + std::string(60'000, 'x'), "431 Request Header Fields Too Large", "431: its head is too large");
  refused("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented",
          "501: its transfer coding is none that is known here");
  refused("nonsense\r\n\r\n", "400 Bad Request", "400: bad method");
}

TEST_F(HttpServerTest, BadRequestsAreRefused) {
  HttpServerOptions options;
  options.head_bytes = 20'000;
  serve(std::move(options), echo_target);
  const auto status = [&](std::string text) {
    return talk([&](int socket) {
      send_text(socket, text);
      return testing::receive_until(socket, "\r\n");
    });
  };
  const std::string refusal = "HTTP/1.1 400 Bad Request\r\n";
  EXPECT_EQ(status("GET /a b HTTP/1.1\r\n\r\n"), refusal);
  EXPECT_EQ(status("\x16\x03\x01\x02"), refusal);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), refusal);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: " + std::string(30'000, 'x')),
            "HTTP/1.1 431 Request Header Fields Too Large\r\n");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nA: " + std::string(18'000, 'x') + "\r\n\r\n"), "HTTP/1.1 200 OK\r\n");
}

TEST_F(HttpServerTest, SlowAndIdleClientsAreCut) {
  HttpServerOptions options;
  options.head_timeout = milliseconds(100);
  options.idle_timeout = milliseconds(150);
  serve(std::move(options), echo_target);
  Stopwatch watch;
  EXPECT_EQ(say("GET / HTTP/1.1\r\nHo"), "");
  EXPECT_EQ(say(""), "");
  EXPECT_EQ(say("GET / HTTP/1.1\r\n\r\n"), answered("GET / \n"));
  EXPECT_EQ(say("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nfive"), "");
  EXPECT_TRUE(watch.under(seconds(10)));

  HttpServerOptions secure;
  secure.head_timeout = milliseconds(100);
  secure.tls = server_context(authority.issue({}));
  serve(std::move(secure), echo_target);
  EXPECT_EQ(say(""), "");  // no handshake
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST_F(HttpServerTest, OneSenderHasSoManyConnections) {
  HttpServerOptions options;
  options.connections_per_address = 3;
  serve(std::move(options), echo_target);
  // 0: it was closed.
  const auto length_of_answer = [](int socket) {
    send_text(socket, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    return receive_all(socket).size();
  };
  const auto beside_others = [&](int others) {
    return talk([&](int socket) {
      std::vector<int> more;
      for (int i = 0; i < others; ++i) more.push_back(connect_to_loopback(server->port()));
      const int last = connect_to_loopback(server->port());
      std::array<std::size_t, 2> out{length_of_answer(last), length_of_answer(socket)};
      ::close(last);
      for (int one : more) ::close(one);
      return out;
    });
  };
  for (int round = 0; round < 3; ++round) {
    const auto [last_of_three, first] = beside_others(1);
    EXPECT_GT(last_of_three, 0u);
    EXPECT_GT(first, 0u);
    const auto [last_of_four, still_first] = beside_others(2);
    EXPECT_EQ(last_of_four, 0u);
    EXPECT_GT(still_first, 0u) << "who is there already stays";
  }
  HttpServerOptions local;
  local.connections_per_address = 1;
  local.limits_loopback = false;
  serve(std::move(local), echo_target);
  EXPECT_GT(beside_others(5)[0], 0u);
}

TEST_F(HttpServerTest, ExpectationsAreMet) {
  serve(echo_target);
  auto seen = talk([](int socket) {
    send_text(socket, "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
    std::string first = testing::receive_head(socket);
    send_text(socket, "body");
    return std::pair(first, receive_all(socket));
  });
  EXPECT_EQ(seen.first, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_TRUE(seen.second.ends_with("\r\n\r\nPUT / body\n"));
}

// What a handler saw of its client's leaving.
struct Leaving {
  explicit Leaving(Executor executor) : begun(executor), noticed(executor) {}
  Event begun, noticed;
  bool gone = false;
  std::optional<Result<void>> slept;
  std::size_t written = 0;
};

TEST_F(HttpServerTest, AClientThatLeavesInTheMiddleOfAStreamIsNoticed) {
  for (bool secure : {false, true}) {
    Leaving leaving(loop.executor());
    serve(
        [&](ServerRequest, ResponseWriter& writer) -> awaitable<void> {
          co_await writer.start(200, std::vector<HttpHeader>());
          while (!writer.gone()) co_await writer.write(std::string_view("some more of it\n"));
          leaving.gone = true;
          auto written = co_await writer.write("into the void");
          EXPECT_FALSE(written);
          leaving.noticed.set();
        },
        secure ? server_context(authority.issue({})) : nullptr);
    client_of(server->port(), secure ? client_context(authority.certificate_pem()) : nullptr);
    struct Enough final : BodySink {
      Result<void> on_head(const HttpHead&) override { return {}; }
      Result<Flow> on_body(std::string_view) override { return Flow::enough; }
    } sink;
    EXPECT_TRUE(await_on(loop, client->exchange(testing::get(), sink, testing::patience())));
    EXPECT_TRUE(await_on(loop, leaving.noticed.wait(testing::patience())));
    EXPECT_TRUE(leaving.gone);
  }
}

TEST_F(HttpServerTest, AHandlerThatWaitsIsCancelledWhenItsClientLeaves) {
  Leaving leaving(loop.executor());
  serve([&](ServerRequest, ResponseWriter& writer) -> awaitable<void> {
    leaving.begun.set();
    leaving.slept = co_await sleep_for(seconds(60));
    leaving.gone = writer.gone();
    leaving.noticed.set();
  });
  Stopwatch watch;
  std::thread thread([&] {
    int socket = connect_to_loopback(server->port());
    send_text(socket, "GET / HTTP/1.1\r\n\r\n");
    ::usleep(20'000);
    ::close(socket);
  });
  EXPECT_TRUE(await_on(loop, leaving.noticed.wait(testing::patience())));
  thread.join();
  EXPECT_TRUE(leaving.gone);
  ASSERT_TRUE(leaving.slept && !*leaving.slept);
  EXPECT_EQ(leaving.slept->error().code, ErrorCode::cancelled);
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST_F(HttpServerTest, AClientThatDoesNotReadHoldsTheHandlerBack) {
  Leaving leaving(loop.executor());
  serve([&](ServerRequest, ResponseWriter& writer) -> awaitable<void> {
    co_await writer.start(200, std::vector<HttpHeader>());
    const std::string block(64 << 10, 'x');
    while (!writer.gone()) {
      auto written = co_await writer.write(block);
      if (written) leaving.written += block.size();
    }
    leaving.noticed.set();
  });
  int socket = connect_to_loopback(server->port());
  send_text(socket, "GET / HTTP/1.1\r\n\r\n");
  std::size_t before = 1;
  while (before != leaving.written) {  // until it stands still
    before = leaving.written;
    await_on(loop, sleep_for(milliseconds(100)));
  }
  EXPECT_GT(leaving.written, 0u);
  EXPECT_LT(leaving.written, 64u << 20);
  ::close(socket);
  EXPECT_TRUE(await_on(loop, leaving.noticed.wait(testing::patience())));
}

TEST_F(HttpServerTest, ClosingEndsEverything) {
  Leaving leaving(loop.executor());
  serve([&](ServerRequest, ResponseWriter&) -> awaitable<void> {
    leaving.begun.set();
    leaving.slept = co_await sleep_for(seconds(60));
    leaving.noticed.set();
  });
  const std::uint16_t port = server->port();
  int socket = connect_to_loopback(port);
  send_text(socket, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(await_on(loop, leaving.begun.wait(testing::patience())));
  server->close();
  EXPECT_EQ(server->port(), port);
  server.reset();
  loop.run();  // it has nothing left to do
  EXPECT_TRUE(leaving.slept && !*leaving.slept);
  EXPECT_EQ(testing::receive(socket, 10), "");
  ::close(socket);
  EXPECT_THROW(connect_to_loopback(port), std::runtime_error);
}

TEST_F(HttpServerTest, TooManyConnectionsAreClosed) {
  HttpServerOptions options;
  options.connections = 2;
  serve(std::move(options), echo_target);
  std::vector<int> sockets;
  auto answer = talk([&](int socket) {
    for (int i = 0; i < 2; ++i) {
      sockets.push_back(connect_to_loopback(server->port()));
      send_text(sockets.back(), "GET / HTTP/1.1\r\n\r\n");
    }
    send_text(socket, "GET / HTTP/1.1\r\n\r\n");
    std::vector<std::string> out{receive_until(socket, "\n")};
    for (int other : sockets) out.push_back(receive_until(other, "\n"));
    return out;
  });
  EXPECT_EQ(answer, (std::vector<std::string>{"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n", ""}));
  for (int socket : sockets) ::close(socket);
}

TEST_F(HttpServerTest, SaysWhyItCannotListen) {
  serve(echo_target);
  HttpServerOptions taken;
  taken.port = server->port();
  auto second = HttpServer::listen(loop.executor(), std::move(taken), echo_target);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().sentence(), "listen on 127.0.0.1:" + std::to_string(server->port()) +
                                           ": Address already in use. Choose another port, or 0 for one that is free.");
  HttpServerOptions named;
  named.address = "localhost";
  auto other = HttpServer::listen(loop.executor(), std::move(named), echo_target);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::invalid_request);
}

TEST_F(HttpServerTest, AnUpgradeHandsOverTheConnection) {
  serve([](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
    if (request.http.target == "/slow") co_await sleep_for(milliseconds(30));
    std::vector<HttpHeader> headers{{"Upgrade", "echo"}, {"Connection", "Upgrade"}};
    auto stream = co_await writer.upgrade(std::move(headers));
    if (!stream) co_return;
    std::array<char, 100> bytes;
    while (true) {
      auto count = co_await (*stream)->read_some(bytes);
      if (!count || *count == 0) break;
      auto written = co_await (*stream)->write(std::string_view(bytes.data(), *count));
      if (!written || std::string_view(bytes.data(), *count).ends_with('.')) break;
    }
  });
  const std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n";
  // What comes with the request, before its answer and after it, in this order; then the server closes.
  for (std::string target : {"/", "/slow"}) {
    std::string got = talk([&](int socket) {
      send_text(socket, "GET " + target + " HTTP/1.1\r\nConnection: Upgrade\r\n\r\none ");
      std::this_thread::sleep_for(milliseconds(10));
      send_text(socket, "two ");
      std::string first = receive_until(socket, "two ");
      send_text(socket, "three.");
      return first + receive_all(socket);
    });
    EXPECT_EQ(got, head + "one two three.");
  }
}

TEST_F(HttpServerTest, AnUpgradeComesBeforeAnyAnswer) {
  serve([](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
    co_await echo_target(std::move(request), writer);
    std::vector<HttpHeader> headers;
    auto stream = co_await writer.upgrade(std::move(headers));
    EXPECT_FALSE(stream);
  });
  EXPECT_EQ(say("GET / HTTP/1.1\r\n\r\n"), answered("GET / \n"));
}

}  // namespace
}  // namespace fairlead::net
