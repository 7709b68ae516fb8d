#include "net/http_server.h"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>
#include <map>

#include "net/address.h"
#include "net/http_parser.h"
#include "net/tcp_stream.h"

namespace fairlead::net {
namespace {

using asio::ip::tcp;

std::string_view reason_phrase(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Status";
  }
}

std::string head_text(int status, const std::vector<HttpHeader>& headers, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_phrase(status)) + "\r\n";
  for (const auto& header : headers) {
    std::string line = header.name + ": " + header.value;
    for (char& c : line)  // a line break would be another header
      if (c == '\r' || c == '\n' || c == '\0') c = ' ';
    out += line + "\r\n";
  }
  if (!keep_alive) out += "Connection: close\r\n";
  return out;
}

// What was read and not yet parsed.
struct Unread {
  std::vector<char> bytes = std::vector<char>(16 << 10);
  std::size_t filled = 0;

  std::string_view view() const { return {bytes.data(), filled}; }
  std::span<char> space() { return {bytes.data() + filled, bytes.size() - filled}; }
  void drop(std::size_t count) {
    filled -= count;
    if (filled > 0) std::memmove(bytes.data(), bytes.data() + count, filled);
  }
};

// Looks out for the client's leaving while a handler runs; whoever else wants to read must stop it first.
struct Lookout {
  TaskGroup* group;
  Unread* unread;
  TaskGroup::Id task = 0;
  Event ended;

  Lookout(Executor executor, TaskGroup* tasks, Unread* bytes)
      : group(tasks), unread(bytes), ended(std::move(executor)) {}
};

// A connection after its upgrade.
class UpgradedStream final : public Stream {
 public:
  UpgradedStream(Stream& below, std::string_view early) : below_(below), early_(early) {}

  awaitable<Result<std::size_t>> read_some(std::span<char> into) override {
    if (early_.empty()) co_return co_await below_.read_some(into);
    std::size_t count = early_.copy(into.data(), into.size());
    early_.erase(0, count);
    co_return count;
  }
  awaitable<Result<void>> write(std::string_view bytes) override { co_return co_await below_.write(bytes); }
  void close() override { below_.close(); }

 private:
  Stream& below_;
  std::string early_;
};

constexpr auto kWriteTime = std::chrono::seconds(60);

class Writer final : public ResponseWriter {
 public:
  Writer(Stream& stream, Executor executor, std::function<void()> closer, bool keep_alive, bool head_only)
      : stream_(stream),
        executor_(std::move(executor)),
        closer_(std::move(closer)),
        keep_alive_(keep_alive),
        head_only_(head_only) {}
  void set_lookout(Lookout* lookout) { lookout_ = lookout; }

  awaitable<Result<void>> send(int status, std::vector<HttpHeader> headers, std::string body) override {
    if (begun_) co_return misuse("the answer has already begun");
    begun_ = finished_ = true;
    const bool bodiless = status == 204 || status == 304;
    std::string bytes = head_text(status, headers, keep_alive_);
    if (!bodiless) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    bytes += "\r\n";
    if (!head_only_ && !bodiless) bytes += body;
    co_return co_await put(std::move(bytes));
  }

  awaitable<Result<void>> start(int status, std::vector<HttpHeader> headers) override {
    if (begun_) co_return misuse("the answer has already begun");
    begun_ = true;
    std::string bytes = head_text(status, headers, keep_alive_) + "Transfer-Encoding: chunked\r\n\r\n";
    co_return co_await put(std::move(bytes));
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
    if (!begun_ || finished_) co_return misuse("the answer is not being streamed");
    if (bytes.empty() || head_only_) co_return Result<void>{};
    std::array<char, 20> size{};
    int length = std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    std::string chunk;
    chunk.reserve(bytes.size() + 24);
    chunk.append(size.data(), static_cast<std::size_t>(length));
    chunk.append(bytes);
    chunk += "\r\n";
    co_return co_await put(std::move(chunk));
  }

  awaitable<Result<void>> finish() override {
    if (!begun_ || finished_) co_return misuse("the answer is not being streamed");
    finished_ = true;
    if (head_only_) co_return Result<void>{};
    co_return co_await put("0\r\n\r\n");
  }

  awaitable<Result<std::unique_ptr<Stream>>> upgrade(std::vector<HttpHeader> headers) override {
    if (begun_ || !lookout_) co_return misuse("the answer has already begun");
    begun_ = true;
    lookout_->group->cancel(lookout_->task);
    auto stopped = co_await lookout_->ended.wait();
    if (!stopped) co_return fail(std::move(stopped.error()));
    auto sent = co_await put(head_text(101, headers, true) + "\r\n");
    if (!sent) co_return fail(std::move(sent.error()));
    auto upgraded = std::make_unique<UpgradedStream>(stream_, lookout_->unread->view());
    lookout_->unread->filled = 0;
    co_return upgraded;
  }

  void abort() override {
    gone_ = true;
    stream_.close();
  }

  void leave() { gone_ = true; }
  bool gone() const override { return gone_; }
  bool begun() const { return begun_; }
  bool finished() const { return finished_; }

 private:
  static tl::unexpected<Error> misuse(std::string cause) {
    return fail(ErrorCode::internal, "answer", std::move(cause));
  }

  awaitable<Result<void>> put(std::string bytes) {
    if (gone_) co_return fail(ErrorCode::unreachable, "answer", "the client has gone");
    Watchdog watchdog(executor_, Deadline::after(kWriteTime), closer_);  // of a client that does not read
    auto written = co_await stream_.write(bytes);
    if (!written) gone_ = true;
    co_return written;
  }

  Stream& stream_;
  Executor executor_;
  std::function<void()> closer_;
  Lookout* lookout_ = nullptr;
  bool keep_alive_, head_only_;
  bool begun_ = false, finished_ = false, gone_ = false;
};

constexpr auto kHalfClosedGrace = std::chrono::milliseconds(500);
constexpr auto kDrainTime = std::chrono::seconds(2);

}  // namespace

awaitable<Result<std::unique_ptr<Stream>>> ResponseWriter::upgrade(std::vector<HttpHeader>) {
  co_return fail(ErrorCode::internal, "answer", "this connection cannot change its protocol");
}

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(Executor e, HttpServerOptions o, HttpHandler h)
      : executor(e), options(std::move(o)), handler(std::move(h)), acceptor(e), tasks(e) {}

  static awaitable<void> accept_loop(std::shared_ptr<Impl> self) {
    while (self->acceptor.is_open()) {
      auto [error, socket] = co_await self->acceptor.async_accept(as_values);
      if (error == asio::error::operation_aborted || !self->acceptor.is_open()) break;
      if (error) {
        // Out of descriptors, most likely: give connections the time to end.
        auto slept = co_await sleep_for(std::chrono::milliseconds(50));
        if (!slept) break;
        continue;
      }
      if (self->tasks.running() > self->options.connections) continue;  // closes it
      error_code unknown;
      const auto remote = socket.remote_endpoint(unknown);
      std::string address = unknown ? std::string() : remote.address().to_string();
      auto counted = self->count(address);
      if (!counted) continue;
      self->tasks.spawn(serve(self, wrap_socket(std::move(socket)), std::move(address), std::move(counted)));
    }
  }

  // One connection more of its sender, for as long as it is held; null: it has as many as it may.
  std::shared_ptr<void> count(const std::string& address) {
    const std::size_t most = options.connections_per_address;
    if (most == 0 || (!options.limits_loopback && is_loopback_address(address))) return shared_from_this();
    std::string sender = address_block(address);
    std::size_t& connections = senders[sender];
    if (connections >= most) return nullptr;
    ++connections;
    return std::shared_ptr<void>(this, [self = shared_from_this(), sender = std::move(sender)](void*) {
      const auto found = self->senders.find(sender);
      if (--found->second == 0) self->senders.erase(found);
    });
  }

  static awaitable<void> serve(std::shared_ptr<Impl> self, TcpConnection connection, std::string remote,
                               [[maybe_unused]] std::shared_ptr<void> counted) {
    const HttpServerOptions& options = self->options;
    PeerName peer;
    std::unique_ptr<Stream> stream = std::move(connection.stream);
    if (options.tls) {
      Watchdog watchdog(self->executor, Deadline::after(options.head_timeout), connection.closer);
      auto secured = co_await tls_handshake(std::move(stream), options.tls);
      if (!secured) co_return;
      peer = std::move(secured->peer);
      stream = std::move(secured->stream);
    }
    Unread unread;
    while (true) {
      RequestParser parser(options.head_bytes, options.body_bytes);
      Result<void> read = co_await read_request(self, stream.get(), connection.closer, &parser, &unread);
      if (!read) {
        if (parser.started() && read.error().code == ErrorCode::invalid_request)
          co_await reject(self, stream.get(), connection.closer, parser.refused_with(), read.error().cause);
        break;
      }
      if (!parser.done()) break;  // the client is done
      const bool keep_alive = parser.keep_alive();
      ServerRequest request;
      request.http = parser.take();
      request.peer = peer;
      request.remote = remote;
      Writer writer(*stream, self->executor, connection.closer, keep_alive, request.http.method == "HEAD");
      co_await answer(self, stream.get(), &writer, std::move(request), &unread);
      if (writer.gone() || !writer.finished() || !keep_alive) break;
    }
    stream->close();
  }

  // Returns without a whole request when the client closed the connection.
  static awaitable<Result<void>> read_request(std::shared_ptr<Impl> self, Stream* stream, std::function<void()> closer,
                                              RequestParser* parser, Unread* unread) {
    bool continued = false;
    bool timed = false;
    auto watchdog = std::make_unique<Watchdog>(self->executor, Deadline::after(self->options.idle_timeout), closer);
    while (true) {
      if (unread->filled > 0) {
        auto used = parser->feed(unread->view());
        if (!used) co_return fail(std::move(used.error()));
        unread->drop(*used);
        if (parser->done()) co_return Result<void>{};
        if (!timed) {
          timed = true;
          watchdog = std::make_unique<Watchdog>(self->executor, Deadline::after(self->options.head_timeout), closer);
        }
        if (parser->head_done() && parser->expects_continue() && !continued) {
          continued = true;
          auto sent = co_await stream->write("HTTP/1.1 100 Continue\r\n\r\n");
          if (!sent) co_return fail(std::move(sent.error()));
        }
        if (unread->space().empty()) {
          if (unread->bytes.size() > self->options.head_bytes) co_return parser->refuse_head();
          unread->bytes.resize(unread->bytes.size() * 2);
        }
      }
      auto count = co_await stream->read_some(unread->space());
      if (!count) co_return fail(std::move(count.error()));
      if (*count == 0) co_return Result<void>{};
      unread->filled += *count;
    }
  }

  static awaitable<void> reject(std::shared_ptr<Impl> self, Stream* stream, std::function<void()> closer, int status,
                                std::string cause) {
    Watchdog watchdog(self->executor, Deadline::after(kDrainTime), closer);
    Writer writer(*stream, self->executor, closer, false, false);
    Content content{"text/plain; charset=utf-8", cause + "\n"};
    if (self->options.refusal) content = self->options.refusal(status, cause);
    std::vector<HttpHeader> headers{{"Content-Type", std::move(content.type)}};
    auto sent = co_await writer.send(status, std::move(headers), std::move(content.body));
    // Closing while the client still sends would reset the connection and could destroy the answer on its way.
    std::vector<char> ignored(64 << 10);
    while (sent) {
      auto count = co_await stream->read_some(ignored);
      if (!count || *count == 0) break;
    }
  }

  // Runs the handler while listening for the client's leaving, which cancels it.
  static awaitable<void> answer(std::shared_ptr<Impl> self, Stream* stream, Writer* writer, ServerRequest request,
                                Unread* unread) {
    TaskGroup group(self->executor);
    Lookout lookout(self->executor, &group, unread);
    writer->set_lookout(&lookout);
    TaskGroup::Id handling = group.spawn(handle(self, writer, std::move(request), &group));
    lookout.task = group.spawn(watch(stream, writer, &lookout, handling));
    co_await group.join();
  }

  static awaitable<void> handle(std::shared_ptr<Impl> self, Writer* writer, ServerRequest request, TaskGroup* group) {
    co_await self->handler(std::move(request), *writer);
    std::vector<HttpHeader> no_headers;
    std::string no_body;
    if (!writer->begun()) co_await writer->send(500, std::move(no_headers), std::move(no_body));
    group->cancel_all();  // the watch
  }

  static awaitable<void> watch(Stream* stream, Writer* writer, Lookout* lookout, TaskGroup::Id handling) {
    bool left = co_await client_left(stream, lookout->unread);
    lookout->ended.set();
    if (!left) co_return;
    writer->leave();
    lookout->group->cancel(handling);
  }

  static awaitable<bool> client_left(Stream* stream, Unread* unread) {
    while (!unread->space().empty()) {
      auto count = co_await stream->read_some(unread->space());
      if (!count && count.error().code == ErrorCode::cancelled) co_return false;
      if (count && *count > 0) {
        unread->filled += *count;
        continue;
      }
      if (count) {
        // A client that closed only its sending side still gets answers that come quickly.
        auto slept = co_await sleep_for(kHalfClosedGrace);
        if (!slept) co_return false;
      }
      co_return true;
    }
    co_return false;
  }

  Executor executor;
  HttpServerOptions options;
  HttpHandler handler;
  tcp::acceptor acceptor;
  std::uint16_t port = 0;
  std::map<std::string, std::size_t> senders;  // their connections
  TaskGroup tasks;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(Executor executor, HttpServerOptions options,
                                                       HttpHandler handler) {
  const std::string step = "listen on " + options.address + ":" + std::to_string(options.port);
  error_code error;
  auto address = asio::ip::make_address(options.address, error);
  if (error)
    return fail(ErrorCode::invalid_request, step, "that is not an IP address", "Give an address such as 127.0.0.1");
  tcp::endpoint endpoint(address, options.port);
  auto impl = std::make_shared<Impl>(executor, std::move(options), std::move(handler));
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) impl->port = impl->acceptor.local_endpoint(error).port();
  if (error)
    return fail(ErrorCode::unreachable, step, error.message(), "Choose another port, or 0 for one that is free");
  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_ = impl;
  impl->tasks.spawn(Impl::accept_loop(impl));
  return server;
}

HttpServer::~HttpServer() { close(); }
std::uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::close() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->tasks.cancel_all();
}

awaitable<void> HttpServer::join() { co_await impl_->tasks.join(); }

}  // namespace fairlead::net
