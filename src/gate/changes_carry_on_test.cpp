// A repeatable change that a process left in the middle is carried on by the next one.
#include "gate/changes_testing.h"

namespace fairlead::gate {
namespace {

using testing::ChangesTest;
using ::testing::HasSubstr;

// Two patches of the Scale, the first of which was answered.
Change half_done(const testing::Server& server, bool repeatable = true) {
  Change out;
  out.who = "mcp:alice";
  out.cluster = "prod";
  out.operation = "scale_deployment";
  out.arguments = {{"name", "web"}, {"replicas", 5}};
  out.state = ChangeState::executing;
  out.identity = {"", server.cluster};
  out.plan.repeatable = repeatable;
  for (int i = 0; i < 2; ++i) {
    ops::Write write;
    write.object = {"apps", "v1", "deployments", "Deployment", "shop", "web", "scale", "u-1"};
    write.content_type = kube::Patch::merge;
    write.body = parse_json(R"({"spec":{"replicas":5}})", "test").value();
    write.before = parse_json(server.scale(3, 70).body, "test").value();
    out.plan.writes.push_back(write);
  }
  return out;
}

class CarryOnTest : public ChangesTest {
 protected:
  void leave(Change change) {
    Journal dead = make_journal("dead");
    change.created = clock.unix_seconds();
    ASSERT_TRUE(api.run(dead.add(change, nullptr, net::testing::patience())));
    ASSERT_TRUE(api.run(dead.answered(1, 0, WriteState::done, parse_json(server.scale(5, 71).body, "test").value(), 1,
                                      clock.unix_seconds(), net::testing::patience())));
  }
  void look() { ASSERT_TRUE(api.run(gate(ops::Trust::read).settle_interrupted(net::testing::patience()))); }
};

TEST_F(CarryOnTest, WhatWasNotAnsweredIsSentAndTheChangeCompletes) {
  leave(half_done(server));
  look();
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(server.patches, 1) << "the first one was done";
  EXPECT_EQ(change(1).state, ChangeState::completed);
  EXPECT_EQ(change(1).writes.at(0).state, WriteState::done);
  EXPECT_EQ(change(1).writes.at(1).state, WriteState::done);
  look();
  EXPECT_EQ(server.patches, 1);
}

TEST_F(CarryOnTest, ABusyServerIsAskedAgain) {
  server.busy = 2;
  leave(half_done(server));
  look();
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(change(1).state, ChangeState::completed);
}

TEST_F(CarryOnTest, OnAnotherClusterItWaits) {
  leave(half_done(server));
  move_to("c-2");
  look();
  EXPECT_EQ(server.patches, 0);
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_THAT(change(1).error, HasSubstr("another cluster"));
  move_to("c-1");
  look();
  EXPECT_EQ(change(1).state, ChangeState::completed);
}

TEST_F(CarryOnTest, ADefiniteRefusalEndsIt) {
  Change change = half_done(server);
  change.plan.writes[1].object.subresource = "nothing";
  leave(change);
  look();
  EXPECT_EQ(this->change(1).state, ChangeState::failed);
  EXPECT_EQ(this->change(1).error_code, "not_found");
  EXPECT_EQ(this->change(1).writes.at(0).state, WriteState::done);
}

TEST_F(CarryOnTest, WhatIsNotRepeatableIsOnlyLookedAt) {
  leave(half_done(server, false));
  look();
  EXPECT_EQ(server.replicas, 3) << "nothing was sent but tries";
  EXPECT_NE(change(1).state, ChangeState::completed);
}

TEST_F(CarryOnTest, ItIsTakenOverOnce) {
  leave(half_done(server));
  auto hold = std::make_shared<const char>();
  auto found =
      api.run(journal.find_interrupted([](store::Session&, const std::string&) -> Result<bool> { return false; },
                                       clock.unix_seconds(), net::testing::patience()));
  ASSERT_TRUE(found);
  EXPECT_TRUE(api.run(journal.take_over(1, hold, clock.unix_seconds(), net::testing::patience())).value());
  EXPECT_FALSE(api.run(journal.take_over(1, hold, clock.unix_seconds(), net::testing::patience())).value());
  look();
  EXPECT_EQ(server.patches, 0) << "whoever has taken it over carries it on";
}

TEST_F(CarryOnTest, AnotherChangeOfTheClusterDoesNotWaitForIt) {
  leave(half_done(server));
  server.replicas = 4;
  ASSERT_TRUE(scale(6, "cli:alice", ops::Trust::write));
  EXPECT_EQ(change(1).state, ChangeState::interrupted);
  EXPECT_EQ(server.replicas, 6);
}

}  // namespace
}  // namespace fairlead::gate
