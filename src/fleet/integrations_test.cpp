#include "fleet/integrations.h"

#include <gmock/gmock.h>

#include <fstream>

#include "fleet/connect.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::fleet {
namespace {

using store::testing::await_on;
using store::testing::patience;
using ::testing::HasSubstr;
using ::testing::Not;

std::string config(std::string_view user = "token: CANARYTOKEN", std::string_view server = "server: https://10.0.0.1",
                   std::string_view more = "") {
  return "clusters: [{name: c, cluster: {" + std::string(server) + "}}]\nusers: [{name: u, user: {" +
         std::string(user) +
         "}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}, {name: second, context: {cluster: "
         "c, user: u}}]\ncurrent-context: x\n" +
         std::string(more);
}

class IntegrationsTest : public ::testing::Test {
 protected:
  IntegrationsTest()
      : database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()})) {
    begin_anew(std::string(32, 'k'));
  }
  // As another process, which begins with that key.
  void begin_anew(std::string with) {
    key = std::move(with);
    auto vault = std::make_shared<vault::Vault>([this](bool) -> Result<vault::Sealer> {
      if (key.empty()) return fail(ErrorCode::server_error, "use the encryption key", "no key is set", "Set one");
      return vault::Sealer::with_key(Secret(key));
    });
    rows = std::make_unique<Integrations>(*database, vault, clock);
  }
  Result<Integrations::Put> put(std::string agent, json::object fields, std::optional<std::string> etag = std::nullopt,
                                bool link_local = false) {
    return await_on(loop,
                    rows->put(std::move(agent), std::move(fields), link_local, std::move(etag), "cli:me", patience()));
  }
  Result<Integrations::Put> put_text(std::string agent, const std::string& text) {
    json::object fields{{"kubeconfig", text}};
    return put(std::move(agent), std::move(fields));
  }
  Result<AgentEnvironment> environment(std::string agent) {
    return await_on(loop, rows->environment(std::move(agent), "cli:me", patience()));
  }
  Result<Integration> read(std::string agent) { return await_on(loop, rows->read(std::move(agent), patience())); }
  void execute(std::string sql) {
    store::Work work = [sql](store::Session& session) -> Result<void> {
      auto done = session.execute(sql);
      if (!done) return fail(std::move(done.error()));
      return {};
    };
    EXPECT_TRUE(await_on(loop, database->write(std::move(work), patience())));
  }

  store::testing::TemporaryDirectory directory;
  net::Loop loop;
  FixedClock clock{1'800'000'000};
  std::string key;
  std::unique_ptr<store::Database> database;
  std::unique_ptr<Integrations> rows;
};

TEST_F(IntegrationsTest, AKubeconfigGoesInAndTheAgentAloneGetsItOut) {
  auto made = put_text("ops-bot", config());
  ASSERT_TRUE(made) << made.error().sentence();
  EXPECT_TRUE(made->is_new);
  EXPECT_EQ(made->row.validation.message, "Kubeconfig stored — cluster connectivity not verified from control plane.");
  EXPECT_THAT(compact(shown(made->row)), Not(HasSubstr("CANARYTOKEN")));
  std::string file;
  for (const char* name : {"fairlead.db", "fairlead.db-wal"}) {
    std::ifstream in(directory / name, std::ios::binary);
    file.append(std::istreambuf_iterator<char>(in), {});
  }
  EXPECT_THAT(file, Not(HasSubstr("CANARYTOKEN")));
  auto plain = environment("ops-bot").value().variables();
  ASSERT_EQ(plain.size(), 1U) << "no context is pinned";
  EXPECT_EQ(plain[0].first, "KUBECONFIG_CONTENTS");
  EXPECT_EQ(plain[0].second.reveal(), config());
  json::object pin{{"context", "second"}};
  ASSERT_TRUE(put("ops-bot", pin)) << "of the one that is kept";
  auto pinned = environment("ops-bot").value().variables();
  ASSERT_EQ(pinned.size(), 2U);
  EXPECT_EQ(pinned[1].first, "KUBECONFIG_CONTEXT");
  EXPECT_EQ(pinned[1].second.reveal(), "second");
  ASSERT_TRUE(put_text("ops-bot", config())) << "another one begins with its own current context";
  EXPECT_EQ(read("ops-bot")->context, "");
  EXPECT_EQ(environment("nobody").error().code, ErrorCode::not_found);
  auto audit = store::testing::ask(*database, "SELECT operation || ' ' || record FROM audit ORDER BY seq").value();
  ASSERT_EQ(audit.size(), 5U);
  EXPECT_THAT(audit[1], HasSubstr("give_integration"));
  for (const auto& record : audit) EXPECT_THAT(record, Not(HasSubstr("CANARYTOKEN")));
}

TEST_F(IntegrationsTest, WhatIsNoneIsRefused) {
  const auto code = [&](const std::string& text) { return put_text("aa", text).error().code; };
  for (const char* text : {"", " \n", "[1, 2", "[]", "kind: Pod\n", "{}", "contexts: []\n"})
    EXPECT_EQ(code(text), ErrorCode::invalid_request) << text;
  EXPECT_THAT(put_text("aa", "users: [{name: u, user: {token: CANARYTOKEN}}]\n").error().cause,
              HasSubstr("no clusters"));
  EXPECT_EQ(code(config() + "#" + std::string(kMostKubeconfig, 'x')), ErrorCode::invalid_request);
  json::object missing{{"kubeconfig", config()}, {"context", "zz"}};
  EXPECT_THAT(put("aa", missing).error().cause, HasSubstr("no context \"zz\""));
  for (const char* agent : {"", "Aa", "../x", "a b", "0123456789abcdef", "a\n"})
    EXPECT_EQ(put_text(agent, config()).error().code, ErrorCode::invalid_request) << agent;
  EXPECT_EQ(read("aa").error().code, ErrorCode::not_found);
  json::object pin{{"context", "second"}};
  EXPECT_EQ(put("aa", pin).error().code, ErrorCode::not_found) << "there is no kubeconfig that could be kept";
}

// Whoever gets it may use each cluster and user in it, not those of the context alone.
TEST_F(IntegrationsTest, WhatReachesForAHostIsRefusedWhereverItStands) {
  for (const char* user :
       {"tokenFile: /var/run/token", "token: t, client-certificate: /c, client-key: /k",
        "exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never}"}) {
    EXPECT_EQ(put_text("aa", config(user)).error().code, ErrorCode::policy_denied) << user;
    std::string beside = config();
    beside.insert(beside.find("users: [") + 8, "{name: other, user: {" + std::string(user) + "}}, ");
    EXPECT_EQ(put_text("aa", beside).error().code, ErrorCode::policy_denied) << beside;
  }
  for (const char* cluster :
       {"server: https://x, certificate-authority: /etc/ca", "server: https://169.254.169.254",
        "server: https://2852039166", "server: 'https://[::ffff:169.254.169.254]'", "server: 'https://[fe80::1]'",
        "server: https://x, proxy-url: http://169.254.169.254:80"}) {
    EXPECT_EQ(put_text("aa", config("token: t", cluster)).error().code, ErrorCode::policy_denied) << cluster;
    std::string beside = config();
    beside.insert(beside.find("clusters: [") + 11, "{name: other, cluster: {" + std::string(cluster) + "}}, ");
    EXPECT_EQ(put_text("aa", beside).error().code, ErrorCode::policy_denied) << beside;
  }
  json::object local{{"kubeconfig", config("token: t", "server: https://169.254.1.1")}};
  EXPECT_TRUE(put("aa", local, std::nullopt, true)) << "where that is meant";
  auto tested = await_on(loop, rows->test("aa", false, "cli:me", patience()));
  ASSERT_TRUE(tested);
  EXPECT_FALSE(tested->validation.ok);
  EXPECT_THAT(tested->validation.message, HasSubstr("link-local"));
}

TEST_F(IntegrationsTest, OneChangeAtATime) {
  const std::string first = put_text("aa", config())->row.etag();
  json::object pin{{"context", "second"}};
  const std::string second = put("aa", pin, first)->row.etag();
  EXPECT_NE(first, second);
  EXPECT_EQ(put("aa", pin, first).error().code, ErrorCode::conflict);
  EXPECT_EQ(await_on(loop, rows->remove("aa", first, "cli:me", patience())).error().code, ErrorCode::conflict);
  EXPECT_TRUE(await_on(loop, rows->remove("aa", second, "cli:me", patience())));
  json::object whole{{"kubeconfig", config()}};
  EXPECT_EQ(put("aa", whole, second).error().code, ErrorCode::not_found);
}

// Nor into another row, nor a former one back, nor under another context.
TEST_F(IntegrationsTest, WhatIsSealedForARowOpensForNoOther) {
  ASSERT_TRUE(put_text("aa", config()));
  ASSERT_TRUE(put_text("bb", config("token: other")));
  execute("CREATE TABLE kept AS SELECT * FROM integrations");
  execute("UPDATE integrations SET credential = (SELECT credential FROM kept WHERE agent = 'aa') WHERE agent = 'bb'");
  EXPECT_THAT(environment("bb").error().cause, HasSubstr("altered, or belongs elsewhere"));
  ASSERT_TRUE(put_text("aa", config("token: newer")));
  execute("UPDATE integrations SET credential = (SELECT credential FROM kept WHERE agent = 'aa') WHERE agent = 'aa'");
  EXPECT_THAT(environment("aa").error().cause, HasSubstr("altered, or belongs elsewhere"));
  ASSERT_TRUE(put_text("aa", config()));
  execute("UPDATE integrations SET fields = '{\"context\":\"second\"}' WHERE agent = 'aa'");
  EXPECT_THAT(environment("aa").error().cause, HasSubstr("altered, or belongs elsewhere"));
}

TEST_F(IntegrationsTest, ALostOrWrongKeySaysSoAndDestroysNothing) {
  const Integration row = put_text("aa", config())->row;
  json::object pin{{"context", "second"}};
  for (const char* other : {"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", ""}) {
    begin_anew(other);
    const char* cause = *other ? "another key" : "no key is set";
    EXPECT_THAT(environment("aa").error().cause, HasSubstr(cause));
    EXPECT_THAT(put("aa", pin).error().cause, HasSubstr(cause));
    EXPECT_THAT(put_text("aa", config("token: t")).error().cause, HasSubstr(cause));
    EXPECT_FALSE(await_on(loop, rows->test("aa", false, "cli:me", patience())));
    EXPECT_EQ(read("aa")->etag(), row.etag());
  }
  begin_anew(std::string(32, 'k'));
  EXPECT_EQ(environment("aa")->contents.reveal(), config());
}

TEST_F(IntegrationsTest, AKubeconfigIsSomethingSealed) {
  ASSERT_TRUE(put_text("aa", config()));
  bool any = false;
  store::Work work = [&any](store::Session& session) -> Result<void> {
    auto sealed = store::any_sealed(session);
    if (!sealed) return fail(std::move(sealed.error()));
    any = !sealed->empty();
    return {};
  };
  EXPECT_TRUE(await_on(loop, database->read(std::move(work), patience())));
  EXPECT_TRUE(any);
}

TEST_F(IntegrationsTest, InPages) {
  for (const char* agent : {"c", "a", "b"}) ASSERT_TRUE(put_text(agent, config()));
  auto page = await_on(loop, rows->list("a", 1, patience())).value();
  ASSERT_EQ(page.size(), 1U);
  EXPECT_EQ(page[0].agent, "b");
}

}  // namespace
}  // namespace fairlead::fleet
