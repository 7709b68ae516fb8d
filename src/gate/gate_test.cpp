#include "gate/gate.h"

#include <gmock/gmock.h>

#include "net/test_support.h"
#include "ops/render.h"
#include "ops/testing.h"

namespace fairlead::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeClusters final : public Clusters, public Cluster, public std::enable_shared_from_this<FakeClusters> {
 public:
  awaitable<Result<std::vector<KnownCluster>>> list() override {
    co_return std::vector<KnownCluster>{{"prod", "10.0.0.1:6443", false}, {"staging", "10.0.0.2:6443", true}};
  }
  std::string id() const override { return "staging"; }
  awaitable<Result<std::shared_ptr<Cluster>>> find(std::string id, std::string) override {
    asked.push_back(id);
    if (id == "unknown") co_return fail(ErrorCode::not_found, "", "there is no cluster unknown");
    std::shared_ptr<Cluster> self = shared_from_this();
    co_return self;
  }
  awaitable<Result<ops::Reply>> run(const ops::Operation& operation, ops::Arguments arguments, Deadline,
                                    ops::Progress*) override {
    ran.push_back(std::string(operation.name) + " " + compact(arguments.values()));
    co_return ops::Reply{ops::Text{"done"}, {}};
  }
  awaitable<Result<ops::Reply>> work(const ops::Operation& operation, ops::Arguments arguments, Deadline,
                                     ops::Progress*, Work) override {
    ran.push_back(std::string(operation.name) + " " + compact(arguments.values()));
    co_return ops::Reply{ops::Text{"done"}, {}};
  }
  std::vector<std::string> asked, ran;
};

class GateTest : public testing::Test {
 protected:
  Result<ops::Reply> call(ops::Trust allow, std::string operation, json::object arguments, std::string cluster = "") {
    Books books;
    books.policy = [this] { return policy; };
    if (has_journal) books.journal = &journal;
    Gate gate(catalog, *clusters, {allow}, books);
    Request request;
    request.who.name = "cli:alice";
    request.operation = std::move(operation);
    request.arguments = std::move(arguments);
    request.cluster = std::move(cluster);
    return net::testing::await_on(loop, gate.call(std::move(request)));
  }
  ErrorCode code(ops::Trust allow, std::string operation, json::object arguments, std::string cluster = "") {
    auto reply = call(allow, std::move(operation), std::move(arguments), std::move(cluster));
    return reply ? ErrorCode::internal : reply.error().code;
  }

  // Nothing of it is opened: the clusters here carry nothing out.
  std::unique_ptr<store::Database> database = store::open_sqlite({.path = "/nowhere/x.db"});
  Journal journal{*database, std::make_shared<vault::Vault>([](bool) {
                    return Result<vault::Sealer>(fail(ErrorCode::internal, "", "not here"));
                  }),
                  "x"};
  Policy policy = Policy::built_in();
  bool has_journal = true;
  net::Loop loop;
  ops::Catalog catalog = ops::kubernetes_catalog();
  std::shared_ptr<FakeClusters> clusters = std::make_shared<FakeClusters>();
};

TEST_F(GateTest, RunsWhatIsAllowed) {
  ASSERT_TRUE(call(ops::Trust::read, "get_pod", {{"name", "web"}}, "prod"));
  EXPECT_THAT(clusters->asked, ElementsAre("prod"));
  EXPECT_THAT(clusters->ran, ElementsAre(R"(get_pod {"name":"web","format":"table"})"));
  EXPECT_TRUE(call(ops::Trust::write, "scale_deployment", {{"name", "web"}, {"replicas", 2}}));
  EXPECT_TRUE(call(ops::Trust::destructive, "delete_pod", {{"name", "web"}}));
  EXPECT_EQ(clusters->ran.size(), 3u);
}

TEST_F(GateTest, WhatThePolicyDeniesReachesNoCluster) {
  policy = Policy::parse("version: 1\nrules:\n- {name: nothing, decision: deny}\n").value();
  for (const auto& operation : catalog.operations()) {
    json::object arguments = ops::testing::least_arguments(operation);
    Gate gate(catalog, *clusters, {ops::Trust::write});
    EXPECT_EQ(gate.permits(operation), operation.trust <= ops::Trust::write);
    if (operation.name == "list_clusters") continue;
    const bool any_kind = std::any_of(operation.access.begin(), operation.access.end(),
                                      [](const auto& access) { return access.resource == "*"; });
    if (any_kind || needs_kind(operation)) continue;  // what it is about is asked of the cluster first
    for (bool dry_run : {false, true}) {
      if (operation.change) arguments["dry_run"] = dry_run;
      auto reply = call(ops::Trust::destructive, std::string(operation.name), arguments);
      ASSERT_FALSE(reply) << operation.name;
      EXPECT_EQ(reply.error().code, ErrorCode::policy_denied) << operation.name;
      EXPECT_EQ(exit_status(reply.error().code), 3);
      EXPECT_THAT(reply.error().cause, HasSubstr("nothing")) << operation.name;
    }
  }
  EXPECT_THAT(clusters->ran, IsEmpty());
}

TEST_F(GateTest, NothingIsChangedWithoutAJournal) {
  has_journal = false;
  EXPECT_EQ(code(ops::Trust::destructive, "delete_pod", {{"name", "x"}}), ErrorCode::policy_denied);
  EXPECT_TRUE(call(ops::Trust::read, "get_pod", {{"name", "web"}}));
  EXPECT_EQ(clusters->ran.size(), 1U);
}

TEST_F(GateTest, TellsWhichClustersThereAreWithoutTouchingOne) {
  auto reply = call(ops::Trust::read, "list_clusters", {});
  ASSERT_TRUE(reply);
  const auto rendered = ops::render(*reply, {.format = ops::Format::json});
  EXPECT_EQ(rendered->text,
            "{\"items\":[\n{\"name\":\"staging\",\"server\":\"10.0.0.2:6443\",\"current\":true},\n"
            "{\"name\":\"prod\",\"server\":\"10.0.0.1:6443\",\"current\":false}],\n\"total\":2,\"continue\":null}\n");
  EXPECT_EQ(code(ops::Trust::read, "list_clusters", {{"columns", json::array{"token"}}}), ErrorCode::invalid_request);
  EXPECT_THAT(clusters->asked, IsEmpty());
}

TEST_F(GateTest, ChecksInOrder) {
  EXPECT_EQ(code(ops::Trust::read, "no_such_thing", {{"bad", 1}}, "unknown"), ErrorCode::invalid_request);
  EXPECT_EQ(code(ops::Trust::read, "delete_pod", {{"name", "../x"}}, "unknown"), ErrorCode::invalid_request);
  EXPECT_THAT(clusters->asked, IsEmpty());
  EXPECT_EQ(code(ops::Trust::destructive, "delete_pod", {{"name", "x"}}, "unknown"), ErrorCode::not_found);
  EXPECT_THAT(clusters->asked, ElementsAre("unknown"));
  EXPECT_THAT(clusters->ran, IsEmpty());
}

TEST_F(GateTest, UnknownOperations) {
  auto reply = call(ops::Trust::read, "list_pod", {});
  EXPECT_EQ(reply.error().sentence(), "there is no operation 'list_pod'. Did you mean list_pods?");
  reply = call(ops::Trust::destructive, "rm -rf /\x1b[2J", {});
  EXPECT_EQ(reply.error().code, ErrorCode::invalid_request);
  EXPECT_THAT(reply.error().cause, HasSubstr("\\x1B"));
  EXPECT_LT(call(ops::Trust::read, std::string(1 << 20, 'x'), {}).error().sentence().size(), 300u);
  EXPECT_EQ(code(ops::Trust::destructive, "", {}), ErrorCode::invalid_request);
  EXPECT_EQ(code(ops::Trust::destructive, "LIST_PODS", {}), ErrorCode::invalid_request);
}

}  // namespace
}  // namespace fairlead::gate
