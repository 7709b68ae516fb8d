// What /metrics tells, in Prometheus' text format (version 0.0.4). Use on one executor.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"

namespace fairlead::rest {

class Metrics {
 public:
  explicit Metrics(const Clock& clock) : clock_(clock), started_(clock.unix_seconds()) {}
  // `route`: its pattern, never a path that somebody has made up.
  void request(std::string_view method, std::string_view route, int status, Duration took);
  void call(std::string_view operation, std::string_view outcome);
  std::string text() const;

 private:
  static constexpr std::array<double, 9> kBounds{0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 60};  // seconds
  struct Histogram {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
  };
  const Clock& clock_;
  std::int64_t started_;
  std::map<std::string, std::uint64_t> requests_;  // by its labels
  std::map<std::string, Histogram> durations_;     // by route
  std::map<std::string, std::uint64_t> calls_;     // by its labels
};

}  // namespace fairlead::rest
