// get_pod_logs for a face that takes lines as they come.
#include <gmock/gmock.h>

#include "ops/pod_logs.h"
#include "ops/testing.h"

namespace fairlead::ops {
namespace {

using testing::Answer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::refusal;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;
using testing::World;

const std::string kPod = "GET /api/v1/namespaces/default/pods/web-0";
const std::string kLog = kPod + "/log";

class Listener final : public Progress, private Follower {
 public:
  void report(double, std::optional<double>, std::string) override {}
  Follower* follower() override { return this; }

  std::string text;
  std::vector<std::string> notes;
  std::size_t enough = SIZE_MAX;  // bytes until the reader goes
  std::function<void()> on_note = [] {};

 private:
  bool lines(std::string_view more) override {
    EXPECT_TRUE(more.ends_with('\n')) << "whole lines";
    text += more;
    return text.size() < enough;
  }
  void note(std::string_view note) override {
    notes.emplace_back(note);
    on_note();
  }
};

Answer log(std::string body, bool cut = false) { return {.body = std::move(body), .type = "text/plain", .cut = cut}; }
std::string at(std::string_view time, std::string_view text) {
  return "2026-01-01T00:00:" + std::string(time) + "Z " + std::string(text) + "\n";
}
Answer pod(std::string_view state, int restarts = 0, std::string_view more = "") {
  return {.body = R"({"kind":"Pod","spec":{"containers":[{"name":"app"})" + std::string(more) +
                  R"(]},"status":{"containerStatuses":[{"name":"app","containerID":"c","restartCount":)" +
                  std::to_string(restarts) + R"(,"state":{)" + std::string(state) + "}}]}}"};
}
constexpr std::string_view kRuns = R"("running":{})";
constexpr std::string_view kEnded = R"("terminated":{"exitCode":1,"reason":"Error"})";

class FollowTest : public ::testing::Test {
 protected:
  // "code: sentence" when it failed, else nothing.
  std::string follow(World& world, std::string_view arguments_text = R"({"name":"web-0"})",
                     std::optional<Duration> delay = std::chrono::milliseconds(1)) {
    const Operation* operation = world.catalog.find("get_pod_logs");
    auto arguments = Arguments::validate(testing::object(arguments_text), operation->parameters, "get_pod_logs");
    if (!arguments) return explain_in_a_line(arguments.error());
    kube::Client& client = world.api.client();
    Call call{*operation, client, *arguments, world.clock, net::testing::patience(), "default", "", false, &listener};
    auto reply = world.api.run(delay ? follow_pod_logs(call, *listener.follower(), *delay) : operation->run(call));
    return reply ? "" : std::string(to_string(reply.error().code)) + ": " + explain_in_a_line(reply.error());
  }
  Listener listener;
};

TEST_F(FollowTest, ATimeTakesNoCredentialApart) {
  World world({{kPod, pod(kRuns)},
               {kLog, log(at("02", "password:") + at("10", "  hunter2x") + at("11", "after"))},
               {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(world, R"({"name":"web-0","since_time":"2026-01-01T00:00:03Z"})"), "");
  EXPECT_EQ(listener.text, "  <redacted>\nafter\n");
}

TEST_F(FollowTest, GoesOnFromTheLastLinesUntilTheContainerHasEnded) {
  World world(
      {{kPod, pod(kRuns)},
       {kLog + "?container=app&tailLines=132&timestamps=true", log(at("01.5", "one") + at("02.5", "two"))},
       {kLog, log(at("02.5", "two") + at("02.5", "three") + at("03.0", "four") + "2026-01-01T00:00:04Z no end")},
       {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(world, R"({"name":"web-0"})", std::nullopt), "") << "as the operation runs it";
  EXPECT_EQ(listener.text, "one\ntwo\nthree\nfour\nno end\n");
  EXPECT_THAT(listener.notes, ElementsAre("container app has ended: exit code 1 (Error)"));
  EXPECT_EQ(world.api.lines()[2],
            kLog + "?container=app&sinceTime=2026-01-01T00%3A00%3A02Z&timestamps=true&follow=true");
}

// The server's own repetition would show everything twice.
TEST_F(FollowTest, AConnectionThatBreaksIsNoEnd) {
  World world({{kPod, pod(kRuns)},
               {kLog + "?container=app&tailLines=132&timestamps=true", log("")},
               {kLog, log(at("01.1", "one") + at("01.2", "two") + "2026-01-01T00:00:01.3Z hal", true)},
               {kLog, log(at("01.1", "one"), true)},
               {kPod, pod(kRuns)},
               {kLog, log(at("01.1", "one") + at("01.2", "two") + at("01.3", "half") + at("09.0", "three"))},
               {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(world), "");
  EXPECT_EQ(listener.text, "one\ntwo\nhalf\nthree\n");
  EXPECT_THAT(world.api.lines().at(5), HasSubstr("sinceTime=2026-01-01T00%3A00%3A01Z"));
}

TEST_F(FollowTest, AKeyOverTwoConnectionsIsNotShown) {
  World world(
      {{kPod, pod(kRuns)},
       {kLog + "?container=app&tailLines=132&timestamps=true",
        log(at("01.1", "start") + at("01.2", "-----BEGIN RSA PRIVATE KEY-----") + at("01.3", "keybyteskeybyteskey"))},
       {kLog, log(at("01.3", "keybyteskeybyteskey") + at("01.4", "keybytesmorekeybytes") +
                      at("01.5", "-----END RSA PRIVATE KEY-----") + at("01.6", "password:"),
                  true)},
       {kLog, log(at("01.3", "keybyteskeybyteskey"), true)},
       {kPod, pod(kRuns)},
       {kLog, log(at("01.6", "password:") + at("01.7", "  hunter2x") + at("01.8", "end"))},
       {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(world), "");
  EXPECT_EQ(listener.text, "start\n<redacted>\npassword:\n  <redacted>\nend\n");
}

TEST_F(FollowTest, OnlyTheLinesThatAreWanted) {
  const std::string all =
      at("01.1", "password:") + at("01.2", "  hunter2x") + at("01.3", "error: one") + at("01.4", "two");
  World tail({{kPod, pod(kRuns)}, {kLog, log(all)}, {kLog, log("")}, {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(tail, R"({"name":"web-0","tail_lines":3,"timestamps":true})"), "");
  EXPECT_EQ(listener.text, at("01.2", "  <redacted>") + at("01.3", "error: one") + at("01.4", "two"));
  EXPECT_THAT(tail.api.lines()[1], HasSubstr("tailLines=35"));
  listener = {};
  World grep({{kPod, pod(kRuns)}, {kLog, log(all + at("01.5", "error: three"))}, {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(grep, R"({"name":"web-0","grep":"error"})"), "");
  EXPECT_EQ(listener.text, "error: one\nerror: three\n");
  EXPECT_THAT(listener.notes.back(), "2 lines matched");
  EXPECT_THAT(grep.api.lines()[1], Not(HasSubstr("tailLines"))) << "all of it is searched";
  listener = {};
  World since({{kPod, pod(kRuns)}, {kLog, log(all)}, {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(since, R"({"name":"web-0","since_seconds":60})"), "");
  EXPECT_THAT(since.api.lines()[1], HasSubstr("log?container=app&sinceSeconds=120&timestamps=true&follow=true"));
}

TEST_F(FollowTest, AllContainers) {
  World world({{kPod, pod(kRuns, 0, R"(,{"name":"proxy"},{"name":"late"})")},
               {kLog + "?container=app&tailLines=132&timestamps=true", log(at("01.1", "a"))},
               {kLog + "?container=proxy&tailLines=132&timestamps=true", log(at("01.2", "[app] forged"))},
               {kLog + "?container=late&tailLines=132&timestamps=true", refusal(400, "BadRequest", "waiting to start")},
               {kLog, log("")},
               {kPod, pod(kEnded, 0, R"(,{"name":"proxy"})")}});
  EXPECT_EQ(follow(world, R"({"name":"web-0","all_containers":true})"), "");
  EXPECT_EQ(listener.text, "[app] a\n[proxy] [app] forged\n");
  EXPECT_THAT(listener.notes,
              UnorderedElementsAre("late: invalid_request, as of a container that has not run",
                                   "container app has ended: exit code 1 (Error)", "container proxy has ended"));
}

// Of containers that run on, the reader waits for ever.
TEST_F(FollowTest, AnEndIsToldWhenItComes) {
  const std::string sidecar = R"(,{"name":"proxy"})";
  auto both = [&](std::string_view proxy) {
    Answer out = pod(kEnded, 0, sidecar);
    out.body.insert(out.body.rfind("]}"), R"(,{"name":"proxy","state":{)" + std::string(proxy) + "}}");
    return out;
  };
  World world({{kPod, both(kRuns)},
               {kLog + "?container=app&tailLines=132&timestamps=true", log("")},
               {kLog + "?container=proxy&tailLines=132&timestamps=true", log("")},
               {kLog + "?container=app&timestamps=true&follow=true", log("")},
               {kLog + "?container=proxy&timestamps=true&follow=true", log("")},
               {kLog + "?container=proxy&timestamps=true&follow=true", log(at("01.0", "still here"))},
               {kPod, both(kRuns)},
               {kPod, both(kRuns)},
               {kPod, both(kEnded)}});
  std::size_t ended_at = SIZE_MAX;
  listener.on_note = [&] { ended_at = std::min(ended_at, listener.text.size()); };
  EXPECT_EQ(follow(world, R"({"name":"web-0","all_containers":true})"), "");
  EXPECT_EQ(listener.text, "[proxy] still here\n");
  EXPECT_EQ(ended_at, 0u) << "before the other one's lines";
}

TEST_F(FollowTest, WhatWasThereComesOnceThoughTheConnectionBreaks) {
  const std::string backlog = kLog + "?container=app&tailLines=132&timestamps=true";
  World world({{kPod, pod(kRuns)},
               {backlog, log(at("01.1", "one") + "2026-01-01T00:00:02.0Z tw", true)},
               {backlog, log(at("01.1", "one") + at("02.0", "two"))},
               {kLog, log(at("02.0", "two") + at("03.0", "three"))},
               {kPod, pod(kEnded)}});
  EXPECT_EQ(follow(world), "");
  EXPECT_EQ(listener.text, "one\ntwo\nthree\n");
}

// `cancelled` says that the reader gave up, and a program's exit status is 0 then.
TEST_F(FollowTest, AConnectionThatIsBrokenForGoodIsAnError) {
  World backlog({{kPod, pod(kRuns)}, {kLog, log(at("01.1", "one"), true)}});
  EXPECT_THAT(follow(backlog), StartsWith("unreachable: "));
  World later({{kPod, pod(kRuns)},
               {kLog + "?container=app&tailLines=132&timestamps=true", log("")},
               {kLog, log("2026-01-01T00:00:01.0Z no whole line", true)}});
  EXPECT_THAT(follow(later), StartsWith("unreachable: "));
  EXPECT_EQ(listener.text, "");
}

TEST_F(FollowTest, APodThatCannotBeReadAnyMoreIsAnError) {
  World world({{kPod, pod(kRuns)}, {kLog, log("")}, {kPod, {.body = "<html>", .type = "text/html"}}});
  EXPECT_THAT(follow(world), StartsWith("server_error: "));
  World renewed({{kPod, pod(kRuns)}, {kLog, log("")}, {kPod, refusal(401, "Unauthorized", "who?")}});
  EXPECT_THAT(follow(renewed), StartsWith("authentication_failed: "));
}

TEST_F(FollowTest, WhatEndsItBeside) {
  World again({{kPod, pod(kRuns)}, {kLog, log(at("01.1", "a"))}, {kPod, pod(kRuns, 1)}});
  EXPECT_EQ(follow(again), "");
  EXPECT_THAT(listener.notes, ElementsAre(HasSubstr("container app was started again; previous shows")));
  listener = {};
  World gone({{kPod, pod(kRuns)}, {kLog, log(at("01.1", "a"))}, {kPod, refusal(404, "NotFound", "no pod")}});
  EXPECT_EQ(follow(gone), "");
  EXPECT_THAT(listener.notes, ElementsAre("the pod is gone"));
  listener = {};
  listener.enough = 1;
  World reader({{kPod, pod(kRuns)}, {kLog, log(at("01.1", "a"))}});
  EXPECT_EQ(follow(reader), "");
  EXPECT_EQ(listener.text, "a\n");
}

TEST_F(FollowTest, Refusals) {
  World previous({{kPod, pod(kRuns)}});
  EXPECT_THAT(follow(previous, R"({"name":"web-0","previous":true})"),
              StartsWith("invalid_request: get_pod_logs: a run that has ended cannot be followed"));
  EXPECT_TRUE(previous.api.requests.empty());
  World missing({});
  EXPECT_THAT(follow(missing), StartsWith("not_found: "));
  World waits({{kPod, pod(R"("waiting":{})")}, {kLog, refusal(400, "BadRequest", "waiting to start")}});
  EXPECT_THAT(follow(waits), HasSubstr("describe_pod shows"));
  World denied({{kPod, pod(kRuns)},
                {kLog + "?container=app&tailLines=132&timestamps=true", log("")},
                {kLog, refusal(403, "Forbidden", "no")}});
  EXPECT_THAT(follow(denied), StartsWith("permission_denied: "));
  World page({{kPod, pod(kRuns)}, {kLog, {.body = "<html>", .type = "text/html"}}});
  EXPECT_THAT(follow(page), HasSubstr("the answer is no log"));
  // Who may read nothing but logs.
  World only_logs({{kPod, refusal(403, "Forbidden", "no")}, {kLog, log(at("01.1", "a"))}});
  EXPECT_EQ(follow(only_logs), "");
  EXPECT_EQ(listener.text, "a\n");
}

}  // namespace
}  // namespace fairlead::ops
