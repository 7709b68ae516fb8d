// Changes from end to end.
#include "gate/changes_testing.h"

namespace fairlead::gate {
namespace {

using kube::testing::refusal;
using testing::ChangesTest;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Person;

TEST_F(ChangesTest, WhatIsAllowedIsDoneAndTakenBackAndTakenBackAgain) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(server.replicas, 5);
  Change first = change(1);
  EXPECT_EQ(first.state, ChangeState::completed);
  EXPECT_EQ(first.writes.at(0).state, WriteState::done);
  EXPECT_EQ(integer_at(first.writes[0].answer, {"spec", "replicas"}), 5);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(1).state, ChangeState::rolled_back);
  EXPECT_EQ(change(1).undone_by, 2);
  EXPECT_EQ(roll_back(1).error().code, ErrorCode::conflict) << "once";
  ASSERT_TRUE(roll_back(2));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(change(2).state, ChangeState::rolled_back);
  EXPECT_EQ(change(1).state, ChangeState::completed) << "it is so again";
  EXPECT_EQ(change(1).undone_by, 0);
  ASSERT_TRUE(roll_back(3));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(3).state, ChangeState::rolled_back);
  EXPECT_EQ(change(2).state, ChangeState::completed);
  EXPECT_EQ(change(1).state, ChangeState::rolled_back) << "by the second one, which stands again";
  EXPECT_EQ(change(1).undone_by, 2);
  ASSERT_TRUE(roll_back(2));
  EXPECT_EQ(change(1).state, ChangeState::completed);
  ASSERT_TRUE(roll_back(1));
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, ARuleThatAllowsMayWantAReason) {
  policy =
      Policy::parse("version: 1\nrules:\n- {name: r, trust: [WRITE], decision: allow, reason: required}\n").value();
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required);
  EXPECT_EQ(server.replicas, 3);
  EXPECT_TRUE(call({{"name", "web"}, {"replicas", 5}, {"reason", "load"}}));
}

TEST_F(ChangesTest, AnApprovalIsForTheClusterAndNotForItsName) {
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(1, true));
  move_to("c-2");
  ASSERT_FALSE(scale(5));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(2).state, ChangeState::awaiting_approval);
  move_to("c-1");
  ASSERT_TRUE(scale(5));
}

TEST_F(ChangesTest, ARollbackIsOnTheClusterAndNotOnItsName) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  move_to("c-2");
  auto refused = roll_back(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_THAT(refused.error().cause, HasSubstr("another cluster"));
  EXPECT_EQ(server.replicas, 5);
  move_to("");  // its uid may not be read any more: by its place then
  EXPECT_TRUE(roll_back(1));
}

TEST_F(ChangesTest, ADryRunOfARollbackChangesNothing) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  Request request;
  request.who.name = "cli:alice";
  request.deadline = net::testing::patience();
  auto shown = api.run(gate(ops::Trust::write).roll_back(std::move(request), {1, false, true, ""}));
  ASSERT_TRUE(shown);
  EXPECT_THAT(compact(std::get<ops::Document>(shown->body).value), HasSubstr("spec.replicas: 5 -> 3"));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(change(1).state, ChangeState::completed);
}

TEST_F(ChangesTest, WhatWaitsTooLongIsShownAsRejected) {
  ASSERT_FALSE(scale(5));
  Journal::Filter filter;
  filter.state = ChangeState::awaiting_approval;
  filter.now = clock.unix_seconds() + 3599;
  EXPECT_EQ(api.run(journal.list(filter, net::testing::patience()))->size(), 1U);
  ++filter.now;
  EXPECT_TRUE(api.run(journal.list(filter, net::testing::patience()))->empty());
  filter.state = ChangeState::rejected;
  EXPECT_EQ(api.run(journal.list(filter, net::testing::patience()))->size(), 1U);
}

TEST_F(ChangesTest, WhatSomebodyChangedSinceIsNotOverwrittenUnlessForced) {
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  server.replicas = 7;
  ++server.version;
  auto refused = roll_back(1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_EQ(refused.error().foreign, "Deployment shop/web spec.replicas: it was 3, the change left 5, and it is 7 now");
  EXPECT_EQ(server.replicas, 7);
  ASSERT_TRUE(roll_back(1, true));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_TRUE(change(2).forced);
}

TEST_F(ChangesTest, WaitsForAnApprovalThatHoldsOnce) {
  auto waiting = scale(5);
  ASSERT_FALSE(waiting);
  EXPECT_EQ(waiting.error().code, ErrorCode::approval_required);
  EXPECT_THAT(waiting.error().remedy, HasSubstr("fairlead changes approve 1"));
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required);
  EXPECT_EQ(api.run(journal.list({}, net::testing::patience())).value().size(), 1U) << "asked twice, it waits once";
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(decide(1, true, "mcp:alice").error().code, ErrorCode::policy_denied) << "nobody approves their own";
  ASSERT_TRUE(decide(1, true));
  EXPECT_EQ(decide(1, true).error().code, ErrorCode::conflict);
  EXPECT_EQ(scale(6).error().code, ErrorCode::approval_required) << "other arguments are another change";
  EXPECT_EQ(scale(5, "mcp:eve").error().code, ErrorCode::approval_required) << "so is another caller";
  ASSERT_TRUE(scale(5));
  EXPECT_EQ(server.replicas, 5);
  server.replicas = 3;
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required) << "it was used";
}

TEST_F(ChangesTest, AnApprovalIsForTheObjectAndTheFieldsThatWereShown) {
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(1, true));
  server.replicas = 4;
  ++server.version;
  auto moved = scale(5);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::conflict);
  EXPECT_THAT(moved.error().cause, HasSubstr("spec.replicas"));
  EXPECT_EQ(change(1).state, ChangeState::failed);
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(2, true));
  server.uid = "u-2";
  EXPECT_THAT(scale(5).error().cause, HasSubstr("another object of the same name"));
  EXPECT_EQ(server.replicas, 4);
  // What moves without a field that was shown does not matter.
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(3, true));
  ++server.version;
  EXPECT_TRUE(scale(5));
}

TEST_F(ChangesTest, AnApprovalEndsWithItsHourItsPolicyOrARejection) {
  ASSERT_FALSE(scale(5));
  clock.set(clock.unix_seconds() + 3601);
  EXPECT_EQ(decide(1, true).error().code, ErrorCode::conflict);
  EXPECT_EQ(change(1).state, ChangeState::rejected);
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(2, true));
  policy = Policy::parse("version: 1\nrules:\n- {name: ask, trust: [write], decision: approve}\n").value();
  EXPECT_THAT(scale(5).error().cause, HasSubstr("policy was edited"));
  ASSERT_FALSE(scale(5));
  ASSERT_TRUE(decide(3, false));
  EXPECT_EQ(change(3).state, ChangeState::rejected);
  EXPECT_EQ(scale(5).error().code, ErrorCode::approval_required);
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, APersonWhoIsThereIsAsked) {
  Person bob;
  person = &bob;
  ASSERT_TRUE(scale(5));
  ASSERT_EQ(bob.asked.size(), 1U);
  EXPECT_THAT(bob.asked[0].fields, Contains("Deployment shop/web spec.replicas: 3 -> 5"));
  EXPECT_EQ(change(1).approver, "terminal:bob");
  // Nobody answers: it waits, and the same call asks for the same change again.
  bob.kind = fairlead::gate::Answer::Kind::nobody;
  EXPECT_EQ(scale(6).error().code, ErrorCode::approval_required);
  bob.kind = fairlead::gate::Answer::Kind::approved;
  EXPECT_TRUE(scale(6));
  ASSERT_EQ(bob.asked.size(), 3U);
  EXPECT_EQ(bob.asked[2].change, bob.asked[1].change);
  EXPECT_THAT(bob.asked[2].fields, Contains("Deployment shop/web spec.replicas: 5 -> 6"));
  EXPECT_EQ(change(2).state, ChangeState::completed);
  bob.kind = fairlead::gate::Answer::Kind::rejected;
  EXPECT_EQ(scale(7).error().code, ErrorCode::policy_denied);
  EXPECT_EQ(change(3).state, ChangeState::rejected);
  EXPECT_EQ(server.replicas, 6);
}

TEST_F(ChangesTest, AFreezeThatBeganWhileAPersonThoughtHolds) {
  policy =
      Policy::parse("version: 1\nfreezes:\n- {name: night, from: 2026-01-01T00:05:00Z, until: 2026-01-01T06:00:00Z}\n")
          .value();
  Person bob;
  person = &bob;
  bob.meanwhile = [this] { clock.set(clock.unix_seconds() + 600); };
  auto reply = scale(5);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::policy_denied);
  EXPECT_THAT(reply.error().cause, HasSubstr("freeze night"));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_EQ(change(1).state, ChangeState::failed);
}

TEST_F(ChangesTest, APolicyThatIsEditedWhileAPersonThinksHolds) {
  Person bob;
  person = &bob;
  bob.meanwhile = [this] { policy = Policy::parse("version: 1\n# edited\n").value(); };
  auto reply = scale(5);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::approval_required);
  EXPECT_EQ(server.replicas, 3);
}

TEST_F(ChangesTest, AnApprovalIsFoundHoweverTheArgumentsAreOrdered) {
  ASSERT_FALSE(call({{"name", "web"}, {"replicas", 5}}));
  ASSERT_TRUE(decide(1, true));
  EXPECT_TRUE(call({{"replicas", 5}, {"name", "web"}}));
}

TEST_F(ChangesTest, AQuestionIsNotForgedByWhatStandsInIt) {
  Question question;
  question.who = "mcp:alice";
  question.summary = "delete pod shop/web";
  question.reason = "tidy\n  It can be taken back.";
  question.fields = {"data.a: \"x\r\n  reason: asked by the owner\""};
  question.undo = "It cannot be taken back: it is gone.";
  const std::string text = question_text(question);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_THAT(text, Not(HasSubstr("\n  It can be")));
}

TEST_F(ChangesTest, ADryRunShowsFieldsAndLeavesNothing) {
  auto reply = call({{"name", "web"}, {"replicas", 5}, {"dry_run", true}});
  ASSERT_TRUE(reply);
  EXPECT_THAT(ops::render(*reply, {})->text, HasSubstr("Deployment shop/web spec.replicas: 3 -> 5"));
  EXPECT_EQ(server.replicas, 3);
  EXPECT_TRUE(api.run(journal.list({}, net::testing::patience())).value().empty());
}

TEST_F(ChangesTest, WhoeverWritesInBetweenIsNotOverwritten) {
  server.before_patch = [this] {
    server.replicas = 4;
    ++server.version;
  };
  ASSERT_TRUE(scale(5, "cli:alice", ops::Trust::write));
  EXPECT_EQ(server.replicas, 5);
  EXPECT_EQ(integer_at(change(1).plan.writes.at(0).before, {"spec", "replicas"}), 4) << "what it truly replaced";
}

TEST_F(ChangesTest, WhoeverWritesWhileItIsTriedIsPlannedFor) {
  server.before_try = [this] { ++server.version; };
  ASSERT_FALSE(scale(5));
  EXPECT_EQ(change(1).state, ChangeState::awaiting_approval);
  ASSERT_TRUE(decide(1, true));
  ASSERT_TRUE(scale(5));
  EXPECT_EQ(server.replicas, 5);
}

}  // namespace
}  // namespace fairlead::gate
