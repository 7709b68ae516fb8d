#include "sandbox/cron_schedule.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

struct Bounds {
  int least, most;
};
constexpr Bounds bounds[] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
constexpr std::string_view months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr int longest_search_days = 5 * 366;

struct Shorthand {
  std::string_view name, meaning;
};
constexpr Shorthand shorthands[] = {{"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
                                    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
                                    {"@hourly", "0 * * * *"}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> value_of(std::string_view text, int which) {
  std::string name = lower(text);
  if (which == 3) {
    for (int i = 0; i < 12; ++i) {
      if (months[i] == name) return i + 1;
    }
  }
  if (which == 4) {
    for (int i = 0; i < 7; ++i) {
      if (weekdays[i] == name) return i;
    }
  }
  return number(text);
}

struct Date {
  int year, month, day;
};

// Days since 1970 of a date of the proleptic Gregorian calendar, and back.
Date date_of(std::int64_t days) {
  days += 719468;
  std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  std::int64_t of_era = days - era * 146097;
  std::int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  std::int64_t shifted = (5 * of_year + 2) / 153;
  int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {static_cast<int>(year + era * 400 + (month <= 2 ? 1 : 0)), month,
          static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1)};
}

tl::expected<std::int64_t, std::string> duration_of(std::string_view text) {
  std::int64_t total = 0, value = 0;
  bool digits = false;
  auto bad = [&] {
    return tl::unexpected("failed to parse duration @every " + std::string(text) + ": time: invalid duration \"" +
                          std::string(text) + "\"");
  };
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      value = std::min<std::int64_t>(value * 10 + (c - '0'), 1'000'000'000);
      digits = true;
      continue;
    }
    if (!digits || (c != 'h' && c != 'm' && c != 's')) return bad();
    total += value * (c == 'h' ? 3600 : c == 'm' ? 60 : 1);
    value = 0;
    digits = false;
  }
  if (digits || total <= 0) return bad();
  return total;
}

}  // namespace

tl::expected<CronSchedule::Field, std::string> CronSchedule::parse_field(std::string_view text, int which) {
  Field out;
  auto [least, most] = bounds[which];
  for (std::string_view part : split(text, ',')) {
    std::string whole(part);
    int step = 1;
    std::size_t slash = part.find('/');
    if (slash != part.npos) {
      auto given = number(part.substr(slash + 1));
      if (!given)
        return tl::unexpected("failed to parse int from " + std::string(part.substr(slash + 1)) +
                              ": strconv.Atoi: parsing \"" + std::string(part.substr(slash + 1)) +
                              "\": invalid syntax");
      if (*given == 0) return tl::unexpected("step of range should be a positive number: " + whole);
      step = *given;
      part = part.substr(0, slash);
    }
    int first = least, last = most;
    if (part == "*" || part == "?") {
      out.any = out.any || step == 1;
    } else {
      std::size_t dash = part.find('-');
      auto begin = value_of(part.substr(0, dash), which);
      auto end = dash == part.npos ? begin : value_of(part.substr(dash + 1), which);
      if (!begin || !end) {
        std::string bad(!begin ? part.substr(0, dash) : part.substr(dash + 1));
        return tl::unexpected("failed to parse int from " + bad + ": strconv.Atoi: parsing \"" + bad +
                              "\": invalid syntax");
      }
      first = *begin;
      last = dash == part.npos && slash != std::string_view::npos ? most : *end;
      if (first < least)
        return tl::unexpected("beginning of range (" + std::to_string(first) + ") below minimum (" +
                              std::to_string(least) + "): " + whole);
      if (last > most)
        return tl::unexpected("end of range (" + std::to_string(last) + ") above maximum (" + std::to_string(most) +
                              "): " + whole);
      if (first > last) {
        return tl::unexpected("beginning of range (" + std::to_string(first) + ") beyond end of range (" +
                              std::to_string(last) + "): " + whole);
      }
    }
    for (int value = first; value <= last; value += step) out.allowed.set(static_cast<std::size_t>(value));
  }
  return out;
}

tl::expected<CronSchedule, std::string> CronSchedule::parse(std::string_view text) {
  CronSchedule out;
  text = trim(text);
  if (text.empty()) return tl::unexpected<std::string>("empty spec string");
  if (text.size() > 512) return tl::unexpected<std::string>("the schedule is too long");
  if (text.starts_with("@every ")) {
    auto seconds = duration_of(text.substr(7));
    if (!seconds) return tl::unexpected(std::move(seconds.error()));
    out.every_ = *seconds;
    return out;
  }
  if (text.starts_with("@")) {
    auto found = std::find_if(std::begin(shorthands), std::end(shorthands),
                              [&](const Shorthand& one) { return one.name == text; });
    if (found == std::end(shorthands)) return tl::unexpected("unrecognized descriptor: " + std::string(text));
    text = found->meaning;
  }
  std::vector<std::string_view> words;
  for (std::string_view word : split(text, ' ')) {
    if (!trim(word).empty()) words.push_back(trim(word));
  }
  if (words.size() != 5)
    return tl::unexpected("expected exactly 5 fields, found " + std::to_string(words.size()) + ": [" +
                          std::string(text) + "]");
  for (int i = 0; i < 5; ++i) {
    auto field = parse_field(words[static_cast<std::size_t>(i)], i);
    if (!field) return tl::unexpected(std::move(field.error()));
    out.fields_[static_cast<std::size_t>(i)] = *field;
  }
  return out;
}

// Where both are restricted, either is enough, as cron has always had it.
bool CronSchedule::day_matches(int day_of_month, int day_of_week) const {
  bool by_day = fields_[day].allowed.test(static_cast<std::size_t>(day_of_month)),
       by_weekday = fields_[weekday].allowed.test(static_cast<std::size_t>(day_of_week));
  if (fields_[day].any || fields_[weekday].any) return by_day && by_weekday;
  return by_day || by_weekday;
}

std::optional<std::int64_t> CronSchedule::next_after(std::int64_t unix_seconds) const {
  if (every_ > 0) return unix_seconds + every_;
  std::int64_t from = unix_seconds - unix_seconds % 60 + 60, first_day = from / 86'400;
  for (int i = 0; i < longest_search_days; ++i) {
    std::int64_t days = first_day + i;
    Date date = date_of(days);
    if (!fields_[month].allowed.test(static_cast<std::size_t>(date.month))) continue;
    if (!day_matches(date.day, static_cast<int>((days + 4) % 7))) continue;
    for (int h = 0; h < 24; ++h) {
      if (!fields_[hour].allowed.test(static_cast<std::size_t>(h)) || days * 86'400 + h * 3600 + 3599 < from) continue;
      for (int m = 0; m < 60; ++m) {
        std::int64_t at = days * 86'400 + h * 3600 + m * 60;
        if (at >= from && fields_[minute].allowed.test(static_cast<std::size_t>(m))) return at;
      }
    }
  }
  return std::nullopt;
}

}  // namespace fairlead::sandbox
