#include "net/task.h"

#include <gtest/gtest.h>

#include "net/test_support.h"

namespace fairlead::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::await_on;
using testing::Stopwatch;

awaitable<void> note(std::vector<std::string>* log, std::string text) {
  log->push_back(std::move(text));
  co_return;
}

awaitable<void> sleep_and_note(std::vector<std::string>* log, Duration span, std::string text) {
  auto slept = co_await sleep_for(span);
  log->push_back(slept ? text : text + ":" + std::string(to_string(slept.error().code)));
}

TEST(TaskGroup, StartsNothingInsideSpawn) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::vector<std::string> log;
  group.spawn(note(&log, "a"));
  group.spawn(note(&log, "b"));
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(group.running(), 2u);
  loop.run();
  EXPECT_EQ(log, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(group.running(), 0u);
}

TEST(TaskGroup, JoinsWhatRuns) {
  Loop loop;
  std::vector<std::string> log;
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    group.spawn(sleep_and_note(&log, milliseconds(20), "slow"));
    group.spawn(note(&log, "quick"));
    co_await group.join();
    log.push_back("joined");
    co_await group.join();  // nothing left: at once
  };
  await_on(loop, body());
  EXPECT_EQ(log, (std::vector<std::string>{"quick", "slow", "joined"}));
}

TEST(TaskGroup, CancelsOneTask) {
  Loop loop;
  std::vector<std::string> log;
  Stopwatch watch;
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    auto doomed = group.spawn(sleep_and_note(&log, seconds(60), "doomed"));
    group.spawn(sleep_and_note(&log, milliseconds(30), "other"));
    co_await sleep_for(milliseconds(5));
    group.cancel(doomed);
    group.cancel(doomed);
    group.cancel(4711);
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(log, (std::vector<std::string>{"doomed:cancelled", "other"}));
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST(TaskGroup, ATaskCancelledBeforeItStartsRunsUpToItsFirstOperation) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::vector<std::string> log;
  auto body = [&]() -> awaitable<void> {
    log.push_back("started");
    auto slept = co_await sleep_for(seconds(60));
    log.push_back(slept ? "slept" : "cancelled");
    Event event(loop.executor());
    auto waited = co_await event.wait();
    log.push_back(waited ? "woken" : "cancelled");
  };
  group.cancel(group.spawn(body()));
  loop.run();
  EXPECT_EQ(log, (std::vector<std::string>{"started", "cancelled", "cancelled"}));
}

TEST(TaskGroup, CancellationReachesNestedGroups) {
  Loop loop;
  std::vector<std::string> log;
  auto inner = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    group.spawn(sleep_and_note(&log, seconds(60), "inner"));
    co_await group.join();
    auto slept = co_await sleep_for(seconds(60));  // the cancellation is not forgotten by join()
    log.push_back(slept ? "slept on" : "stopped");
  };
  auto outer = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    group.spawn(inner());
    co_await sleep_for(milliseconds(5));
    group.cancel_all();
    co_await group.join();
    auto slept = co_await sleep_for(milliseconds(1));  // only they were cancelled
    log.push_back(slept ? "outer goes on" : "outer stopped");
  };
  await_on(loop, outer());
  EXPECT_EQ(log, (std::vector<std::string>{"inner:cancelled", "stopped", "outer goes on"}));
}

TEST(TaskGroup, JoinWaitsForTasksThatTakeTheirTimeToEnd) {
  Loop loop;
  std::vector<std::string> log;
  auto stubborn = [&]() -> awaitable<void> {
    co_await sleep_for(seconds(60));
    for (int i = 0; i < 50; ++i) co_await current_executor();
    log.push_back("stubborn ended");
  };
  auto owner = [&]() -> awaitable<void> {
    std::string frame = "still there";
    TaskGroup group(loop.executor());
    auto use = [&]() -> awaitable<void> {
      co_await stubborn();
      log.push_back(frame);
    };
    group.spawn(use());
    co_await group.join();
    log.push_back("owner ended");
  };
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    auto id = group.spawn(owner());
    co_await sleep_for(milliseconds(5));
    group.cancel(id);
    group.cancel(id);
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(log, (std::vector<std::string>{"stubborn ended", "still there", "owner ended"}));
}

TEST(TaskGroup, ATaskMayCancelItsOwnGroup) {
  Loop loop;
  TaskGroup group(loop.executor());
  std::vector<std::string> log;
  auto body = [&]() -> awaitable<void> {
    group.cancel_all();
    auto slept = co_await sleep_for(seconds(60));
    log.push_back(slept ? "slept" : "cancelled");
  };
  group.spawn(body());
  group.spawn(sleep_and_note(&log, seconds(60), "other"));
  loop.run();
  EXPECT_EQ(log, (std::vector<std::string>{"cancelled", "other:cancelled"}));
}

TEST(TaskGroup, DestructionCancelsWhatRuns) {
  Loop loop;
  std::vector<std::string> log;
  Stopwatch watch;
  auto group = std::make_unique<TaskGroup>(loop.executor());
  group->spawn(sleep_and_note(&log, seconds(60), "a"));
  group->spawn(sleep_and_note(&log, seconds(60), "b"));
  loop.post([&] { group.reset(); });
  loop.run();
  EXPECT_EQ(log, (std::vector<std::string>{"a:cancelled", "b:cancelled"}));
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST(TaskGroup, DestructionBeforeTheLoopRunsCancelsToo) {
  Loop loop;
  std::vector<std::string> log;
  { TaskGroup(loop.executor()).spawn(sleep_and_note(&log, seconds(60), "a")); }
  loop.run();
  EXPECT_EQ(log, (std::vector<std::string>{"a:cancelled"}));
}

TEST(TaskGroup, TheLoopMayEndWithTasksRunning) {
  auto counter = std::make_shared<int>(0);
  struct Guard {
    std::shared_ptr<int> counter;
    ~Guard() { ++*counter; }
  };
  auto task = [](Executor executor, std::shared_ptr<int> seen) -> awaitable<void> {
    Guard guard{seen};
    Event event(executor);
    TaskGroup inner(executor);
    auto wait = [](Event* waited, std::shared_ptr<int> counted) -> awaitable<void> {
      Guard inner_guard{counted};
      co_await waited->wait();
    };
    inner.spawn(wait(&event, seen));
    co_await inner.join();
  };
  {
    Loop loop;
    TaskGroup group(loop.executor());
    group.spawn(task(loop.executor(), counter));
    auto stop = [&]() -> awaitable<void> {
      co_await sleep_for(milliseconds(10));
      loop.stop();
    };
    group.spawn(stop());
    loop.run();
    EXPECT_EQ(*counter, 0);
  }
  EXPECT_EQ(*counter, 2);  // their frames are gone with the loop
}

TEST(TaskGroup, AnExceptionLeavesRun) {
  Loop loop;
  TaskGroup group(loop.executor());
  auto body = []() -> awaitable<void> {
    co_await sleep_for(milliseconds(1));
    throw std::logic_error("a defect");
  };
  group.spawn(body());
  EXPECT_THROW(loop.run(), std::logic_error);
}

TEST(SleepFor, EndsAndIsCancelled) {
  Loop loop;
  EXPECT_TRUE(await_on(loop, sleep_for(milliseconds(1))));
  EXPECT_TRUE(await_on(loop, sleep_for(milliseconds(-5))));
}

TEST(EventTest, WakesEveryWaiterOnceSetAndLaterOnesAtOnce) {
  Loop loop;
  int woken = 0;
  auto body = [&]() -> awaitable<void> {
    Event event(loop.executor());
    TaskGroup group(loop.executor());
    auto wait = [&]() -> awaitable<void> {
      auto waited = co_await event.wait();
      if (waited) ++woken;
    };
    for (int i = 0; i < 3; ++i) group.spawn(wait());
    co_await sleep_for(milliseconds(5));
    EXPECT_EQ(woken, 0);
    event.set();
    co_await group.join();
    EXPECT_EQ(woken, 3);
    co_await wait();
    EXPECT_EQ(woken, 4);
    event.reset();
    EXPECT_FALSE(event.is_set());
    auto late = co_await event.wait(Deadline::after(milliseconds(5)));
    EXPECT_FALSE(late);
    if (!late) { EXPECT_EQ(late.error().code, ErrorCode::timeout); }
  };
  await_on(loop, body());
}

TEST(EventTest, APassedDeadlineIsATimeout) {
  Loop loop;
  Event event(loop.executor());
  auto waited = await_on(loop, event.wait(Deadline::after(seconds(-1))));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::timeout);
}

TEST(EventTest, CancellingOneWaiterLeavesTheOthers) {
  Loop loop;
  std::vector<std::string> log;
  auto body = [&]() -> awaitable<void> {
    Event event(loop.executor());
    TaskGroup group(loop.executor());
    auto wait = [&](std::string name) -> awaitable<void> {
      auto waited = co_await event.wait();
      log.push_back(name + (waited ? " woken" : " " + std::string(to_string(waited.error().code))));
    };
    auto first = group.spawn(wait("first"));
    group.spawn(wait("second"));
    co_await sleep_for(milliseconds(5));
    group.cancel(first);
    co_await sleep_for(milliseconds(5));
    event.set();
    co_await group.join();
  };
  await_on(loop, body());
  EXPECT_EQ(log, (std::vector<std::string>{"first cancelled", "second woken"}));
}

TEST(EventTest, OutlivesALoopThatStoppedWhileSomebodyWaited) {
  auto loop = std::make_unique<Loop>();
  auto group = std::make_unique<TaskGroup>(loop->executor());
  auto event = std::make_unique<Event>(loop->executor());
  auto wait = [](Event* waited) -> awaitable<void> { co_await waited->wait(); };
  group->spawn(wait(event.get()));
  loop->post([&] { loop->stop(); });
  loop->run();
  group.reset();
  loop.reset();
  event.reset();  // must not touch the waiter, whose frame died with the loop
}

awaitable<Result<int>> answer_after(Duration span, int value) {
  auto slept = co_await sleep_for(span);
  if (!slept) co_return fail(slept.error());
  co_return value;
}

TEST(Gather, AnswersInOrder) {
  Loop loop;
  std::vector<awaitable<Result<int>>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(answer_after(milliseconds(10 - 2 * i), i));
  auto answers = await_on(loop, gather(std::move(tasks)));
  ASSERT_EQ(answers.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(answers[static_cast<std::size_t>(i)]);
    EXPECT_EQ(*answers[static_cast<std::size_t>(i)], i);
  }
  EXPECT_TRUE(await_on(loop, gather(std::vector<awaitable<Result<int>>>())).empty());
}

TEST(Gather, IsCancelledWithItsCaller) {
  Loop loop;
  Stopwatch watch;
  std::vector<Result<int>> answers;
  auto body = [&]() -> awaitable<void> {
    TaskGroup group(loop.executor());
    auto gathering = [&]() -> awaitable<void> {
      std::vector<awaitable<Result<int>>> tasks;
      for (int i = 0; i < 3; ++i) tasks.push_back(answer_after(seconds(60), i));
      answers = co_await gather(std::move(tasks));
      auto slept = co_await sleep_for(seconds(60));
      EXPECT_FALSE(slept);
    };
    auto id = group.spawn(gathering());
    co_await sleep_for(milliseconds(5));
    group.cancel(id);
    co_await group.join();
  };
  await_on(loop, body());
  ASSERT_EQ(answers.size(), 3u);
  for (auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
  }
  EXPECT_TRUE(watch.under(seconds(10)));
}

TEST(GatherBounded, AnswersInOrderAndRunsSoManyAtOnce) {
  Loop loop;
  std::size_t running = 0, most = 0;
  std::function<awaitable<Result<std::size_t>>(std::size_t)> start =
      [&](std::size_t i) -> awaitable<Result<std::size_t>> {
    most = std::max(most, ++running);
    auto slept = co_await sleep_for(milliseconds(i % 3));
    --running;
    if (!slept) co_return fail(std::move(slept.error()));
    co_return i;
  };
  auto answers = await_on(loop, gather_bounded<std::size_t>(10, 3, start));
  ASSERT_EQ(answers.size(), 10u);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(answers[i].value(), i);
  EXPECT_EQ(most, 3u);
}

TEST(GatherBounded, AnErrorThatEndsAllLeavesTheRest) {
  Loop loop;
  std::size_t begun = 0;
  std::function<awaitable<Result<int>>(std::size_t)> start = [&](std::size_t i) -> awaitable<Result<int>> {
    ++begun;
    auto slept = co_await sleep_for(milliseconds(1));
    if (!slept) co_return fail(std::move(slept.error()));
    if (i == 1) co_return fail(ErrorCode::not_found, "", "an error as any other");
    if (i == 5) co_return fail(ErrorCode::unreachable, "", "the one");
    co_return 1;
  };
  auto ends_all = [](const Error& error) { return error.code == ErrorCode::unreachable; };
  auto answers = await_on(loop, gather_bounded<int>(100, 2, start, ends_all));
  EXPECT_LT(begun, 10u);
  EXPECT_EQ(answers[1].error().code, ErrorCode::not_found);
  EXPECT_EQ(answers[5].error().code, ErrorCode::unreachable);
  EXPECT_EQ(answers[99].error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace fairlead::net
