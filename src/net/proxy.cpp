#include "net/proxy.h"

#include <array>

#include "base/text.h"
#include "net/http_parser.h"

namespace fairlead::net {
namespace {

struct NoBody final : BodySink {
  Result<void> on_head(const HttpHead& head) override {
    status = head.status;
    return {};
  }
  // What follows a 2xx to CONNECT belongs to the tunnel; what follows a refusal does not matter.
  Result<Flow> on_body(std::string_view) override { return Flow::enough; }
  int status = 0;
};

std::string authority(const HttpOrigin& origin) {
  bool ipv6 = origin.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + origin.host + "]" : origin.host) + ":" + std::to_string(origin.port);
}

awaitable<Result<void>> http_connect(Stream* stream, HttpOrigin origin, std::string step) {
  std::string request = "CONNECT " + authority(origin) + " HTTP/1.1\r\nHost: " + authority(origin) + "\r\n";
  if (!origin.proxy->user_info.empty()) request += "Proxy-Authorization: Basic " + base64_encode(origin.proxy->user_info.reveal()) + "\r\n";
  request += "\r\n";
  auto written = co_await stream->write(request);
  explicit_bzero(request.data(), request.size());
  if (!written) co_return fail(std::move(written.error()));
  // Byte by byte: whatever comes after the empty line already belongs to the tunnel.
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    auto count = co_await stream->read_some(std::span<char>(&byte, 1));
    if (!count) co_return fail(std::move(count.error()));
    if (*count == 0) co_return fail(ErrorCode::unreachable, step, "the proxy closed the connection", "Check proxy-url");
    head += byte;
    if (head.size() > 16 << 10) co_return fail(ErrorCode::unreachable, step, "the proxy's answer is not HTTP", "Check proxy-url");
  }
  NoBody sink;
  ResponseParser parser(sink, true, 16 << 10);
  if (auto parsed = parser.feed(head); !parsed) co_return fail(ErrorCode::unreachable, step, "the proxy's answer is not HTTP", "Check proxy-url");
  if (sink.status == 407) co_return fail(ErrorCode::authentication_failed, step, "the proxy wants a user name and password (407)", "Put them into proxy-url");
  if (sink.status / 100 != 2)
    co_return fail(ErrorCode::unreachable, step, "the proxy refused the tunnel (" + std::to_string(sink.status) + ")", "Ask who runs the proxy whether it may reach the cluster");
  co_return Result<void>{};
}

awaitable<Result<void>> read_exactly(Stream* stream, std::span<char> into, std::string step) {
  while (!into.empty()) {
    auto count = co_await stream->read_some(into);
    if (!count) co_return fail(std::move(count.error()));
    if (*count == 0) co_return fail(ErrorCode::unreachable, step, "the proxy closed the connection", "Check proxy-url");
    into = into.subspan(*count);
  }
  co_return Result<void>{};
}

awaitable<Result<void>> socks5_connect(Stream* stream, HttpOrigin origin, std::string step) {
  const bool password = !origin.proxy->user_info.empty();
  std::string hello = password ? std::string("\x05\x02\x00\x02", 4) : std::string("\x05\x01\x00", 3);
  auto sent = co_await stream->write(hello);
  if (!sent) co_return fail(std::move(sent.error()));
  std::array<char, 4> answer{};
  auto got = co_await read_exactly(stream, std::span<char>(answer.data(), 2), step);
  if (!got) co_return fail(std::move(got.error()));
  if (answer[0] != 5) co_return fail(ErrorCode::unreachable, step, "the proxy does not speak SOCKS5", "Check proxy-url");
  if (answer[1] == 2 && password) {
    std::string_view both = origin.proxy->user_info.reveal();
    std::string_view user = both.substr(0, both.find(':'));
    std::string_view word = both.size() > user.size() ? both.substr(user.size() + 1) : std::string_view();
    if (user.size() > 255 || word.size() > 255) co_return fail(ErrorCode::invalid_request, step, "the proxy's user name or password is longer than 255 bytes");
    std::string login = std::string(1, '\x01') + static_cast<char>(user.size()) + std::string(user) + static_cast<char>(word.size()) + std::string(word);
    auto written = co_await stream->write(login);
    explicit_bzero(login.data(), login.size());
    if (!written) co_return fail(std::move(written.error()));
    auto verdict = co_await read_exactly(stream, std::span<char>(answer.data(), 2), step);
    if (!verdict) co_return fail(std::move(verdict.error()));
    if (answer[1] != 0) co_return fail(ErrorCode::authentication_failed, step, "the proxy refused the user name and password", "Check proxy-url");
  } else if (answer[1] != 0) {
    co_return fail(ErrorCode::authentication_failed, step, "the proxy wants another way to authenticate", "Put a user name and password into proxy-url");
  }
  if (origin.host.size() > 255) co_return fail(ErrorCode::invalid_request, step, "the host name is longer than 255 bytes");
  std::string connect("\x05\x01\x00\x03", 4);
  connect += static_cast<char>(origin.host.size());
  connect += origin.host;
  connect += static_cast<char>(origin.port >> 8);
  connect += static_cast<char>(origin.port & 0xff);
  auto asked = co_await stream->write(connect);
  if (!asked) co_return fail(std::move(asked.error()));
  auto head = co_await read_exactly(stream, std::span<char>(answer.data(), 4), step);
  if (!head) co_return fail(std::move(head.error()));
  if (answer[1] != 0)
    co_return fail(ErrorCode::unreachable, step, "the proxy could not reach the server (SOCKS5 reply " + std::to_string(static_cast<int>(answer[1])) + ")",
                   "Check the server's address, and whether the proxy may reach it");
  std::size_t address = answer[3] == 1 ? 4 : answer[3] == 4 ? 16 : 0;
  if (address == 0) {
    char length = 0;
    auto counted = co_await read_exactly(stream, std::span<char>(&length, 1), step);
    if (!counted) co_return fail(std::move(counted.error()));
    address = static_cast<unsigned char>(length);
  }
  std::string bound(address + 2, '\0');
  co_return co_await read_exactly(stream, std::span<char>(bound.data(), bound.size()), step);
}

}  // namespace

awaitable<Result<TcpConnection>> connect_through(HttpOrigin origin, Deadline deadline) {
  if (!origin.proxy) co_return co_await connect_tcp(origin.host, origin.port, deadline);
  const std::string step = "connect through the proxy " + origin.proxy->host + ":" + std::to_string(origin.proxy->port);
  auto connection = co_await connect_tcp(origin.proxy->host, origin.proxy->port, deadline);
  if (!connection) {
    connection.error().step = step;
    co_return fail(std::move(connection.error()));
  }
  if (origin.proxy->kind == ProxyServer::Kind::https) {
    ClientTls settings;
    settings.server_name = origin.proxy->host;
    auto context = TlsContext::for_client(settings);
    if (!context) co_return fail(std::move(context.error()));
    auto secured = co_await tls_handshake(std::move(connection->stream), *context);
    if (!secured) {
      secured.error().step = step;
      co_return fail(std::move(secured.error()));
    }
    connection->stream = std::move(secured->stream);
  }
  Result<void> tunnel;
  if (origin.proxy->kind == ProxyServer::Kind::socks5) {
    tunnel = co_await socks5_connect(connection->stream.get(), origin, step);
  } else {
    tunnel = co_await http_connect(connection->stream.get(), origin, step);
  }
  if (!tunnel) co_return fail(std::move(tunnel.error()));
  co_return connection;
}

}  // namespace fairlead::net
