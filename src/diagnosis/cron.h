// When a CronJob's schedule comes due. Pure.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fairlead::diagnosis {

class Schedule {
 public:
  // "*/5 * * * *", "0 9-17 * jan,feb mon-fri", "@daily", "@every 90s", each after "TZ=…" or "CRON_TZ=…"; nothing for
  // what is no schedule.
  static std::optional<Schedule> parse(std::string_view text);

  // The first time after that one, both in seconds since 1970 and in UTC. Nothing: never; 29 February comes.
  std::optional<std::int64_t> after(std::int64_t seconds) const;
  // A time zone of its own.
  bool has_zone() const { return zone_; }

 private:
  using Field = std::bitset<64>;
  enum { minute, hour, day, month, weekday };
  bool day_matches(unsigned day_of_month, unsigned day_of_week) const;

  std::array<Field, 5> fields_;
  bool any_day_ = false;  // one of day and weekday is a star: both have to match
  bool zone_ = false;
  std::int64_t every_ = 0;
};

}  // namespace fairlead::diagnosis
