// Inside the journal only: what this process is carrying out now.
#pragma once

#include <map>
#include <mutex>

#include "gate/journal.h"

namespace fairlead::gate {

// Asked by the database's thread as well.
struct Journal::Held {
  std::mutex mutex;
  std::map<std::int64_t, std::weak_ptr<const void>> by_change;

  void put(std::int64_t change, std::weak_ptr<const void> hold) {
    std::lock_guard lock(mutex);
    std::erase_if(by_change, [](const auto& one) { return one.second.expired(); });
    by_change[change] = std::move(hold);
  }
  bool has(std::int64_t change) {
    std::lock_guard lock(mutex);
    const auto found = by_change.find(change);
    return found != by_change.end() && !found->second.expired();
  }
};

}  // namespace fairlead::gate
