// The one unit that holds Asio's non-template code (BOOST_ASIO_SEPARATE_COMPILATION).
#include "net/asio.h"

#include <boost/asio/impl/src.hpp>

namespace fairlead::net {

Watchdog::Watchdog(Executor executor, Deadline deadline, std::function<void()> expired)
    : state_(std::make_shared<State>(std::move(executor))) {
  state_->expired = std::move(expired);
  if (deadline.is_never()) return;
  state_->timer.expires_at(deadline.at());
  state_->timer.async_wait([state = state_](error_code error) {
    if (error || !state->expired) return;
    state->fired = true;
    state->expired();
  });
}

Watchdog::~Watchdog() {
  state_->expired = nullptr;
  state_->timer.cancel();
}

}  // namespace fairlead::net
