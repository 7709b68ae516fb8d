#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include <array>

#include "base/text.h"
#include "net/test_rig.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::client_context;
using testing::HttpRig;
using testing::RawServer;
using testing::receive_exactly;
using testing::receive_head;
using testing::Reply;
using testing::send_text;
using testing::server_context;

// Carries bytes between two sockets until both ends are done.
void splice(int a, int b) {
  std::array<pollfd, 2> sides{pollfd{a, POLLIN, 0}, pollfd{b, POLLIN, 0}};
  while (::poll(sides.data(), sides.size(), 20'000) > 0) {
    for (int i : {0, 1}) {
      if (sides[static_cast<std::size_t>(i)].revents == 0) continue;
      std::string bytes = testing::receive(i == 0 ? a : b, 64 << 10);
      if (bytes.empty()) return;
      send_text(i == 0 ? b : a, bytes);
    }
  }
}

void tunnel(int socket, std::uint16_t port) {
  int onward = testing::connect_to_loopback(port);
  splice(socket, onward);
  ::close(onward);
}

class Proxies : public HttpRig {
 protected:
  void SetUp() override {
    serve(
        [](ServerRequest request, ResponseWriter& writer) -> awaitable<void> {
          std::vector<HttpHeader> headers;
          co_await writer.send(200, std::move(headers), request.http.target);
        },
        server_context(authority.issue({})));
  }

  HttpClient& through(ProxyServer::Kind kind, std::uint16_t port, std::string user_info = {}, std::string ca_pem = {}) {
    HttpOrigin origin;
    origin.host = "localhost";
    origin.port = server->port();
    origin.tls = client_context(authority.certificate_pem());
    origin.proxy = ProxyServer{kind, kind == ProxyServer::Kind::https ? "localhost" : "127.0.0.1", port,
                               Secret(std::move(user_info))};
    origin.proxy->ca_pem = std::move(ca_pem);
    return client_of(std::move(origin));
  }

  // What the client makes of a proxy that answers its first bytes with these.
  std::string told(ProxyServer::Kind kind, std::string answer, std::string user_info = {}) {
    RawServer proxy([&](int socket) {
      if (kind == ProxyServer::Kind::socks5)
        testing::receive(socket, 100);
      else
        receive_head(socket);
      send_text(socket, answer);
      ::shutdown(socket, SHUT_WR);
      testing::receive_all(socket);
    });
    through(kind, proxy.port(), std::move(user_info));
    Reply reply = ask();
    std::string text = problem(reply);
    const std::string step = "connect through the proxy 127.0.0.1:" + std::to_string(proxy.port()) + ": ";
    std::size_t at = text.find(step);
    return at == std::string::npos ? text : text.erase(at, step.size());
  }
};

TEST_F(Proxies, HttpConnect) {
  // Answers the head that the proxy saw.
  const auto ask_through = [&](std::string user_info) {
    std::string head;
    {
      RawServer proxy([&](int socket) {
        head = receive_head(socket);
        send_text(socket,
                  "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
        tunnel(socket, server->port());
      });
      through(ProxyServer::Kind::http, proxy.port(), std::move(user_info));
      for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("/hello").body, "/hello");
      EXPECT_EQ(proxy.connections(), 1);
    }
    return head;
  };
  const std::string authority_text = "localhost:" + std::to_string(server->port());
  const std::string head = "CONNECT " + authority_text + " HTTP/1.1\r\nHost: " + authority_text + "\r\n";
  EXPECT_EQ(ask_through(""), head + "\r\n");
  EXPECT_EQ(ask_through("jane:pa ss:word"),
            head + "Proxy-Authorization: Basic " + base64_encode("jane:pa ss:word") + "\r\n\r\n");
}

TEST_F(Proxies, HttpRefusals) {
  const auto kind = ProxyServer::Kind::http;
  EXPECT_EQ(
      told(kind, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n", "jane:SECRET"),
      "authentication_failed: the proxy wants a user name and password (407). Put the right ones into proxy-url.");
  EXPECT_EQ(told(kind, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 100\r\n\r\n<html>"),
            "unreachable: the proxy refused the tunnel (502). Check the server's address, and ask who runs the proxy "
            "whether it may reach it.");
  for (std::string garbage : {std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string("\0\0\n\0", 4),
                              "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x')})
    EXPECT_EQ(told(kind, garbage), "unreachable: the proxy's answer is not HTTP. Check proxy-url.");
  EXPECT_EQ(told(kind, "HTTP/1.1 200 Conn"), "unreachable: the proxy closed the connection. Check proxy-url.");
}

TEST_F(Proxies, NobodyListens) {
  const std::uint16_t port = testing::unused_port();
  through(ProxyServer::Kind::http, port);
  EXPECT_EQ(problem(ask()), "unreachable: connect through the proxy 127.0.0.1:" + std::to_string(port) +
                                ": Connection refused. Check proxy-url.");
}

TEST_F(Proxies, Hangs) {
  testing::Stopwatch watch;
  RawServer silent([](int socket) { testing::receive_all(socket); });
  for (auto kind : {ProxyServer::Kind::http, ProxyServer::Kind::socks5, ProxyServer::Kind::https}) {
    through(kind, silent.port());
    const std::string host = kind == ProxyServer::Kind::https ? "localhost:" : "127.0.0.1:";
    EXPECT_EQ(problem(ask("/", Deadline::after(milliseconds(100)))),
              "timeout: connect through the proxy " + host + std::to_string(silent.port()) +
                  ": the proxy did not answer in time. Check proxy-url.");
  }
  EXPECT_TRUE(watch.under(seconds(10)));
}

// ---- SOCKS5

struct Socks {
  std::string user, password;  // empty: none is asked for
  char reply = 0;
  char address_type = 1;
  std::string seen;  // the host and port that were asked for

  void serve(int socket, std::uint16_t port) {
    std::string hello = receive_exactly(socket, 2);
    if (hello.size() < 2 || hello[0] != 5) return;
    std::string methods = receive_exactly(socket, static_cast<unsigned char>(hello[1]));
    const char wanted = user.empty() ? 0 : 2;
    if (methods.find(wanted) == std::string::npos) return send_text(socket, "\x05\xff");
    send_text(socket, std::string("\x05") + wanted);
    if (wanted == 2) {
      std::string name = receive_exactly(socket, static_cast<unsigned char>(receive_exactly(socket, 2)[1]));
      std::string word = receive_exactly(socket, static_cast<unsigned char>(receive_exactly(socket, 1)[0]));
      if (name != user || word != password) return send_text(socket, "\x01\x01");
      send_text(socket, std::string("\x01\x00", 2));
    }
    std::string request = receive_exactly(socket, 5);
    std::string host = receive_exactly(socket, static_cast<unsigned char>(request[4]));
    std::string asked = receive_exactly(socket, 2);
    seen =
        host + ":" + std::to_string(static_cast<unsigned char>(asked[0]) * 256 + static_cast<unsigned char>(asked[1]));
    std::string bound = address_type == 1   ? std::string(4, '\0')
                        : address_type == 4 ? std::string(16, '\0')
                                            : std::string("\x04name");
    send_text(socket, std::string("\x05") + reply + std::string(1, '\0') + address_type + bound + std::string(2, '\0'));
    if (reply == 0) tunnel(socket, port);
  }
};

class Socks5Proxies : public Proxies {
 protected:
  // Asks once through such a proxy; `seen` is what the proxy was asked for, `step` how errors begin.
  Reply ask_through(Socks socks, std::string user_info) {
    Reply reply{fail(Error{}), ""};
    {
      RawServer proxy([&](int socket) { socks.serve(socket, server->port()); });
      step = "connect through the proxy 127.0.0.1:" + std::to_string(proxy.port()) + ": ";
      through(ProxyServer::Kind::socks5, proxy.port(), std::move(user_info));
      reply = ask("/hello");
      client.reset();
    }
    seen = socks.seen;
    return reply;
  }
  std::string seen, step;
};

TEST_F(Socks5Proxies, CarryTheConnection) {
  Socks socks;
  for (char type : {'\x01', '\x03', '\x04'}) {
    socks.address_type = type;
    Reply reply = ask_through(socks, "");
    EXPECT_EQ(reply.body, "/hello") << problem(reply);
    EXPECT_EQ(seen, "localhost:" + std::to_string(server->port()));  // the proxy resolves the name
  }
  EXPECT_EQ(ask_through(socks, "jane:unasked").body, "/hello");
  socks.user = "jane";
  socks.password = "pa:ss" + std::string(200, 'x');
  EXPECT_EQ(ask_through(socks, socks.user + ":" + socks.password).body, "/hello");
}

TEST_F(Socks5Proxies, Refusals) {
  Socks socks;
  socks.user = "jane";
  socks.password = "right";
  std::string refused = problem(ask_through(socks, ""));
  EXPECT_EQ(refused,
            "authentication_failed: " + step + "the proxy wants a user name and password. Put them into proxy-url.");
  refused = problem(ask_through(socks, "jane:SECRET"));
  EXPECT_EQ(refused, "authentication_failed: " + step +
                         "the proxy refused the user name and password. Put the right ones into proxy-url.");
  refused = problem(ask_through(socks, "jane:" + std::string(256, 'S')));
  EXPECT_EQ(refused, "invalid_request: " + step +
                         "the proxy's user name or password is longer than 255 bytes. Check proxy-url.");
  socks.user.clear();
  const std::string remedy = ". Check the server's address, and whether the proxy may reach it.";
  for (auto [reply, cause] :
       {std::pair<char, std::string>{'\x01', "the proxy could not reach the server (SOCKS5 reply 1)"},
        {'\x02', "the proxy's rules do not allow the connection"},
        {'\x05', "the server refused the proxy's connection"},
        {'\x99', "the proxy could not reach the server (SOCKS5 reply 153)"}}) {
    socks.reply = reply;
    refused = problem(ask_through(socks, ""));
    EXPECT_EQ(refused, "unreachable: " + step + cause + remedy);
  }
  const auto kind = ProxyServer::Kind::socks5;
  EXPECT_EQ(told(kind, "HTTP/1.1 400 Bad Request\r\n\r\n"),
            "unreachable: the proxy does not speak SOCKS5. Check proxy-url.");
  EXPECT_EQ(told(kind, "\x05"), "unreachable: the proxy closed the connection. Check proxy-url.");
  EXPECT_EQ(told(kind, "\x05\xff", "jane:SECRET"),
            "authentication_failed: the proxy takes no user name and password. Check proxy-url.");
}

// ---- a proxy that is spoken to over TLS

void secure_proxy(int socket, const testing::Identity& identity, std::uint16_t port) {
  auto context = server_context(identity);
  SSL* ssl = SSL_new(context->handle());
  SSL_set_fd(ssl, socket);
  std::string head;
  char byte = 0;
  if (SSL_accept(ssl) == 1) {
    while (!head.ends_with("\r\n\r\n") && SSL_read(ssl, &byte, 1) == 1) head += byte;
    constexpr std::string_view answer = "HTTP/1.1 200 OK\r\n\r\n";
    SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
    int onward = testing::connect_to_loopback(port);
    std::string bytes(64 << 10, '\0');
    while (true) {
      if (SSL_pending(ssl) == 0) {
        std::array<pollfd, 2> sides{pollfd{socket, POLLIN, 0}, pollfd{onward, POLLIN, 0}};
        if (::poll(sides.data(), sides.size(), 20'000) <= 0) break;
        if (sides[1].revents != 0) {
          std::string back = testing::receive(onward, bytes.size());
          if (back.empty() || SSL_write(ssl, back.data(), static_cast<int>(back.size())) <= 0) break;
          continue;
        }
      }
      int count = SSL_read(ssl, bytes.data(), static_cast<int>(bytes.size()));
      if (count <= 0) break;
      send_text(onward, std::string_view(bytes).substr(0, static_cast<std::size_t>(count)));
    }
    ::close(onward);
  }
  SSL_free(ssl);
}

TEST_F(Proxies, HttpsProxy) {
  testing::Identity identity = authority.issue({});
  RawServer proxy([&](int socket) { secure_proxy(socket, identity, server->port()); });
  through(ProxyServer::Kind::https, proxy.port());
  Reply stranger = ask();
  EXPECT_EQ(problem(stranger).find(
                "certificate_invalid: connect through the proxy localhost:" + std::to_string(proxy.port()) +
                ": the proxy's certificate was signed by an authority that is not trusted"),
            0u)
      << problem(stranger);
  // The cluster's authority is trusted, too.
  through(ProxyServer::Kind::https, proxy.port(), {}, authority.certificate_pem());
  Reply known = ask("/hello");
  EXPECT_EQ(known.body, "/hello") << problem(known);
  through(ProxyServer::Kind::https, proxy.port());
  // The system's authorities, as far as OpenSSL lets a test choose them.
  std::string file = ::testing::TempDir() + "proxy_test_ca." + std::to_string(::getpid()) + ".pem";
  FILE* out = std::fopen(file.c_str(), "w");
  ASSERT_TRUE(out);
  std::fputs(authority.certificate_pem().c_str(), out);
  std::fclose(out);
  ::setenv("SSL_CERT_FILE", file.c_str(), 1);
  Reply reply = ask("/hello");
  ::unsetenv("SSL_CERT_FILE");
  ::unlink(file.c_str());
  EXPECT_EQ(reply.body, "/hello") << problem(reply);
}

}  // namespace
}  // namespace fairlead::net
