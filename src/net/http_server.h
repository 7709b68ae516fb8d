// An HTTP/1.1 server over TLS or plain TCP: keep-alive, chunked or sized answers that are streamed with back-pressure.
// Runs on one executor; handlers of different connections interleave, those of one connection follow each other.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "net/http.h"
#include "net/stream.h"
#include "net/tls.h"

namespace fairlead::net {

struct ServerRequest {
  HttpRequest http;
  PeerName peer;       // empty without a client certificate
  std::string remote;  // the IP address that the connection comes from
};

class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  // Sends a whole answer.
  virtual awaitable<Result<void>> send(int status, std::vector<HttpHeader> headers, std::string body) = 0;
  // Starts a streamed (chunked) one; then write() any number of times, and finish().
  virtual awaitable<Result<void>> start(int status, std::vector<HttpHeader> headers) = 0;
  virtual awaitable<Result<void>> write(std::string_view bytes) = 0;
  virtual awaitable<Result<void>> finish() = 0;
  // Answers 101 Switching Protocols with those headers (Upgrade, Connection and what the protocol wants) and hands over
  // the connection: what the client has sent behind its request comes first. The stream must not outlive the handler,
  // and the connection is closed when the handler returns. From here on the client's leaving is seen by reading.
  virtual awaitable<Result<std::unique_ptr<Stream>>> upgrade(std::vector<HttpHeader> headers);
  // Drops the connection at once, mid-answer if need be (for faults made on purpose).
  virtual void abort() = 0;
  // True once the client has gone (a write failed).
  virtual bool gone() const = 0;
};

// Must answer; when it returns without having done so, the server sends 500.
using HttpHandler = std::function<awaitable<void>(ServerRequest request, ResponseWriter& writer)>;

struct Content {
  std::string type, body;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                 // 0: one that is free
  std::shared_ptr<const TlsContext> tls;  // null: plain HTTP
  std::size_t head_bytes = 64 << 10;
  std::size_t body_bytes = 8 << 20;  // larger request bodies are answered with 413
  // What a request that cannot be read is answered with; `status`: 400, 413, 431 or 501; `cause`: a clause ("its head
  // is too large"). Empty: a line of text. One that never comes to its end is answered with nothing.
  std::function<Content(int status, const std::string& cause)> refusal;
  Duration head_timeout = std::chrono::seconds(20);
  Duration idle_timeout = std::chrono::seconds(120);
  std::size_t connections = 4096;
  // Of one sender (net/address.h), of loopback addresses only where `limits_loopback`; those beyond it are closed at
  // once. 0: no limit.
  std::size_t connections_per_address = 0;
  bool limits_loopback = true;
};

class HttpServer {
 public:
  // Binds and listens; the error says who holds the port where the system tells.
  static Result<std::unique_ptr<HttpServer>> listen(Executor executor, HttpServerOptions options, HttpHandler handler);
  ~HttpServer();  // closes everything
  std::uint16_t port() const;
  void close();
  // After close(): until no handler runs any more, so that what handlers use may go.
  awaitable<void> join();

 private:
  HttpServer() = default;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace fairlead::net
