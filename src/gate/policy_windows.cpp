#include <algorithm>
#include <string_view>

#include "gate/policy_rules.h"

namespace fairlead::gate {
namespace {

constexpr int kDay = 24 * 60;
constexpr std::string_view kWeekdays[]{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<int> parse_weekday(std::string_view text) {
  for (int i = 0; i < 7; ++i)
    if (text == kWeekdays[i]) return i;
  return std::nullopt;
}

std::optional<int> parse_clock(std::string_view text, int most) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hours = (text[0] - '0') * 10 + text[1] - '0', minutes = (text[3] - '0') * 10 + text[4] - '0';
  if (minutes > 59 || hours * 60 + minutes > most) return std::nullopt;
  return hours * 60 + minutes;
}

std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto minutes = parse_clock(text.substr(1), 14 * 60);
  if (!minutes) return std::nullopt;
  return text[0] == '-' ? -*minutes : *minutes;
}

bool is_open(const WeeklyWindow& window, std::int64_t now) {
  const std::int64_t minute_of_all = floor_div(now, 60) + window.offset;  // an offset is of whole minutes
  const std::int64_t day = floor_div(minute_of_all, kDay);
  const int minute = static_cast<int>(minute_of_all - day * kDay);
  const std::size_t today = static_cast<std::size_t>((day % 7 + 7 + 4) % 7);  // 1970 began on a Thursday
  const bool begins = window.days[today], began = window.days[(today + 6) % 7];
  if (window.from < window.until) return begins && minute >= window.from && minute < window.until;
  return (begins && minute >= window.from) || (began && minute < window.until);
}

bool holds(const Freeze& freeze, std::int64_t now) {
  if (freeze.span) return now >= freeze.span->first && now < freeze.span->second;
  return std::any_of(freeze.weekly.begin(), freeze.weekly.end(),
                     [&](const WeeklyWindow& window) { return is_open(window, now); });
}

}  // namespace fairlead::gate
