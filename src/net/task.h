// Running coroutines without Asio's templates: a loop, tasks that can be cancelled, sleeping, and waiting for several.
#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace fairlead::net {

using boost::asio::awaitable;
using Executor = boost::asio::any_io_executor;

// One thread's event loop. Everything spawned on it runs on the thread that is inside run(), so that objects that
// live on one loop need no locks.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Executor executor();
  void run();                             // returns when nothing is left to do, or after stop()
  void stop();                            // thread-safe
  void post(std::function<void()> work);  // thread-safe
  // run() does not return for lack of work while the answer is held.
  std::shared_ptr<void> hold();
  // Calls `handler` once on the loop when one of SIGINT, SIGTERM and SIGHUP (unless that is ignored) arrives; the loop
  // may still end by itself.
  void on_interrupt(std::function<void(int signal)> handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Runs one coroutine on a fresh loop until it is done; SIGINT, SIGTERM and SIGHUP cancel it. For programs' outermost
// level.
void run_until_done(std::function<awaitable<void>(Executor)> body);

// Tasks that belong together. All members are called on the executor's thread. The destructor cancels what still
// runs; a task must not outlive what it refers to, so await join() before letting that go.
class TaskGroup {
 public:
  explicit TaskGroup(Executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  using Id = std::uint64_t;
  // Starts at the next turn of the loop, never inside spawn(). A task that throws ends the program: exceptions are
  // programming errors here.
  Id spawn(awaitable<void> task);
  void cancel(Id id);  // asks; the task's pending operation ends with ErrorCode::cancelled. Unknown ids are ignored.
  void cancel_all();
  std::size_t running() const;
  awaitable<void> join();  // until none runs

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Fails only with cancelled.
awaitable<Result<void>> sleep_for(Duration span);

// Wakes one or all coroutines that wait. Not thread-safe.
class Event {
 public:
  explicit Event(Executor executor);
  ~Event();
  void set();  // every waiter returns; later wait() calls return at once until reset()
  void reset();
  bool is_set() const { return set_; }
  awaitable<Result<void>> wait(Deadline deadline = {});  // timeout or cancelled

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
  bool set_ = false;
};

// As run_until_done, for servers: the first signal sets `asked_to_end` and cancels nothing, so that what is under way
// can be brought to its end; a second one ends the program.
void run_until_asked(std::function<awaitable<void>(Executor, Event& asked_to_end)> body);

// Runs all of them at once on the current executor and answers their results in order. If the caller is cancelled,
// they are.
template <class T>
awaitable<std::vector<T>> gather(std::vector<awaitable<T>> tasks);

// The results of start(0) … start(count - 1) in order, at most `at_once` of them running at a time. After an error that
// `ends_all`, such as that the caller is cancelled, those that have not begun answer `cancelled`, and the first error
// of that kind in order is a true one.
inline bool is_cancelled(const Error& error) { return error.code == ErrorCode::cancelled; }
template <class T>
awaitable<std::vector<Result<T>>> gather_bounded(std::size_t count, std::size_t at_once,
                                                 std::function<awaitable<Result<T>>(std::size_t)> start,
                                                 bool (*ends_all)(const Error&) = is_cancelled);

// The results of both, which run side by side.
template <class A, class B>
awaitable<std::pair<A, B>> both(awaitable<A> first, awaitable<B> second);

awaitable<Executor> current_executor();

// ---- implementation of the template

template <class T>
awaitable<std::vector<T>> gather(std::vector<awaitable<T>> tasks) {
  std::vector<std::unique_ptr<T>> slots(tasks.size());
  Executor executor = co_await current_executor();
  TaskGroup group(executor);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto run = [](awaitable<T> task, std::unique_ptr<T>* slot) -> awaitable<void> {
      T value = co_await std::move(task);
      *slot = std::make_unique<T>(std::move(value));
    };
    group.spawn(run(std::move(tasks[i]), &slots[i]));
  }
  co_await group.join();
  std::vector<T> out;
  out.reserve(slots.size());
  for (auto& slot : slots) out.push_back(std::move(*slot));
  co_return out;
}

template <class T>
awaitable<std::vector<Result<T>>> gather_bounded(std::size_t count, std::size_t at_once,
                                                 std::function<awaitable<Result<T>>(std::size_t)> start,
                                                 bool (*ends_all)(const Error&)) {
  std::vector<std::optional<Result<T>>> slots(count);
  std::size_t next = 0;
  auto work = [](std::size_t* at, std::vector<std::optional<Result<T>>>* to,
                 const std::function<awaitable<Result<T>>(std::size_t)>* begin,
                 bool (*ends)(const Error&)) -> awaitable<int> {
    while (*at < to->size()) {
      const std::size_t mine = (*at)++;
      auto result = co_await (*begin)(mine);
      if (!result && (is_cancelled(result.error()) || ends(result.error()))) *at = to->size();
      (*to)[mine].emplace(std::move(result));
    }
    co_return 0;
  };
  std::vector<awaitable<int>> workers;
  for (std::size_t i = 0; i < std::min(count, at_once); ++i) workers.push_back(work(&next, &slots, &start, ends_all));
  auto done = co_await gather(std::move(workers));
  (void)done;
  std::vector<Result<T>> out;
  out.reserve(count);
  for (auto& slot : slots)
    out.push_back(slot ? std::move(*slot) : Result<T>(fail(ErrorCode::cancelled, "", "the call was given up")));
  co_return out;
}

template <class A, class B>
awaitable<std::pair<A, B>> both(awaitable<A> first, awaitable<B> second) {
  std::optional<A> a;
  std::optional<B> b;
  auto run = []<class T>(awaitable<T> task, std::optional<T>* to) -> awaitable<int> {
    T value = co_await std::move(task);
    to->emplace(std::move(value));
    co_return 0;
  };
  std::vector<awaitable<int>> tasks;
  tasks.push_back(run(std::move(first), &a));
  tasks.push_back(run(std::move(second), &b));
  auto done = co_await gather(std::move(tasks));
  (void)done;
  co_return std::pair<A, B>(std::move(*a), std::move(*b));
}

}  // namespace fairlead::net
