#include "fleet/accounts.h"

#include <gmock/gmock.h>

#include <map>

namespace fairlead::fleet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string account(const Accounts& accounts, std::string_view caller) {
  auto out = account_of(accounts, caller);
  if (out) return out->text();
  EXPECT_EQ(out.error().code, ErrorCode::policy_denied);
  return "none";
}
std::string refused(const Accounts& accounts) {
  auto good = check(accounts);
  EXPECT_FALSE(good) << accounts.pattern;
  return good ? "" : good.error().cause;
}

TEST(Accounts, AreOfKindAndName) {
  const Accounts all{"agents/{name}", {}};
  ASSERT_TRUE(check(all));
  EXPECT_EQ(account(all, "api:deploy-bot"), "agents/api-deploy-bot");
  EXPECT_EQ(account(all, "oidc:deploy-bot"), "agents/oidc-deploy-bot");
  EXPECT_EQ(account({"agents/x.{name}.y", {}}, "api:a.b"), "agents/x.api-a.b.y");
  const Accounts named{"", {{"oidc:Alice@example.com", "people/alice"}}};
  ASSERT_TRUE(check(named));
  EXPECT_EQ(account(named, "oidc:Alice@example.com"), "people/alice");
  EXPECT_EQ(account(named, "oidc:alice@example.com"), "none");
  EXPECT_EQ(account(named, "api:bot"), "none") << "only those that are named";
}

// A caller who chooses a name gets no other's account by it, and nothing is altered to make it fit.
TEST(Accounts, ANameThatDoesNotFitIsRefused) {
  const Accounts all{"agents/{name}", {}};
  for (const std::string& caller : {std::string("api:Bot"),       std::string("api:a_b"),
                                    std::string("oidc:a:b"),      std::string("oidc:a@b"),
                                    std::string("oidc:"),         std::string(":bot"),
                                    std::string("bot"),           std::string(),
                                    std::string("oidc:-"),        std::string("oidc:a-"),
                                    std::string("oidc:a..b"),     std::string("oidc:../kube-system/admin"),
                                    std::string("oidc:a/token"),  std::string("oidc:a?b"),
                                    std::string("oidc:a%2fb"),    std::string("oidc:a\0b", 8),
                                    std::string("oidc:{name}"),   std::string("api-x:bot"),
                                    std::string("person:ci"),     std::string("oidc:a b"),
                                    std::string("oidc:\xc3\xa9"), "oidc:" + std::string(250, 'a')})
    EXPECT_EQ(account(all, caller), "none") << caller;
}

TEST(Accounts, NoTwoCallersHaveOne) {
  const Accounts all{"agents/{name}", {}};
  const std::vector<std::string> pieces{"api", "oidc", "cli", "-", ".", ":", "b", "_"};
  std::map<std::string, std::string> owners;
  std::vector<std::string> names{""};
  for (int length = 0; length < 6; ++length) {
    std::vector<std::string> longer;
    for (const auto& name : names)
      for (const auto& piece : pieces) longer.push_back(name + piece);
    for (const auto& name : longer)
      if (auto has = account_of(all, name))
        EXPECT_EQ(owners.emplace(has->text(), name).first->second, name) << has->text();
    names = std::move(longer);
  }
  EXPECT_GT(owners.size(), 500U);
}

TEST(Accounts, WhatMayNotBeConfigured) {
  EXPECT_THAT(refused({"agents", {}}), HasSubstr("NAMESPACE/NAME"));
  EXPECT_THAT(refused({"agents/all", {}}), HasSubstr("no {name}"));
  EXPECT_THAT(refused({"{name}/default", {}}), HasSubstr("no {name}"));
  EXPECT_THAT(refused({"kube-system/{name}", {}}), HasSubstr("the cluster's own"));
  EXPECT_THAT(refused({"agents/{name}{name}{", {}}), HasSubstr("the name"));
  EXPECT_THAT(refused({"agents/{name}-{name}", {}}), HasSubstr("the name"));
  EXPECT_THAT(refused({"agents/a/{name}", {}}), HasSubstr("the name"));
  EXPECT_THAT(refused({"Agents/{name}", {}}), HasSubstr("the namespace"));
  EXPECT_THAT(refused({"", {{"bot", "agents/bot"}}}), HasSubstr("whole name"));
  EXPECT_THAT(refused({"", {{"api:b ot", "agents/bot"}}}), HasSubstr("whole name"));
  EXPECT_THAT(refused({"", {{"person:bot", "agents/bot"}}}), HasSubstr("whole name"));
  EXPECT_THAT(refused({"", {{"api:bot", 3}}}), HasSubstr("NAMESPACE/NAME"));
  EXPECT_THAT(refused({"", {{"api:bot", nullptr}}}), HasSubstr("NAMESPACE/NAME"));
  EXPECT_THAT(refused({"", {{"api:bot", "agents/{name}"}}}), HasSubstr("the name"));
  EXPECT_THAT(refused({"", {{"api:bot", "kube-system/admin"}}}), HasSubstr("the cluster's own"));
  EXPECT_THAT(refused({"", {{"api:a", "agents/x"}, {"api:b", "agents/x"}}}), HasSubstr("is the account of 'api:a'"));
  EXPECT_THAT(refused({"agents/{name}", {{"oidc:a", "agents/api-bot"}}}), HasSubstr("is the account of 'api:bot'"));
  EXPECT_TRUE(check({"agents/{name}", {{"api:bot", "agents/api-bot"}, {"oidc:a", "agents/alice"}}}));
  EXPECT_THAT(refused({"agents/{name}", {}, 599}), HasSubstr("600"));
  EXPECT_THAT(refused({"agents/{name}", {}, 86'401}), HasSubstr("600"));
}

TEST(Accounts, WhatTheStoredIdentityNeeds) {
  const auto texts = [](const Accounts& accounts) {
    std::vector<std::string> out;
    for (const auto& one : tokens_of(accounts)) out.push_back(one.text());
    return out;
  };
  EXPECT_THAT(texts({"agents/{name}", {{"oidc:a", "agents/alice"}, {"oidc:b", "people/bob"}}}),
              ElementsAre("agents/", "people/bob"));
  EXPECT_THAT(texts({"", {{"oidc:b", "b/b"}, {"oidc:a", "a/a"}}}), ElementsAre("a/a", "b/b"));
}

}  // namespace
}  // namespace fairlead::fleet
