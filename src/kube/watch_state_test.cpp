#include "kube/watch_state.h"

#include <gmock/gmock.h>

#include "kube/watch_testing.h"

namespace fairlead::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::IsEmpty;
using testing::object;
using testing::pace;
using ::testing::UnorderedElementsAre;
using Kind = WatchState::Step::Kind;

// "+a" added, "~a" changed, "-a" removed.
std::vector<std::string> told(const WatchChanges& changes) {
  std::vector<std::string> out;
  for (const auto& change : changes)
    out.push_back(!change.before ? "+" + change.after->key
                  : change.after ? "~" + change.after->key
                                 : "-" + change.before->key);
  return out;
}

struct Driver {
  explicit Driver(WatchPace with = pace()) : state(with) {}

  WatchChanges list(std::vector<WatchedPtr> objects, std::string version, std::string more = "") {
    EXPECT_EQ(state.next().kind, Kind::list);
    state.page_begins();
    for (auto& each : objects) EXPECT_TRUE(state.item(std::move(each)));
    auto changes = state.page_ends({std::move(version), std::move(more), {}});
    EXPECT_TRUE(changes) << changes.error().sentence();
    return changes ? *changes : WatchChanges{};
  }
  std::vector<std::string> put(WatchedPtr one) { return told(state.put(std::move(one)).value()); }
  std::vector<std::string> gone(std::string key, std::string version) {
    return told(state.deleted(key, version).value());
  }
  Duration pause() {
    EXPECT_EQ(state.next().kind, Kind::pause);
    const Duration span = state.next().pause;
    state.pause_is_over();
    return span;
  }

  WatchState state;
};

// Two objects, and a watch from 10.
Driver watching() {
  Driver driver;
  driver.list({object("n/a", "u1", "5"), object("n/b", "u2", "6")}, "10");
  driver.state.watch_begins();
  return driver;
}

TEST(WatchState, ListsInPagesAndWatchesFromThere) {
  Driver driver;
  EXPECT_EQ(driver.state.next().limit, 2u);
  EXPECT_EQ(driver.state.phase(), WatchPhase::syncing);
  EXPECT_THAT(driver.list({object("n/a", "u1", "5"), object("n/b", "u2", "6")}, "10", "more"), IsEmpty());
  EXPECT_FALSE(driver.state.synced());
  EXPECT_TRUE(driver.state.all().empty());
  EXPECT_EQ(driver.state.next().continue_token, "more");
  EXPECT_THAT(told(driver.list({object("c", "u3", "7")}, "10")), UnorderedElementsAre("+n/a", "+n/b", "+c"));
  EXPECT_TRUE(driver.state.synced());
  ASSERT_EQ(driver.state.next().kind, Kind::watch);
  EXPECT_EQ(driver.state.next().resource_version, "10");
  EXPECT_GE(driver.state.next().watch_for, seconds(300));
  EXPECT_LE(driver.state.next().watch_for, seconds(600));
  EXPECT_EQ(driver.state.find("n/a")->ns(), "n");
  EXPECT_EQ(driver.state.find("n/a")->name(), "a");
  EXPECT_EQ(driver.state.find("c")->ns(), "");
  EXPECT_EQ(driver.state.find("c")->name(), "c");
}

TEST(WatchState, TellsEventsOnce) {
  Driver driver = watching();
  EXPECT_THAT(driver.put(object("n/c", "u3", "11")), ElementsAre("+n/c"));
  EXPECT_THAT(driver.put(object("n/c", "u3", "11")), IsEmpty());
  EXPECT_THAT(driver.put(object("n/a", "u1", "12")), ElementsAre("~n/a"));
  EXPECT_THAT(driver.put(object("n/c", "u3", "11")), IsEmpty());  // again, late
  EXPECT_THAT(driver.put(object("n/b", "u2", "4")), IsEmpty());   // older than the list
  EXPECT_THAT(driver.gone("n/a", "13"), ElementsAre("-n/a"));
  EXPECT_THAT(driver.gone("n/a", "13"), IsEmpty());
  EXPECT_THAT(driver.put(object("n/a", "u1", "12")), IsEmpty());  // does not come back
  EXPECT_THAT(driver.gone("n/b", "12"), IsEmpty());
  EXPECT_EQ(driver.state.position(), "13");
  EXPECT_EQ(driver.state.all().size(), 2u);
}

TEST(WatchState, TellsARecreatedObjectAsRemovedAndPut) {
  Driver driver = watching();
  EXPECT_THAT(driver.put(object("n/a", "u9", "12")), ElementsAre("-n/a", "+n/a"));
  driver.state.failed(error_of(ErrorCode::expired));
  driver.pause();
  EXPECT_THAT(told(driver.list({object("n/a", "u10", "20"), object("n/b", "u2", "6")}, "30")),
              ElementsAre("-n/a", "+n/a"));
}

TEST(WatchState, SwapsAfterARelist) {
  Driver driver = watching();
  const auto b = driver.state.find("n/b");
  driver.state.failed(error_of(ErrorCode::expired), seconds(20));
  EXPECT_EQ(driver.state.phase(), WatchPhase::interrupted);
  EXPECT_LE(driver.pause(), milliseconds(800));
  EXPECT_THAT(driver.list({object("n/b", "u2", "6"), object("n/c", "u3", "15")}, "20", "t"), IsEmpty());
  EXPECT_EQ(driver.state.all().size(), 2u);  // as it was
  EXPECT_NE(driver.state.find("n/a"), nullptr);
  EXPECT_THAT(told(driver.list({object("n/d", "u4", "16")}, "20")), UnorderedElementsAre("-n/a", "+n/c", "+n/d"));
  EXPECT_EQ(driver.state.find("n/b"), b);  // the same was not made again
  EXPECT_EQ(driver.state.phase(), WatchPhase::live);
}

TEST(WatchState, BookmarksMoveOnlyForward) {
  Driver driver = watching();
  driver.state.bookmark("50");
  driver.state.bookmark("40");
  driver.state.bookmark("");
  driver.state.bookmark("0");
  EXPECT_EQ(driver.state.position(), "50");
  driver.state.watch_ends(seconds(300));
  ASSERT_EQ(driver.state.next().kind, Kind::watch);  // without a pause
  EXPECT_EQ(driver.state.next().resource_version, "50");
  EXPECT_EQ(driver.state.phase(), WatchPhase::live);
}

TEST(WatchState, AWatchThatEndsEarlyIsFollowedByPauses) {
  Driver driver = watching();
  Duration before{};
  for (int i = 0; i < 12; ++i) {
    driver.put(object("n/a", "u1", std::to_string(20 + i)));
    driver.state.watch_ends(milliseconds(1));
    const Duration pause = driver.pause();
    EXPECT_GE(pause, before);
    before = pause;
  }
  EXPECT_GE(before, seconds(15));
  EXPECT_LE(before, seconds(30));
  driver.state.watch_ends(seconds(11));
  EXPECT_EQ(driver.state.next().kind, Kind::watch);
  driver.state.failed(error_of(ErrorCode::unreachable), seconds(11));
  EXPECT_LE(driver.pause(), milliseconds(800));
}

TEST(WatchState, RetryAfterIsHonouredWithinBounds) {
  Driver driver = watching();
  driver.state.failed(error_of(ErrorCode::rate_limited), {}, 20);
  const Duration pause = driver.pause();
  EXPECT_GE(pause, seconds(20));
  EXPECT_LE(pause, seconds(25));
  EXPECT_EQ(driver.state.next().kind, Kind::watch);
  driver.state.failed(error_of(ErrorCode::rate_limited), {}, 1'000'000'000);
  EXPECT_LE(driver.pause(), seconds(375));
}

TEST(WatchState, RefusalsAreToldAndTriedAgainRarely) {
  for (ErrorCode code : {ErrorCode::permission_denied, ErrorCode::not_found, ErrorCode::authentication_failed}) {
    Driver driver;
    driver.state.failed(error_of(code));
    EXPECT_EQ(driver.state.phase(), WatchPhase::refused);
    ASSERT_TRUE(driver.state.problem());
    EXPECT_EQ(driver.state.problem()->code, code);
    EXPECT_GE(driver.pause(), seconds(60));
    EXPECT_EQ(driver.state.next().kind, Kind::list);
  }
  Driver driver = watching();
  driver.state.failed(error_of(ErrorCode::permission_denied));
  EXPECT_EQ(driver.state.phase(), WatchPhase::refused);
  EXPECT_EQ(driver.state.all().size(), 2u);
  EXPECT_GE(driver.pause(), seconds(60));
  EXPECT_EQ(driver.state.next().kind, Kind::watch);  // without listing all again
  driver.state.watch_begins();
  EXPECT_EQ(driver.state.phase(), WatchPhase::live);
  EXPECT_FALSE(driver.state.problem());
}

TEST(WatchState, AResourceThatCanBeListedButNotWatchedIsRefused) {
  Driver driver = watching();
  driver.state.failed(error_of(ErrorCode::invalid_request));
  EXPECT_EQ(driver.state.phase(), WatchPhase::interrupted);  // perhaps it was the position
  driver.pause();
  driver.list({}, "20");
  driver.state.failed(error_of(ErrorCode::invalid_request));
  EXPECT_EQ(driver.state.phase(), WatchPhase::refused);
}

TEST(WatchState, AnExpiredTokenBeginsAgainInOnePiece) {
  Driver driver;
  driver.list({object("a", "u1", "5")}, "10", "t");
  driver.state.failed(error_of(ErrorCode::expired));
  driver.pause();
  EXPECT_EQ(driver.state.next().continue_token, "");
  EXPECT_EQ(driver.state.next().limit, 0u);
  EXPECT_THAT(told(driver.list({object("b", "u2", "15")}, "20")), ElementsAre("+b"));  // what was staged is forgotten
  driver.state.failed(error_of(ErrorCode::expired));
  driver.pause();
  EXPECT_EQ(driver.state.next().limit, 2u);
}

TEST(WatchState, APageThatBreaksIsAskedForAgain) {
  Driver driver;
  driver.list({object("a", "u1", "5")}, "10", "t");
  driver.state.page_begins();
  EXPECT_TRUE(driver.state.item(object("ghost", "u2", "6")));
  driver.state.failed(error_of(ErrorCode::unreachable));
  driver.pause();
  EXPECT_EQ(driver.state.next().continue_token, "t");
  EXPECT_THAT(told(driver.list({object("b", "u3", "7")}, "10")), UnorderedElementsAre("+a", "+b"));
}

TEST(WatchState, ATokenThatKeepsFailingIsGivenUp) {
  for (ErrorCode code : {ErrorCode::invalid_request, ErrorCode::not_found, ErrorCode::server_error}) {
    Driver driver;
    driver.list({object("a", "u1", "5")}, "10", "t");
    int failures = 0;
    while (driver.state.next().continue_token == "t" && failures < 100) {
      driver.state.failed(error_of(code));
      driver.pause();
      ++failures;
    }
    EXPECT_EQ(failures, code == ErrorCode::server_error ? 5 : 1);
    EXPECT_NE(driver.state.phase(), WatchPhase::refused);
  }
}

TEST(WatchState, AWatchThatTheServerKeepsFailingIsListedAnew) {
  Driver driver = watching();
  int failures = 0;
  while (driver.state.next().kind == Kind::watch && failures < 100) {
    driver.state.failed(error_of(ErrorCode::server_error));
    driver.pause();
    ++failures;
  }
  EXPECT_EQ(failures, pace().failed_watches);
  // A network that is down lists nothing.
  Driver other = watching();
  for (int i = 0; i < 50; ++i) {
    other.state.failed(error_of(ErrorCode::unreachable));
    other.pause();
    ASSERT_EQ(other.state.next().kind, Kind::watch);
  }
}

TEST(WatchState, EndlessListsEnd) {
  auto error_after = [](auto&& answer) {
    Driver driver;
    for (int i = 0; i < 100'000; ++i) {
      driver.state.page_begins();
      auto ended = answer(driver.state, i);
      if (!ended) return ended.error().cause;
      if (driver.state.synced()) return std::string("synced");
    }
    return std::string("endless");
  };
  auto token = [](int i) { return "t" + std::to_string(i); };
  EXPECT_EQ(error_after([&](WatchState& state, int i) {
              return state.page_ends({"10", token(i), {}});
            }),
            "page after page of the list is empty");
  EXPECT_EQ(error_after([&](WatchState& state, int) {
              return state.page_ends({"10", "t", {}});
            }),
            "the list goes on where this page of it began");
  EXPECT_EQ(error_after([&](WatchState& state, int i) {
              EXPECT_TRUE(state.item(object("a", "u", "5")));
              return state.page_ends({"10", "t" + std::to_string(i % 2), {}});
            }),
            "endless");  // as many pages as 500,000 objects by twos may have
  WatchPace small = pace();
  small.objects = 10;
  Driver driver(small);
  Result<WatchChanges> ended;
  for (int i = 0; i < 1000 && ended; ++i) {
    driver.state.page_begins();
    EXPECT_TRUE(driver.state.item(object("a", "u", "5")));
    ended = driver.state.page_ends({"10", "t" + std::to_string(i % 2), {}});
  }
  EXPECT_FALSE(ended);
  EXPECT_EQ(error_after([](WatchState& state, int) {
              return state.page_ends({"10", std::string(20'000, 't'), {}});
            }),
            "the list's continue token is too long");
  for (std::string version : {"", "0"})
    EXPECT_EQ(error_after([&](WatchState& state, int) {
                return state.page_ends({version, "", {}});
              }),
              "the list has no resourceVersion");
}

TEST(WatchState, KeepsNoMoreObjectsThanItMay) {
  WatchPace small = pace();
  small.objects = 2;
  Driver driver(small);
  driver.state.page_begins();
  EXPECT_TRUE(driver.state.item(object("a", "u1", "5")));
  EXPECT_TRUE(driver.state.item(object("b", "u2", "5")));
  auto third = driver.state.item(object("c", "u3", "5"));
  ASSERT_FALSE(third);
  driver.state.failed(third.error());
  EXPECT_EQ(driver.state.phase(), WatchPhase::refused);
  driver.pause();
  driver.list({object("a", "u1", "5"), object("b", "u2", "5")}, "10");
  auto more = driver.state.put(object("c", "u3", "11"));
  ASSERT_FALSE(more);
  driver.state.failed(more.error());
  EXPECT_EQ(driver.state.phase(), WatchPhase::refused);
  EXPECT_EQ(driver.state.all().size(), 2u);
}

TEST(WatchState, VersionsThatAreNoNumbersAreOnlyTheSameOrNot) {
  EXPECT_EQ(compare_resource_versions("x", "y"), std::nullopt);
  EXPECT_EQ(compare_resource_versions("x", "x"), 0);
  EXPECT_LT(compare_resource_versions("9", "10"), 0);
  EXPECT_GT(compare_resource_versions("99999999999999999999999", "9999999999999999999999"), 0);
  EXPECT_EQ(compare_resource_versions("", "1"), std::nullopt);
  Driver driver;
  driver.list({object("a", "u1", "v1")}, "v9");
  driver.state.watch_begins();
  EXPECT_THAT(driver.put(object("a", "u1", "v2")), ElementsAre("~a"));
  EXPECT_THAT(driver.put(object("a", "u1", "v2")), IsEmpty());
  EXPECT_THAT(driver.gone("a", "v3"), ElementsAre("-a"));
  EXPECT_EQ(driver.state.position(), "v3");
}

TEST(WatchState, WhatHasNoVersionIsRefused) {
  Driver driver = watching();
  EXPECT_FALSE(driver.state.put(object("n/a", "u1", "")));
  EXPECT_FALSE(driver.state.put(object("n/a", "u1", "0")));
  EXPECT_FALSE(driver.state.deleted("n/a", ""));
  EXPECT_FALSE(driver.state.put(object("n/a", "u1", std::string(1000, '9'))));
  EXPECT_EQ(driver.state.all().size(), 2u);
}

}  // namespace
}  // namespace fairlead::kube
