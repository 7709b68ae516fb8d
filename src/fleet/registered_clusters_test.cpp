#include "fleet/registered_clusters.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "kube/fake_api.h"
#include "store/schema.h"
#include "store/test_database.h"

namespace fairlead::fleet {
namespace {

using kube::testing::Answer;
using kube::testing::FakeApi;
using store::testing::patience;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A cluster whose stored identity is STORED, and whose callers have service accounts. Each token names its account.
class RegisteredClustersTest : public ::testing::Test {
 public:
  RegisteredClustersTest()
      : database(store::open_sqlite({.path = directory / "fairlead.db", .migrations = store::sqlite_schema()})),
        registry(*database, nullptr, clock) {
    std::ofstream(directory / "prod")
        << "clusters: [{name: c, cluster: {server: http://127.0.0.1:" << api.connection().server.port
        << "}}]\nusers: [{name: u, user: {token: STORED}}]\ncontexts: [{name: x, context: "
           "{cluster: c, user: u}}]\ncurrent-context: x\n";
    live.connect.kubeconfigs = std::filesystem::path(directory / "prod").parent_path().string();
    live.user_agent = "fairlead-test";
    operation.name = "look";
    all = std::make_unique<RegisteredClusters>(registry, clock, live, nullptr);
    row(R"({"id":"prod","kubeconfig_path":"prod","service_account":"agents/{name}"})");
  }

  void row(std::string_view text) {
    auto fields = parse_json(text, "test").value().get_object();
    auto added = api.run(registry.add(std::move(fields), "cli:me", patience()));
    ASSERT_TRUE(added) << added.error().sentence();
  }
  void change(std::string_view text) {
    auto fields = parse_json(text, "test").value().get_object();
    auto done = api.run(registry.change("prod", std::move(fields), std::nullopt, "cli:me", patience()));
    ASSERT_TRUE(done) << done.error().sentence();
    all->forget("prod");
  }

  Answer answer(const net::HttpRequest& request) {
    std::string authorization, impersonated;
    for (const auto& header : request.headers) {
      if (equal_ignoring_case(header.name, "Authorization")) authorization = header.value;
      if (header.name.starts_with("Impersonate")) impersonated += header.value;
    }
    said.push_back(request.method + " as " + authorization + impersonated);
    if (request.method != "POST") return {.body = R"({"kind":"PodList"})"};
    ++made;
    const auto parts = split(request.target, '/');
    json::object out{{"kind", "TokenRequest"}};
    out["status"] = json::object{{"token", "of-" + std::string(parts[parts.size() - 2])},
                                 {"expirationTimestamp", format_rfc3339(4'000'000'000)}};
    return {.status = 201, .body = compact(out)};
  }

  awaitable<std::string> look(std::string caller) {
    auto cluster = co_await all->find("k8s:prod", std::move(caller));
    if (!cluster) co_return cluster.error().cause;
    auto arguments = ops::Arguments::validate({}, operation.parameters, operation.name);
    gate::Cluster::Work work = [](ops::Call& call) -> awaitable<Result<ops::Reply>> {
      auto got = co_await call.client.get("/api/v1/pods", call.deadline);
      if (!got) co_return fail(std::move(got.error()));
      co_return ops::Reply{ops::Text{}, {}};
    };
    auto done = co_await (*cluster)->work(operation, std::move(*arguments), patience(), nullptr, std::move(work));
    co_return done ? "" : done.error().cause;
  }
  std::string look_as(std::string caller) { return api.run(look(std::move(caller))); }

  store::testing::TemporaryDirectory directory;
  FixedClock clock{1'800'000'000};
  std::vector<std::string> said;
  int made = 0;
  FakeApi api{[this](const net::HttpRequest& request) { return answer(request); }};
  std::unique_ptr<store::Database> database;
  Registry registry;
  LiveOptions live;
  ops::Operation operation;
  std::unique_ptr<RegisteredClusters> all;
};

TEST_F(RegisteredClustersTest, EachCallerGoesWithATokenOfTheirOwnAlone) {
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_EQ(look_as("api:b"), "");
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_THAT(said, ElementsAre("POST as Bearer STORED", "GET as Bearer of-api-a", "POST as Bearer STORED",
                                "GET as Bearer of-api-b", "GET as Bearer of-api-a"));
}

TEST_F(RegisteredClustersTest, NobodyGetsTheStoredIdentity) {
  EXPECT_THAT(look_as(""), HasSubstr("callers with a name"));
  EXPECT_THAT(look_as("oidc:Alice"), HasSubstr("as it is"));
  EXPECT_THAT(look_as("oidc:a/../../x"), HasSubstr("as it is"));
  EXPECT_THAT(said, IsEmpty()) << "nothing was sent";
  auto row = api.run(registry.read("prod", patience())).value();
  auto direct = api.run(make_client(registry, row, live, "api:a", patience()));
  ASSERT_FALSE(direct);
  EXPECT_EQ(direct.error().code, ErrorCode::internal);
}

TEST_F(RegisteredClustersTest, ManyCallsAtOnceAskForOneToken) {
  auto many = [](RegisteredClustersTest* test) -> awaitable<int> {
    std::vector<awaitable<std::string>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(test->look("api:a"));
    auto done = co_await net::gather(std::move(calls));
    co_return static_cast<int>(std::count(done.begin(), done.end(), ""));
  };
  EXPECT_EQ(api.run(many(this)), 20);
  EXPECT_EQ(made, 1);
}

TEST_F(RegisteredClustersTest, WhatEndsAToken) {
  look_as("api:a");
  look_as("api:b");
  EXPECT_EQ(made, 2);
  all->forget_caller("api:a");
  look_as("api:b");
  EXPECT_EQ(made, 2) << "others keep theirs";
  look_as("api:a");
  EXPECT_EQ(made, 3);
  change(R"({"label":"other"})");
  look_as("api:a");
  EXPECT_EQ(made, 4);
  change(R"({"service_account_seconds":900})");
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_EQ(made, 5);
  change(R"({"enabled":false})");
  EXPECT_THAT(look_as("api:a"), HasSubstr("is disabled"));
  change(R"({"enabled":true,"service_account":null})");
  said.clear();
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_THAT(said, ElementsAre("GET as Bearer STORED"));
  change(R"({"service_account":"others/{name}"})");
  said.clear();
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_THAT(said, ElementsAre("POST as Bearer STORED", "GET as Bearer of-api-a"));
}

// A call that is looked up while its caller's token is revoked leaves nothing behind.
TEST_F(RegisteredClustersTest, WhatIsForgottenMeanwhileIsNotKept) {
  auto both = [](RegisteredClustersTest* test) -> awaitable<std::string> {
    auto forget = [](RegisteredClustersTest* of) -> awaitable<int> {
      of->all->forget_caller("api:a");
      co_return 0;
    };
    auto call = test->look("api:a");
    auto end = forget(test);
    auto done = co_await net::both(std::move(call), std::move(end));
    co_return done.first;
  };
  EXPECT_EQ(api.run(both(this)), "");
  EXPECT_EQ(made, 1);
  look_as("api:a");
  EXPECT_EQ(made, 2);
}

TEST_F(RegisteredClustersTest, AMountedKubeconfigThatChangesIsAnotherIdentity) {
  look_as("api:a");
  std::string text;
  {
    std::ifstream in(directory / "prod");
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  text.replace(text.find("STORED"), 6, "OTHER-ONE");
  std::ofstream(directory / "prod") << text;
  said.clear();
  EXPECT_EQ(look_as("api:a"), "");
  EXPECT_THAT(said, ElementsAre("POST as Bearer OTHER-ONE", "GET as Bearer of-api-a"));
}

}  // namespace
}  // namespace fairlead::fleet
