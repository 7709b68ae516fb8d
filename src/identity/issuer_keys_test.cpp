// Rotation, and the provider being away, by a clock that the test sets.
#include "identity/oidc_testing.h"
#include "net/test_certificates.h"

namespace fairlead::identity {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

constexpr std::int64_t kFresh = 300, kDay = 24 * 3600;

class IssuerKeysTest : public OidcRig {
 protected:
  const SigningKey& next = key_for("ES256", 1);
  std::string good(std::int64_t until = kNow + 3 * kDay) const { return token_with("exp", until); }
  std::string by_next(const std::string& kid = "two") const {
    json::object of = claims();
    of["exp"] = kNow + 3 * kDay;
    return next.token({{"alg", "ES256"}, {"kid", kid}}, of);
  }
  std::size_t times() const { return provider.asked.size() / 2; }
  std::string ask() {
    auto asked = await_on(loop, oidc->start(patience()));
    return asked ? "answered" : std::string(to_string(asked.error().code)) + ": " + asked.error().cause;
  }
};

TEST_F(IssuerKeysTest, ANewKeyIsFoundAtOnce) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_EQ(enter(by_next()), kRefused);  // asked for just now
  EXPECT_EQ(times(), 1u);
  provider.keys = set_of({key.jwk(), next.jwk("two")});
  clock.set(kNow + 10);
  EXPECT_EQ(enter(by_next()), "oidc:alice");
  EXPECT_EQ(times(), 2u);
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_EQ(times(), 2u);
}

TEST_F(IssuerKeysTest, AKeyThatIsGoneLetsNobodyIn) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  provider.keys = set_of({next.jwk("two")});
  clock.set(kNow + 10);
  EXPECT_EQ(enter(good()), "oidc:alice");  // for as long as keys are fresh
  EXPECT_EQ(enter(by_next()), "oidc:alice");
  EXPECT_EQ(enter(good()), kRefused);
  provider.keys = set_of({key.jwk()});
  clock.set(kNow + 10 + kFresh + 1);
  EXPECT_EQ(enter(by_next()), kRefused);
  EXPECT_EQ(enter(good()), "oidc:alice");
}

TEST_F(IssuerKeysTest, TheSameKidIsAnotherKey) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  provider.keys = set_of({next.jwk("one")});
  clock.set(kNow + kFresh + 1);
  EXPECT_EQ(enter(good()), kRefused);
  EXPECT_EQ(enter(by_next("one")), "oidc:alice");
}

TEST_F(IssuerKeysTest, MadeUpKidsAskEveryTenSecondsAtMost) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  for (int second = 0; second < 60; ++second) {
    clock.set(kNow + second);
    std::vector<awaitable<Result<Admitted>>> all;
    for (int i = 0; i < 20; ++i)
      all.push_back(oidc->authenticate(Secret(by_next("made-up-" + std::to_string(second * 20 + i))), patience()));
    for (const auto& one : await_on(loop, net::gather(std::move(all))))
      EXPECT_EQ(one.error().code, ErrorCode::authentication_failed);
  }
  EXPECT_EQ(times(), 6u);
}

TEST_F(IssuerKeysTest, KnownKeysGoOnForADay) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  provider.status = 503;
  clock.set(kNow + kFresh + 1);
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_EQ(enter(by_next()), "server_error");  // it may be a key that is new
  EXPECT_THAT(warnings, Contains(HasSubstr("was answered with status 503")));
  clock.set(kNow + kDay);
  EXPECT_EQ(enter(good()), "oidc:alice");
  clock.set(kNow + kDay + 1);
  EXPECT_EQ(enter(good()), "server_error");
  EXPECT_EQ(enter("a.b.c"), kRefused);
  provider.status = 200;
  EXPECT_EQ(enter(good()), "server_error");  // asked for just now
  clock.set(kNow + kDay + 12);
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_THAT(warnings, Contains("the identity provider answers again"));
}

TEST_F(IssuerKeysTest, WhileItHangsKnownKeysAreNotWaitedForTwice) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  provider.status = 500;
  clock.set(kNow + kFresh + 1);
  EXPECT_EQ(enter(good()), "oidc:alice");
  provider.hangs = true;
  clock.set(kNow + kFresh + 20);
  const net::testing::Stopwatch watch;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_TRUE(watch.under(std::chrono::seconds(5)));
  auto in = await_on(loop, oidc->authenticate(Secret(by_next()), Deadline::after(std::chrono::milliseconds(50))));
  EXPECT_EQ(in.error().code, ErrorCode::timeout);
}

TEST_F(IssuerKeysTest, AwayFromTheBeginning) {
  config.issuer = "http://127.0.0.1:" + std::to_string(net::testing::unused_port());
  restart();
  EXPECT_THAT(ask(), HasSubstr("unreachable: the issuer's /.well-known/openid-configuration: "));
  EXPECT_EQ(enter(good()), "unreachable");
  EXPECT_EQ(warnings.size(), 1u);
}

TEST_F(IssuerKeysTest, AClockThatIsSetBackAsksAnew) {
  EXPECT_EQ(enter(good()), "oidc:alice");
  clock.set(kNow - 5);
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_EQ(times(), 2u);
}

TEST_F(IssuerKeysTest, SaysWhatIsWrongWithTheProvider) {
  const auto asked_with = [&](const std::string& configuration) {
    provider.configuration = configuration;
    clock.set(clock.unix_seconds() + 10);
    return ask();
  };
  const std::string quoted = "\"" + provider.issuer + "\"";
  for (const std::string& text : {std::string(), std::string("<html>"), std::string("[]"),
                                  R"({"issuer":)" + quoted + R"(,"issuer":)" + quoted + "}"})
    EXPECT_EQ(asked_with(text),
              "server_error: the issuer's /.well-known/openid-configuration is no JSON object, or has a key twice");
  for (const std::string& issuer :
       {std::string("null"), std::string(R"("https://evil.example")"), "\"" + provider.issuer + "/\""})
    EXPECT_THAT(asked_with(R"({"issuer":)" + issuer + "}"),
                HasSubstr("invalid_request: the provider calls itself by another"));
  const auto keys_at = [&](const std::string& uri) {
    return asked_with(R"({"issuer":)" + quoted + R"(,"jwks_uri":")" + uri + "\"}");
  };
  EXPECT_EQ(keys_at("http://example.com/keys"), "server_error: the provider's jwks_uri does not begin with https://");
  EXPECT_EQ(keys_at("http://169.254.169.254/latest"),
            "server_error: the provider's jwks_uri does not begin with https://");
  EXPECT_EQ(keys_at("file:///etc/passwd"), "server_error: the provider's jwks_uri is wrong: the URL has no host");
  EXPECT_THAT(keys_at(""), HasSubstr("server_error: the provider's jwks_uri is wrong"));
  EXPECT_THAT(keys_at("http://127.0.0.1:1@evil.example/"), HasSubstr("server_error: "));
  EXPECT_EQ(keys_at(provider.issuer + "/keys?tenant=7"), "answered");
  EXPECT_EQ(provider.asked.back(), "/keys?tenant=7");
  provider.keys = "{}";
  EXPECT_EQ(keys_at(provider.jwks_uri), "server_error: there is no list of keys");
  provider.keys = std::string(2 << 20, ' ');
  EXPECT_EQ(keys_at(provider.jwks_uri), "server_error: the provider's jwks_uri: the answer is larger than 1 MiB");
  provider.status = 302;
  const std::size_t before = provider.asked.size();
  EXPECT_EQ(keys_at(provider.jwks_uri),
            "server_error: the issuer's /.well-known/openid-configuration was answered with status 302");
  EXPECT_EQ(provider.asked.size(), before + 1);
}

TEST_F(IssuerKeysTest, OverTlsByTheAuthoritiesThatAreConfigured) {
  const net::testing::Authority authority("theirs"), other("other");
  const net::testing::Identity server = authority.issue({});
  net::ServerTls tls;
  tls.certificate_pem = server.certificate_pem;
  tls.key_pem = Secret(server.key_pem);
  Provider secure(loop, net::TlsContext::for_server(tls).value());
  secure.keys = provider.keys;
  config.issuer = secure.issuer;
  for (const std::string& ca : {std::string(), other.certificate_pem()}) {
    config.ca_pem = ca;
    restart();
    EXPECT_EQ(enter(good()), "unreachable");
  }
  EXPECT_TRUE(secure.asked.empty());
  config.ca_pem = authority.certificate_pem();
  restart();
  EXPECT_EQ(enter(good()), "oidc:alice");
  // From a provider behind TLS nothing is fetched without it, from this machine either.
  secure.configuration = R"({"issuer":")" + secure.issuer + R"(","jwks_uri":")" + provider.jwks_uri + R"("})";
  clock.set(kNow + 10);
  EXPECT_EQ(ask(), "server_error: the provider's jwks_uri does not begin with https://");
  EXPECT_TRUE(provider.asked.empty());
}

TEST_F(IssuerKeysTest, WeakKeysAreSaid) {
  provider.keys = set_of({key.jwk(), SigningKey("RS256", 1024).jwk("weak")});
  EXPECT_EQ(enter(good()), "oidc:alice");
  EXPECT_THAT(warnings, ElementsAre("the identity provider has a key that is not used: an RSA key has 1024 bits, and "
                                    "2048 are the least"));
}

TEST_F(IssuerKeysTest, ItsCallerMayGiveUp) {
  provider.hangs = true;
  auto in = await_on(loop, oidc->authenticate(Secret(good()), Deadline::after(std::chrono::milliseconds(50))));
  EXPECT_EQ(in.error().code, ErrorCode::timeout);
  restart();  // what hangs is given up
  provider.hangs = false;
  EXPECT_EQ(enter(good()), "oidc:alice");
}

}  // namespace
}  // namespace fairlead::identity
