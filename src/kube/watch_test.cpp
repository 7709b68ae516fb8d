#include "kube/watch.h"

#include <gmock/gmock.h>

#include "kube/watch_testing.h"

namespace fairlead::kube {
namespace {

using net::testing::patience;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::config_maps;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Value;
using testing::values;
using testing::WatchTest;

TEST_F(WatchTest, ListsInPagesThenTellsChanges) {
  for (auto name : {"a", "b", "c"}) api.put(name, "1");
  auto one = subscribe();
  EXPECT_TRUE(api.run(one->synced(patience())));
  EXPECT_THAT(changes(*one), ElementsAre("+a=1", "+b=1", "+c=1"));
  EXPECT_TRUE(api.run(open(1)));
  api.put("a", "2");
  EXPECT_THAT(changes(*one), ElementsAre("~a=2"));
  api.erase("b");
  EXPECT_THAT(changes(*one), ElementsAre("-b"));
  EXPECT_EQ(one->find("n/a")->value, "2");
  EXPECT_EQ(one->find("n/b"), nullptr);
  EXPECT_EQ(one->size(), 2u);
  EXPECT_EQ(one->status().phase, WatchPhase::live);
  EXPECT_THAT(
      api.lines(),
      ElementsAre("/api/v1/namespaces/n/configmaps?limit=2", "/api/v1/namespaces/n/configmaps?limit=2&continue=103%3A2",
                  "/api/v1/namespaces/n/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=103"
                  "&timeoutSeconds=300"));
  EXPECT_EQ(api.requests[0].header("Accept"), "application/json");
}

TEST_F(WatchTest, IsSharedByThoseThatAskForTheSame) {
  api.put("a", "1");
  auto one = subscribe();
  auto two = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_THAT(changes(*two), ElementsAre("+a=1"));
  EXPECT_EQ(one->find("n/a"), two->find("n/a"));
  EXPECT_TRUE(api.run(open(1)));
  auto late = subscribe();
  EXPECT_THAT(changes(*late), ElementsAre("+a=1"));
  EXPECT_EQ(api.requests.size(), 2u);
  EXPECT_EQ(watches.running(), 1u);
  api.put("a", "2");
  EXPECT_THAT(changes(*one), ElementsAre("~a=2"));
  one.reset();
  EXPECT_THAT(changes(*two), ElementsAre("~a=2"));
  two.reset();
  EXPECT_EQ(watches.running(), 1u);
  late.reset();  // the last one
  EXPECT_EQ(watches.running(), 0u);
  EXPECT_TRUE(api.run(wait(milliseconds(20))));
  api.put("a", "3");
  EXPECT_TRUE(api.run(open(0)));
  auto again = subscribe();
  EXPECT_THAT(changes(*again), ElementsAre("+a=3"));
}

TEST_F(WatchTest, IsNotSharedByOtherIdentitiesQueriesOrProjections) {
  auto one = subscribe();
  auto other_client = watches.subscribe<Value>(api.client(), config_maps(), values());
  auto other_query = watches.subscribe<Value>(client, config_maps("a=b"), values());
  auto other_projection = watches.subscribe<Value>(client, config_maps(), values("other"));
  EXPECT_EQ(watches.running(), 4u);
  EXPECT_TRUE(api.run(requested(8)));
}

TEST_F(WatchTest, ASlowReaderGetsWhatItComesTo) {
  api.put("a", "1");
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_TRUE(api.run(open(1)));
  for (int i = 2; i <= 9; ++i) api.put("a", std::to_string(i));
  api.put("b", "1");
  api.erase("b");
  api.put("c", "1");
  EXPECT_TRUE(api.run(wait(milliseconds(50))));
  EXPECT_THAT(changes(*one), ElementsAre("+c=1", "~a=9"));
  api.erase("a");
  api.put("a", "new");
  EXPECT_TRUE(api.run(wait(milliseconds(50))));
  EXPECT_THAT(changes(*one), ElementsAre("+a=new", "-a"));
}

TEST_F(WatchTest, GoesOnWhereAConnectionBroke) {
  api.put("a", "1");
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(api.run(open(1)));
    api.cut();
    api.put("a", "x" + std::to_string(i));
    EXPECT_THAT(changes(*one), ElementsAre("~a=x" + std::to_string(i)));
  }
  EXPECT_EQ(api.lists(), 1u);
}

TEST_F(WatchTest, ListsAnewWhenTheServerHasForgotten) {
  api.put("a", "1");
  api.put("b", "1");
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1", "+b=1"));
  EXPECT_TRUE(api.run(open(1)));
  api.misbehave = [this](const net::HttpRequest& request, net::ResponseWriter& writer) -> awaitable<bool> {
    if (request.target.find("watch=true") == std::string::npos) co_return false;
    api.misbehave = nullptr;  // while nobody looks
    api.erase("a");
    api.put("b", "2");
    api.put("c", "1");
    api.forget_events();
    auto gone = give(testing::refusal(410, "Expired", "too old"), &writer);
    const bool done = co_await std::move(gone);
    co_return done;
  };
  api.cut();
  EXPECT_THAT(changes(*one), ElementsAre("+c=1", "-a", "~b=2"));
  EXPECT_EQ(api.lists(), 2u);
}

TEST_F(WatchTest, ListsAnewAfterAnErrorEvent) {
  api.put("a", "1");
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_TRUE(api.run(open(1)));
  api.say(R"({"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410}})");
  EXPECT_TRUE(api.run(requested(4)));
  EXPECT_EQ(api.lists(), 2u);
  api.put("a", "2");
  EXPECT_THAT(changes(*one), ElementsAre("~a=2"));
}

TEST_F(WatchTest, BeginsAListAgainWhoseTokenHasExpired) {
  for (auto name : {"a", "b", "c"}) api.put(name, "1");
  api.misbehave = [this](const net::HttpRequest& request, net::ResponseWriter& writer) -> awaitable<bool> {
    if (request.target.find("continue=") == std::string::npos) return pass();
    return give(testing::refusal(410, "Expired", "The provided continue parameter is too old"), &writer);
  };
  auto one = subscribe();
  EXPECT_TRUE(api.run(one->synced(patience())));
  EXPECT_EQ(one->size(), 3u);
  EXPECT_EQ(api.lines()[2], "/api/v1/namespaces/n/configmaps");
}

TEST_F(WatchTest, TellsWhyItIsRefusedAndTriesAgain) {
  api.put("a", "1");
  bool allowed = false;
  api.misbehave = [&](const net::HttpRequest&, net::ResponseWriter& writer) -> awaitable<bool> {
    if (allowed) return pass();
    return give(testing::refusal(403, "Forbidden", "configmaps is forbidden"), &writer);
  };
  auto one = subscribe();
  auto synced = api.run(one->synced(patience()));
  ASSERT_FALSE(synced);
  EXPECT_EQ(synced.error().code, ErrorCode::permission_denied);
  EXPECT_EQ(one->status().phase, WatchPhase::refused);
  auto batch = api.run(one->next(patience()));
  ASSERT_TRUE(batch);
  EXPECT_THAT(batch->changes, IsEmpty());
  EXPECT_EQ(batch->status.problem->code, ErrorCode::permission_denied);
  const auto before = api.requests.size();
  EXPECT_TRUE(api.run(wait(milliseconds(30))));
  EXPECT_LE(api.requests.size(), before + 1);  // rarely
  allowed = true;
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
}

TEST_F(WatchTest, RenewsItsCredentialsOnce) {
  api.put("a", "1");
  client = api.client(std::make_shared<testing::FakeCredentials>(1));
  api.misbehave = [](const net::HttpRequest& request, net::ResponseWriter& writer) -> awaitable<bool> {
    if (request.header("Authorization") != "Bearer secret-token-0") return pass();
    return give(testing::refusal(401, "Unauthorized", "Unauthorized"), &writer);
  };
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_EQ(api.requests.size(), 2u);  // a 401, and the list
}

TEST_F(WatchTest, WaitsAsLongAsTheServerAsks) {
  api.put("a", "1");
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_TRUE(api.run(open(1)));
  auto busy = testing::refusal(429, "TooManyRequests", "later");
  busy.headers.push_back({"Retry-After", "1"});
  answer_watch(1, busy);
  const auto begin = std::chrono::steady_clock::now();
  api.cut();
  EXPECT_TRUE(api.run(requested(3)));
  EXPECT_TRUE(api.run(wait(milliseconds(50))));
  EXPECT_EQ(one->status().phase, WatchPhase::interrupted);
  ASSERT_TRUE(one->status().problem);
  EXPECT_EQ(one->status().problem->code, ErrorCode::rate_limited);
  EXPECT_TRUE(api.run(requested(4)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, seconds(1));
}

TEST_F(WatchTest, GivesUpASilentConnection) {
  api.put("a", "1");
  int watch = 0;
  api.misbehave = [&](const net::HttpRequest& request, net::ResponseWriter&) -> awaitable<bool> {
    if (request.target.find("watch=true") == std::string::npos || ++watch > 1) co_return false;
    auto slept = co_await net::sleep_for(seconds(20));  // no answer at all
    co_return slept.has_value();
  };
  auto one = subscribe();
  EXPECT_THAT(changes(*one), ElementsAre("+a=1"));
  EXPECT_TRUE(api.run(requested(3)));
  EXPECT_TRUE(api.run(open(1)));
  EXPECT_TRUE(api.run(wait(milliseconds(400))));
  EXPECT_EQ(api.requests.size(), 3u);  // it has nothing to say, and has never said otherwise
  api.bookmark();
  EXPECT_TRUE(api.run(requested(4)));  // now it does not even send those
  EXPECT_EQ(api.lists(), 1u);
}

TEST_F(WatchTest, HoldsNoTurn) {
  std::vector<std::unique_ptr<Subscription<Value>>> many;
  for (int i = 0; i < 100; ++i)
    many.push_back(watches.subscribe<Value>(client, config_maps("n=" + std::to_string(i)), values()));
  EXPECT_TRUE(api.run(open(100)));
  EXPECT_TRUE(api.run(client->get("/api/v1/namespaces/n/configmaps", Deadline::after(seconds(5)))));
}

TEST_F(WatchTest, WaitingEndsWithTheSubscription) {
  auto one = subscribe();
  EXPECT_TRUE(api.run(one->synced(patience())));
  EXPECT_TRUE(api.run(one->next(patience())));
  auto end_it = [](std::unique_ptr<Subscription<Value>>* of) -> awaitable<Result<WatchBatch<Value>>> {
    net::TaskGroup group(co_await net::current_executor());
    auto end = [](std::unique_ptr<Subscription<Value>>* it) -> awaitable<void> {
      auto slept = co_await net::sleep_for(milliseconds(20));
      (void)slept;
      it->reset();
    };
    group.spawn(end(of));
    auto quiet = (*of)->next(patience());
    auto batch = co_await std::move(quiet);
    while (batch && *of) batch = co_await (*of)->next(patience());
    co_await group.join();
    co_return batch;
  };
  auto batch = api.run(end_it(&one));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::cancelled);
  EXPECT_EQ(watches.running(), 0u);
}

TEST_F(WatchTest, ATimeoutTellsTheCause) {
  api.misbehave = [](const net::HttpRequest&, net::ResponseWriter& writer) -> awaitable<bool> {
    return give(testing::refusal(503, "ServiceUnavailable", "starting"), &writer);
  };
  auto one = subscribe();
  auto synced = api.run(one->synced(Deadline::after(milliseconds(100))));
  ASSERT_FALSE(synced);
  EXPECT_THAT(synced.error().cause, HasSubstr("503"));
  EXPECT_EQ(one->status().phase, WatchPhase::syncing);
}

}  // namespace
}  // namespace fairlead::kube
