// Tests only: an identity provider on the loopback interface, and an Oidc that takes its tokens.
#pragma once

#include <gmock/gmock.h>

#include <deque>

#include "identity/jwt_testing.h"
#include "identity/oidc.h"
#include "net/http_server.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::identity::testing {

using store::testing::await_on;
using store::testing::patience;

inline constexpr std::int64_t kNow = 1'800'000'000;

class Provider {
 public:
  // `tls`: null, or of a certificate for localhost.
  explicit Provider(net::Loop& loop, std::shared_ptr<const net::TlsContext> tls = nullptr) {
    net::HttpServerOptions options;
    options.tls = tls;
    auto listening = net::HttpServer::listen(loop.executor(), std::move(options),
                                             [this](net::ServerRequest request, net::ResponseWriter& writer) {
                                               return answer(std::move(request), &writer);
                                             });
    server_ = std::move(listening.value());
    issuer = (tls ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(server_->port());
    jwks_uri = issuer + "/keys";
    configuration = R"({"issuer":")" + issuer + R"(","jwks_uri":")" + jwks_uri + R"("})";
  }

  std::string issuer, jwks_uri, configuration, keys;
  int status = 200;
  bool hangs = false;
  std::vector<std::string> asked;  // paths

 private:
  awaitable<void> answer(net::ServerRequest request, net::ResponseWriter* writer) {
    asked.push_back(request.http.target);
    if (hangs) {
      auto slept = co_await net::sleep_for(std::chrono::hours(1));
      static_cast<void>(slept);
    }
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(5));  // so that callers meet
    static_cast<void>(slept);
    std::string body = request.http.target == "/.well-known/openid-configuration" ? configuration : keys;
    std::vector<net::HttpHeader> headers{{"Location", "/elsewhere"}};
    auto sent = co_await writer->send(status, std::move(headers), std::move(body));
    static_cast<void>(sent);
  }

  std::unique_ptr<net::HttpServer> server_;
};

class OidcRig : public ::testing::Test {
 protected:
  OidcRig() : database(open()), provider(loop) {
    provider.keys = set_of({key.jwk()});
    config.issuer = provider.issuer;
    config.audiences = {"fairlead"};
    config.rules = {{{"groups"}, "sre", {gate::parse_binding("operator@k8s:prod/shop").value()}},
                    {{"scope"}, "read", {gate::parse_binding("viewer").value()}}};
    restart();
  }
  ~OidcRig() override { await_on(loop, oidc->close()); }

  std::unique_ptr<store::Database> open() {
    return store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()});
  }
  // As if the server were started anew.
  void restart() {
    if (oidc) await_on(loop, oidc->close());
    oidc = std::make_unique<Oidc>(
        loop.executor(), config, [](std::string_view) { return std::nullopt; },
        [this](const std::string& text) { warnings.push_back(text); }, *database, clock);
  }

  json::object claims() const {
    return {{"iss", config.issuer}, {"sub", "alice"},  {"aud", "fairlead"},
            {"exp", kNow + 600},    {"iat", kNow - 5}, {"groups", {"dev", "sre"}}};
  }
  std::string token(const json::object& of, const std::string& kid = "one") const {
    return key.token({{"alg", "ES256"}, {"kid", kid}, {"typ", "at+jwt"}}, of);
  }
  template <class T>
  std::string token_with(std::string_view name, const T& value) const {
    json::object out = claims();
    out[name] = value;
    return token(out);
  }
  std::string token_without(std::string_view name) const {
    json::object out = claims();
    out.erase(name);
    return token(out);
  }

  Result<Admitted> authenticate(const std::string& text) {
    return await_on(loop, oidc->authenticate(Secret(text), patience()));
  }
  // The name, or the code of the error.
  std::string enter(const std::string& text) {
    auto in = authenticate(text);
    if (in) return in->who.name;
    if (in.error().code == ErrorCode::authentication_failed) { EXPECT_EQ(in.error().sentence(), refused_); }
    EXPECT_EQ(in.error().foreign, "");
    return std::string(to_string(in.error().code));
  }

  net::Loop loop;
  store::testing::TemporaryDirectory directory;
  std::unique_ptr<store::Database> database;
  FixedClock clock{kNow};
  const SigningKey& key = key_for("ES256");
  Provider provider;
  OidcConfig config;
  std::vector<std::string> warnings;
  std::unique_ptr<Oidc> oidc;

 private:
  const std::string refused_ =
      "authenticate: the token is none of this Fairlead's, has expired, or was revoked. Ask an admin for another one.";
};

inline const std::string kRefused = "authentication_failed";

}  // namespace fairlead::identity::testing
