// Inside net/ only: what its translation units share of Asio.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/error.h"
#include "net/task.h"

namespace fairlead::net {

namespace asio = boost::asio;
using boost::system::error_code;

// Completion token: errors come back as values.
inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

// Tasks do not throw when cancelled (see TaskGroup), so every primitive asks first.
inline awaitable<bool> cancelled() {
  auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

inline tl::unexpected<Error> cancelled_error(std::string step) {
  return fail(ErrorCode::cancelled, std::move(step), "the call was cancelled");
}

// Calls `expired` once when the deadline passes, unless destroyed before. The function must not refer to anything that
// can die earlier than the watchdog (capture weak pointers).
class Watchdog {
 public:
  Watchdog(Executor executor, Deadline deadline, std::function<void()> expired);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  bool fired() const { return state_->fired; }

 private:
  struct State {
    explicit State(Executor executor) : timer(std::move(executor)) {}
    asio::steady_timer timer;
    std::function<void()> expired;
    bool fired = false;
  };
  std::shared_ptr<State> state_;
};

}  // namespace fairlead::net
