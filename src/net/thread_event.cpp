#include "net/thread_event.h"

#include <boost/asio/post.hpp>
#include <mutex>
#include <optional>

#include "net/asio.h"

namespace fairlead::net {

struct ThreadEvent::Shared {
  explicit Shared(Executor e) : executor(e), event(std::in_place, std::move(e)) {}

  std::mutex mutex;
  std::optional<Executor> executor;  // none: nobody waits any more
  std::optional<Event> event;        // touched on the executor's thread alone
};

ThreadEvent::ThreadEvent(Executor executor) : shared_(std::make_shared<Shared>(std::move(executor))) {}

ThreadEvent::~ThreadEvent() {
  {
    std::lock_guard lock(shared_->mutex);
    shared_->executor.reset();
  }
  shared_->event.reset();
}

std::function<void()> ThreadEvent::setter() const {
  return [shared = shared_] {
    // Under the lock: the loop cannot end before the coroutine that waits on it.
    std::lock_guard lock(shared->mutex);
    if (!shared->executor) return;
    asio::post(*shared->executor, [shared] {
      if (shared->event) shared->event->set();
    });
  };
}

awaitable<Result<void>> ThreadEvent::wait(Deadline deadline) { co_return co_await shared_->event->wait(deadline); }

}  // namespace fairlead::net
