// The sandbox's own time: it starts with the wall clock and then runs at any speed, stands still, or is stepped.
// Everything in the sandbox that looks at a clock looks at this one. Not thread-safe: one loop.
#pragma once

#include <functional>
#include <optional>

#include "base/clock.h"

namespace fairlead::sandbox {

class Time final : public Clock {
 public:
  // `steady` answers real milliseconds that never go back; sandbox time starts at `start_unix` seconds.
  Time(std::int64_t start_unix, std::function<std::int64_t()> steady);

  // Sandbox milliseconds since its start; never goes back.
  std::int64_t milliseconds() const;
  std::int64_t unix_seconds() const override { return start_ + milliseconds() / 1000; }

  double speed() const { return speed_; }
  void set_speed(double speed);             // sandbox seconds a real second, 0 to 1,000; 0: stands still
  void advance(std::int64_t milliseconds);  // at once

  // How long to wait, in real milliseconds, until sandbox time is `at`; nothing while it stands still before then.
  std::optional<std::int64_t> real_until(std::int64_t at) const;

 private:
  void anchor();

  std::int64_t start_;
  std::function<std::int64_t()> steady_;
  double speed_ = 1;
  std::int64_t base_ = 0;    // sandbox milliseconds
  std::int64_t anchor_ = 0;  // at these real ones
};

}  // namespace fairlead::sandbox
