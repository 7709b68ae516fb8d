// Watches of servers that answer what is none.
#include <gmock/gmock.h>

#include "kube/watch_testing.h"

namespace fairlead::kube {
namespace {

using net::testing::patience;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::Value;
using testing::WatchTest;

TEST_F(WatchTest, WhatIsNoWatchIsSurvived) {
  struct Case {
    std::string name;
    testing::Answer answer;
    std::string cause;
  };
  const std::string object = R"({"metadata":{"namespace":"n","name":"a","uid":"u","resourceVersion":"200"}})";
  auto with = [&](std::string from, std::string to) {
    std::string text = object;
    text.replace(text.find(from), from.size(), to);
    return R"({"type":"ADDED","object":)" + text + "}\n";
  };
  const Case cases[]{
      {"garbage", {.body = "\x01\x02 no json"}, "does not begin as one"},
      {"html", {.body = "<html>", .type = "text/html"}, "content of another type"},
      {"not JSON", {.body = R"({"type":"ADDED","object":{]}})"}, "not JSON"},
      {"no object", {.body = R"({"type":"ADDED"})"}, "has no object"},
      {"a list", {.body = R"([{"type":"ADDED"}])"}, "does not begin as one"},
      {"no type", {.body = R"({"object":{}})"}, "no known type"},
      {"no metadata", {.body = R"({"type":"ADDED","object":{}})"}, "no name"},
      {"no version", {.body = with(R"("200")", R"("")")}, "no resourceVersion"},
      {"a version that is none", {.body = with(R"("200")", "200")}, "no resourceVersion"},
      {"no uid", {.body = with(R"("u")", R"("")")}, "no uid"},
      {"another namespace", {.body = with(R"("n")", R"("m")")}, "another namespace"},
      {"a name with a slash", {.body = with(R"("a")", R"("n/a")")}, "that is none"},
      {"a name without end", {.body = with(R"("a")", '"' + std::string(5000, 'a') + '"')}, "that is none"},
      {"half an event", {.body = R"({"type":"ADDED","obj)"}, "in the middle of an event"},
      {"a giant", {.body = R"({"type":"ADDED","object":")" + std::string(9 << 20, 'x')}, "more than the 8388608 bytes"},
      {"an error", {.body = R"({"type":"ERROR","object":{"kind":"Status","code":500}})"}, "answered 500"},
      {"an error that is none", {.body = R"({"type":"ERROR","object":7})"}, "answered 500"},
      {"nested", {.body = R"({"type":"ADDED","object":)" + std::string(100'000, '[')}, "in the middle of an event"},
      {"nested and closed",
       {.body = R"({"type":"ADDED","object":)" + std::string(5000, '[') + std::string(5000, ']') + "}"},
       "not JSON"},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.name);
    auto one = subscribe();
    answer_watch(1, each.answer);
    std::string cause;
    auto watch_it = [](Subscription<Value>* of, std::string* to) -> awaitable<int> {
      while (to->empty()) {
        auto batch = co_await of->next(patience());
        if (!batch) co_return 1;
        if (batch->status.problem) *to = batch->status.problem->sentence();
      }
      co_return 0;
    };
    EXPECT_EQ(api.run(watch_it(one.get(), &cause)), 0);
    EXPECT_THAT(cause, HasSubstr(each.cause));
    EXPECT_EQ(one->size(), 0u);
    EXPECT_TRUE(api.run(open(1)));  // and it goes on
    EXPECT_EQ(one->status().phase, WatchPhase::live);
    one.reset();
    EXPECT_TRUE(api.run(wait(milliseconds(5))));
    api.cut();
    EXPECT_TRUE(api.run(open(0)));
  }
}

TEST_F(WatchTest, ListsThatAreNoneAreSurvived) {
  const std::string good = R"({"metadata":{"namespace":"n","name":"a","uid":"u","resourceVersion":"5"}})";
  auto list = [](std::string items, std::string head = R"("kind":"ConfigMapList","metadata":{"resourceVersion":"9"})") {
    return testing::Answer{.body = "{" + head + R"(,"items":[)" + items + "]}"};
  };
  const testing::Answer cases[]{
      {.body = "nonsense"},
      {.body = "{"},
      {.body = "{}"},
      {.body = R"({"kind":"ConfigMap","metadata":{"resourceVersion":"9"}})"},
      {.body = "<html>", .type = "text/html"},
      list(good, R"("kind":"ConfigMapList","metadata":{"resourceVersion":""})"),
      list(good, R"("kind":"ConfigMapList","metadata":{"resourceVersion":"0"})"),
      list(good, R"("kind":"ConfigMapList")"),
      list("{}"),
      list("7"),
      list(good + ","),
      list(good + good),
      list(R"({"metadata":{"namespace":"n","name":"a"}})"),
      list(R"({"metadata":{"namespace":"m","name":"a","uid":"u","resourceVersion":"5"}})"),
      list("{\"x\":\"" + std::string(17 << 20, 'x') + "\"}"),
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.body.substr(0, 200));
    int lists = 0;
    api.misbehave = [&](const net::HttpRequest& request, net::ResponseWriter& writer) -> awaitable<bool> {
      if (request.target.find("watch=true") != std::string::npos || ++lists > 2) return pass();
      return give(each, &writer);
    };
    auto one = subscribe();
    EXPECT_TRUE(api.run(one->synced(patience())));
    EXPECT_EQ(lists, 3);
    EXPECT_EQ(one->size(), 0u);
  }
}

}  // namespace
}  // namespace fairlead::kube
