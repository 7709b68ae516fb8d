#include "net/http_client.h"

#include <array>
#include <deque>

#include "base/text.h"
#include "net/asio.h"
#include "net/http_parser.h"
#include "net/proxy.h"

namespace fairlead::net {
namespace {

struct Connection {
  std::unique_ptr<Stream> stream;
  std::function<void()> closer;
  TimePoint idle_since;
  std::size_t filled = 0;
  std::array<char, 64 << 10> buffer;
};

std::string serialize(const HttpRequest& request, const HttpOrigin& origin) {
  bool ipv6 = origin.host.find(':') != std::string::npos;
  bool default_port = origin.port == (origin.tls ? 443 : 80);
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\nHost: ";
  out += ipv6 ? "[" + origin.host + "]" : origin.host;
  if (!default_port) out += ":" + std::to_string(origin.port);
  out += "\r\n";
  for (const auto& header : request.headers) out += header.name + ": " + header.value + "\r\n";
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE"))
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  out += "\r\n";
  out += request.body;
  return out;
}

// A header or target with a line break would be another request.
bool is_clean(const HttpRequest& request) {
  auto clean = [](std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos; };
  if (!clean(request.method) || !clean(request.target) || request.target.find(' ') != std::string::npos) return false;
  for (const auto& header : request.headers)
    if (!clean(header.name) || !clean(header.value)) return false;
  return true;
}

}  // namespace

struct HttpClient::Impl : std::enable_shared_from_this<HttpClient::Impl> {
  Impl(Executor e, HttpOrigin o, HttpLimits l) : executor(std::move(e)), origin(std::move(o)), limits(l) {}

  std::unique_ptr<Connection> take_idle() {
    while (!idle.empty()) {
      auto connection = std::move(idle.back());
      idle.pop_back();
      bool fresh = std::chrono::steady_clock::now() - connection->idle_since < limits.idle_keep;
      if (fresh && connection->stream->looks_alive()) return connection;
    }
    return nullptr;
  }

  void keep(std::unique_ptr<Connection> connection, std::uint64_t made_in) {
    if (made_in != generation || idle.size() >= limits.idle_connections) return;
    connection->idle_since = std::chrono::steady_clock::now();
    idle.push_back(std::move(connection));
  }

  awaitable<Result<std::unique_ptr<Connection>>> connect(Deadline call_deadline) {
    auto self = shared_from_this();
    HttpOrigin target = origin;
    Deadline deadline = call_deadline.sooner(Deadline::after(limits.connect));
    const std::string step = "connect to " + target.host + ":" + std::to_string(target.port);
    auto opened = co_await connect_through(target, deadline);
    if (!opened) co_return fail(std::move(opened.error()));
    auto connection = std::make_unique<Connection>();
    connection->closer = opened->closer;
    if (!target.tls) {
      connection->stream = std::move(opened->stream);
      co_return connection;
    }
    Watchdog watchdog(executor, deadline, opened->closer);
    auto secured = co_await tls_handshake(std::move(opened->stream), target.tls);
    if (!secured && watchdog.fired())
      co_return fail(ErrorCode::timeout, step, "the server did not finish the TLS handshake in time", "Check that this is the right port and that the server is not overloaded");
    if (!secured) {
      if (secured.error().code != ErrorCode::cancelled) secured.error().step = step;
      co_return fail(std::move(secured.error()));
    }
    connection->stream = std::move(secured->stream);
    co_return connection;
  }

  // One exchange on one connection. `unanswered` tells that not a byte of an answer was seen.
  awaitable<Result<HttpHead>> perform(Connection* connection, const HttpRequest* request, BodySink* sink, bool* reusable, bool* unanswered) {
    std::string bytes = serialize(*request, origin);
    auto written = co_await connection->stream->write(bytes);
    explicit_bzero(bytes.data(), bytes.size());  // it holds the Authorization header
    if (!written && written.error().code == ErrorCode::cancelled) co_return fail(std::move(written.error()));
    // After a failed write the server may still have said why (413, 401): read on.
    ResponseParser parser(*sink, request->method == "HEAD", limits.head_bytes);
    while (!parser.done()) {
      auto space = std::span<char>(connection->buffer.data() + connection->filled, connection->buffer.size() - connection->filled);
      if (space.empty()) co_return fail(ErrorCode::server_error, "read the answer", "its headers are too large");
      auto count = co_await connection->stream->read_some(space);
      if (!count || *count == 0) {
        *unanswered = !parser.started() && connection->filled == 0;
        if (!count) co_return fail(std::move(count.error()));
        auto ended = parser.feed_end();
        if (!ended) co_return fail(std::move(ended.error()));
        continue;
      }
      connection->filled += *count;
      auto used = parser.feed(std::string_view(connection->buffer.data(), connection->filled));
      if (!used) co_return fail(std::move(used.error()));
      connection->filled -= *used;
      if (connection->filled > 0) std::memmove(connection->buffer.data(), connection->buffer.data() + *used, connection->filled);
    }
    *reusable = written && parser.keep_alive() && connection->filled == 0;
    co_return parser.head();
  }

  Executor executor;
  HttpOrigin origin;
  HttpLimits limits;
  std::deque<std::unique_ptr<Connection>> idle;
  std::uint64_t generation = 0;  // connections of an older one are not kept
};

HttpClient::HttpClient(Executor executor, HttpOrigin origin, HttpLimits limits)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(origin), limits)) {}
HttpClient::~HttpClient() = default;

awaitable<Result<HttpHead>> HttpClient::exchange(HttpRequest request, BodySink& sink, Deadline deadline) {
  auto impl = impl_;
  const std::string step = request.method + " " + request.target;
  if (!is_clean(request)) co_return fail(ErrorCode::invalid_request, "build the request", "a line break or a space stands where none may be");
  while (true) {
    if (co_await cancelled()) co_return cancelled_error(step);
    auto connection = impl->take_idle();
    const bool reused = connection != nullptr;
    const std::uint64_t generation = impl->generation;
    if (!connection) {
      auto opened = co_await impl->connect(deadline);
      if (!opened) co_return fail(std::move(opened.error()));
      connection = std::move(*opened);
    }
    Watchdog watchdog(impl->executor, deadline, connection->closer);
    bool reusable = false;
    bool unanswered = false;
    auto head = co_await impl->perform(connection.get(), &request, &sink, &reusable, &unanswered);
    if (head) {
      if (reusable) impl->keep(std::move(connection), generation);
      co_return head;
    }
    if (watchdog.fired())
      co_return fail(ErrorCode::timeout, step, "the server did not answer in time", "Try again, ask for less (a namespace, a selector), or allow more time");
    if (co_await cancelled()) co_return cancelled_error(step);
    bool repeatable = request.method == "GET" || request.method == "HEAD";
    if (reused && unanswered && repeatable) continue;  // every idle connection can be stale once; the next one is new in the end
    if (head.error().step.empty() || head.error().step == "read the answer" || head.error().step.find("the connection") != std::string::npos)
      head.error().step = step;
    co_return head;
  }
}

void HttpClient::set_tls(std::shared_ptr<const TlsContext> tls) {
  impl_->origin.tls = std::move(tls);
  ++impl_->generation;
  close_idle();
}

void HttpClient::close_idle() { impl_->idle.clear(); }

}  // namespace fairlead::net
