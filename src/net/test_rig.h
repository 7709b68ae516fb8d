// Tests only: an HTTP server and clients of it on one loop.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/test_certificates.h"
#include "net/test_support.h"

namespace fairlead::net::testing {

class HttpRig : public ::testing::Test {
 protected:
  void serve(HttpHandler handler, std::shared_ptr<const TlsContext> tls = nullptr) {
    HttpServerOptions options;
    options.tls = std::move(tls);
    serve(std::move(options), std::move(handler));
  }
  void serve(HttpServerOptions options, HttpHandler handler) {
    auto listening = HttpServer::listen(loop.executor(), std::move(options), std::move(handler));
    ASSERT_TRUE(listening) << listening.error().sentence();
    server = std::move(*listening);
  }

  HttpClient& client_of(std::uint16_t port, std::shared_ptr<const TlsContext> tls = nullptr, HttpLimits limits = {}) {
    HttpOrigin origin;
    origin.host = tls ? "localhost" : "127.0.0.1";
    origin.port = port;
    origin.tls = std::move(tls);
    return client_of(std::move(origin), limits);
  }
  HttpClient& client_of(HttpOrigin origin, HttpLimits limits = {}) {
    client = std::make_unique<HttpClient>(loop.executor(), std::move(origin), limits);
    return *client;
  }

  Reply ask(HttpRequest request, Deadline deadline = patience()) {
    return await_on(loop, fetch(client.get(), std::move(request), deadline));
  }
  Reply ask(std::string target = "/", Deadline deadline = patience()) { return ask(get(std::move(target)), deadline); }

  // "code: sentence" of what went wrong.
  std::string problem(const Reply& reply) {
    return reply.head ? "none" : std::string(to_string(reply.head.error().code)) + ": " + reply.head.error().sentence();
  }

  Loop loop;
  Authority authority{"test authority"};
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpClient> client;
};

}  // namespace fairlead::net::testing
