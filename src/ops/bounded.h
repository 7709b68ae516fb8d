// Tasks that run side by side: two of them, or many that must not all run at once.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/task.h"

namespace fairlead::ops {

// The results of start(0) … start(count - 1) in order, at most `at_once` of them running at a time. When the caller is
// cancelled, those that have not begun answer `cancelled` too.
template <class T>
net::awaitable<std::vector<Result<T>>> gather_bounded(std::size_t count, std::size_t at_once,
                                                      std::function<net::awaitable<Result<T>>(std::size_t)> start) {
  std::vector<std::optional<Result<T>>> slots(count);
  std::size_t next = 0;
  auto work = [](std::size_t* at, std::vector<std::optional<Result<T>>>* to,
                 const std::function<net::awaitable<Result<T>>(std::size_t)>* begin) -> net::awaitable<int> {
    while (*at < to->size()) {
      const std::size_t mine = (*at)++;
      auto result = co_await (*begin)(mine);
      if (!result && result.error().code == ErrorCode::cancelled) *at = to->size();
      (*to)[mine].emplace(std::move(result));
    }
    co_return 0;
  };
  std::vector<net::awaitable<int>> workers;
  for (std::size_t i = 0; i < std::min(count, at_once); ++i) workers.push_back(work(&next, &slots, &start));
  auto done = co_await net::gather(std::move(workers));
  (void)done;
  std::vector<Result<T>> out;
  out.reserve(count);
  for (auto& slot : slots)
    out.push_back(slot ? std::move(*slot) : Result<T>(fail(ErrorCode::cancelled, "", "the call was given up")));
  co_return out;
}

// The results of both.
template <class A, class B>
net::awaitable<std::pair<A, B>> both(net::awaitable<A> first, net::awaitable<B> second) {
  std::optional<A> a;
  std::optional<B> b;
  auto run = []<class T>(net::awaitable<T> task, std::optional<T>* to) -> net::awaitable<int> {
    T value = co_await std::move(task);
    to->emplace(std::move(value));
    co_return 0;
  };
  std::vector<net::awaitable<int>> tasks;
  tasks.push_back(run(std::move(first), &a));
  tasks.push_back(run(std::move(second), &b));
  auto done = co_await net::gather(std::move(tasks));
  (void)done;
  co_return std::pair<A, B>(std::move(*a), std::move(*b));
}

}  // namespace fairlead::ops
