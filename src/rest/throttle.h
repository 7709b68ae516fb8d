// So many events a second from one source (net::address_block), and no more. Bounded memory. Use on one executor.
#pragma once

#include <map>
#include <string>

#include "base/clock.h"

namespace fairlead::rest {

class Throttle {
 public:
  static constexpr int kMost = 10;  // within a second
  bool is_over(const std::string& source) {
    const auto found = seen_.find(source);
    return found != seen_.end() && now() - found->second.since < kSpan && found->second.count >= kMost;
  }
  void count(const std::string& source) {
    if (seen_.size() >= kMostSources) seen_.clear();
    Seen& seen = seen_[source];
    if (now() - seen.since >= kSpan) seen = {now(), 0};
    ++seen.count;
  }

 private:
  static constexpr Duration kSpan = std::chrono::seconds(1);
  static constexpr std::size_t kMostSources = 10'000;
  struct Seen {
    TimePoint since;
    int count = 0;
  };
  static TimePoint now() { return std::chrono::steady_clock::now(); }
  std::map<std::string, Seen> seen_;
};

}  // namespace fairlead::rest
