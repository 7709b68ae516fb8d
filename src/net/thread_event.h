// A coroutine waits for what another thread does. Unlike Event, it is set from any thread, even when whoever waited,
// the loop and the ThreadEvent itself have gone: a thread that hangs can be left behind.
#pragma once

#include <functional>
#include <memory>

#include "net/task.h"

namespace fairlead::net {

class ThreadEvent {
 public:
  explicit ThreadEvent(Executor executor);  // of the coroutine that will wait, which owns this object
  ~ThreadEvent();
  ThreadEvent(const ThreadEvent&) = delete;
  ThreadEvent& operator=(const ThreadEvent&) = delete;

  // What sets it: for other threads, thread-safe. What was written before the call is seen after wait().
  std::function<void()> setter() const;
  awaitable<Result<void>> wait(Deadline deadline);  // timeout or cancelled

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace fairlead::net
