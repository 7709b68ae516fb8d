#include "runtimes/checks.h"

#include <gmock/gmock.h>

#include "ops/testing.h"
#include "runtimes/look.h"
#include "runtimes/testing.h"

namespace fairlead::runtimes {
namespace {

using kube::testing::Answer;
using kube::testing::FakeApi;
using kube::testing::refusal;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const AgentPlace kPlace{"billing", "0a1b2c3d", "small", "k8s:box", "agents", "agent-small-billing-0a1b2c3d"};

class Checks : public testing::Test {
 protected:
  std::vector<CheckOutcome> run(std::vector<Answer> answers, CheckLimits limits = {}) {
    std::size_t next = 0;
    FakeApi api([&](const net::HttpRequest&) { return answers.at(std::min(next++, answers.size() - 1)); });
    auto out = ops::testing::in_call(api, [&](ops::Call& call) { return run_checks(call, kPlace, profile, limits); });
    lines = api.lines();
    return out.value();
  }
  CheckOutcome one(Answer answer) { return run({std::move(answer)}).at(0); }

  Profile profile = parse_profile(small_profile()).value();
  std::vector<std::string> lines;
};

TEST_F(Checks, AnAnswerThatIsAccepted) {
  const CheckOutcome done = one({.body = "ok", .type = "text/plain"});
  EXPECT_TRUE(done.accepted);
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.cause, "");
  EXPECT_THAT(lines,
              ElementsAre("GET /api/v1/namespaces/agents/services/agent-small-billing-0a1b2c3d%3Ahttp/proxy/health"));
  profile.checks.at(0).accepted = {200, 401, 403};
  EXPECT_TRUE(one({.status = 401, .body = "who are you", .type = "text/plain"}).accepted);
  EXPECT_TRUE(one({.status = 403, .body = "<html>no</html>", .type = "text/html"}).accepted);
}

TEST_F(Checks, AnAnswerThatIsNot) {
  const CheckOutcome done = one({.status = 404, .body = "nothing here", .type = "text/plain"});
  EXPECT_FALSE(done.accepted);
  EXPECT_EQ(done.status, 404);
  EXPECT_EQ(done.cause, "it answered 404, and 200 is accepted");
  EXPECT_EQ(one({.status = 302, .body = "", .headers = {{"Location", "/login"}}}).status, 302);
}

TEST_F(Checks, WhatTheApiServerSaysIsNoAnswerOfTheAgent) {
  profile.checks.at(0).accepted = {200, 401, 403};
  CheckOutcome done = one(refusal(403, "Forbidden", "services \"x\" is forbidden: User \"u\" cannot get resource"));
  EXPECT_FALSE(done.accepted);
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.cause, "an RBAC rule is missing: the cluster does not let this identity get services/proxy in agents");
  done = one(refusal(503, "ServiceUnavailable", "no endpoints available for service \"x\""));
  EXPECT_EQ(done.cause, "nothing answers behind its Service: no endpoints available for service \"x\"");
  EXPECT_THAT(one(refusal(404, "NotFound", "services \"x\" not found")).cause,
              HasSubstr("there is no such Service or port there, or the cluster has no proxy to Services"));
  EXPECT_FALSE(one(refusal(401, "Unauthorized", "Unauthorized")).accepted);
}

TEST_F(Checks, AreRepeatedAsToldAndNoMore) {
  profile.checks.at(0).interval_seconds = 0;
  const Answer no{.status = 404, .body = "", .type = "text/plain"}, yes{.body = "ok", .type = "text/plain"};
  EXPECT_EQ(run({no}).at(0).attempts, 1);
  EXPECT_EQ(run({no}, {.attempts = 3}).at(0).attempts, 3);
  auto done = run({no, no, yes}, {.attempts = 9}).at(0);
  EXPECT_EQ(done.attempts, 3);
  EXPECT_TRUE(done.accepted);
  EXPECT_EQ(run({no}, {.wait_seconds = 60}).at(0).attempts, 12);  // the profile's
  profile.checks.at(0).interval_seconds = 5;
  EXPECT_EQ(run({no}, {.wait_seconds = 0}).at(0).attempts, 1);  // no time for a second one
  profile.checks.clear();
  EXPECT_THAT(run({yes}), IsEmpty());
}

TEST_F(Checks, AreShown) {
  EXPECT_EQ(
      compact(json::value(shown(one({.status = 500, .body = "x", .type = "text/plain"})))),
      R"({"port":"http","path":"/health","status":500,"accepted":false,"attempts":1,"cause":"it answered 500, and 200 is accepted"})");
}

// What look_closely says of what it was not let read.
class Look : public testing::Test {
 protected:
  Sight look(std::vector<std::pair<std::string, Answer>> answers) {
    FakeApi api([answers = std::move(answers)](const net::HttpRequest& request) {
      for (const auto& [path, answer] : answers)
        if (request.target.starts_with(path)) return answer;
      return refusal(404, "NotFound", "not found");
    });
    auto out =
        ops::testing::in_call(api, [&](ops::Call& call) { return look_closely(call, kPlace, nullptr, 1'200'000); });
    lines = api.lines();
    return std::move(out.value());
  }
  static Answer deployment(std::string_view status) {
    return {
        .body =
            R"({"kind":"Deployment","metadata":{"name":"agent-small-billing-0a1b2c3d","namespace":"agents","labels":{
        "app.kubernetes.io/managed-by":"fairlead","app.kubernetes.io/instance":"agent-small-billing-0a1b2c3d",
        "fairlead.dev/agent-id":"0a1b2c3d"}},"spec":{"replicas":1},"status":)" +
            std::string(status) + "}"};
  }
  const std::string deployments = "/apis/apps/v1/namespaces/agents/deployments/";
  std::vector<std::string> lines;
};

TEST_F(Look, AMissingRightIsACause) {
  const Sight sight = look({{deployments, refusal(403, "Forbidden", "deployments.apps \"x\" is forbidden")}});
  EXPECT_EQ(sight.observed.phase, Phase::unknown);
  EXPECT_EQ(sight.observed.cause,
            "an RBAC rule is missing: the cluster does not let this identity get deployments in agents");
  EXPECT_EQ(lines.size(), 1u);
}

TEST_F(Look, PodsThatMayNotBeListedAreNotAbsent) {
  const Sight sight = look({{deployments, deployment("{}")},
                            {"/api/v1/namespaces/agents/pods", refusal(403, "Forbidden", "no")},
                            {"/api/v1/namespaces/agents/services", refusal(500, "InternalError", "no")}});
  EXPECT_EQ(sight.observed.phase, Phase::starting);
  EXPECT_EQ(sight.observed.waits, "");
  EXPECT_THAT(sight.unread, ElementsAre(HasSubstr("does not let this identity list pods in agents"),
                                        HasSubstr("services cannot be read: ")));
}

TEST_F(Look, AnotherOwnersDeployment) {
  const Sight sight = look({{deployments, Answer{.body = R"({"kind":"Deployment","metadata":{"name":"x"}})"}}});
  EXPECT_EQ(sight.observed.phase, Phase::absent);
  EXPECT_THAT(sight.differences, ElementsAre(AllOf(HasSubstr("Deployment"), HasSubstr("another owner's"))));
}

TEST_F(Look, ASettledAgentIsReadWithoutEvents) {
  const Sight sight =
      look({{deployments, deployment(R"({"replicas":1,"readyReplicas":1,"availableReplicas":1,"updatedReplicas":1})")},
            {"/api/v1/namespaces/agents/pods", Answer{.body = R"({"items":[]})"}}});
  EXPECT_EQ(sight.observed.phase, Phase::running);
  for (const auto& line : lines) EXPECT_EQ(line.find("events"), std::string::npos) << line;
}

}  // namespace
}  // namespace fairlead::runtimes
