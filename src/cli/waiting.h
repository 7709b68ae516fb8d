// Inside cli/ only: tells a person at a terminal that something takes longer than a second.
#pragma once

#include "cli/cli.h"
#include "net/task.h"

namespace fairlead::cli {

// Writes "… list_pods 3s" on `err` from the second second on, and wipes it at the end. Silent without a terminal.
class Waiting {
 public:
  Waiting(World& world, net::Executor executor, std::string_view what);
  net::awaitable<void> stop();

 private:
  static net::awaitable<void> tick(World& world, std::string what);
  World& world_;
  net::TaskGroup tasks_;
};

}  // namespace fairlead::cli
