// An HTTP/1.1 client for one origin over kept-alive connections. Answers are streamed into a sink; nothing is buffered
// here beyond one read of 64 KiB. Use on one executor; several exchanges may run at once, each on its own connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/secret.h"
#include "net/http.h"
#include "net/stream.h"
#include "net/tls.h"

namespace fairlead::net {

// What a caller is told to do when nobody knows whether a write was carried out.
inline constexpr std::string_view kUnknownOutcome =
    "It is not known whether the change was made: look at the object before you repeat it";
// Of an error that leaves that open.
inline Error with_unknown_outcome(Error error) {
  error.outcome_unknown = true;
  error.remedy = kUnknownOutcome;
  return error;
}

struct ProxyServer {
  enum class Kind { http, https, socks5 } kind = Kind::http;
  std::string host;
  std::uint16_t port = 0;
  Secret user_info;    // "user:password", percent-decoded; empty: none
  std::string ca_pem;  // trusted for an https proxy itself, beside the system's authorities
};

struct HttpOrigin {
  std::string host;
  std::uint16_t port = 443;
  std::shared_ptr<const TlsContext> tls;  // null: plain HTTP
  std::optional<ProxyServer> proxy;
  // Refuses link-local addresses and those where clouds serve credentials, by whatever name they come: policy_denied. A
  // proxy looks names up by itself.
  bool no_metadata = false;
};

struct HttpLimits {
  std::size_t head_bytes = 64 << 10;  // status line and headers
  Duration connect =
      std::chrono::seconds(10);  // name lookup, TCP, proxy and TLS together; the call's deadline also holds
  Duration idle_keep = std::chrono::seconds(60);
  std::size_t idle_connections = 8;
};

// A connection that goes on with another protocol after its 101.
struct Upgraded {
  HttpHead head;
  std::unique_ptr<Stream> stream;  // null: the server answered something else,
  std::string body;                // of which this is the body, its first 64 KiB
  std::string received;            // what came behind the 101 already
  std::function<void()> closer;    // closes the stream from a watchdog; harmless after it died
};

class HttpClient {
 public:
  HttpClient(Executor executor, HttpOrigin origin, HttpLimits limits = {});
  ~HttpClient();

  // One exchange. Host, Connection and Content-Length are added here. The head that was received, once the body has
  // been handed over whole (or the sink had enough). Errors: unreachable, timeout, certificate_invalid, cancelled,
  // server_error when the answer is not HTTP, and whatever the sink answers. A request on a reused connection that
  // was closed before the first byte of an answer is sent again on a new one if its method is GET or HEAD; errors of
  // other methods say where their outcome is unknown (with_unknown_outcome).
  awaitable<Result<HttpHead>> exchange(HttpRequest request, BodySink& sink, Deadline deadline);

  // A GET that asks for another protocol, on a connection of its own. The request has Connection, Upgrade and whatever
  // the protocol wants in its headers. Sent once; errors as of exchange().
  awaitable<Result<Upgraded>> upgrade(HttpRequest request, Deadline deadline);

  // Later connections use this context (a renewed client certificate); idle ones are closed.
  void set_tls(std::shared_ptr<const TlsContext> tls);
  void close_idle();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace fairlead::net
