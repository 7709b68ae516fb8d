#include "net/http_client.h"

#include <gtest/gtest.h>

#include <fstream>

#include "net/test_rig.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::await_on;
using testing::client_context;
using testing::CollectingSink;
using testing::fetch;
using testing::get;
using testing::HttpRig;
using testing::patience;
using testing::RawServer;
using testing::Reply;
using testing::server_context;
using testing::Stopwatch;

class HttpClientTest : public HttpRig {};

// Tells what it was asked.
awaitable<void> echo(ServerRequest request, ResponseWriter& writer) {
  std::string text = request.http.method + " " + request.http.target + "\n";
  for (const auto& header : request.http.headers) text += header.name + ": " + header.value + "\n";
  text += "\n" + request.http.body;
  std::vector<HttpHeader> headers{{"Content-Type", "text/plain"}, {"X-Peer", request.peer.common_name}};
  co_await writer.send(200, std::move(headers), std::move(text));
}

HttpRequest request_of(std::string method, std::string target, std::vector<HttpHeader> headers, std::string body) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = std::move(headers);
  request.body = std::move(body);
  return request;
}

TEST_F(HttpClientTest, AsksAndIsAnswered) {
  for (bool secure : {false, true}) {
    serve(echo, secure ? server_context(authority.issue({})) : nullptr);
    client_of(server->port(), secure ? client_context(authority.certificate_pem()) : nullptr);
    const std::string host = (secure ? "localhost:" : "127.0.0.1:") + std::to_string(server->port());
    Reply reply = ask(request_of("PATCH", "/a/b%20c?d=e", {{"Accept", "application/json"}}, "{}"));
    ASSERT_TRUE(reply.head) << problem(reply);
    EXPECT_EQ(reply.head->status, 200);
    EXPECT_EQ(reply.head->header("content-type"), "text/plain");
    EXPECT_EQ(reply.body, "PATCH /a/b%20c?d=e\nHost: " + host + "\nAccept: application/json\nContent-Length: 2\n\n{}");
    EXPECT_EQ(ask("/x").body, "GET /x\nHost: " + host + "\n\n");
    EXPECT_EQ(ask(request_of("POST", "/", {}, "")).body, "POST /\nHost: " + host + "\nContent-Length: 0\n\n");
    Reply head = ask(request_of("HEAD", "/", {}, ""));
    ASSERT_TRUE(head.head);
    EXPECT_EQ(head.body, "");
    std::string large(3'000'000, 'x');
    Reply big = ask(request_of("PUT", "/", {}, large));
    EXPECT_TRUE(big.body.ends_with("\n\n" + large));
  }
}

TEST_F(HttpClientTest, FindsAHostByItsName) {
  serve(echo);
  HttpOrigin origin;
  origin.host = "localhost";
  origin.port = server->port();
  client_of(std::move(origin));
  Reply reply = ask();
  EXPECT_TRUE(reply.head) << problem(reply);
}

TEST_F(HttpClientTest, ShowsItsCertificate) {
  serve(echo, server_context(authority.issue({}), authority.certificate_pem()));
  testing::CertificateWish wish;
  wish.common_name = "jane";
  client_of(server->port(), client_context(authority.certificate_pem(), "localhost", authority.issue(wish)));
  EXPECT_EQ(ask().head->header("X-Peer"), "jane");
  // A renewed certificate is used at once, although a connection with the old one is idle.
  wish.common_name = "joan";
  client->set_tls(client_context(authority.certificate_pem(), "localhost", authority.issue(wish)));
  EXPECT_EQ(ask().head->header("X-Peer"), "joan");
}

void answer_forever(int socket, std::string answer) {
  while (testing::receive_head(socket).ends_with("\r\n\r\n")) testing::send_text(socket, answer);
}

TEST_F(HttpClientTest, KeepsConnectionsAlive) {
  RawServer raw([](int socket) { answer_forever(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); });
  client_of(raw.port());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask().body, "ok");
  EXPECT_EQ(raw.connections(), 1);
  client->close_idle();
  EXPECT_EQ(ask().body, "ok");
  EXPECT_EQ(raw.connections(), 2);
}

TEST_F(HttpClientTest, DoesNotKeepWhatMayNotBeKept) {
  struct Case {
    std::string answer, body;
  };
  for (const Case& c : {Case{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "ok"},
                        Case{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
                        Case{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than was promised", "ok"}}) {
    RawServer raw([&](int socket) { answer_forever(socket, c.answer); });
    client_of(raw.port());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().body, c.body);
    EXPECT_EQ(raw.connections(), 3) << c.answer;
  }
  RawServer until_close([](int socket) {
    testing::receive_head(socket);
    testing::send_text(socket, "HTTP/1.1 200 OK\r\n\r\nall of it");
  });
  client_of(until_close.port());
  EXPECT_EQ(ask().body, "all of it");
}

TEST_F(HttpClientTest, ForgetsIdleConnectionsInTime) {
  RawServer raw([](int socket) { answer_forever(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"); });
  HttpLimits limits;
  limits.idle_keep = seconds(0);
  client_of(raw.port(), nullptr, limits);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask().body, "ok");
  EXPECT_EQ(raw.connections(), 3);
}

TEST_F(HttpClientTest, ClosedIdleConnectionsAreNotUsed) {
  RawServer raw([](int socket) {
    testing::receive_head(socket);
    testing::send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");  // and closes, without a word
  });
  client_of(raw.port());
  for (int i = 0; i < 3; ++i) {
    Reply reply = ask(request_of("PATCH", "/", {}, "x"));
    EXPECT_TRUE(reply.head) << problem(reply);
    await_on(loop, sleep_for(milliseconds(100)));  // until the end of the connection has arrived
  }
  EXPECT_EQ(raw.connections(), 3);
}

TEST_F(HttpClientTest, AStaleConnectionIsTriedAgainForReadsOnly) {
  // Each connection answers once and is closed when the second request has arrived.
  RawServer raw([](int socket) {
    testing::receive_head(socket);
    testing::send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    testing::receive_head(socket);
  });
  client_of(raw.port());
  EXPECT_EQ(ask().body, "ok");
  Reply again = ask();
  EXPECT_EQ(again.body, "ok") << problem(again);
  EXPECT_EQ(raw.connections(), 2);
  Reply write = ask(request_of("PATCH", "/api/v1/x?dryRun=All", {}, ""));
  EXPECT_EQ(problem(write),
            "unreachable: PATCH /api/v1/x: the connection was closed without an answer. It is not known whether the "
            "change was made: look at the "
            "object before you repeat it.");
  EXPECT_EQ(raw.connections(), 2);
}

TEST_F(HttpClientTest, AFreshConnectionThatIsClosedIsAnError) {
  RawServer raw([](int socket) { testing::receive_head(socket); });
  client_of(raw.port());
  EXPECT_EQ(problem(ask("/api?limit=5")),
            "unreachable: GET /api: the connection was closed without an answer. Try again; if it stays so, look at "
            "the server and at proxies on the way.");
  EXPECT_EQ(raw.connections(), 1);
}

TEST_F(HttpClientTest, RefusesToSendWhatWouldBeAnotherRequest) {
  serve(echo);
  client_of(server->port());
  for (const HttpRequest& bad : {
           request_of("GET", "/a\r\nX: y", {}, ""),
           request_of("GET", "/a b", {}, ""),
           request_of("GET", "/a\tb", {}, ""),
           request_of("GET", "", {}, ""),
           request_of("GET / HTTP/1.1\r\nX:", "/", {}, ""),
           request_of("GET /x", "/", {}, ""),
           request_of("GET", "/", {{"A\r\nB", "c"}}, ""),
           request_of("GET", "/", {{"A: b", "c"}}, ""),
           request_of("GET", "/", {{"Authorization", "Bearer SECRET\r\nX: y"}}, ""),
           request_of("GET", "/", {{"A", std::string("b\0c", 3)}}, ""),
       }) {
    Reply reply = ask(bad);
    ASSERT_FALSE(reply.head);
    EXPECT_EQ(
        problem(reply),
        "invalid_request: build the request: a line break, a blank or another character stands where it may not.");
  }
}

struct Judge final : BodySink {
  explicit Judge(Result<Flow> v) : verdict(std::move(v)) {}
  Result<void> on_head(const HttpHead& head) override {
    status = head.status;
    return {};
  }
  Result<Flow> on_body(std::string_view bytes) override {
    seen += bytes.size();
    return verdict;
  }
  Result<Flow> verdict;
  int status = 0;
  std::size_t seen = 0;
};

// Streams until the client has had enough.
awaitable<void> pour(ServerRequest request, ResponseWriter& writer) {
  co_await writer.start(200, std::vector<HttpHeader>());
  const std::string block(32 << 10, 'p');
  const std::size_t blocks = request.http.target == "/" ? 1'000'000 : std::stoul(request.http.target.substr(1));
  for (std::size_t i = 0; i < blocks && !writer.gone(); ++i) co_await writer.write(block);
  co_await writer.finish();
}

TEST_F(HttpClientTest, TheSinkMayHaveEnoughOrFail) {
  serve(pour, server_context(authority.issue({})));
  client_of(server->port(), client_context(authority.certificate_pem()));
  Judge content{Flow::enough};
  auto head = await_on(loop, client->exchange(get(), content, patience()));
  ASSERT_TRUE(head) << head.error().sentence();
  EXPECT_EQ(head->status, 200);
  EXPECT_LE(content.seen, 64u << 10);
  Judge unhappy{fail(ErrorCode::conflict, "judge", "no")};
  auto failed = await_on(loop, client->exchange(get(), unhappy, patience()));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().sentence(), "judge: no.");
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct Meter final : BodySink {
  Result<void> on_head(const HttpHead&) override {
    base = resident_bytes();
    return {};
  }
  Result<Flow> on_body(std::string_view bytes) override {
    total += bytes.size();
    if (++calls % 100 == 0) peak = std::max(peak, resident_bytes());
    return Flow::more;
  }
  std::size_t base = 0, peak = 0, total = 0, calls = 0;
};

TEST_F(HttpClientTest, StreamsThroughTlsInBoundedMemory) {
  serve(pour, server_context(authority.issue({})));
  client_of(server->port(), client_context(authority.certificate_pem()));
  ask("/100");
  Meter meter;
  auto head = await_on(loop, client->exchange(get("/1920"), meter, patience()));  // 60 MiB
  ASSERT_TRUE(head) << head.error().sentence();
  EXPECT_EQ(meter.total, 60u << 20);
#ifndef __SANITIZE_ADDRESS__
  EXPECT_LT(meter.peak, meter.base + (4 << 20));
#endif
}

TEST_F(HttpClientTest, ManyExchangesAtOnce) {
  serve(echo, server_context(authority.issue({})));
  client_of(server->port(), client_context(authority.certificate_pem()));
  for (int round = 0; round < 2; ++round) {
    std::vector<awaitable<Reply>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(fetch(client.get(), get("/" + std::to_string(i))));
    auto replies = await_on(loop, gather(std::move(tasks)));
    for (int i = 0; i < 100; ++i) {
      const Reply& reply = replies[static_cast<std::size_t>(i)];
      ASSERT_TRUE(reply.head) << problem(reply);
      EXPECT_TRUE(reply.body.starts_with("GET /" + std::to_string(i) + "\n"));
    }
  }
}

awaitable<void> fetch_into(HttpClient* http, Result<HttpHead>* out) {
  CollectingSink sink;
  *out = co_await http->exchange(get(), sink, patience());
}

// Cancels an exchange after a while and answers how it ended.
awaitable<Result<HttpHead>> cancel_soon(Executor executor, HttpClient* http) {
  Result<HttpHead> result = fail(Error{});
  TaskGroup group(executor);
  auto id = group.spawn(fetch_into(http, &result));
  co_await sleep_for(milliseconds(50));
  group.cancel(id);
  co_await group.join();
  co_return result;
}

TEST_F(HttpClientTest, CancellationEndsAnExchangeAnywhere) {
  RawServer silent([](int socket) { testing::receive_all(socket); });
  RawServer half([](int socket) {
    testing::receive_head(socket);
    testing::send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    testing::receive_all(socket);
  });
  serve(
      [](ServerRequest, ResponseWriter& writer) -> awaitable<void> {
        co_await writer.start(200, std::vector<HttpHeader>());
        co_await writer.write("half");
        co_await sleep_for(seconds(60));
      },
      server_context(authority.issue({})));
  auto tls = client_context(authority.certificate_pem());
  Stopwatch watch;
  for (auto [port, context] :
       {std::pair{silent.port(), tls}, {silent.port(), nullptr}, {half.port(), nullptr}, {server->port(), tls}}) {
    client_of(port, context);
    auto ended = await_on(loop, cancel_soon(loop.executor(), client.get()));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::cancelled);
  }
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST_F(HttpClientTest, MayBeDestroyedDuringAnExchange) {
  RawServer slow([](int socket) {
    testing::receive_head(socket);
    ::usleep(50'000);
    testing::send_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  });
  client_of(slow.port());
  Result<HttpHead> result = fail(Error{});
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    group.spawn(fetch_into(client.get(), &result));
    co_await sleep_for(milliseconds(10));
    client.reset();
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_TRUE(result);
}

}  // namespace
}  // namespace fairlead::net
