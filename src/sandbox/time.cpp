#include "sandbox/time.h"

#include <algorithm>
#include <cmath>

namespace fairlead::sandbox {

Time::Time(std::int64_t start_unix, std::function<std::int64_t()> steady)
    : start_(start_unix), steady_(std::move(steady)), anchor_(steady_()) {}

std::int64_t Time::milliseconds() const {
  return base_ +
         static_cast<std::int64_t>(static_cast<double>(std::max<std::int64_t>(0, steady_() - anchor_)) * speed_);
}

void Time::anchor() {
  base_ = milliseconds();
  anchor_ = steady_();
}

void Time::set_speed(double speed) {
  anchor();
  speed_ = std::isfinite(speed) ? std::clamp(speed, 0.0, 1000.0) : 1;
}

void Time::advance(std::int64_t milliseconds) {
  anchor();
  base_ += std::max<std::int64_t>(0, milliseconds);
}

std::optional<std::int64_t> Time::real_until(std::int64_t at) const {
  std::int64_t left = at - milliseconds();
  if (left <= 0) return 0;
  if (speed_ <= 0) return std::nullopt;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(left) / speed_));
}

}  // namespace fairlead::sandbox
