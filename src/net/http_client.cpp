#include "net/http_client.h"

#include <cstring>
#include <deque>

#include "net/asio.h"
#include "net/http_parser.h"
#include "net/proxy.h"

namespace fairlead::net {
namespace {

constexpr std::size_t kBufferSize = 64 << 10;
constexpr std::string_view kReading = "read the answer";
constexpr std::string_view kTryAgain = "Try again; if it stays so, look at the server and at proxies on the way";

struct Connection {
  std::unique_ptr<Stream> stream;
  std::function<void()> closer;
  TimePoint idle_since;
};

std::string serialize(const HttpRequest& request, const HttpOrigin& origin) {
  bool default_port = origin.port == (origin.tls ? 443 : 80);
  std::string host = address_text(origin.host, origin.port);
  if (default_port) host.resize(host.rfind(':'));
  std::size_t size = request.method.size() + request.target.size() + host.size() + request.body.size() +
                     request.authorization.reveal().size() + 160;
  for (const auto& header : request.headers) size += header.name.size() + header.value.size() + 4;
  std::string out;
  out.reserve(size);  // growing would leave copies of the credential behind
  out += request.method + " " + request.target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& header : request.headers) {
    out += header.name;
    out += ": ";
    out += header.value;
    out += "\r\n";
  }
  if (!request.authorization.empty())
    out.append("Authorization: ").append(request.authorization.reveal()).append("\r\n");
  if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD" && request.method != "DELETE"))
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  out += "\r\n";
  out += request.body;
  return out;
}

bool is_token(std::string_view text) {  // RFC 9110, 5.6.2
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 others.find(c) != std::string_view::npos;
    if (!plain) return false;
  }
  return !text.empty();
}

// A header or target with a line break would be another request.
bool is_clean(const HttpRequest& request) {
  if (!is_token(request.method) || request.target.empty()) return false;
  for (unsigned char c : request.target)
    if (c <= ' ' || c == 0x7f) return false;
  constexpr std::string_view breaks("\r\n\0", 3);
  for (const auto& header : request.headers)
    if (!is_token(header.name) || header.value.find_first_of(breaks) != std::string::npos) return false;
  return request.authorization.reveal().find_first_of(breaks) == std::string_view::npos;
}

Error unclean() {
  return {ErrorCode::invalid_request,
          "build the request",
          "a line break, a blank or another character stands where it may not",
          "",
          nullptr,
          {}};
}

// The start of a TLS alert or handshake record.
bool speaks_tls(std::string_view bytes) {
  return bytes.size() >= 2 && (bytes[0] == '\x15' || bytes[0] == '\x16') && bytes[1] == '\x03';
}

// What became of one exchange on one connection, beside its result.
struct Progress {
  bool sent = false;      // a byte of the request may have been
  bool answered = false;  // a byte of an answer was seen
  bool begun = false;     // a status line was seen
  bool reusable = false;
  std::string rest;  // what came behind the answer
};

// The beginning of a body that somebody may want to read.
class Beginning final : public BodySink {
 public:
  explicit Beginning(std::size_t most) : most_(most) {}
  Result<void> on_head(const HttpHead&) override { return {}; }
  Result<Flow> on_body(std::string_view bytes) override {
    text.append(bytes.substr(0, most_ - text.size()));
    return text.size() == most_ ? Flow::enough : Flow::more;
  }
  std::string text;

 private:
  std::size_t most_;
};

// What is told of an exchange that broke.
Error explain_broken(Error error, const Progress& progress, const std::string& step, bool repeatable) {
  const bool ours = error.step == kReading || error.step.ends_with(" the connection");
  if (ours) error.step = step;
  if (!repeatable && (error.code == ErrorCode::unreachable || progress.answered))
    error = with_unknown_outcome(std::move(error));
  if (error.code == ErrorCode::unreachable && error.remedy.empty()) error.remedy = kTryAgain;
  return error;
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
    const TimePoint now = std::chrono::steady_clock::now();
    while (!idle.empty() && now - idle.front()->idle_since >= limits.idle_keep) idle.pop_front();
    if (made_in != generation || idle.size() >= limits.idle_connections) return;
    connection->idle_since = now;
    idle.push_back(std::move(connection));
  }

  awaitable<Result<std::unique_ptr<Connection>>> connect(Deadline call_deadline) {
    auto self = shared_from_this();
    HttpOrigin target = origin;
    Deadline deadline = call_deadline.sooner(Deadline::after(limits.connect));
    const std::string step = "connect to " + address_text(target.host, target.port);
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
      co_return fail(ErrorCode::timeout, step, "the server did not finish the TLS handshake in time",
                     "Check that this is the right port and that the server is not overloaded");
    if (!secured) {
      secured.error().step = step;
      co_return fail(std::move(secured.error()));
    }
    connection->stream = std::move(secured->stream);
    co_return connection;
  }

  awaitable<Result<HttpHead>> perform(Connection* connection, const HttpRequest* request, BodySink* sink,
                                      Progress* progress) {
    std::string bytes = serialize(*request, origin);
    progress->sent = true;
    auto written = co_await connection->stream->write(bytes);
    explicit_bzero(bytes.data(), bytes.size());
    if (!written && written.error().code == ErrorCode::cancelled) co_return fail(std::move(written.error()));
    // After a failed write the server may still have said why (413, 401): read on.
    ResponseParser parser(*sink, request->method == "HEAD", limits.head_bytes);
    auto buffer = std::make_unique_for_overwrite<char[]>(kBufferSize);
    std::size_t filled = 0;
    while (!parser.done()) {
      std::span<char> space(buffer.get() + filled, kBufferSize - filled);
      if (space.empty())
        co_return fail(ErrorCode::server_error, std::string(kReading), "its headers are too large",
                       "Check that the address is that of a Kubernetes API server");
      auto count = co_await connection->stream->read_some(space);
      if (!count) co_return fail(std::move(count.error()));
      if (*count == 0) {
        auto ended = parser.feed_end();
        if (!ended) co_return fail(std::move(ended.error()));
        break;
      }
      progress->answered = true;
      filled += *count;
      std::string_view unread(buffer.get(), filled);
      auto used = parser.feed(unread);
      if (!used && !progress->begun && !origin.tls && speaks_tls(unread))
        co_return fail(ErrorCode::unreachable, std::string(kReading), "the server speaks TLS, not plain HTTP",
                       "Its URL must start with https://");
      if (!used) co_return fail(std::move(used.error()));
      progress->begun = parser.head().status != 0;
      filled -= *used;
      if (filled > 0) std::memmove(buffer.get(), buffer.get() + *used, filled);
    }
    progress->reusable = written && parser.keep_alive() && filled == 0;
    progress->rest.assign(buffer.get(), filled);
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
  const std::string step = request.method + " " + request.target.substr(0, request.target.find('?'));
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  if (!is_clean(request)) co_return fail(unclean());
  while (true) {
    if (co_await cancelled()) co_return cancelled_error(step);
    auto connection = impl->take_idle();
    const bool reused = connection != nullptr;
    const std::uint64_t generation = impl->generation;
    if (!connection) {
      auto opened = co_await impl->connect(deadline);
      if (!opened && opened.error().code == ErrorCode::unreachable && opened.error().remedy.empty())
        opened.error().remedy = kTryAgain;
      if (!opened) co_return fail(std::move(opened.error()));
      connection = std::move(*opened);
    }
    Watchdog watchdog(impl->executor, deadline, connection->closer);
    Progress progress;
    auto head = co_await impl->perform(connection.get(), &request, &sink, &progress);
    if (head) {
      if (progress.reusable) impl->keep(std::move(connection), generation);
      co_return head;
    }
    if (watchdog.fired()) {
      std::string cause = progress.begun ? "the answer did not end in time" : "the server did not answer in time";
      Error error{
          ErrorCode::timeout, step, std::move(cause),
          "Try again, ask for less (a namespace, a selector), or have Fairlead started with a longer --timeout"};
      if (!repeatable) error = with_unknown_outcome(std::move(error));
      co_return fail(std::move(error));
    }
    if (co_await cancelled()) {
      Error error = std::move(cancelled_error(step).value());
      if (progress.sent && !repeatable) error = with_unknown_outcome(std::move(error));
      co_return fail(std::move(error));
    }
    // Every idle connection may have been closed by the server meanwhile; the one after the last of them is new.
    if (reused && !progress.answered && repeatable) continue;
    co_return fail(explain_broken(std::move(head.error()), progress, step, repeatable));
  }
}

awaitable<Result<Upgraded>> HttpClient::upgrade(HttpRequest request, Deadline deadline) {
  auto impl = impl_;
  const std::string step = request.method + " " + request.target.substr(0, request.target.find('?'));
  if (!is_clean(request)) co_return fail(unclean());
  if (co_await cancelled()) co_return cancelled_error(step);
  auto opened = co_await impl->connect(deadline);
  if (!opened) co_return fail(explain_broken(std::move(opened.error()), Progress(), step, true));
  std::unique_ptr<Connection> connection = std::move(*opened);
  Watchdog watchdog(impl->executor, deadline, connection->closer);
  Progress progress;
  Beginning body(kBufferSize);
  auto head = co_await impl->perform(connection.get(), &request, &body, &progress);
  if (!head && watchdog.fired()) {
    Error late{ErrorCode::timeout, step, "the server did not answer in time"};
    co_return fail(with_unknown_outcome(std::move(late)));
  }
  if (!head) {
    const bool called_off = co_await cancelled();
    Error error = called_off ? std::move(cancelled_error(step).value())
                             : explain_broken(std::move(head.error()), progress, step, false);
    if (called_off) error = with_unknown_outcome(std::move(error));
    co_return fail(std::move(error));
  }
  Upgraded out;
  out.head = std::move(*head);
  out.body = std::move(body.text);
  out.received = std::move(progress.rest);
  out.closer = connection->closer;
  if (out.head.status == 101) out.stream = std::move(connection->stream);
  co_return out;
}

void HttpClient::set_tls(std::shared_ptr<const TlsContext> tls) {
  impl_->origin.tls = std::move(tls);
  ++impl_->generation;
  close_idle();
}

void HttpClient::close_idle() { impl_->idle.clear(); }

}  // namespace fairlead::net
