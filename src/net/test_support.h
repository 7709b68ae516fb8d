// Tests only: running a coroutine to its end, and servers made of plain sockets that may misbehave.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/http_client.h"
#include "net/task.h"

namespace fairlead::net::testing {

// Generous: only a test that fails ever waits this long.
inline Deadline patience() { return Deadline::after(std::chrono::seconds(30)); }

class Stopwatch {
 public:
  bool under(Duration span) const { return std::chrono::steady_clock::now() - begin_ < span; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

template <class T>
awaitable<void> keep(awaitable<T> body, std::optional<T>* result, Loop* loop) {
  T value = co_await std::move(body);
  result->emplace(std::move(value));
  loop->stop();
}

// Runs the loop until the coroutine is done, whatever else still runs on it.
template <class T>
T await_on(Loop& loop, awaitable<T> body) {
  std::optional<T> result;
  TaskGroup group(loop.executor());
  group.spawn(keep(std::move(body), &result, &loop));
  loop.run();
  if (!result) throw std::runtime_error("the loop ended before the coroutine");
  return std::move(*result);
}

inline awaitable<int> counted(awaitable<void> body) {
  co_await std::move(body);
  co_return 0;
}
inline void await_on(Loop& loop, awaitable<void> body) { await_on(loop, counted(std::move(body))); }

struct CollectingSink final : BodySink {
  Result<void> on_head(const HttpHead& received) override {
    ++heads;
    head = received;
    body.clear();
    return {};
  }
  Result<Flow> on_body(std::string_view bytes) override {
    body.append(bytes);
    return Flow::more;
  }
  HttpHead head;
  std::string body;
  int heads = 0;
};

struct Reply {
  Result<HttpHead> head;
  std::string body;
};

inline awaitable<Reply> fetch(HttpClient* client, HttpRequest request, Deadline deadline = patience()) {
  CollectingSink sink;
  auto head = co_await client->exchange(std::move(request), sink, deadline);
  co_return Reply{std::move(head), std::move(sink.body)};
}

inline HttpRequest get(std::string target = "/") {
  HttpRequest request;
  request.target = std::move(target);
  return request;
}

// ---- plain sockets, for use in threads

inline int listen_on_loopback(std::uint16_t* port, int backlog = 64) {
  int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("cannot listen on the loopback interface");
  *port = ntohs(address.sin_port);
  return listener;
}

inline int connect_to_loopback(std::uint16_t port) {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
  timeval limit{20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return socket;
}

inline std::uint16_t unused_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(&port));
  return port;
}

inline void send_text(int socket, std::string_view text) {
  while (!text.empty()) {
    ssize_t count = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

inline std::string receive(int socket, std::size_t limit) {
  std::string bytes(limit, '\0');
  ssize_t count = ::recv(socket, bytes.data(), limit, 0);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

inline std::string receive_exactly(int socket, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    std::string more = receive(socket, size - bytes.size());
    if (more.empty()) break;
    bytes += more;
  }
  return bytes;
}

// Up to and with `end`, or what came before the connection was closed.
inline std::string receive_until(int socket, std::string_view end) {
  std::string bytes;
  while (!bytes.ends_with(end)) {
    std::string more = receive(socket, 1);
    if (more.empty()) break;
    bytes += more;
  }
  return bytes;
}
inline std::string receive_head(int socket) { return receive_until(socket, "\r\n\r\n"); }

inline std::string receive_all(int socket) {
  std::string bytes, more;
  while (!(more = receive(socket, 64 << 10)).empty()) bytes += more;
  return bytes;
}

// Runs `session` in a thread for each connection and closes the connection when it returns. The destructor cuts all.
class RawServer {
 public:
  explicit RawServer(std::function<void(int socket)> session)
      : session_(std::move(session)), listener_(listen_on_loopback(&port_)) {
    ::signal(SIGPIPE, SIG_IGN);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (int socket : open_) ::shutdown(socket, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
    for (int socket : open_) ::close(socket);
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void accept_all() {
    while (true) {
      int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(socket);
      threads_.emplace_back([this, socket] {
        session_(socket);
        ::shutdown(socket, SHUT_RDWR);
      });
    }
  }

  std::function<void(int)> session_;
  std::uint16_t port_ = 0;
  int listener_;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace fairlead::net::testing
