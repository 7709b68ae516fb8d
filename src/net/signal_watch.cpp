#include "net/signal_watch.h"

#include <boost/asio/signal_set.hpp>

#include "net/asio.h"

namespace fairlead::net {

struct SignalWatch::Impl {
  Impl(Executor executor, int signal) : signals(std::move(executor)) {
    error_code ignored;  // where the system has none left nothing comes
    signals.add(signal, ignored);
  }
  asio::signal_set signals;
};

SignalWatch::SignalWatch(Executor executor, int signal) : impl_(std::make_unique<Impl>(std::move(executor), signal)) {}
SignalWatch::~SignalWatch() = default;

awaitable<Result<void>> SignalWatch::next() {
  const std::string step = "wait for a signal";
  if (co_await cancelled()) co_return cancelled_error(step);
  auto [error, signal] = co_await impl_->signals.async_wait(as_values);
  static_cast<void>(signal);
  if (error) co_return cancelled_error(step);
  co_return Result<void>{};
}

}  // namespace fairlead::net
