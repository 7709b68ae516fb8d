// The configuration's file, written anew while tokens come.
#include <fstream>

#include "identity/oidc_testing.h"

namespace fairlead::identity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace testing;

class OidcKeepUpTest : public OidcRig {
 protected:
  OidcKeepUpTest() {
    write(text());
    config = read_oidc_config(file).value();
    restart();
  }
  std::string text(const std::string& role = "operator", const std::string& more = "") const {
    return "issuer: " + provider.issuer + "\naudience: fairlead\nroles: [{claim: groups, value: sre, roles: [" + role +
           "]}]\n" + more;
  }
  void write(const std::string& what) const { std::ofstream(file) << what; }
  void write_and_read(const std::string& what) {
    warnings.clear();
    write(what);
    await_on(loop, oidc->read_again());
  }
  std::string role_of(const std::string& token) {
    auto in = authenticate(token);
    return in ? gate::to_string(in->who.bindings->front()) : std::string(to_string(in.error().code));
  }
  const std::string file = directory / "oidc.yaml";
  const std::string good = token(claims());
};

TEST_F(OidcKeepUpTest, OtherRolesCountAtOnce) {
  EXPECT_EQ(role_of(good), "operator");
  write_and_read(text("viewer"));
  EXPECT_EQ(role_of(good), "viewer");
  EXPECT_THAT(warnings, ElementsAre("the OIDC configuration was read anew, and is in force from now on"));
  EXPECT_EQ(provider.asked.size(), 2u) << "its keys are those that are known";
  write_and_read(text("viewer"));
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(OidcKeepUpTest, AFileThatIsWrongChangesNothing) {
  EXPECT_EQ(role_of(good), "operator");
  write_and_read("issuer: [");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("is not taken; the one that was read before stays in force: "));
  EXPECT_EQ(role_of(good), "operator");
  await_on(loop, oidc->read_again());
  EXPECT_EQ(warnings.size(), 1u) << "once";
  write_and_read(text("root"));
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(::unlink(file.c_str()), 0);
  await_on(loop, oidc->read_again());
  EXPECT_EQ(warnings.size(), 2u);
  EXPECT_EQ(role_of(good), "operator");
  write_and_read(text());
  EXPECT_THAT(warnings, ElementsAre("the OIDC configuration is again the one that is in force"));
  write_and_read(text("operator", "name: none-has-it\n"));
  EXPECT_EQ(role_of(good), kRefused);
}

TEST_F(OidcKeepUpTest, AnotherIssuer) {
  EXPECT_EQ(role_of(good), "operator");
  Provider second(loop);
  second.keys = provider.keys;
  json::object theirs = claims();
  theirs["iss"] = second.issuer;
  theirs["sub"] = "bob";
  const std::string first = provider.issuer;
  provider.issuer = second.issuer + "/";  // which it does not call itself
  write_and_read(text());
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_THAT(warnings[1], HasSubstr("calls itself by another 'issuer'"));
  EXPECT_EQ(role_of(good), "operator");
  provider.issuer = second.issuer;
  write_and_read(text());
  EXPECT_EQ(role_of(good), kRefused);
  EXPECT_EQ(role_of(token(theirs)), "operator");
  provider.issuer = "http://127.0.0.1:" + std::to_string(net::testing::unused_port());
  write_and_read(text());
  EXPECT_EQ(role_of(token(theirs)), kRefused) << "that the new one is away is no reason to take the old one's";
  provider.issuer = first;
  write_and_read(text());
  EXPECT_EQ(role_of(good), "operator");
}

// Whoever waits for the provider's keys meanwhile is decided about by the new one.
TEST_F(OidcKeepUpTest, WhatBeganUnderTheOldOneBeginsAnew) {
  provider.hangs = true;
  std::optional<Result<Admitted>> in;
  net::TaskGroup tasks(loop.executor());
  tasks.spawn([](Oidc* from, std::string text, std::optional<Result<Admitted>>* to) -> awaitable<void> {
    auto admitted = co_await from->authenticate(Secret(std::move(text)), patience());
    to->emplace(std::move(admitted));
  }(oidc.get(), good, &in));
  EXPECT_TRUE(await_on(loop, net::sleep_for(std::chrono::milliseconds(50))));
  EXPECT_EQ(provider.asked.size(), 1u);
  provider.hangs = false;
  write_and_read(text("viewer", "keys_seconds: 20\n"));
  await_on(loop, tasks.join());
  ASSERT_TRUE(in && *in);
  EXPECT_EQ(gate::to_string((*in)->who.bindings->front()), "viewer");
}

TEST_F(OidcKeepUpTest, KeysAreAskedForBeforeTheyAreTooOld) {
  IssuerKeys keys(
      loop.executor(), config, [](std::string_view) { return std::nullopt; }, [](const std::string&) {}, clock);
  const auto looked_at = [&](std::int64_t seconds) {
    clock.set(kNow + seconds);
    keys.look_ahead();
    EXPECT_TRUE(await_on(loop, net::sleep_for(std::chrono::milliseconds(100))));
    return provider.asked.size();
  };
  EXPECT_EQ(looked_at(0), 2u);
  EXPECT_EQ(looked_at(240), 2u);
  EXPECT_EQ(looked_at(241), 4u);
  EXPECT_EQ(looked_at(300), 4u);
  await_on(loop, keys.close());
  EXPECT_EQ(looked_at(1000), 4u);
}

}  // namespace
}  // namespace fairlead::identity
