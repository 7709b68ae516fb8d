#include "identity/oidc.h"

#include "gate/audit.h"
#include "identity/oidc_testing.h"
#include "identity/token.h"

namespace fairlead::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace testing;

class OidcTest : public OidcRig {};

TEST_F(OidcTest, TellsWhoItIsAndWhatTheyMay) {
  const auto in = authenticate(token(claims())).value();
  EXPECT_EQ(in.who.name, "oidc:alice");
  EXPECT_EQ(in.who.bindings, (gate::Bindings{gate::parse_binding("operator@k8s:prod/shop").value()}));
  EXPECT_EQ(in.expires, kNow + 600 + 30);
  EXPECT_THAT(provider.asked, ElementsAre("/.well-known/openid-configuration", "/keys"));
  EXPECT_EQ(enter(token(claims())), "oidc:alice");
  EXPECT_EQ(provider.asked.size(), 2u);
}

TEST_F(OidcTest, TakesTokensForUsAlone) {
  EXPECT_EQ(enter(token_with("aud", json::array{"other", "fairlead"})), "oidc:alice");
  for (const json::value& audience :
       {json::value("other"), json::value(""), json::value("fairlead "), json::value("Fairlead"), json::value("fair"),
        json::value(nullptr), json::value(7), json::value(json::array{}), json::value(json::array{"other"}),
        json::value(json::array{7, "fairlead"}), json::value(json::array{json::array{"fairlead"}}),
        json::value(json::object{{"fairlead", 1}})})
    EXPECT_EQ(enter(token_with("aud", audience)), kRefused) << compact(audience);
  EXPECT_EQ(enter(token_without("aud")), kRefused);
  for (const json::value& issuer : {json::value(config.issuer + "/"), json::value("https://evil.example"),
                                    json::value(nullptr), json::value(json::array{json::value(config.issuer)})})
    EXPECT_EQ(enter(token_with("iss", issuer)), kRefused) << compact(issuer);
  EXPECT_EQ(enter(token_without("iss")), kRefused);
  EXPECT_EQ(enter(token_with("cnf", json::object{{"jkt", "x"}})), kRefused);
  EXPECT_THAT(warnings, ::testing::Contains(HasSubstr("another audience")));
}

TEST_F(OidcTest, TakesTokensOfNowAlone) {
  for (const json::value& end :
       {json::value(kNow - 29), json::value(kNow), json::value(kNow + 0.5), json::value(253'402'300'799)})
    EXPECT_EQ(enter(token_with("exp", end)), "oidc:alice") << compact(end);
  for (const json::value& end :
       {json::value(kNow - 30), json::value(kNow - 31), json::value(0), json::value(-1), json::value(nullptr),
        json::value(std::to_string(kNow + 600)), json::value(1e300), json::value(253'402'300'800),
        json::value(18'446'744'073'709'551'615u), json::value(true)})
    EXPECT_EQ(enter(token_with("exp", end)), kRefused) << compact(end);
  EXPECT_EQ(enter(token_without("exp")), kRefused);
  EXPECT_EQ(enter(token_without("iat")), "oidc:alice");
  for (const char* begins : {"nbf", "iat"}) {
    EXPECT_EQ(enter(token_with(begins, kNow + 30)), "oidc:alice");
    EXPECT_EQ(enter(token_with(begins, kNow + 31)), kRefused);
    EXPECT_EQ(enter(token_with(begins, "yesterday")), kRefused);
    EXPECT_EQ(enter(token_with(begins, nullptr)), kRefused);
  }
  const std::string text = token(claims());
  clock.set(kNow + 629);
  EXPECT_EQ(enter(text), "oidc:alice");
  clock.set(kNow + 630);
  EXPECT_EQ(enter(text), kRefused);
}

TEST_F(OidcTest, LetsNobodyInWithoutARole) {
  EXPECT_EQ(enter(token_without("groups")), kRefused);
  for (const json::value& groups : {json::value("sre"), json::value(json::array{"sre"})})
    EXPECT_EQ(enter(token_with("groups", groups)), "oidc:alice");
  for (const json::value& groups :
       {json::value("sre dev"), json::value("SRE"), json::value(json::array{"sre "}), json::value(true),
        json::value(json::object{{"sre", true}}), json::value(json::array{json::array{"sre"}})})
    EXPECT_EQ(enter(token_with("groups", groups)), kRefused) << compact(groups);
  json::object scoped = claims();
  scoped.erase("groups");
  for (const auto& [scope, name] :
       {std::pair("openid read", "oidc:alice"), std::pair("reader", "authentication_failed"),
        std::pair("", "authentication_failed")}) {
    scoped["scope"] = scope;
    EXPECT_EQ(enter(token(scoped)), name) << scope;
  }
  scoped["groups"] = "sre";
  scoped["scope"] = "read";
  EXPECT_EQ(authenticate(token(scoped)).value().who.bindings->size(), 2u);
  config.rules = {{{"realm_access", "roles"}, "sre", {gate::parse_binding("viewer").value()}}};
  restart();
  EXPECT_EQ(enter(token(scoped)), kRefused);
  scoped["realm_access"] = json::object{{"roles", {"a", "sre"}}};
  EXPECT_EQ(enter(token(scoped)), "oidc:alice");
  scoped["realm_access"] = json::array{"sre"};
  EXPECT_EQ(enter(token(scoped)), kRefused);
}

TEST_F(OidcTest, NamesArePlain) {
  for (const std::string& good : {std::string("a"), std::string("auth0|5f7c8"), std::string("alice@example.com"),
                                  std::string("api:deploy-bot"), std::string("cli:root"), std::string(200, 'x')})
    EXPECT_EQ(enter(token_with("sub", good)), "oidc:" + good);
  for (const std::string& bad :
       {std::string(), std::string("a b"), std::string("a\n"), std::string("a\tb"), std::string("\x1b[31m"),
        std::string("a\0b", 3),
        std::string("al\xc3\xad"
                    "ce"),
        std::string("\xe2\x80\xaeroot"), std::string("a\x7f"), std::string(201, 'x'), std::string(256, 'x')})
    EXPECT_EQ(enter(token_with("sub", bad)), kRefused) << bad.size();
  EXPECT_EQ(enter(token_with("sub", 7)), kRefused);
  EXPECT_EQ(enter(token_with("sub", nullptr)), kRefused);
  EXPECT_EQ(enter(token_without("sub")), kRefused);
}

TEST_F(OidcTest, AnEmailMustBeVerified) {
  config.name_claim = "email";
  restart();
  json::object with = claims();
  EXPECT_EQ(enter(token(with)), kRefused);
  with["email"] = "alice@example.com";
  for (const json::value& verified : {json::value(false), json::value("true"), json::value(nullptr)}) {
    with["email_verified"] = verified;
    EXPECT_EQ(enter(token(with)), kRefused);
  }
  with["email_verified"] = true;
  EXPECT_EQ(enter(token(with)), "oidc:alice@example.com");
  with.erase("email_verified");
  EXPECT_EQ(enter(token(with)), kRefused);
}

TEST_F(OidcTest, AnEmailThatIsNotVerifiedBringsNoRole) {
  config.rules = {{{"email"}, "boss@example.com", {{gate::Role::admin, {}, {}}}}};
  restart();
  json::object with = claims();
  with["email"] = "boss@example.com";
  EXPECT_EQ(enter(token(with)), kRefused);
  with["email_verified"] = false;
  EXPECT_EQ(enter(token(with)), kRefused);
  with["email_verified"] = true;
  EXPECT_NE(enter(token(with)), kRefused);
}

// Nobody approves their own change: whoever could change a name would have two.
TEST_F(OidcTest, ASubjectHasOneNameForEver) {
  config.name_claim = "preferred_username";
  restart();
  const auto as = [&](const std::string& subject, const std::string& name) {
    json::object out = claims();
    out["sub"] = subject;
    out["preferred_username"] = name;
    return enter(token(out));
  };
  EXPECT_EQ(as("1", "alice"), "oidc:alice");
  EXPECT_EQ(as("1", "alicia"), "oidc:alice");
  EXPECT_EQ(as("2", "alice"), kRefused);
  EXPECT_EQ(as("2", "bob"), "oidc:bob");
  EXPECT_EQ(as("2", "alice"), "oidc:bob");
  EXPECT_EQ(as("3", "alicia"), "oidc:alicia");  // nobody's yet
  restart();
  EXPECT_EQ(as("1", "bob"), "oidc:alice");
  EXPECT_EQ(as("4", "bob"), kRefused);
  config.name_claim = "sub";
  config.prefix = "new-";
  restart();
  EXPECT_EQ(as("1", "x"), "oidc:alice");
  EXPECT_EQ(as("5", "x"), "oidc:new-5");
  gate::AuditLog log(*database);
  gate::AuditLog::Filter filter;
  filter.operation = "first_sign_in";
  const auto records = await_on(loop, log.read(std::move(filter), 0, 100, patience())).value();
  EXPECT_EQ(records.size(), 4u);
}

// What is remembered of a token is remembered of it alone, and not beyond its end.
TEST_F(OidcTest, ATokenThatIsKnownIsStillCheckedForItsEnd) {
  config.skew = 0;
  restart();
  const std::string text = token_with("exp", kNow + 5);
  EXPECT_EQ(enter(text), "oidc:alice");
  clock.set(kNow + 4);
  EXPECT_EQ(enter(text), "oidc:alice");
  std::string other = text;
  other[text.size() - 5] = text[text.size() - 5] == 'A' ? 'B' : 'A';
  EXPECT_EQ(enter(other), kRefused);
  clock.set(kNow + 5);
  EXPECT_EQ(enter(text), kRefused);
  clock.set(kNow - 100);  // iat is to come
  EXPECT_EQ(enter(text), kRefused);
}

// Another provider's subjects are others, whatever they are called.
TEST_F(OidcTest, SubjectsOfTwoIssuersAreTwo) {
  EXPECT_EQ(enter(token(claims())), "oidc:alice");
  Provider second(loop);
  second.keys = provider.keys;
  config.issuer = second.issuer;
  restart();
  EXPECT_EQ(enter(token(claims())), kRefused);
  EXPECT_THAT(warnings.back(), HasSubstr("another subject came with the same name before"));
  config.prefix = "second-";
  restart();
  EXPECT_EQ(enter(token(claims())), "oidc:second-alice");
}

TEST_F(OidcTest, TheSameSubjectAtOnceIsOneName) {
  std::vector<awaitable<Result<Admitted>>> all;
  for (int i = 0; i < 50; ++i) all.push_back(oidc->authenticate(Secret(token(claims())), patience()));
  const auto in = await_on(loop, net::gather(std::move(all)));
  for (const auto& one : in) EXPECT_EQ(one.value().who.name, "oidc:alice");
  EXPECT_EQ(provider.asked.size(), 2u);
  EXPECT_EQ(store::testing::ask(*database, "SELECT name FROM oidc_names").value().size(), 1u);
}

TEST_F(OidcTest, WhileTheDatabaseIsAwayNobodyIsLetIn) {
  store::SqliteOptions nowhere;
  nowhere.path = "/proc/nowhere/fairlead.db";
  nowhere.migrations = store::sqlite_schema();
  const auto broken = store::open_sqlite(std::move(nowhere));
  Oidc other(
      loop.executor(), config, [](std::string_view) { return std::nullopt; }, [](const std::string&) {}, *broken,
      clock);
  const auto in = await_on(loop, other.authenticate(Secret(token(claims())), patience()));
  ASSERT_FALSE(in);
  EXPECT_NE(in.error().code, ErrorCode::authentication_failed);
  await_on(loop, other.close());
}

// Signatures take their time: a flood of tokens that look well must not make anybody check them.
TEST_F(OidcTest, SignaturesAreCheckedWhereTheCallerLetsThem) {
  int asked = 0, left = 100;
  const auto enter_as = [&](const std::string& text) {
    auto may = [&] {
      ++asked;
      return left-- > 0;
    };
    auto in = await_on(loop, oidc->authenticate(Secret(text), patience(), may));
    return in ? in->who.name : std::string(to_string(in.error().code));
  };
  const std::string good = token(claims());
  EXPECT_EQ(enter_as(good), "oidc:alice");
  EXPECT_EQ(asked, 2);
  left = 0;
  EXPECT_EQ(enter_as(good), "oidc:alice");
  clock.set(kNow + 60);
  EXPECT_EQ(enter_as(good), "oidc:alice") << "who was let in before is let in again";
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(enter_as(token_with("sub", "bob")), "rate_limited");
  EXPECT_EQ(enter_as(good.substr(0, good.size() - 4) + "AAAA"), "rate_limited");
  EXPECT_EQ(enter_as("a.b.c"), "rate_limited");
  EXPECT_EQ(asked, 5) << "once each, before anything else";
  left = 1;  // others came while the keys were waited for
  EXPECT_EQ(enter_as(token_with("sub", "carol")), "rate_limited");
  left = 2;
  EXPECT_EQ(enter_as(token_with("sub", "carol")), "oidc:carol");
}

TEST_F(OidcTest, NothingElseIsLookedAt) {
  for (const std::string& text : {std::string(), std::string("x"), std::string("a.b.c"), std::string(100'000, '.'),
                                  std::string(make_token().value().text.reveal())})
    EXPECT_EQ(enter(text), kRefused);
  EXPECT_EQ(enter(token_with("iss", "https://evil.example")), kRefused);
  EXPECT_TRUE(provider.asked.empty());  // for tokens of others nobody is asked
}

}  // namespace
}  // namespace fairlead::identity
