#include "net/proxy.h"

#include <array>
#include <cstring>

#include "base/text.h"
#include "net/asio.h"
#include "net/http_parser.h"

namespace fairlead::net {
namespace {

constexpr std::size_t kHeadLimit = 16 << 10;
constexpr std::string_view kCheck = "Check proxy-url";

tl::unexpected<Error> unusable(std::string cause) {
  return fail(ErrorCode::unreachable, "", std::move(cause), std::string(kCheck));
}

struct NoBody final : BodySink {
  Result<void> on_head(const HttpHead&) override { return {}; }
  // What follows a 2xx to CONNECT belongs to the tunnel; what follows a refusal does not matter.
  Result<Flow> on_body(std::string_view) override { return Flow::enough; }
};

// The errors of these have no step yet: connect_through() gives it.

awaitable<Result<void>> http_connect(Stream* stream, HttpOrigin origin) {
  const std::string authority = address_text(origin.host, origin.port);
  std::string request = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  if (!origin.proxy->user_info.empty()) {
    std::string login = base64_encode(origin.proxy->user_info.reveal());
    request += "Proxy-Authorization: Basic " + login + "\r\n";
    explicit_bzero(login.data(), login.size());
  }
  request += "\r\n";
  auto written = co_await stream->write(request);
  explicit_bzero(request.data(), request.size());
  if (!written) co_return fail(std::move(written.error()));

  NoBody sink;
  ResponseParser parser(sink, true, kHeadLimit);
  std::string pending;
  std::size_t total = 0;
  while (!parser.done()) {
    // Byte by byte: whatever comes after the head already belongs to the tunnel.
    char byte = 0;
    auto count = co_await stream->read_some(std::span<char>(&byte, 1));
    if (!count) co_return fail(std::move(count.error()));
    if (*count == 0) co_return unusable("the proxy closed the connection");
    pending += byte;
    if (++total > kHeadLimit) co_return unusable("the proxy's answer is not HTTP");
    if (byte != '\n') continue;
    auto used = parser.feed(pending);
    if (!used) co_return unusable("the proxy's answer is not HTTP");
    pending.erase(0, *used);
  }
  const int status = parser.head().status;
  if (status == 407)
    co_return fail(ErrorCode::authentication_failed, "", "the proxy wants a user name and password (407)",
                   "Put the right ones into proxy-url");
  if (status / 100 != 2)
    co_return fail(ErrorCode::unreachable, "", "the proxy refused the tunnel (" + std::to_string(status) + ")",
                   "Check the server's address, and ask who runs the proxy whether it may reach it");
  co_return Result<void>{};
}

awaitable<Result<void>> read_exactly(Stream* stream, std::span<char> into) {
  while (!into.empty()) {
    auto count = co_await stream->read_some(into);
    if (!count) co_return fail(std::move(count.error()));
    if (*count == 0) co_return unusable("the proxy closed the connection");
    into = into.subspan(*count);
  }
  co_return Result<void>{};
}

std::string socks5_problem(int reply) {
  switch (reply) {
    case 2: return "the proxy's rules do not allow the connection";
    case 3: return "the proxy found no network to the server";
    case 4: return "the proxy could not reach the server's host";
    case 5: return "the server refused the proxy's connection";
    case 6: return "the proxy's connection took too many hops";
    default: return "the proxy could not reach the server (SOCKS5 reply " + std::to_string(reply) + ")";
  }
}

awaitable<Result<void>> socks5_log_in(Stream* stream, HttpOrigin origin) {
  std::string_view both = origin.proxy->user_info.reveal();
  std::string_view user = both.substr(0, both.find(':'));
  std::string_view word = both.size() > user.size() ? both.substr(user.size() + 1) : std::string_view();
  if (user.size() > 255 || word.size() > 255)
    co_return fail(ErrorCode::invalid_request, "", "the proxy's user name or password is longer than 255 bytes",
                   std::string(kCheck));
  std::string login;
  login.reserve(3 + user.size() + word.size());
  login += '\x01';
  login += static_cast<char>(user.size());
  login += user;
  login += static_cast<char>(word.size());
  login += word;
  auto written = co_await stream->write(login);
  explicit_bzero(login.data(), login.size());
  if (!written) co_return fail(std::move(written.error()));
  std::array<char, 2> verdict{};
  auto got = co_await read_exactly(stream, verdict);
  if (!got) co_return fail(std::move(got.error()));
  if (verdict[1] != 0)
    co_return fail(ErrorCode::authentication_failed, "", "the proxy refused the user name and password",
                   "Put the right ones into proxy-url");
  co_return Result<void>{};
}

awaitable<Result<void>> socks5_connect(Stream* stream, HttpOrigin origin) {
  if (origin.host.size() > 255)
    co_return fail(ErrorCode::invalid_request, "", "the server's name is longer than 255 bytes");
  const bool password = !origin.proxy->user_info.empty();
  const std::string hello = password ? std::string("\x05\x02\x00\x02", 4) : std::string("\x05\x01\x00", 3);
  auto sent = co_await stream->write(hello);
  if (!sent) co_return fail(std::move(sent.error()));
  std::array<char, 2> choice{};
  auto chosen = co_await read_exactly(stream, choice);
  if (!chosen) co_return fail(std::move(chosen.error()));
  if (choice[0] != 5) co_return unusable("the proxy does not speak SOCKS5");
  if (choice[1] == 2 && password) {
    auto logged_in = co_await socks5_log_in(stream, origin);
    if (!logged_in) co_return fail(std::move(logged_in.error()));
  } else if (choice[1] != 0) {
    co_return fail(ErrorCode::authentication_failed, "",
                   password ? "the proxy takes no user name and password" : "the proxy wants a user name and password",
                   password ? std::string(kCheck) : "Put them into proxy-url");
  }

  std::string connect("\x05\x01\x00\x03", 4);
  connect += static_cast<char>(origin.host.size());
  connect += origin.host;
  connect += static_cast<char>(origin.port >> 8);
  connect += static_cast<char>(origin.port & 0xff);
  auto asked = co_await stream->write(connect);
  if (!asked) co_return fail(std::move(asked.error()));
  std::array<unsigned char, 4> reply{};
  auto head = co_await read_exactly(stream, std::span<char>(reinterpret_cast<char*>(reply.data()), reply.size()));
  if (!head) co_return fail(std::move(head.error()));
  if (reply[0] != 5) co_return unusable("the proxy does not speak SOCKS5");
  if (reply[1] != 0)
    co_return fail(ErrorCode::unreachable, "", socks5_problem(reply[1]),
                   "Check the server's address, and whether the proxy may reach it");
  std::size_t address = reply[3] == 1 ? 4 : 16;
  if (reply[3] == 3) {
    char length = 0;
    auto counted = co_await read_exactly(stream, std::span<char>(&length, 1));
    if (!counted) co_return fail(std::move(counted.error()));
    address = static_cast<unsigned char>(length);
  }
  std::array<char, 257> bound;
  co_return co_await read_exactly(stream, std::span<char>(bound.data(), address + 2));
}

// What goes wrong here is the proxy's, not the server's.
Error of_the_proxy(Error error) {
  constexpr std::string_view server = "the server";
  if (error.cause.starts_with(server)) error.cause.replace(0, server.size(), "the proxy");
  if (error.code != ErrorCode::certificate_invalid)
    error.remedy = "Check proxy-url: https:// stands for a proxy that itself speaks TLS";
  else if (error.cause.find("authority") != std::string::npos)
    error.remedy = "Give the CA of the proxy's certificate as the certificate authority, or have this machine trust it";
  else
    error.remedy = "Correct the proxy's name in proxy-url, or have whoever runs the proxy renew its certificate";
  return error;
}

// TLS to the proxy itself.
awaitable<Result<void>> secure(TcpConnection* connection, ProxyServer proxy) {
  ClientTls settings;
  settings.server_name = proxy.host;
  settings.ca_pem = proxy.ca_pem;
  settings.trust_system = true;
  auto context = TlsContext::for_client(settings);
  if (!context) co_return fail(std::move(context.error()));
  auto secured = co_await tls_handshake(std::move(connection->stream), *context);
  if (!secured) co_return fail(of_the_proxy(std::move(secured.error())));
  connection->stream = std::move(secured->stream);
  co_return Result<void>{};
}

awaitable<Result<void>> open_tunnel(TcpConnection* connection, HttpOrigin origin) {
  if (origin.proxy->kind == ProxyServer::Kind::https) {
    auto secured = co_await secure(connection, *origin.proxy);
    if (!secured) co_return fail(std::move(secured.error()));
  }
  if (origin.proxy->kind == ProxyServer::Kind::socks5)
    co_return co_await socks5_connect(connection->stream.get(), origin);
  co_return co_await http_connect(connection->stream.get(), origin);
}

}  // namespace

awaitable<Result<TcpConnection>> connect_through(HttpOrigin origin, Deadline deadline) {
  if (!origin.proxy) co_return co_await connect_tcp(origin.host, origin.port, deadline, origin.no_metadata);
  if (origin.no_metadata && is_metadata_host(origin.host)) co_return metadata_refused(origin.host, origin.port);
  const std::string step = "connect through the proxy " + address_text(origin.proxy->host, origin.proxy->port);
  auto connection = co_await connect_tcp(origin.proxy->host, origin.proxy->port, deadline, origin.no_metadata);
  if (!connection) {
    connection.error().step = step;
    if (connection.error().code != ErrorCode::cancelled) connection.error().remedy = kCheck;
    co_return fail(std::move(connection.error()));
  }
  Executor executor = co_await current_executor();
  Watchdog watchdog(executor, deadline, connection->closer);
  auto tunnel = co_await open_tunnel(&*connection, origin);
  if (tunnel) co_return connection;
  if (watchdog.fired())
    co_return fail(ErrorCode::timeout, step, "the proxy did not answer in time", std::string(kCheck));
  tunnel.error().step = step;
  co_return fail(std::move(tunnel.error()));
}

}  // namespace fairlead::net
