#include <gtest/gtest.h>

#include <csignal>
#include <optional>

#include "net/task.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(LoopTest, RunsAgainAndIsHeld) {
  Loop loop;
  int runs = 0;
  loop.post([&] { ++runs; });
  loop.run();
  auto held = loop.hold();
  loop.post([&] {
    ++runs;
    held.reset();
  });
  loop.run();
  EXPECT_EQ(runs, 2);
}

TEST(LoopTest, WaitingForASignalDoesNotKeepItRunning) {
  Loop loop;
  int runs = 0;
  loop.on_interrupt([](int) {});
  loop.post([&] { ++runs; });
  loop.run();
  EXPECT_EQ(runs, 1);
}

TEST(LoopTest, TellsOfASignal) {
  Loop loop;
  std::vector<int> seen;
  auto held = loop.hold();
  loop.on_interrupt([&](int signal) {
    seen.push_back(signal);
    held.reset();
  });
  loop.post([] { std::raise(SIGTERM); });
  loop.run();
  EXPECT_EQ(seen, std::vector<int>{SIGTERM});
}

TEST(RunUntilDone, EndsWithItsBodyAndIsCancelledByASignal) {
  bool ended = false;
  run_until_done([&](Executor) -> awaitable<void> {
    co_await sleep_for(milliseconds(1));
    ended = true;
  });
  EXPECT_TRUE(ended);
  std::optional<Result<void>> slept;
  run_until_done([&](Executor) -> awaitable<void> {
    std::raise(SIGINT);
    slept = co_await sleep_for(seconds(60));
  });
  ASSERT_TRUE(slept.has_value());
  ASSERT_FALSE(*slept);
  EXPECT_EQ(slept->error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace fairlead::net
