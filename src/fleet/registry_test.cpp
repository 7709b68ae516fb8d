#include "fleet/registry.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/clock.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::fleet {
namespace {

using store::testing::await_on;
using store::testing::patience;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kConfig =
    R"({"clusters":[{"name":"c","cluster":{"server":"https://10.0.0.1"}}],"users":[{"name":"u","user":{"token":"CANARYTOKEN"}}],)"
    R"("contexts":[{"name":"x","context":{"cluster":"c","user":"u"}},{"name":"y","context":{"cluster":"c","user":"u"}}],"current-context":"x"})";

class RegistryTest : public ::testing::Test {
 protected:
  RegistryTest()
      : database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()})),
        registry(std::make_unique<Registry>(*database, new_vault(), clock)) {}

  std::shared_ptr<vault::Vault> new_vault() {
    return std::make_shared<vault::Vault>([this](bool) { return master(); });
  }
  // As another process, which begins with that key.
  void begin_anew(std::string with) {
    key = std::move(with);
    registry = std::make_unique<Registry>(*database, new_vault(), clock);
  }

  Result<vault::Sealer> master() {
    if (key.empty()) return fail(ErrorCode::server_error, "use the encryption key", "no key is set", "Set one");
    return vault::Sealer::with_key(Secret(key));
  }
  static json::object fields(std::string_view text) { return parse_json(text, "test").value().get_object(); }
  Result<ClusterRow> add(std::string_view text) {
    return await_on(loop, registry->add(fields(text), "cli:me", patience()));
  }
  Result<ClusterRow> add_kubeconfig(std::string_view id) {
    json::object all{{"id", id}, {"kubeconfig", kConfig}};
    return await_on(loop, registry->add(std::move(all), "cli:me", patience()));
  }
  Result<ClusterRow> change(std::string_view id, std::string_view text,
                            std::optional<std::int64_t> version = std::nullopt) {
    return await_on(loop, registry->change(std::string(id), fields(text), version, "cli:me", patience()));
  }
  Result<ClusterRow> read(std::string_view id) { return await_on(loop, registry->read(std::string(id), patience())); }
  Result<Secret> credential(const ClusterRow& row) { return await_on(loop, registry->credential(row, patience())); }
  Result<void> execute(std::string sql) {
    return await_on(loop, database->write(
                              [sql](store::Session& session) -> Result<void> {
                                auto done = session.execute(sql);
                                if (!done) return fail(std::move(done.error()));
                                return {};
                              },
                              patience()));
  }

  store::testing::TemporaryDirectory directory;
  net::Loop loop;
  FixedClock clock{1'800'000'000};
  std::string key = std::string(32, 'k');
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Registry> registry;
};

TEST_F(RegistryTest, ARowComesBackAsItWasGiven) {
  ASSERT_TRUE(add(R"({"id":"k3s-local","provider":"k3s","label":"Here","source_ranges":["10.0.0.0/8"]})"));
  const ClusterRow row = read("k3s-local").value();
  EXPECT_EQ(row.label, "Here");
  EXPECT_EQ(row.provider, Provider::k3s);
  EXPECT_EQ(row.created, 1'800'000'000);
  EXPECT_EQ(row.exposure.source_ranges, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(add(R"({"id":"k3s-local"})").error().code, ErrorCode::conflict);
  EXPECT_EQ(read("other").error().code, ErrorCode::not_found);
  ASSERT_TRUE(add(R"({"id":"a1"})"));
  ASSERT_TRUE(add(R"({"id":"z1"})"));
  const auto after = await_on(loop, registry->list("a1", 1, patience())).value();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].id, "k3s-local");
}

TEST_F(RegistryTest, CredentialsGoInAndOnlyAConnectionGetsThemOut) {
  const ClusterRow row = add_kubeconfig("aks").value();
  EXPECT_EQ(credential(row)->reveal(), kConfig);
  std::string file;
  for (const char* name : {"fairlead.db", "fairlead.db-wal"}) {
    std::ifstream in(directory / name, std::ios::binary);
    file.append(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_THAT(file, Not(HasSubstr("CANARYTOKEN")));
  EXPECT_THAT(compact(shown(row)), Not(HasSubstr("CANARYTOKEN")));
}

TEST_F(RegistryTest, WhatIsSealedForOneClusterOpensForNoOther) {
  const ClusterRow a = add_kubeconfig("aa").value(), b = add_kubeconfig("bb").value();
  ASSERT_TRUE(
      execute("UPDATE clusters SET credential = (SELECT credential FROM clusters WHERE id = 'aa') WHERE id = 'bb'"));
  EXPECT_TRUE(credential(a));
  auto moved = credential(b);
  ASSERT_FALSE(moved);
  EXPECT_THAT(moved.error().cause, HasSubstr("altered, or belongs elsewhere"));
}

// Nor a former one of the same cluster.
TEST_F(RegistryTest, AFormerCredentialCannotBePutBack) {
  ASSERT_TRUE(add_kubeconfig("aa"));
  ASSERT_TRUE(execute("CREATE TABLE kept AS SELECT credential FROM clusters"));
  json::object other{{"kubeconfig", std::string(kConfig) + " "}};
  const ClusterRow row =
      await_on(loop, registry->change("aa", std::move(other), std::nullopt, "cli:me", patience())).value();
  EXPECT_TRUE(credential(row));
  ASSERT_TRUE(execute("UPDATE clusters SET credential = (SELECT credential FROM kept)"));
  EXPECT_FALSE(credential(row));
}

TEST_F(RegistryTest, ALostOrWrongKeySaysSoAndDestroysNothing) {
  const ClusterRow row = add_kubeconfig("aa").value();
  begin_anew(std::string(32, 'x'));
  EXPECT_THAT(credential(row).error().cause, HasSubstr("another key"));
  EXPECT_TRUE(change("aa", R"({"label":"renamed"})")) << "what is not sealed goes on";
  EXPECT_THAT(add_kubeconfig("bb").error().cause, HasSubstr("another key")) << "nobody else could open it";
  begin_anew("");
  EXPECT_THAT(credential(row).error().cause, HasSubstr("no key is set"));
  EXPECT_THAT(add_kubeconfig("bb").error().cause, HasSubstr("no key is set"));
  EXPECT_EQ(read("bb").error().code, ErrorCode::not_found);
  begin_anew(std::string(32, 'k'));
  EXPECT_EQ(credential(read("aa").value())->reveal(), kConfig);
}

// Who makes a change, or registers a cluster, makes no other key in the place of one that is lost.
TEST_F(RegistryTest, ACredentialIsSomethingSealed) {
  const auto holds = [&] {
    bool any = false;
    auto looked = await_on(loop, database->read(
                                     [&any](store::Session& session) -> Result<void> {
                                       auto sealed = store::any_sealed(session);
                                       if (!sealed) return fail(std::move(sealed.error()));
                                       any = !sealed->empty();
                                       return {};
                                     },
                                     patience()));
    EXPECT_TRUE(looked);
    return any;
  };
  ASSERT_TRUE(add(R"({"id":"plain"})"));
  EXPECT_FALSE(holds());
  ASSERT_TRUE(add_kubeconfig("aa"));
  EXPECT_TRUE(holds());
}

TEST_F(RegistryTest, AStoredKubeconfigMayNotReachForThisHost) {
  const auto with = [&](std::string_view user) {
    json::object all{{"id", "aa"}};
    all["kubeconfig"] = "clusters: [{name: c, cluster: {server: https://x}}]\nusers: [{name: u, user: {" +
                        std::string(user) + "}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n" +
                        "current-context: x\n";
    return await_on(loop, registry->add(std::move(all), "cli:me", patience()));
  };
  for (const char* user :
       {"tokenFile: /var/run/secrets/token", "token: t, client-certificate: /etc/passwd, client-key: /etc/shadow",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never}"}) {
    auto added = with(user);
    ASSERT_FALSE(added) << user;
    EXPECT_EQ(added.error().code, ErrorCode::policy_denied) << user;
  }
  EXPECT_TRUE(with("token: t"));
  EXPECT_FALSE(change("aa", R"({"kubeconfig":"{}"})")) << "no clusters";
  json::object other{{"kubeconfig", kConfig}, {"context", "missing"}};
  EXPECT_THAT(await_on(loop, registry->change("aa", other, std::nullopt, "cli:me", patience())).error().cause,
              HasSubstr("no context \"missing\""));
}

TEST_F(RegistryTest, OneChangeAtATime) {
  ASSERT_TRUE(add(R"({"id":"aa"})"));
  EXPECT_TRUE(change("aa", R"({"label":"one"})", 1));
  auto late = change("aa", R"({"label":"two"})", 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::conflict);
  EXPECT_EQ(read("aa")->label, "one");
  EXPECT_EQ(await_on(loop, registry->remove("aa", 1, "cli:me", patience())).error().code, ErrorCode::conflict);
}

TEST_F(RegistryTest, ATestIsOfTheConnectionThatWasTested) {
  const ClusterRow row = add(R"({"id":"aa"})").value();
  EXPECT_TRUE(await_on(loop, registry->keep_test(row, {true, "fine", 5}, patience())).value());
  EXPECT_TRUE(read("aa")->last_test->ok);
  EXPECT_TRUE(read("aa")->unavailable().empty());
  ASSERT_TRUE(change("aa", R"({"kubeconfig_path":"other"})"));
  EXPECT_FALSE(read("aa")->last_test) << "it was of another connection";
  EXPECT_FALSE(await_on(loop, registry->keep_test(row, {true, "late", 6}, patience())).value());
  EXPECT_FALSE(read("aa")->last_test);
}

TEST_F(RegistryTest, WhatIsInUseStays) {
  ASSERT_TRUE(add(R"({"id":"aa"})"));
  ASSERT_TRUE(execute(
      "INSERT INTO changes (id, created, updated, who, cluster, operation, trust, reason, summary, state, rule, "
      "policy, "
      "approver, expires, key, error_code, error, verification, undo_of, undone_by, forced, instance, sealed) VALUES "
      "(7, 1, 1, '', 'k8s:aa', '', '', '', '', 'awaiting_approval', '', '', '', 0, '', '', '', '', 0, 0, 0, '', x'')"));
  auto refused = await_on(loop, registry->remove("aa", std::nullopt, "cli:me", patience()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().cause, HasSubstr("change 7"));
  ASSERT_TRUE(execute("UPDATE changes SET state = 'rejected'"));
  EXPECT_TRUE(await_on(loop, registry->remove("aa", std::nullopt, "cli:me", patience())));
  EXPECT_EQ(read("aa").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace fairlead::fleet
