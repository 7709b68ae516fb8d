#include "net/thread_event.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "net/test_support.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using testing::await_on;

TEST(ThreadEvent, WakesWhoWaitsWithWhatTheThreadWrote) {
  Loop loop;
  auto body = [&]() -> awaitable<int> {
    ThreadEvent event(loop.executor());
    int answer = 0;
    std::thread thread([&answer, set = event.setter()] {
      answer = 42;
      set();
      set();
    });
    auto waited = co_await event.wait(testing::patience());
    EXPECT_TRUE(waited.has_value());
    thread.join();
    co_return answer;
  };
  EXPECT_EQ(await_on(loop, body()), 42);
}

TEST(ThreadEvent, MayBeSetBeforeItIsWaitedFor) {
  Loop loop;
  auto body = [&]() -> awaitable<Result<void>> {
    ThreadEvent event(loop.executor());
    event.setter()();
    co_return co_await event.wait(testing::patience());
  };
  EXPECT_TRUE(await_on(loop, body()).has_value());
}

TEST(ThreadEvent, TheDeadlinePasses) {
  Loop loop;
  auto body = [&]() -> awaitable<Result<void>> {
    ThreadEvent event(loop.executor());
    co_return co_await event.wait(Deadline::after(milliseconds(10)));
  };
  EXPECT_EQ(await_on(loop, body()).error().code, ErrorCode::timeout);
}

TEST(ThreadEvent, TheCallerGivesUp) {
  Loop loop;
  std::optional<ErrorCode> code;
  auto wait = [&]() -> awaitable<void> {
    ThreadEvent event(loop.executor());
    auto waited = co_await event.wait({});
    if (!waited) code = waited.error().code;
  };
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    group.spawn(wait());
    co_await sleep_for(milliseconds(5));
    group.cancel_all();
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(code, ErrorCode::cancelled);
}

TEST(ThreadEvent, MayBeSetWhenLoopAndEventHaveGone) {
  std::function<void()> set;
  {
    Loop loop;
    ThreadEvent event(loop.executor());
    set = event.setter();
  }
  std::thread(set).join();
}

TEST(ThreadEvent, ManyThreadsAndManyThatGiveUp) {
  Loop loop;
  int woken = 0;
  auto wait = [&](int number) -> awaitable<void> {
    ThreadEvent event(loop.executor());
    std::thread([set = event.setter(), number] {
      if (number % 2 != 0) std::this_thread::sleep_for(std::chrono::microseconds(number * 37 % 1500));
      set();
    }).detach();
    auto waited = co_await event.wait(Deadline::after(std::chrono::microseconds(number % 3 == 0 ? 500 : 20'000'000)));
    if (waited) ++woken;
  };
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    for (int i = 0; i < 200; ++i) group.spawn(wait(i));
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_GE(woken, 133);
}

}  // namespace
}  // namespace fairlead::net
