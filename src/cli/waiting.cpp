#include "cli/waiting.h"

namespace fairlead::cli {

Waiting::Waiting(World& world, net::Executor executor, std::string_view what)
    : world_(world), tasks_(std::move(executor)) {
  if (world.error_is_terminal) tasks_.spawn(tick(world, std::string(what)));
}

net::awaitable<void> Waiting::stop() {
  tasks_.cancel_all();
  co_await tasks_.join();
}

net::awaitable<void> Waiting::tick(World& world, std::string what) {
  for (int second = 1;; ++second) {
    auto slept = co_await net::sleep_for(std::chrono::seconds(1));
    if (!slept) {
      if (second > 1) std::fputs("\r\033[K", world.err);
      co_return;
    }
    std::fprintf(world.err, "\r… %s %ds\033[K", what.c_str(), second);
    std::fflush(world.err);
  }
}

}  // namespace fairlead::cli
