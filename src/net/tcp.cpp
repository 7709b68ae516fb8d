#include "net/tcp.h"

#include <poll.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

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
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) return cancelled_error(std::move(step));
    return fail(ErrorCode::unreachable, std::move(step), "the connection broke (" + error.message() + ")");
  }

  std::shared_ptr<tcp::socket> socket_;
};

// getaddrinfo cannot be interrupted, so it runs on the side and is left behind when the deadline passes first.
struct Lookup {
  explicit Lookup(Executor executor) : resolver(executor), done(executor) {}
  tcp::resolver resolver;
  Event done;
  error_code error;
  std::vector<tcp::endpoint> endpoints;
};

awaitable<Result<std::vector<tcp::endpoint>>> resolve(std::string host, std::uint16_t port, Deadline deadline) {
  std::vector<tcp::endpoint> endpoints;
  error_code not_numeric;
  auto address = asio::ip::make_address(host, not_numeric);
  if (!not_numeric) {
    endpoints.emplace_back(address, port);
    co_return endpoints;
  }
  std::string step = "look up " + host;
  auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
  lookup->resolver.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                                 [lookup](error_code error, tcp::resolver::results_type results) {
                                   lookup->error = error;
                                   for (const auto& entry : results) lookup->endpoints.push_back(entry.endpoint());
                                   lookup->done.set();
                                 });
  auto waited = co_await lookup->done.wait(deadline);
  if (!waited && waited.error().code == ErrorCode::timeout)
    co_return fail(ErrorCode::timeout, step, "the name was not resolved in time", "Check the server's name and this machine's DNS");
  if (!waited) co_return cancelled_error(step);
  if (lookup->error || lookup->endpoints.empty())
    co_return fail(ErrorCode::unreachable, step, "no such host (" + lookup->error.message() + ")", "Check the server's name and this machine's DNS");
  co_return lookup->endpoints;
}

}  // namespace

TcpConnection wrap_socket(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto shared = std::make_shared<tcp::socket>(std::move(socket));
  std::weak_ptr<tcp::socket> weak = shared;
  auto closer = [weak] {
    error_code not_important;
    if (auto held = weak.lock()) held->close(not_important);
  };
  return TcpConnection{std::make_unique<TcpStream>(std::move(shared)), std::move(closer)};
}

awaitable<Result<TcpConnection>> connect_tcp(std::string host, std::uint16_t port, Deadline deadline) {
  std::string step = "connect to " + host + ":" + std::to_string(port);
  if (co_await cancelled()) co_return cancelled_error(step);
  auto endpoints = co_await resolve(host, port, deadline);
  if (!endpoints) co_return fail(std::move(endpoints.error()));
  Executor executor = co_await asio::this_coro::executor;
  error_code last;
  for (const auto& endpoint : *endpoints) {
    auto socket = std::make_shared<tcp::socket>(executor);
    std::weak_ptr<tcp::socket> weak = socket;
    Watchdog watchdog(executor, deadline, [weak] {
      error_code ignored;
      if (auto held = weak.lock()) held->close(ignored);
    });
    auto [error] = co_await socket->async_connect(endpoint, as_values);
    if (!error) co_return wrap_socket(std::move(*socket));
    if (watchdog.fired())
      co_return fail(ErrorCode::timeout, step, "no answer in time", "Check the address, firewalls and VPN between here and the server");
    if (co_await cancelled()) co_return cancelled_error(step);
    last = error;
  }
  co_return fail(ErrorCode::unreachable, step, last.message(), "Check that the server runs and that its address and port are right");
}

}  // namespace fairlead::net
