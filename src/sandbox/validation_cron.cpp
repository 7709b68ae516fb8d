// The syntax of a CronJob's schedule, and what is wrong with one in the words of the parser that Kubernetes uses.
#include "sandbox/validation_cron.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/text.h"
#include "sandbox/validation_rules.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

struct Bounds {
  int least, most;
  std::array<View, 13> names;  // of the numbers from `first_name` on
  int first_name = 0;
};

constexpr Bounds fields[] = {
    {0, 59, {}},
    {0, 23, {}},
    {1, 31, {}},
    {1, 12, {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}, 1},
    {0, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, 0},
};

struct Number {
  int value = 0;
  std::string problem;
};

Number number_of(View text, View whole, const Bounds* bounds) {
  if (bounds) {
    for (std::size_t i = 0; i < bounds->names.size(); ++i) {
      if (!bounds->names[i].empty() && equal_ignoring_case(bounds->names[i], text))
        return {bounds->first_name + static_cast<int>(i), ""};
    }
  }
  int value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc() && end == text.data() + text.size() && !text.empty()) {
    if (value < 0) return {0, "negative number (" + std::to_string(value) + ") not allowed: " + std::string(whole)};
    return {value, ""};
  }
  View why = code == std::errc::result_out_of_range ? "value out of range" : "invalid syntax";
  return {0, "failed to parse int from " + std::string(text) + ": strconv.Atoi: parsing " + quoted_text(text) + ": " +
                 std::string(why)};
}

std::string range_problem(View text, const Bounds& bounds) {
  std::string whole(text);
  std::vector<View> range_and_step = split(text, '/'), ends = split(range_and_step[0], '-');
  bool single = ends.size() == 1;
  int start = bounds.least, end = bounds.most, step = 1;
  if (ends[0] != "*" && ends[0] != "?") {
    Number first = number_of(ends[0], text, &bounds);
    if (!first.problem.empty()) return first.problem;
    start = end = first.value;
    if (ends.size() > 2) return "too many hyphens: " + whole;
    if (ends.size() == 2) {
      Number last = number_of(ends[1], text, &bounds);
      if (!last.problem.empty()) return last.problem;
      end = last.value;
    }
  }
  if (range_and_step.size() > 2) return "too many slashes: " + whole;
  if (range_and_step.size() == 2) {
    Number given = number_of(range_and_step[1], text, nullptr);
    if (!given.problem.empty()) return given.problem;
    step = given.value;
    if (single) end = bounds.most;
  }
  auto beyond = [&](View what, int value, View how, int bound) {
    return std::string(what) + " of range (" + std::to_string(value) + ") " + std::string(how) + " (" +
           std::to_string(bound) + "): " + whole;
  };
  if (start < bounds.least) return beyond("beginning", start, "below minimum", bounds.least);
  if (end > bounds.most) return beyond("end", end, "above maximum", bounds.most);
  if (start > end) return beyond("beginning", start, "beyond end of range", end);
  return step == 0 ? "step of range should be a positive number: " + whole : "";
}

std::string descriptor_problem(View text) {
  for (View known : {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}) {
    if (text == known) return {};
  }
  constexpr View every = "@every ";
  if (!text.starts_with(every)) return "unrecognized descriptor: " + std::string(text);
  View duration = text.substr(every.size());
  auto bad = [&] {
    return "failed to parse duration " + std::string(text) + ": time: invalid duration " + quoted_text(duration);
  };
  if (duration.empty()) return bad();
  for (std::size_t at = 0; at < duration.size();) {
    std::size_t digits = at;
    while (digits < duration.size() &&
           ((duration[digits] >= '0' && duration[digits] <= '9') || duration[digits] == '.'))
      ++digits;
    std::size_t unit = digits;
    while (unit < duration.size() && duration[unit] >= 'a' && duration[unit] <= 'z') ++unit;
    View name = duration.substr(digits, unit - digits);
    if (digits == at || (name != "h" && name != "m" && name != "s" && name != "ms" && name != "us" && name != "ns"))
      return bad();
    at = unit;
  }
  return {};
}

}  // namespace

std::string cron_problem(std::string_view schedule) {
  if (schedule.empty()) return "empty spec string";
  if (schedule.starts_with('@')) return descriptor_problem(schedule);
  std::vector<View> parts;
  for (std::size_t at = 0; at < schedule.size();) {
    std::size_t start = schedule.find_first_not_of(" \t\r\n", at);
    if (start == schedule.npos) break;
    at = std::min(schedule.find_first_of(" \t\r\n", start), schedule.size());
    parts.push_back(schedule.substr(start, at - start));
  }
  if (parts.size() != std::size(fields)) {
    std::string list;
    for (View part : parts) list += (list.empty() ? "" : " ") + std::string(part);
    return "expected exactly 5 fields, found " + std::to_string(parts.size()) + ": [" + list + "]";
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (View range : split(parts[i], ',')) {
      if (range.empty()) continue;
      if (std::string problem = range_problem(range, fields[i]); !problem.empty()) return problem;
    }
  }
  return {};
}

}  // namespace fairlead::sandbox
