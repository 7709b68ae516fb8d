#include "diagnosis/cron.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <vector>

#include "base/text.h"

namespace fairlead::diagnosis {
namespace {

constexpr std::int64_t kDay = 86'400,
                       kHorizonDays = 8 * 366 + 1;  // from one 29 February to the next, over 1900 and the like
struct Bounds {
  int least, most;
};
constexpr Bounds kBounds[]{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
constexpr std::string_view kMonths[]{"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[]{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::pair<std::string_view, std::string_view> kShorthands[]{
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};

std::optional<int> number(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out < 0) return std::nullopt;
  return out;
}

std::optional<int> value_of(std::string_view text, int which) {
  if (which == 3)
    for (int i = 0; i < 12; ++i)
      if (equal_ignoring_case(text, kMonths[i])) return i + 1;
  if (which == 4)
    for (int i = 0; i < 7; ++i)
      if (equal_ignoring_case(text, kWeekdays[i])) return i;
  return number(text);
}

// A part of a field, between commas: "*", "5", "1-5", "*/15", "10-50/20", "5/10".
std::optional<std::bitset<64>> parse_part(std::string_view part, int which, bool& star) {
  const auto [least, most] = kBounds[which];
  int step = 1;
  const std::size_t slash = part.find('/');
  if (slash != part.npos) {
    const auto given = number(part.substr(slash + 1));
    if (!given || *given == 0) return std::nullopt;
    step = std::min(*given, kBounds[0].most + 1);  // more is as much: only the first is in bounds
    part = part.substr(0, slash);
  }
  int first = least, last = most;
  if (part == "*" || part == "?") {
    star = star || step == 1;
  } else {
    const std::size_t dash = part.find('-');
    const auto begin = value_of(part.substr(0, dash), which);
    const auto end = dash == part.npos ? begin : value_of(part.substr(dash + 1), which);
    if (!begin || !end) return std::nullopt;
    first = *begin;
    if (dash != part.npos || slash == part.npos) last = *end;
  }
  if (first < least || last > most || first > last) return std::nullopt;
  std::bitset<64> out;
  for (int value = first; value <= last; value += step) out.set(static_cast<std::size_t>(value));
  return out;
}

std::optional<std::int64_t> parse_every(std::string_view text) {
  std::int64_t total = 0, value = 0;
  bool digits = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      value = std::min<std::int64_t>(value * 10 + (c - '0'), 1'000'000'000);
      digits = true;
    } else if (digits && (c == 'h' || c == 'm' || c == 's')) {
      total += value * (c == 'h' ? 3600 : c == 'm' ? 60 : 1);
      value = 0;
      digits = false;
    } else {
      return std::nullopt;
    }
  }
  if (digits || total <= 0) return std::nullopt;
  return total;
}

}  // namespace

std::optional<Schedule> Schedule::parse(std::string_view text) {
  Schedule out;
  text = trim(text);
  for (std::string_view zone : {"TZ=", "CRON_TZ="})
    if (text.starts_with(zone)) {
      out.zone_ = true;
      const std::size_t blank = text.find(' ');
      text = blank == text.npos ? std::string_view() : trim(text.substr(blank));
    }
  if (text.starts_with("@every ")) {
    const auto every = parse_every(text.substr(7));
    if (!every) return std::nullopt;
    out.every_ = *every;
    return out;
  }
  for (const auto& [name, meaning] : kShorthands)
    if (text == name) text = meaning;
  int which = 0;
  bool stars[5]{};
  for (const auto word : split(text, ' ')) {
    if (trim(word).empty()) continue;
    if (which == 5) return std::nullopt;
    for (const auto part : split(trim(word), ',')) {
      const auto allowed = parse_part(part, which, stars[which]);
      if (!allowed) return std::nullopt;
      out.fields_[static_cast<std::size_t>(which)] |= *allowed;
    }
    ++which;
  }
  if (which != 5) return std::nullopt;
  out.any_day_ = stars[day] || stars[weekday];
  return out;
}

// Where both are restricted either is enough, as cron has always had it.
bool Schedule::day_matches(unsigned day_of_month, unsigned day_of_week) const {
  const bool by_day = fields_[day].test(day_of_month), by_weekday = fields_[weekday].test(day_of_week);
  return any_day_ ? by_day && by_weekday : by_day || by_weekday;
}

std::optional<std::int64_t> Schedule::after(std::int64_t seconds) const {
  if (every_ > 0) return seconds + every_;
  const std::int64_t from = seconds - seconds % 60 + 60;
  for (std::int64_t days = from / kDay; days < from / kDay + kHorizonDays; ++days) {
    const std::chrono::sys_days at{std::chrono::days(days)};
    const std::chrono::year_month_day date(at);
    if (!fields_[month].test(static_cast<unsigned>(date.month()))) continue;
    if (!day_matches(static_cast<unsigned>(date.day()), std::chrono::weekday(at).c_encoding())) continue;
    for (std::int64_t minutes = 0; minutes < 24 * 60; ++minutes) {
      const std::int64_t moment = days * kDay + minutes * 60;
      if (moment >= from && fields_[hour].test(static_cast<std::size_t>(minutes / 60)) &&
          fields_[minute].test(static_cast<std::size_t>(minutes % 60)))
        return moment;
    }
  }
  return std::nullopt;
}

}  // namespace fairlead::diagnosis
