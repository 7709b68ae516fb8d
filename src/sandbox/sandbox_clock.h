// The time of a sandbox: as fast as the real one or some times faster, and moved on by hand. Not thread-safe: one loop.
#pragma once

#include "base/clock.h"

namespace fairlead::sandbox {

class SandboxClock final : public Clock {
 public:
  // `real` must live as long.
  SandboxClock(const Clock& real, double speed) : real_(real), speed_(speed), begun_(std::chrono::steady_clock::now()) {}

  // Since the sandbox began, in its own time.
  std::int64_t now_ms() const { return elapsed_ms() + ahead_ms(); }
  std::int64_t unix_seconds() const override { return real_.unix_seconds() + ahead_ms() / 1000; }
  void skip(std::int64_t milliseconds) { skipped_ms_ += milliseconds; }
  // How long it takes, really, until that much of the sandbox's time has gone by.
  std::chrono::milliseconds real_time(std::int64_t milliseconds) const {
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(milliseconds) / speed_));
  }

 private:
  std::int64_t elapsed_ms() const { return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun_).count(); }
  std::int64_t ahead_ms() const { return static_cast<std::int64_t>(static_cast<double>(elapsed_ms()) * (speed_ - 1)) + skipped_ms_; }

  const Clock& real_;
  double speed_;
  std::chrono::steady_clock::time_point begun_;
  std::int64_t skipped_ms_ = 0;
};

}  // namespace fairlead::sandbox
