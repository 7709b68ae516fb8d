#include "fleet/account_tokens.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "kube/fake_api.h"
#include "net/task.h"

namespace fairlead::fleet {
namespace {

using kube::testing::Answer;
using kube::testing::FakeApi;
using kube::testing::refusal;
using net::testing::patience;
using ::testing::HasSubstr;
using ::testing::Not;

class AccountTokensTest : public ::testing::Test {
 protected:
  // Each token tells which it is.
  Answer given() {
    json::object out{{"kind", "TokenRequest"}, {"spec", json::object{{"expirationSeconds", life}}}};
    out["status"] = json::object{{"token", "minted-" + std::to_string(++made)},
                                 {"expirationTimestamp", format_rfc3339(4'000'000'000)}};
    return {.status = 201, .body = compact(out)};
  }
  std::shared_ptr<kube::Client> issuer() {
    auto connection = api.connection(kube::token_credentials(Secret("CANARY-STORED")));
    return kube::Client::make(api.loop.executor(), std::move(connection), FakeApi::quick(), "fairlead-test").value();
  }
  std::shared_ptr<kube::Credentials> tokens(std::int64_t seconds = 600) {
    AccountTokenOptions options{{"agents", "api-bot"}, seconds, [this](const auto& bearers) { seen = bearers.size(); }};
    return account_tokens(issuer(), std::move(options), clock);
  }
  std::string get(const std::shared_ptr<kube::Credentials>& from) {
    auto out = api.run(from->get(patience()));
    return out ? std::string(out->bearer.reveal()) : out.error().sentence();
  }
  Error refused() { return api.run(tokens()->get(patience())).error(); }

  std::int64_t life = 600;
  int made = 0;
  std::size_t seen = 0;
  std::function<Answer()> next = [this] { return given(); };
  FixedClock clock{1'800'000'000};
  FakeApi api{[this](const net::HttpRequest&) { return next(); }};
};

TEST_F(AccountTokensTest, OneTokenForFourFifthsOfItsLife) {
  auto credentials = tokens();
  EXPECT_EQ(get(credentials), "minted-1");
  EXPECT_THAT(api.lines(), ::testing::ElementsAre("POST /api/v1/namespaces/agents/serviceaccounts/api-bot/token"));
  EXPECT_THAT(api.requests.back().body, HasSubstr(R"("expirationSeconds":600)"));
  EXPECT_THAT(api.requests.back().body, Not(HasSubstr("audiences")));
  EXPECT_EQ(seen, 1U) << "what the stored identity is, nothing shows";
  clock.set(1'800'000'479);
  EXPECT_EQ(get(credentials), "minted-1");
  clock.set(1'800'000'480);
  EXPECT_EQ(get(credentials), "minted-2");
  clock.set(1'700'000'000);
  EXPECT_EQ(get(credentials), "minted-3") << "a clock that was set back";
}

// The server's word counts, by how long and not by its clock.
TEST_F(AccountTokensTest, AServerMayGiveLess) {
  life = 100;
  auto credentials = tokens(3600);
  EXPECT_EQ(get(credentials), "minted-1");
  clock.set(1'800'000'080);
  EXPECT_EQ(get(credentials), "minted-2");
  life = 1'000'000;
  clock.set(1'800'000'160);
  EXPECT_EQ(get(credentials), "minted-3");
  clock.set(1'800'000'160 + 2880);
  EXPECT_EQ(get(credentials), "minted-4") << "nor is it believed more than was asked for";
}

TEST_F(AccountTokensTest, ManyWaitForOne) {
  auto credentials = tokens();
  auto all = [](std::shared_ptr<kube::Credentials> from) -> net::awaitable<int> {
    std::vector<net::awaitable<std::string>> tasks;
    auto one = [](std::shared_ptr<kube::Credentials> of) -> net::awaitable<std::string> {
      auto got = co_await of->get(patience());
      co_return got ? std::string(got->bearer.reveal()) : got.error().cause;
    };
    for (int i = 0; i < 50; ++i) tasks.push_back(one(from));
    auto got = co_await net::gather(std::move(tasks));
    co_return static_cast<int>(std::count(got.begin(), got.end(), "minted-1"));
  };
  EXPECT_EQ(api.run(all(credentials)), 50);
  EXPECT_EQ(api.requests.size(), 1U);
}

// Whoever gives up has nobody else go without.
TEST_F(AccountTokensTest, OneWhoGivesUpDoesNotFailTheOthers) {
  bool hung = false;
  next = [&] {
    if (hung) return given();
    hung = true;
    return Answer{.hang = true};
  };
  auto credentials = tokens();
  auto both = [](std::shared_ptr<kube::Credentials> from) -> net::awaitable<std::string> {
    auto hasty = from->get(Deadline::after(std::chrono::milliseconds(100)));
    auto patient = from->get(patience());
    auto got = co_await net::both(std::move(hasty), std::move(patient));
    EXPECT_FALSE(got.first);
    co_return got.second ? std::string(got.second->bearer.reveal()) : got.second.error().sentence();
  };
  EXPECT_EQ(api.run(both(credentials)), "minted-1");
}

TEST_F(AccountTokensTest, WhatIsRefusedIsSaidAndNeverTakenForAnAnswer) {
  next = [] { return refusal(404, "NotFound", "serviceaccounts \"api-bot\" not found"); };
  Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::authentication_failed) << "not_found would say that there is no such pod";
  EXPECT_EQ(error.status, nullptr);
  EXPECT_THAT(error.sentence(), HasSubstr("agents/api-bot"));
  EXPECT_THAT(error.remedy, HasSubstr("kubectl create serviceaccount api-bot -n agents"));
  next = [] { return refusal(403, "Forbidden", "no"); };
  error = refused();
  EXPECT_EQ(error.code, ErrorCode::authentication_failed);
  EXPECT_THAT(error.cause, HasSubstr("create serviceaccounts/token"));
  EXPECT_THAT(error.remedy, HasSubstr("--verb create --resource serviceaccounts/token"));
  next = [] { return refusal(401, "Unauthorized", "Unauthorized"); };
  EXPECT_EQ(refused().code, ErrorCode::authentication_failed);
  next = [] { return refusal(409, "Conflict", "no"); };
  EXPECT_EQ(refused().code, ErrorCode::authentication_failed);
  next = [] {
    return Answer{
        .status = 201,
        .body =
            R"({"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1","status":{"token":"a\r\nX: y","expirationTimestamp":"2100-01-01T00:00:00Z"}})"};
  };
  EXPECT_THAT(refused().cause, HasSubstr("is no token"));
  next = [] {
    return Answer{.status = 201, .body = R"({"kind":"TokenRequest","apiVersion":"authentication.k8s.io/v1"})"};
  };
  EXPECT_FALSE(refused().cause.empty());
  next = [] { return refusal(500, "InternalError", "CANARY-STORED"); };
  error = refused();
  EXPECT_EQ(error.code, ErrorCode::server_error);
  EXPECT_FALSE(error.outcome_unknown) << "nothing of the call was sent";
  EXPECT_THAT(error.sentence() + error.foreign, Not(HasSubstr("CANARY-STORED")));
}

TEST_F(AccountTokensTest, ABusyServerIsAskedAgain) {
  int asked = 0;
  next = [&] { return ++asked < 3 ? refusal(429, "TooManyRequests", "later") : given(); };
  EXPECT_EQ(get(tokens()), "minted-1");
}

TEST_F(AccountTokensTest, AnOldTokenGoesOnWhileTheServerIsAwayAndNotWhereItRefuses) {
  auto credentials = tokens();
  EXPECT_EQ(get(credentials), "minted-1");
  next = [] { return refusal(500, "InternalError", "away"); };
  clock.set(1'800'000'500);
  EXPECT_EQ(get(credentials), "minted-1");
  const auto asked = api.requests.size();
  EXPECT_EQ(get(credentials), "minted-1");
  EXPECT_EQ(api.requests.size(), asked) << "and it is not asked at each call";
  clock.set(1'800'000'596);
  EXPECT_THAT(get(credentials), HasSubstr("ask for a token"));
  next = [this] { return given(); };
  EXPECT_EQ(get(credentials), "minted-2");
  clock.set(1'800'001'100);
  next = [] { return refusal(403, "Forbidden", "no"); };
  EXPECT_THAT(get(credentials), HasSubstr("does not let"));
}

TEST_F(AccountTokensTest, ARefusedTokenIsAskedForAnewAndAYoungOneIsNot) {
  auto credentials = tokens();
  EXPECT_EQ(get(credentials), "minted-1");
  EXPECT_TRUE(credentials->rejected());
  EXPECT_EQ(get(credentials), "minted-1") << "a server that refuses them all is not asked for one at each request";
  clock.set(1'800'000'010);
  EXPECT_TRUE(credentials->rejected());
  EXPECT_EQ(get(credentials), "minted-2");
}

TEST(WithTokensAlone, LeavesNothingOfTheStoredIdentity) {
  kube::Connection stored;
  stored.server = {"https", "", "10.0.0.1", 6443, "/base"};
  stored.tls.ca_pem = "CA";
  stored.tls.server_name = "kubernetes";
  stored.tls.certificate_pem = "CERT";
  stored.tls.key_pem = Secret("KEY");
  stored.credentials = kube::token_credentials(Secret("CANARY"));
  stored.impersonates = true;
  stored.no_metadata = true;
  auto tokens = kube::no_credentials();
  auto alone = with_tokens_alone(stored, tokens);
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->credentials, tokens);
  EXPECT_EQ(alone->tls.certificate_pem, "");
  EXPECT_TRUE(alone->tls.key_pem.empty());
  EXPECT_EQ(alone->tls.ca_pem, "CA");
  EXPECT_EQ(alone->tls.server_name, "kubernetes");
  EXPECT_TRUE(alone->tls.verify);
  EXPECT_TRUE(alone->no_metadata);
  EXPECT_FALSE(alone->impersonates);
  stored.server.scheme = "http";
  EXPECT_THAT(with_tokens_alone(stored, tokens).error().cause, HasSubstr("cross the network"));
  stored.server.host = "127.0.0.1";
  EXPECT_TRUE(with_tokens_alone(stored, tokens));
  stored.proxy = net::ProxyServer{net::ProxyServer::Kind::http, "proxy", 3128, Secret(), {}};
  EXPECT_FALSE(with_tokens_alone(stored, tokens));
}

}  // namespace
}  // namespace fairlead::fleet
