// The client against servers that are down, mute, hostile or something else altogether.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/http_client.h"
#include "net/test_rig.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::CertificateWish;
using testing::client_context;
using testing::HttpRig;
using testing::RawServer;
using testing::receive_all;
using testing::receive_head;
using testing::Reply;
using testing::send_text;
using testing::server_context;
using testing::Stopwatch;

Deadline soon() { return Deadline::after(milliseconds(200)); }

class HttpClientFaults : public HttpRig {
 protected:
  std::shared_ptr<const TlsContext> trusting() { return client_context(authority.certificate_pem()); }

  // A plain-HTTP exchange with a server that answers with these bytes and closes.
  std::string told(std::string answer) {
    RawServer raw([&](int socket) {
      receive_head(socket);
      send_text(socket, answer);
    });
    client_of(raw.port());
    return problem(ask("/api"));
  }
};

TEST_F(HttpClientFaults, NobodyListens) {
  const std::uint16_t port = testing::unused_port();
  client_of(port);
  EXPECT_EQ(problem(ask()),
            "unreachable: connect to 127.0.0.1:" + std::to_string(port) +
                ": Connection refused. Check that the server runs and that its address and port are right.");
  HttpOrigin origin;
  origin.host = "::1";
  origin.port = port;
  client_of(std::move(origin));
  EXPECT_EQ(problem(ask()).find("unreachable: connect to [::1]:" + std::to_string(port) + ": "), 0u) << problem(ask());
}

TEST_F(HttpClientFaults, PlainHttpWhereTlsIsExpected) {
  const std::string sentence =
      ": the server does not speak TLS. Check the port; if the server is meant to be plain HTTP, its URL starts with "
      "http://.";
  RawServer polite([](int socket) {
    testing::receive(socket, 10);
    send_text(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    receive_all(socket);
  });
  client_of(polite.port(), trusting());
  EXPECT_EQ(problem(ask()), "unreachable: connect to localhost:" + std::to_string(polite.port()) + sentence);
  serve([](ServerRequest, ResponseWriter& writer) -> awaitable<void> { co_await writer.finish(); });
  client_of(server->port(), trusting());
  EXPECT_EQ(problem(ask()), "unreachable: connect to localhost:" + std::to_string(server->port()) + sentence);
  RawServer abrupt([](int) {});
  client_of(abrupt.port(), trusting());
  EXPECT_EQ(problem(ask()), "unreachable: connect to localhost:" + std::to_string(abrupt.port()) +
                                ": the connection was closed during the handshake. Check that this is the right port "
                                "and that the server speaks TLS.");
}

TEST_F(HttpClientFaults, TlsWherePlainHttpIsExpected) {
  serve([](ServerRequest, ResponseWriter&) -> awaitable<void> { co_return; }, server_context(authority.issue({})));
  client_of(server->port());
  Reply told_so = ask();
  ASSERT_TRUE(told_so.head) << problem(told_so);
  EXPECT_EQ(told_so.head->status, 400);
  EXPECT_EQ(told_so.body, "This port speaks TLS: use https:// instead.\n");
  EXPECT_EQ(told(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)),
            "unreachable: GET /api: the server speaks TLS, not plain HTTP. Its URL must start with https://.");
}

TEST_F(HttpClientFaults, CertificatesOfTheServer) {
  auto asked = [&](std::shared_ptr<const TlsContext> here, const CertificateWish& wish) {
    serve([](ServerRequest, ResponseWriter& writer) -> awaitable<void> { co_await writer.finish(); },
          server_context(authority.issue(wish)));
    client_of(server->port(), std::move(here));
    Reply reply = ask();
    EXPECT_TRUE(!reply.head && reply.head.error().code == ErrorCode::certificate_invalid);
    return problem(reply);
  };
  const auto step = [&] {
    return "certificate_invalid: connect to localhost:" + std::to_string(server->port()) + ": ";
  };
  testing::Authority stranger("somebody else");
  std::string other_ca = asked(client_context(stranger.certificate_pem()), {});
  EXPECT_EQ(other_ca,
            step() +
                "the server's certificate was signed by an authority that is not trusted (unable to get "
                "local issuer certificate). "
                "Give the cluster's own CA: --certificate-authority FILE, or certificate-authority in the kubeconfig.");
  CertificateWish elsewhere;
  elsewhere.names = {"DNS:kubernetes.default.svc", "IP:10.96.0.1"};
  std::string other_name = asked(trusting(), elsewhere);
  EXPECT_EQ(other_name, step() +
                            "the server's certificate is not for localhost, but for other names. "
                            "Use a name that the "
                            "certificate holds as the server's address, or set tls-server-name.");
  CertificateWish late;
  late.valid_until = -10;
  std::string expired = asked(trusting(), late);
  EXPECT_EQ(expired.find(step() + "the server's certificate has expired (20"), 0u) << expired;
}

// A server that insists on a client certificate of its authority, as HttpServer does not.
void insist(int socket, const testing::Identity& identity, const std::string& ca_pem) {
  auto context = server_context(identity, ca_pem);
  SSL_CTX_set_verify(context->handle(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL* ssl = SSL_new(context->handle());
  SSL_set_fd(ssl, socket);
  SSL_accept(ssl);
  SSL_free(ssl);
  ::shutdown(socket, SHUT_WR);
  receive_all(socket);
}

TEST_F(HttpClientFaults, TheServerRefusesTheClientsCertificate) {
  testing::Identity identity = authority.issue({});
  RawServer raw([&](int socket) { insist(socket, identity, authority.certificate_pem()); });
  client_of(raw.port(), trusting());
  EXPECT_EQ(
      problem(ask("/api")),
      "certificate_invalid: GET /api: the other side wants a client certificate. Get new credentials for this user.");
  testing::Authority stranger("somebody else");
  client_of(raw.port(), client_context(authority.certificate_pem(), "localhost", stranger.issue({})));
  EXPECT_EQ(problem(ask("/api")),
            "certificate_invalid: GET /api: the other side refused our certificate (tlsv1 alert unknown ca). Get new "
            "credentials for this user.");
}

TEST_F(HttpClientFaults, ConnectingHangs) {
  std::uint16_t port = 0;
  int listener = testing::listen_on_loopback(&port, 0);
  std::vector<int> fillers;  // they fill the queue of connections that wait to be accepted
  for (int i = 0; i < 4; ++i) {
    int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    [[maybe_unused]] int pending = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    fillers.push_back(socket);
  }
  ::usleep(20'000);
  Stopwatch watch;
  client_of(port);
  EXPECT_EQ(problem(ask("/", soon())),
            "timeout: connect to 127.0.0.1:" + std::to_string(port) +
                ": no answer in time. Check the address, firewalls and VPN between here and the server.");
  HttpLimits impatient;
  impatient.connect = milliseconds(100);
  client_of(port, nullptr, impatient);
  EXPECT_EQ(problem(ask()).find("timeout: connect to "), 0u);
  EXPECT_TRUE(watch.under(seconds(10)));
  for (int socket : fillers) ::close(socket);
  ::close(listener);
}

TEST_F(HttpClientFaults, HangsAreTimeouts) {
  Stopwatch watch;
  RawServer silent([](int socket) { receive_all(socket); });
  client_of(silent.port(), trusting());
  EXPECT_EQ(problem(ask("/", soon())), "timeout: connect to localhost:" + std::to_string(silent.port()) +
                                           ": the server did not finish the TLS handshake in time. Check that this is "
                                           "the right port and that the server is "
                                           "not overloaded.");
  client_of(silent.port());
  EXPECT_EQ(problem(ask("/api?watch=1", soon())),
            "timeout: GET /api: the server did not answer in time. Try again, ask for less (a namespace, a selector), "
            "or have Fairlead started with a longer --timeout.");
  HttpRequest write = testing::get("/api");
  write.method = "POST";
  EXPECT_EQ(problem(ask(write, soon())),
            "timeout: POST /api: the server did not answer in time. It is not known whether the change was made: look "
            "at the object before you repeat it.");
  write.body = std::string(30 << 20, 'x');
  RawServer deaf([](int socket) {
    pollfd poller{socket, POLLRDHUP, 0};
    ::poll(&poller, 1, 20'000);
  });
  client_of(deaf.port());
  EXPECT_EQ(problem(ask(write, soon())).find("timeout: POST /api: "), 0u);

  for (const char* part : {"HTTP/1", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    RawServer head([&](int socket) {
      receive_head(socket);
      send_text(socket, part);
      receive_all(socket);
    });
    client_of(head.port());
    EXPECT_EQ(problem(ask("/", soon())).find("timeout: GET /: the server did not answer in time. "), 0u);
  }
  for (const char* part :
       {"HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "HTTP/1.1 200 OK\r\n\r\nuntil close"}) {
    RawServer body([&](int socket) {
      receive_head(socket);
      send_text(socket, part);
      receive_all(socket);
    });
    client_of(body.port());
    EXPECT_EQ(problem(ask("/", soon())).find("timeout: GET /: the answer did not end in time. "), 0u);
  }
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST_F(HttpClientFaults, HangsInsideTlsAreTimeoutsToo) {
  serve(
      [](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
        if (request.http.target == "/body") co_await writer.start(200, std::vector<HttpHeader>());
        co_await sleep_for(seconds(60));
      },
      server_context(authority.issue({})));
  client_of(server->port(), trusting());
  EXPECT_EQ(problem(ask("/head", soon())).find("timeout: GET /head: the server did not answer in time. "), 0u);
  EXPECT_EQ(problem(ask("/body", soon())).find("timeout: GET /body: the answer did not end in time. "), 0u);
}

TEST_F(HttpClientFaults, ADripThatNeverEndsIsATimeout) {
  RawServer raw([](int socket) {
    receive_head(socket);
    send_text(socket, "HTTP/1.1 200 OK\r\n\r\n");
    pollfd poller{socket, POLLRDHUP, 0};
    while (::poll(&poller, 1, 10) == 0) send_text(socket, "drip ");
  });
  client_of(raw.port());
  EXPECT_EQ(problem(ask("/", soon())).find("timeout: GET /: the answer did not end in time. "), 0u);
}

TEST_F(HttpClientFaults, CutConnections) {
  const std::string end = ". Try again; if it stays so, look at the server and at proxies on the way.";
  EXPECT_EQ(told(""), "unreachable: GET /api: the connection was closed without an answer" + end);
  for (std::string answer :
       {"HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n"})
    EXPECT_EQ(told(answer), "unreachable: GET /api: the connection was cut in the middle of the answer" + end)
        << answer;

  serve(
      [](ServerRequest, ResponseWriter& writer) -> awaitable<void> {
        co_await writer.start(200, std::vector<HttpHeader>());
        co_await writer.write("half");
        writer.abort();
      },
      server_context(authority.issue({})));
  client_of(server->port(), trusting());
  EXPECT_EQ(problem(ask("/api")), "unreachable: GET /api: the connection was cut" + end);
}

TEST_F(HttpClientFaults, AResetConnection) {
  RawServer raw([](int socket) {
    receive_head(socket);
    linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(null, socket);  // closes it with a reset, and keeps the number taken
    ::close(null);
  });
  client_of(raw.port());
  EXPECT_EQ(problem(ask("/api")),
            "unreachable: GET /api: the connection broke (Connection reset by peer). Try again; if it stays so, look "
            "at the server and at proxies on the way.");
}

TEST_F(HttpClientFaults, Garbage) {
  const std::string remedy = "Check that the address and port are right, and look at proxies on the way.";
  EXPECT_EQ(told("SSH-2.0-OpenSSH_9.2\r\n"), "server_error: GET /api: it is not HTTP (bad version). " + remedy);
  EXPECT_EQ(told("<html><body>It works!</body></html>"),
            "server_error: GET /api: it is not HTTP (bad version). " + remedy);
  EXPECT_EQ(told(std::string(100'000, '\0')), "server_error: GET /api: it is not HTTP (bad version). " + remedy);
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nrubbish\r\n"),
            "server_error: GET /api: its framing is broken (bad chunk). " + remedy);
  const std::string large = "server_error: GET /api: its headers are too large";
  EXPECT_EQ(told("HTTP/1.1 200 OK\r\nA: " + std::string(1 << 20, 'a')).find(large), 0u);
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 50'000; ++i) many += "Header-" + std::to_string(i) + ": value\r\n";
  EXPECT_EQ(told(many + "\r\n").find(large), 0u);
}

TEST_F(HttpClientFaults, AnAnswerBeforeTheRequestIsReadStillCounts) {
  RawServer raw([](int socket) {
    receive_head(socket);
    send_text(socket, "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig");
    ::shutdown(socket, SHUT_WR);
    receive_all(socket);
  });
  HttpRequest request = testing::get();
  request.method = "PUT";
  request.body = std::string(8 << 20, 'x');
  client_of(raw.port());
  Reply reply = ask(request);
  ASSERT_TRUE(reply.head) << problem(reply);
  EXPECT_EQ(reply.head->status, 413);
  EXPECT_EQ(reply.body, "big");
}

}  // namespace
}  // namespace fairlead::net
