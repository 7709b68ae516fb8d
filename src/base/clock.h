// Time is passed in: nothing below main reads a clock on its own.
#pragma once

#include <chrono>
#include <cstdint>

namespace fairlead {

using Duration = std::chrono::steady_clock::duration;
using TimePoint = std::chrono::steady_clock::time_point;

// The moment after which a call's answer is of no use. A default-constructed one never comes.
class Deadline {
 public:
  Deadline() = default;
  explicit Deadline(TimePoint at) : at_(at) {}
  static Deadline after(Duration span) { return Deadline(std::chrono::steady_clock::now() + span); }
  static Deadline never() { return Deadline(); }

  TimePoint at() const { return at_; }
  bool is_never() const { return at_ == TimePoint::max(); }
  bool passed() const { return !is_never() && std::chrono::steady_clock::now() >= at_; }
  Duration left() const { return is_never() ? Duration::max() : at_ - std::chrono::steady_clock::now(); }
  Deadline sooner(Deadline other) const { return at_ < other.at_ ? *this : other; }

 private:
  TimePoint at_ = TimePoint::max();
};

// Wall-clock time since 1970, UTC. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t unix_seconds() const = 0;
  virtual std::int64_t unix_milliseconds() const { return unix_seconds() * 1000; }
};

class SystemClock final : public Clock {
 public:
  std::int64_t unix_seconds() const override {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::int64_t unix_milliseconds() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

class FixedClock final : public Clock {
 public:
  explicit FixedClock(std::int64_t seconds) : seconds_(seconds) {}
  std::int64_t unix_seconds() const override { return seconds_; }
  void set(std::int64_t seconds) { seconds_ = seconds; }

 private:
  std::int64_t seconds_;
};

}  // namespace fairlead
