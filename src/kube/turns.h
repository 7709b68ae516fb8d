// How many requests are under way to one API server at once: a crowd of callers waits in a queue here, where it shares
// a few connections, and not at the server, where each would open its own. Not thread-safe.
#pragma once

#include <deque>
#include <memory>

#include "net/task.h"

namespace fairlead::kube {

using net::awaitable;

class Turns {
 public:
  Turns(net::Executor executor, std::size_t at_once) : executor_(std::move(executor)), free_(at_once) {}

  // Held as long as the request is under way; may outlive the others, not the Turns.
  class Turn {
   public:
    explicit Turn(Turns* of) : of_(of) {}
    Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (of_) of_->give_back();
    }

   private:
    Turns* of_;
  };

  // In the order in which they came. timeout or cancelled.
  awaitable<Result<Turn>> take(Deadline deadline);

 private:
  struct Waiting {
    explicit Waiting(net::Executor executor) : called(std::move(executor)) {}
    net::Event called;
  };
  void give_back();

  net::Executor executor_;
  std::size_t free_;
  std::deque<std::shared_ptr<Waiting>> queue_;
};

}  // namespace fairlead::kube
