#include "base/yaml_scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace fairlead {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 5> null_words{"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> true_words{"true", "True", "TRUE", "yes", "Yes", "YES",
                                                      "on",   "On",   "ON",   "y",   "Y"};
constexpr std::array<std::string_view, 11> false_words{"false", "False", "FALSE", "no", "No", "NO",
                                                       "off",   "Off",   "OFF",   "n",  "N"};
constexpr std::array<std::string_view, 3> nan_words{".nan", ".NaN", ".NAN"};
constexpr std::array<std::string_view, 3> infinity_words{".inf", ".Inf", ".INF"};

bool underscores_separate_digits(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '_' && (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1])))
      return false;
  return true;
}

// Go's strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b and a leading 0 choose the base.
std::optional<json::value> integer(std::string_view text) {
  bool negative = false, sign = false;
  if (text[0] == '+' || text[0] == '-') {
    sign = true;
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = static_cast<char>(text[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    text.remove_prefix(base == 8 && letter != 'o' ? 1 : 2);
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), magnitude, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t top = std::uint64_t{1} << 63;
  if (negative && magnitude <= top) return json::value(static_cast<std::int64_t>(-magnitude));
  if (!negative && magnitude < top) return json::value(static_cast<std::int64_t>(magnitude));
  if (!sign) return json::value(magnitude);
  return std::nullopt;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, unless it is beyond the doubles.
std::optional<json::value> floating(std::string_view text) {
  std::string_view rest = text;
  const auto take_sign = [&] {
    if (!rest.empty() && (rest[0] == '+' || rest[0] == '-')) rest.remove_prefix(1);
  };
  const auto take_digits = [&] {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is_digit);
    const auto count = static_cast<std::size_t>(end - rest.begin());
    rest.remove_prefix(count);
    return count;
  };
  take_sign();
  const std::size_t whole = take_digits();
  std::size_t fraction = 0;
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    fraction = take_digits();
  }
  if (whole + fraction == 0) return std::nullopt;
  if (!rest.empty() && (rest[0] == 'e' || rest[0] == 'E')) {
    rest.remove_prefix(1);
    take_sign();
    if (take_digits() == 0) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;

  if (text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto error = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (error == std::errc::result_out_of_range) {
    // Too small is zero, too large stays text. std::from_chars does not say which; strtod does.
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) return std::nullopt;
  }
  return json::value(value);
}

}  // namespace

json::value resolve_plain_scalar(std::string_view text) {
  if (is_one_of(text, null_words)) return nullptr;
  if (is_one_of(text, true_words)) return true;
  if (is_one_of(text, false_words)) return false;
  const char first = text[0];
  if (!is_digit(first) && first != '.' && first != '-' && first != '+') return json::value(text);

  if (is_one_of(text, nan_words)) return std::numeric_limits<double>::quiet_NaN();
  const bool sign = first == '-' || first == '+';
  if (is_one_of(text.substr(sign), infinity_words))
    return std::copysign(std::numeric_limits<double>::infinity(), first == '-' ? -1.0 : 1.0);

  std::string plain(text);
  std::erase(plain, '_');
  if (plain.empty()) return json::value(text);
  if (first != '.') {
    if (auto value = integer(plain)) return *value;
  } else if (!underscores_separate_digits(text)) {
    return json::value(text);
  }
  if (auto value = floating(plain)) return *value;
  return json::value(text);
}

std::optional<std::string> key_text(const json::value& scalar) {
  if (const json::string* text = scalar.if_string()) return std::string(*text);
  if (const bool* flag = scalar.if_bool()) return *flag ? "true" : "false";
  if (const std::int64_t* number = scalar.if_int64()) return fmt::format("{}", *number);
  if (const std::uint64_t* number = scalar.if_uint64()) return fmt::format("{}", *number);
  const double* wide = scalar.if_double();
  if (!wide || !std::isfinite(*wide)) return std::nullopt;
  // strconv.FormatFloat(key, 'g', -1, 32).
  const auto number = static_cast<float>(*wide);
  const float size = std::abs(number);
  const bool fixed = size == 0 || (size >= 1e-4F && size < 1e6F);
  char digits[64];
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  return std::string(digits, std::to_chars(digits, std::end(digits), number, format).ptr);
}

}  // namespace fairlead
