#include "base/text.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/utf8.h"

namespace fairlead {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> base64_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < base64_digits.size(); ++i)
    values[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int8_t>(i);
  return values;
}();

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Eight bytes at a time while all are ASCII: the length of that start of the text, a multiple of eight.
std::size_t ascii_start(std::string_view text) {
  std::size_t at = 0;
  for (std::uint64_t word; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if (word & 0x8080808080808080) break;
  }
  return at;
}

struct DurationUnit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array duration_units{DurationUnit{'y', 365 * 86400}, DurationUnit{'d', 86400}, DurationUnit{'h', 3600},
                                    DurationUnit{'m', 60}, DurationUnit{'s', 1}};

// Takes exactly `digits` digits and then, unless it is zero, `after` from the front of the text.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char after) {
  if (text.size() < digits + (after ? 1 : 0)) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  if (after && lower(text[digits]) != after) return std::nullopt;
  text.remove_prefix(digits + (after ? 1 : 0));
  return value;
}

}  // namespace

std::uint32_t fnv1a(std::string_view text, std::uint32_t seed) {
  for (unsigned char c : text) seed = (seed ^ c) * 16777619u;
  return seed;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

Result<std::string> base64_decode(std::string_view text) {
  const auto refuse = [](std::string cause) {
    return fail(ErrorCode::invalid_request, "decode base64", std::move(cause),
                "Give base64 in the standard alphabet with its padding");
  };
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  int digits = 0, padding = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n' || c == '\r') continue;
    if (c == '=' && digits + padding < 4 && digits >= 2) {
      ++padding;
      continue;
    }
    const int value = base64_values[static_cast<unsigned char>(c)];
    if (value < 0) return refuse(fmt::format("the character at byte {} is not base64", at));
    if (padding) return refuse(fmt::format("there is text after the padding at byte {}", at));
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++digits < 4) continue;
    for (int shift : {16, 8, 0}) out += static_cast<char>(bits >> shift);
    bits = 0, digits = 0;
  }
  if ((digits || padding) && digits + padding != 4)
    return refuse("it ends in the middle of a group of four characters");
  if (digits == 2) out += static_cast<char>(bits >> 4);
  if (digits == 3) out += static_cast<char>(bits >> 10), out += static_cast<char>(bits >> 2);
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? base64_digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::string escape_untrusted(std::string_view text, Newlines newlines) {
  std::string out;
  std::size_t shown = 0;  // what is before this is in `out`
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] >= 0x20 && text[at] < 0x7F) {
      ++at;
      continue;
    }
    const CodePoint point = next_code_point(text.substr(at));
    const bool kept = point.value == '\t' || (point.value == '\n' && newlines == Newlines::keep);
    if (point.valid && (kept || !is_hidden(point.value))) {
      at += point.size;
      continue;
    }
    out.append(text, shown, at - shown);
    if (!point.valid || point.value < 0x80) {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned>(point.value));
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{{{:X}}}", static_cast<std::uint32_t>(point.value));
    }
    at += point.size;
    shown = at;
  }
  return out.append(text, shown);
}

std::string plain_word(std::string_view text) {
  constexpr std::size_t most = 253;
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/@+-*").find(c) != std::string_view::npos;
  });
  return plain && text.size() <= most ? std::string(text) : "(not a plain word)";
}

std::string first_words(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  std::size_t size = bytes;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  const std::size_t blank = text.substr(0, size).find_last_of(" \t\r\n");
  return std::string(text.substr(0, blank == std::string_view::npos || blank == 0 ? size : blank)) + "…";
}

bool is_valid_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(ascii_start(text));
    for (int i = 0; i < 8; ++i) {
      if (text.empty()) return true;
      const CodePoint point = next_code_point(text);
      if (!point.valid) return false;
      text.remove_prefix(point.size);
    }
  }
}

std::string human_duration(std::chrono::seconds span) {
  const std::int64_t seconds = std::max<std::int64_t>(0, span.count());
  const std::int64_t minutes = seconds / 60, hours = seconds / 3600, days = hours / 24, years = days / 365;
  const auto one = [](std::int64_t count, char unit) { return fmt::format("{}{}", count, unit); };
  const auto two = [&](std::int64_t count, char unit, std::int64_t rest, char rest_unit) {
    return rest ? one(count, unit) + one(rest, rest_unit) : one(count, unit);
  };
  if (seconds < 120) return one(seconds, 's');
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return one(minutes, 'm');
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return one(hours, 'h');
  if (days < 8) return two(days, 'd', hours % 24, 'h');
  if (years < 2) return one(days, 'd');
  if (years < 8) return two(years, 'y', days % 365, 'd');
  return one(years, 'y');
}

std::optional<std::chrono::seconds> parse_human_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  auto unit = duration_units.begin();
  while (!text.empty()) {
    std::int64_t count = 0, part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || end == text.data() + text.size()) return std::nullopt;
    unit = std::find_if(unit, duration_units.end(), [letter = *end](DurationUnit u) { return u.letter == letter; });
    if (unit == duration_units.end()) return std::nullopt;
    if (__builtin_mul_overflow(count, unit->seconds, &part) || __builtin_add_overflow(total, part, &total))
      return std::nullopt;
    ++unit;
    text.remove_prefix(static_cast<std::size_t>(end + 1 - text.data()));
  }
  return std::chrono::seconds(total);
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  namespace chrono = std::chrono;
  const auto year = take_number(text, 4, '-');
  const auto month = year ? take_number(text, 2, '-') : std::nullopt;
  const auto day = month ? take_number(text, 2, 't') : std::nullopt;
  const auto hour = day ? take_number(text, 2, ':') : std::nullopt;
  const auto minute = hour ? take_number(text, 2, ':') : std::nullopt;
  const auto second = minute ? take_number(text, 2, 0) : std::nullopt;
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  if (!text.empty() && text[0] == '.') {
    const auto end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end < 2) return std::nullopt;
    text.remove_prefix(end);
  }
  std::int64_t offset = 0;
  if (text.size() == 1 && lower(text[0]) == 'z') {
    offset = 0;
  } else if (text.size() == 6 && (text[0] == '+' || text[0] == '-')) {
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = take_number(text, 2, ':');
    const auto minutes = hours ? take_number(text, 2, 0) : std::nullopt;
    if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    offset = sign * (*hours * 3600 + *minutes * 60);
  } else {
    return std::nullopt;
  }
  const std::int64_t days = chrono::sys_days(date).time_since_epoch().count();
  return days * 86400 + *hour * 3600 + *minute * 60 + *second - offset;
}

std::string format_rfc3339(std::int64_t unix_seconds) {
  namespace chrono = std::chrono;
  constexpr std::int64_t earliest = -62167219200, latest = 253402300799;  // the years 0000 to 9999
  const chrono::sys_seconds moment{chrono::seconds(std::clamp(unix_seconds, earliest, latest))};
  const auto midnight = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date(midnight);
  const chrono::hh_mm_ss time(moment - midnight);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"), static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

}  // namespace fairlead
