#include "kube/turns.h"

namespace fairlead::kube {

awaitable<Result<Turns::Turn>> Turns::take(Deadline deadline) {
  if (free_ > 0) {
    --free_;
    co_return Turn(this);
  }
  auto mine = std::make_shared<Waiting>(executor_);
  queue_.push_back(mine);
  auto called = co_await mine->called.wait(deadline);
  if (called) co_return Turn(this);
  if (mine->called.is_set())  // at the same moment: the next one has it
    give_back();
  else
    std::erase(queue_, mine);
  if (called.error().code == ErrorCode::timeout)
    co_return fail(ErrorCode::timeout, "wait for a turn",
                   "so many requests to the cluster are under way that none was left", "Try again later");
  co_return fail(std::move(called.error()));
}

void Turns::give_back() {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  queue_.front()->called.set();  // it has the turn from now on
  queue_.pop_front();
}

}  // namespace fairlead::kube
