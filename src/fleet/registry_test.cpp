#include "fleet/registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "base/clock.h"
#include "base/digest.h"
#include "store/schema.h"
#include "store/test_database.h"
#include "vault/envelope.h"

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
                            std::optional<std::string> etag = std::nullopt) {
    return await_on(loop, registry->change(std::string(id), fields(text), std::move(etag), "cli:me", patience()));
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

// What is behind the chosen context is stored as well, and chosen later.
TEST_F(RegistryTest, TheWholeKubeconfigIsLookedAt) {
  const auto with = [&](std::string text) {
    json::object all{{"id", "aa"}, {"kubeconfig", std::move(text)}};
    return await_on(loop, registry->add(std::move(all), "cli:me", patience()));
  };
  const auto of_users = [](const std::string& other) {
    return "clusters: [{name: c, cluster: {server: https://x}}]\nusers: [{name: u, user: {token: t}}, {name: v, user: "
           "{" +
           other + "}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n";
  };
  for (const char* user : {"tokenFile: /etc/passwd",
                           "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never}"})
    EXPECT_EQ(with(of_users(user)).error().code, ErrorCode::policy_denied) << user;
  // Nobody has been asked yet: it is what was handed over that is wrong.
  for (const char* user : {"auth-provider: {name: gcp}", "username: a, password: CANARY"}) {
    const Error error = with(of_users(user)).error();
    EXPECT_EQ(error.code, ErrorCode::invalid_request) << user;
    EXPECT_THAT(error.sentence(), Not(HasSubstr("CANARY")));
  }
  const std::string good = of_users("token: t");
  EXPECT_THAT(with(good + "---\n" + of_users("tokenFile: /etc/passwd")).error().cause, HasSubstr("second document"));
  EXPECT_TRUE(with("---\n" + good));
}

TEST_F(RegistryTest, AContextIsLookedAtAndSealedFor) {
  ASSERT_TRUE(add_kubeconfig("aa"));
  EXPECT_THAT(change("aa", R"({"context":"missing"})").error().cause, HasSubstr("no context \"missing\""));
  EXPECT_EQ(read("aa")->context, "");
  const ClusterRow row = change("aa", R"({"context":"y"})").value();
  EXPECT_EQ(credential(row)->reveal(), kConfig);
  EXPECT_TRUE(change("aa", R"({"label":"renamed"})"));
  EXPECT_EQ(credential(read("aa").value())->reveal(), kConfig);
  begin_anew(std::string(32, 'x'));
  EXPECT_THAT(change("aa", R"({"context":"x"})").error().cause, HasSubstr("another key"));
  begin_anew(std::string(32, 'k'));
  EXPECT_EQ(credential(read("aa").value())->reveal(), kConfig);
}

// Whoever may write into the database does not get a token sent to a server of their own.
TEST_F(RegistryTest, ACredentialGoesWhereItWasGivenFor) {
  ASSERT_TRUE(add(R"({"id":"aa","server":"https://right.example","token":"CANARYTOKEN"})"));
  ASSERT_TRUE(credential(read("aa").value()));
  ASSERT_TRUE(execute("UPDATE clusters SET fields = REPLACE(fields, 'right.example', 'evil.example')"));
  const ClusterRow moved = read("aa").value();
  EXPECT_EQ(moved.server, "https://evil.example");
  EXPECT_THAT(credential(moved).error().cause, HasSubstr("altered, or belongs elsewhere"));
  ASSERT_TRUE(await_on(loop, registry->reseal(patience())));
  EXPECT_FALSE(credential(moved)) << "nor does that make it good";
  ASSERT_TRUE(execute("UPDATE clusters SET fields = REPLACE(fields, 'evil.example', 'right.example')"));
  EXPECT_TRUE(credential(read("aa").value()));
  ASSERT_TRUE(add_kubeconfig("bb"));
  ASSERT_TRUE(execute("UPDATE clusters SET fields = REPLACE(fields, '\"context\":\"\"', '\"context\":\"y\"')"));
  EXPECT_FALSE(credential(read("bb").value()));
}

// Those that were sealed before that go on, and are bound with the next key.
TEST_F(RegistryTest, WhatWasSealedBeforeGoesOn) {
  const ClusterRow row = add(R"({"id":"aa","server":"https://x","token":"t"})").value();
  auto sealer = master().value();
  const std::string old =
      vault::seal_envelope(sealer, Secret("old"), fmt::format("cluster aa of {} credential 1", row.created)).value();
  ASSERT_TRUE(execute("UPDATE clusters SET credential = x'" + to_hex(old) + "'"));
  EXPECT_EQ(credential(row)->reveal(), "old");
  // Of the same time: something beside the authority, which is left out whenever the row is read.
  ASSERT_TRUE(execute(
      R"(UPDATE clusters SET fields = REPLACE(fields, '"certificate_authority":""', '"certificate_authority":"PRIVATE KEY"'))"));
  EXPECT_EQ(await_on(loop, registry->reseal(patience()))->done, 1U);
  EXPECT_EQ(await_on(loop, registry->reseal(patience()))->done, 0U);
  EXPECT_EQ(credential(read("aa").value())->reveal(), "old");
  EXPECT_EQ(credential(row)->reveal(), "old");
  ClusterRow elsewhere = row;
  elsewhere.server = "https://evil";
  EXPECT_FALSE(credential(elsewhere));
}

TEST_F(RegistryTest, ADamagedRowHidesNoOther) {
  for (const char* id : {"a1", "b1", "c1", "d1"}) ASSERT_TRUE(add(R"({"id":")" + std::string(id) + R"("})"));
  ASSERT_TRUE(execute("UPDATE clusters SET fields = '{' WHERE id = 'a1'"));
  ASSERT_TRUE(execute("UPDATE clusters SET fields = '{\"id\":\"b1\",\"of_a_newer_one\":1}' WHERE id = 'b1'"));
  ASSERT_TRUE(execute("UPDATE clusters SET fields = (SELECT fields FROM clusters WHERE id = 'd1') WHERE id = 'c1'"));
  const auto rows = await_on(loop, registry->list("", 10, patience())).value();
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[3].damaged, "");
  EXPECT_THAT(rows[1].damaged, HasSubstr("of_a_newer_one"));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NE(rows[i].damaged, "");
    EXPECT_THAT(rows[i].unavailable(), ::testing::ElementsAre(HasSubstr("it is damaged")));
    EXPECT_FALSE(rows[i].enabled);
    EXPECT_THAT(compact(shown(rows[i])), HasSubstr("damaged"));
    EXPECT_EQ(read(rows[i].id).error().code, ErrorCode::server_error);
    EXPECT_FALSE(change(rows[i].id, R"({"label":"x"})"));
    EXPECT_TRUE(await_on(loop, registry->remove(rows[i].id, std::nullopt, "cli:me", patience())));
  }
  EXPECT_EQ(await_on(loop, registry->list("", 10, patience()))->size(), 1U);
}

TEST_F(RegistryTest, WhetherTheKeyIsTheRightOne) {
  const auto good = [&] { return await_on(loop, registry->check_key(patience())); };
  begin_anew("");
  EXPECT_TRUE(good()) << "nothing is sealed yet";
  begin_anew(std::string(32, 'k'));
  ASSERT_TRUE(add_kubeconfig("aa"));
  EXPECT_TRUE(good());
  begin_anew(std::string(32, 'x'));
  EXPECT_THAT(good().error().cause, HasSubstr("another key"));
  begin_anew("");
  EXPECT_THAT(good().error().cause, HasSubstr("no key is set"));
}

TEST_F(RegistryTest, OneChangeAtATime) {
  const std::string first = add(R"({"id":"aa"})")->etag();
  EXPECT_TRUE(change("aa", R"({"label":"one"})", first));
  auto late = change("aa", R"({"label":"two"})", first);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::conflict);
  EXPECT_EQ(read("aa")->label, "one");
  EXPECT_EQ(await_on(loop, registry->remove("aa", first, "cli:me", patience())).error().code, ErrorCode::conflict);
}

// In the same second, at the same version.
TEST_F(RegistryTest, TheETagOfOneThatIsGoneIsNotThatOfTheNext) {
  const std::string gone = add(R"({"id":"aa"})")->etag();
  ASSERT_TRUE(await_on(loop, registry->remove("aa", gone, "cli:me", patience())));
  ASSERT_TRUE(add(R"({"id":"aa","label":"another"})"));
  EXPECT_EQ(await_on(loop, registry->remove("aa", gone, "cli:me", patience())).error().code, ErrorCode::conflict);
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
