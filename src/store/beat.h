// Inside store/ only: a piece of work that is done again and again on a thread and a connection of its own, so that it
// waits behind nothing else that the database is asked for.
#pragma once

#include <functional>
#include <memory>

#include "store/connection.h"

namespace fairlead::store {

class Beat {
 public:
  using Connect = std::function<Result<std::unique_ptr<Connection>>()>;
  // Nothing happens before start(), and then first after `every`: a program that ends sooner never connects for it.
  Beat(Connect connect, Work work, Duration every);
  ~Beat();  // does not wait for a database that hangs
  Beat(const Beat&) = delete;
  Beat& operator=(const Beat&) = delete;
  void start();  // thread-safe; done again, it does nothing

 private:
  struct Shared;
  static void run(std::shared_ptr<Shared> shared);
  std::shared_ptr<Shared> shared_;
};

}  // namespace fairlead::store
