#include "net/http_server.h"

#include <boost/asio/ip/tcp.hpp>
#include <array>

#include "base/text.h"
#include "net/http_parser.h"
#include "net/tcp_stream.h"

namespace fairlead::net {
namespace {

using asio::ip::tcp;

std::string_view reason_phrase(int status) {
  switch (status) {
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
    case 413: return "Payload Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Status";
  }
}

std::string head_text(int status, const std::vector<HttpHeader>& headers, bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_phrase(status)) + "\r\n";
  for (const auto& header : headers) out += header.name + ": " + header.value + "\r\n";
  if (!keep_alive) out += "Connection: close\r\n";
  return out;
}

class Writer final : public ResponseWriter {
 public:
  Writer(Stream& stream, bool keep_alive, bool head_only) : stream_(stream), keep_alive_(keep_alive), head_only_(head_only) {}

  awaitable<Result<void>> send(int status, std::vector<HttpHeader> headers, std::string body) override {
    begun_ = finished_ = true;
    std::string bytes = head_text(status, headers, keep_alive_);
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    if (!head_only_) bytes += body;
    co_return co_await put(std::move(bytes));
  }

  awaitable<Result<void>> start(int status, std::vector<HttpHeader> headers) override {
    begun_ = true;
    std::string bytes = head_text(status, headers, keep_alive_) + "Transfer-Encoding: chunked\r\n\r\n";
    co_return co_await put(std::move(bytes));
  }

  awaitable<Result<void>> write(std::string_view bytes) override {
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
    finished_ = true;
    if (head_only_) co_return Result<void>{};
    co_return co_await put("0\r\n\r\n");
  }

  void abort() override {
    gone_ = true;
    stream_.close();
  }

  bool gone() const override { return gone_; }
  bool begun() const { return begun_; }
  bool finished() const { return finished_; }

 private:
  awaitable<Result<void>> put(std::string bytes) {
    if (gone_) co_return fail(ErrorCode::unreachable, "answer", "the client has gone");
    auto written = co_await stream_.write(bytes);
    if (!written) gone_ = true;
    co_return written;
  }

  Stream& stream_;
  bool keep_alive_, head_only_;
  bool begun_ = false, finished_ = false, gone_ = false;
};

}  // namespace

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
      self->tasks.spawn(serve(self, wrap_socket(std::move(socket))));
    }
  }

  static awaitable<void> serve(std::shared_ptr<Impl> self, TcpConnection connection) {
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
    std::vector<char> buffer(16 << 10);
    std::size_t filled = 0;
    while (true) {
      RequestParser parser(options.head_bytes, options.body_bytes);
      Result<void> read = co_await read_request(self, stream.get(), connection.closer, &parser, &buffer, &filled);
      if (!read) {
        if (parser.started() && read.error().code == ErrorCode::invalid_request) {
          Writer writer(*stream, false, false);
          std::string text = parser.body_too_large() ? "the request's body is too large\n" : "400 Bad Request\n";
          std::vector<HttpHeader> headers{{"Content-Type", "text/plain; charset=utf-8"}};
          co_await writer.send(parser.body_too_large() ? 413 : 400, std::move(headers), std::move(text));
        }
        break;
      }
      if (!parser.done()) break;  // the client is done
      bool keep_alive = parser.keep_alive();
      ServerRequest request;
      request.http = parser.take();
      request.peer = peer;
      Writer writer(*stream, keep_alive, request.http.method == "HEAD");
      co_await self->handler(std::move(request), writer);
      if (!writer.begun()) co_await writer.send(500, {}, "");
      if (writer.gone() || !writer.finished() || !keep_alive) break;
    }
    stream->close();
  }

  static awaitable<Result<void>> read_request(std::shared_ptr<Impl> self, Stream* stream, std::function<void()> closer, RequestParser* parser,
                                              std::vector<char>* buffer, std::size_t* filled) {
    Deadline deadline = Deadline::after(self->options.idle_timeout);
    bool continued = false;
    bool timed = false;
    auto watchdog = std::make_unique<Watchdog>(self->executor, deadline, closer);
    while (true) {
      if (*filled > 0) {
        auto used = parser->feed(std::string_view(buffer->data(), *filled));
        if (!used) co_return fail(std::move(used.error()));
        *filled -= *used;
        if (*filled > 0) std::memmove(buffer->data(), buffer->data() + *used, *filled);
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
        if (*filled == buffer->size()) {
          if (buffer->size() > self->options.head_bytes) co_return fail(ErrorCode::invalid_request, "read the request", "its head is too large");
          buffer->resize(buffer->size() * 2);
        }
      }
      auto count = co_await stream->read_some(std::span<char>(buffer->data() + *filled, buffer->size() - *filled));
      if (!count) co_return fail(std::move(count.error()));
      if (*count == 0) co_return Result<void>{};
      *filled += *count;
    }
  }

  Executor executor;
  HttpServerOptions options;
  HttpHandler handler;
  tcp::acceptor acceptor;
  TaskGroup tasks;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(Executor executor, HttpServerOptions options, HttpHandler handler) {
  const std::string step = "listen on " + options.address + ":" + std::to_string(options.port);
  error_code error;
  auto address = asio::ip::make_address(options.address, error);
  if (error) return fail(ErrorCode::invalid_request, step, "that is not an IP address", "Give an address such as 127.0.0.1");
  tcp::endpoint endpoint(address, options.port);
  auto impl = std::make_shared<Impl>(executor, std::move(options), std::move(handler));
  impl->acceptor.open(endpoint.protocol(), error);
  if (!error) impl->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl->acceptor.bind(endpoint, error);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(ErrorCode::unreachable, step, error.message(), "Choose another port, or 0 for one that is free");
  std::unique_ptr<HttpServer> server(new HttpServer);
  server->impl_ = impl;
  impl->tasks.spawn(Impl::accept_loop(impl));
  return server;
}

HttpServer::~HttpServer() { close(); }
std::uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

void HttpServer::close() {
  error_code ignored;
  impl_->acceptor.close(ignored);
  impl_->tasks.cancel_all();
}

}  // namespace fairlead::net
