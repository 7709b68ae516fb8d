// What the journal tells of changes, and that it holds nothing in the clear.
#include "gate/changes_testing.h"

namespace fairlead::gate {
namespace {

using testing::ChangesTest;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::OneCluster;

// One that somebody was about to carry out.
Change begun_on(std::string cluster) {
  Change out;
  out.who = "mcp:alice";
  out.cluster = std::move(cluster);
  out.operation = "scale_deployment";
  out.arguments = {{"name", "web"}, {"replicas", 5}};
  out.state = ChangeState::executing;
  return out;
}

TEST_F(ChangesTest, AnOutcomeThatIsNotKnownIsLookedAtLater) {
  server.cut = true;
  ASSERT_FALSE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_EQ(change(1).writes.at(0).state, WriteState::unknown);
  server.cut = false;
  ++server.version;
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::completed);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, WhatAProcessLeftBehindIsFinished) {
  Change left = begun_on("prod");
  left.created = clock.unix_seconds();
  left.identity = {"", server.cluster};
  ops::Write write;
  write.object = {"apps", "v1", "deployments", "Deployment", "shop", "web", "scale", "u-1"};
  write.body = parse_json(R"({"spec":{"replicas":5},"metadata":{"resourceVersion":"70"}})", "test").value();
  write.before = parse_json(server.scale(3, 70).body, "test").value();
  left.plan.writes.push_back(write);
  Journal dead = make_journal("dead");
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(api.run(dead.add(left, nullptr, net::testing::patience())));
  move_to("c-2");
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_THAT(change(1).error, HasSubstr("another cluster"));
  move_to("c-1");
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(1).state, ChangeState::interrupted) << "its request may still be on its way";
  EXPECT_THAT(change(1).error, HasSubstr("look again"));
  clock.set(clock.unix_seconds() + 60);
  ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience())));
  for (std::int64_t id : {1, 2}) {
    EXPECT_EQ(change(id).state, ChangeState::failed) << "the cluster was never reached";
    EXPECT_THAT(change(id).error, HasSubstr("0 of 1"));
  }
}

// A process that goes on to live, as a server does, must not leave a change under way for ever.
TEST_F(ChangesTest, WhatThisProcessGaveUpIsLookedAt) {
  const Change left = begun_on("prod");
  auto hold = std::make_shared<const char>();
  const auto find = [&] {
    return api
        .run(journal.find_interrupted([](store::Session&, const std::string&) { return true; }, clock.unix_seconds(),
                                      net::testing::patience()))
        .value();
  };
  const std::int64_t id = api.run(journal.add(left, hold, net::testing::patience())).value();
  EXPECT_TRUE(find().empty()) << "it is being carried out";
  hold.reset();
  EXPECT_EQ(find(), std::vector<std::int64_t>{id});
  EXPECT_EQ(change(id).state, ChangeState::interrupted);
}

TEST_F(ChangesTest, AnInterruptedChangeIsGivenUp) {
  const Change left = begun_on("gone");
  const std::int64_t id = api.run(make_journal("dead").add(left, nullptr, net::testing::patience())).value();
  Gate& now = gate(ops::Trust::read);
  const auto close = [&](std::string reason) {
    return api.run(now.close(id, "terminal:bob", std::move(reason), net::testing::patience()));
  };
  EXPECT_EQ(close("it is rebuilt").error().code, ErrorCode::conflict)
      << "nobody has found out that its process is gone";
  ASSERT_TRUE(api.run(now.settle_interrupted(net::testing::patience())));
  EXPECT_EQ(change(id).state, ChangeState::interrupted);
  EXPECT_EQ(close(" ").error().code, ErrorCode::invalid_request);
  ASSERT_TRUE(close("it is rebuilt"));
  EXPECT_EQ(change(id).state, ChangeState::failed);
  EXPECT_EQ(change(id).error, "closed by terminal:bob: it is rebuilt");
  EXPECT_EQ(close("again").error().code, ErrorCode::conflict);
}

TEST_F(ChangesTest, WhatWasDoneStandsInTheJournalSealed) {
  ASSERT_TRUE(call({{"name", "web"}, {"replicas", 5}, {"reason", "load"}}, "cli:alice", ops::Trust::write));
  std::string plan, answer;
  store::Work look = [&](store::Session& session) -> Result<void> {
    plan = session.query("SELECT sealed FROM changes").value().at(0).bytes(0);
    answer = session.query("SELECT answer FROM writes").value().at(0).bytes(0);
    return {};
  };
  ASSERT_TRUE(api.run(database->read(std::move(look), net::testing::patience())));
  const vault::Sealer sealer = key().value();
  const std::vector<std::pair<std::string, std::string>> kept{{plan, "change 1"}, {answer, "change 1 write 0"}};
  for (const auto& [sealed, context] : kept) {
    EXPECT_THAT(sealed, Not(HasSubstr("replicas")));
    EXPECT_THAT(sealer.open(sealed, context).value(), HasSubstr("replicas"));
    EXPECT_FALSE(sealer.open(sealed, "change 2")) << "it cannot be put in another one's place";
  }
}

TEST_F(ChangesTest, WithoutTheJournalNothingIsChanged) {
  auto broken = store::open_sqlite({.path = "/proc/nowhere/fairlead.db", .migrations = store::sqlite_schema()});
  Journal none(*broken, std::make_shared<vault::Vault>(key), "me");
  Books books;
  books.journal = &none;
  books.clock = &clock;
  Gate closed(catalog, *clusters, {ops::Trust::write}, books);
  Request request;
  request.who.name = "cli:alice";
  request.operation = "scale_deployment";
  request.arguments = {{"name", "web"}, {"replicas", 5}};
  request.deadline = net::testing::patience();
  auto reply = api.run(closed.call(std::move(request)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::server_error);
  EXPECT_THAT(reply.error().sentence(), HasSubstr("its directory is not there"));
  EXPECT_EQ(server.patches, 0);
  EXPECT_EQ(server.replicas, 3);
}

}  // namespace
}  // namespace fairlead::gate
