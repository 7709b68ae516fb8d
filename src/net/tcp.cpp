#include "net/tcp.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>

#include "net/lookup.h"
#include "net/tcp_stream.h"

namespace fairlead::net {
namespace {

using asio::ip::tcp;

class TcpStream final : public Stream {
 public:
  explicit TcpStream(std::shared_ptr<tcp::socket> socket) : socket_(std::move(socket)) {}
  ~TcpStream() override { close(); }

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    auto socket = socket_;
    if (co_await cancelled()) co_return cancelled_error("read from the connection");
    auto [error, count] = co_await socket->async_read_some(asio::buffer(into.data(), into.size()), as_values);
    if (!error) co_return count;
    if (error == asio::error::eof) co_return std::size_t{0};
    co_return broken("read from the connection", error);
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    auto socket = socket_;
    if (co_await cancelled()) co_return cancelled_error("write to the connection");
    auto [error, count] = co_await asio::async_write(*socket, asio::buffer(bytes.data(), bytes.size()), as_values);
    (void)count;
    if (error) co_return broken("write to the connection", error);
    co_return Result<void>{};
  }

  void close() override {
    error_code ignored;
    socket_->close(ignored);
  }

  bool looks_alive() override {
    if (!socket_->is_open()) return false;
    pollfd poller{socket_->native_handle(), POLLIN | POLLRDHUP, 0};
    // Readable while idle: either closed by the other side or something nobody asked for.
    return ::poll(&poller, 1, 0) == 0;
  }

 private:
  static tl::unexpected<Error> broken(std::string step, error_code error) {
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor)
      return cancelled_error(std::move(step));
    return fail(ErrorCode::unreachable, std::move(step), "the connection broke (" + error.message() + ")");
  }

  std::shared_ptr<tcp::socket> socket_;
};

// Of the time that is left, what one of `attempts` addresses may use: a dead one must not eat the time of the others.
Deadline share_of(Deadline deadline, std::size_t attempts) {
  if (deadline.is_never() || attempts <= 1) return deadline;
  return Deadline::after(deadline.left() / static_cast<Duration::rep>(attempts));
}

// So that a connection on which nothing is said for long (a watch, a log) is kept by what stands in between, and that a
// peer that is gone without a word is noticed after a minute.
void keep_alive(tcp::socket& socket) {
  const auto set = [&](int level, int option, int value) {
    (void)::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

TcpConnection wrap_socket(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  keep_alive(socket);
  auto shared = std::make_shared<tcp::socket>(std::move(socket));
  std::weak_ptr<tcp::socket> weak = shared;
  auto closer = [weak] {
    error_code not_important;
    if (auto held = weak.lock()) held->close(not_important);
  };
  return TcpConnection{std::make_unique<TcpStream>(std::move(shared)), std::move(closer)};
}

std::string address_text(const std::string& host, std::uint16_t port) {
  bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_metadata(asio::ip::address address) {
  if (address.is_v6()) {
    const asio::ip::address_v6::bytes_type bytes = address.to_v6().to_bytes();
    const auto v4_at = [&](std::size_t at) {
      return asio::ip::address(asio::ip::address_v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]}));
    };
    const auto begins = [&](std::initializer_list<unsigned char> with) {
      return std::equal(with.begin(), with.end(), bytes.begin());
    };
    const bool zero = std::all_of(bytes.begin(), bytes.begin() + 10, [](unsigned char byte) { return byte == 0; });
    const bool compatible = zero && ((bytes[10] == 0 && bytes[11] == 0) || (bytes[10] == 0xff && bytes[11] == 0xff));
    // ::ffff:0:a.b.c.d (RFC 2765)
    const bool translated =
        std::all_of(bytes.begin(), bytes.begin() + 8, [](unsigned char byte) { return byte == 0; }) &&
        bytes[8] == 0xff && bytes[9] == 0xff && bytes[10] == 0 && bytes[11] == 0;
    // An IPv4 address in another dress: mapped, translated (RFC 6052), tunnelled (RFC 3056).
    if ((compatible || translated || begins({0x00, 0x64, 0xff, 0x9b})) && is_metadata(v4_at(12))) return true;
    if (begins({0x00, 0x64, 0xff, 0x9b, 0x00, 0x01})) {  // a network's own translation (RFC 8215), of /48, /56 or /64
      const auto v4_of = [&](std::array<std::size_t, 4> at) {
        return asio::ip::address(asio::ip::address_v4({bytes[at[0]], bytes[at[1]], bytes[at[2]], bytes[at[3]]}));
      };
      if (is_metadata(v4_of({6, 7, 9, 10})) || is_metadata(v4_of({7, 9, 10, 11})) || is_metadata(v4_at(9))) return true;
    }
    if (bytes[10] == 0x5e && bytes[11] == 0xfe && is_metadata(v4_at(12))) return true;  // ISATAP (RFC 5214)
    if (begins({0x20, 0x02}) && is_metadata(v4_at(2))) return true;
    return (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || begins({0xfd, 0x00, 0x0e, 0xc2}) ||  // Amazon
           begins({0xfd, 0x20, 0x00, 0xce});                                                       // Google
  }
  static const std::array<asio::ip::address, 3> known{asio::ip::make_address("100.100.100.200"),  // Alibaba
                                                      asio::ip::make_address("168.63.129.16"),    // Azure
                                                      asio::ip::make_address("192.0.0.192")};     // Oracle
  const auto bytes = address.to_v4().to_bytes();
  return (bytes[0] == 169 && bytes[1] == 254) || std::find(known.begin(), known.end(), address) != known.end();
}

bool is_metadata_host(const std::string& host) {
  error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) return is_metadata(address);
  in_addr old{};  // 0xa9fea9fe, 2852039166, 169.254.43518
  if (::inet_aton(host.c_str(), &old) == 0) return false;
  return is_metadata(asio::ip::make_address_v4(ntohl(old.s_addr)));
}

tl::unexpected<Error> metadata_refused(const std::string& host, std::uint16_t port) {
  return fail(ErrorCode::policy_denied, "connect to " + address_text(host, port),
              "it is a link-local address, where clouds hand out credentials, and no place for an API server",
              "Correct the server's address; where it is meant, start Fairlead with --allow-link-local");
}

awaitable<Result<TcpConnection>> connect_tcp(std::string host, std::uint16_t port, Deadline deadline,
                                             bool no_metadata) {
  const std::string step = "connect to " + address_text(host, port);
  if (co_await cancelled()) co_return cancelled_error(step);
  auto addresses = co_await look_up(host, deadline);
  if (!addresses) co_return fail(std::move(addresses.error()));
  if (no_metadata) std::erase_if(*addresses, is_metadata);
  if (addresses->empty()) co_return metadata_refused(host, port);
  Executor executor = co_await asio::this_coro::executor;
  error_code last;
  bool timed_out = false;
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    auto socket = std::make_shared<tcp::socket>(executor);
    std::weak_ptr<tcp::socket> weak = socket;
    Watchdog watchdog(executor, share_of(deadline, addresses->size() - i), [weak] {
      error_code ignored;
      if (auto held = weak.lock()) held->close(ignored);
    });
    auto [error] = co_await socket->async_connect(tcp::endpoint((*addresses)[i], port), as_values);
    if (!error) co_return wrap_socket(std::move(*socket));
    if (co_await cancelled()) co_return cancelled_error(step);
    timed_out = watchdog.fired();
    last = error;
  }
  if (timed_out)
    co_return fail(ErrorCode::timeout, step, "no answer in time",
                   "Check the address, firewalls and VPN between here and the server");
  co_return fail(ErrorCode::unreachable, step, last.message(),
                 "Check that the server runs and that its address and port are right");
}

}  // namespace fairlead::net
