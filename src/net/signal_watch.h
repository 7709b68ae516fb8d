// Signals as they come, such as that of a terminal whose size has changed.
#pragma once

#include <memory>

#include "net/task.h"

namespace fairlead::net {

// While it lives the signal does nothing else. Use on the executor.
class SignalWatch {
 public:
  SignalWatch(Executor executor, int signal);
  ~SignalWatch();
  // Until it came once more; several that nobody waited for count as one. Fails only with cancelled.
  awaitable<Result<void>> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fairlead::net
