// Schedules as CronJobs have them: five fields of numbers, names, ranges, lists and steps, or @hourly and the like, in
// UTC. Pure and thread-safe.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace fairlead::sandbox {

class CronSchedule {
 public:
  // "*/5 * * * *", "0 9-17 * jan,feb mon-fri", "@daily", "@every 90s". The error is a sentence.
  static tl::expected<CronSchedule, std::string> parse(std::string_view text);

  // The first time after that one, in seconds since 1970; nothing when there is none in the next five years.
  std::optional<std::int64_t> next_after(std::int64_t unix_seconds) const;

 private:
  struct Field {
    std::bitset<64> allowed;
    bool any = false;  // written as * or ?
  };
  enum { minute, hour, day, month, weekday };
  static tl::expected<Field, std::string> parse_field(std::string_view text, int which);
  bool day_matches(int day_of_month, int day_of_week) const;

  std::array<Field, 5> fields_;
  std::int64_t every_ = 0;  // seconds, of @every
};

}  // namespace fairlead::sandbox
