#include "kube/quantity.h"

#include <limits>

namespace fairlead::kube {
namespace {

__extension__ using Wide = unsigned __int128;

// value * 10^ten * 2^two
struct Suffix {
  int ten = 0;
  int two = 0;
};

constexpr int most_digits = 19;          // of the number that are kept; what follows only rounds
constexpr int largest_exponent = 10000;  // beyond it, all numbers are zero, saturated or one

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Suffix> parse_suffix(std::string_view text) {
  if (text.empty()) return Suffix{};
  constexpr std::string_view binary = "KMGTPE";
  if (text.size() == 2 && text[1] == 'i') {
    const auto at = binary.find(text[0]);
    if (at == std::string_view::npos) return std::nullopt;
    return Suffix{0, 10 * (static_cast<int>(at) + 1)};
  }
  if (text.size() == 1) {
    constexpr std::string_view decimal = "num?kMGTPE";  // 10^-9, 10^-6, 10^-3, (1), 10^3 …
    const auto at = decimal.find(text[0]);
    if (at == std::string_view::npos || text[0] == '?') return std::nullopt;
    return Suffix{(static_cast<int>(at) - 3) * 3, 0};
  }
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  int exponent = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    if (exponent < largest_exponent) exponent = exponent * 10 + (c - '0');
  }
  return Suffix{negative ? -exponent : exponent, 0};
}

// |text| * 10^scale, rounded up, at most `limit`.
std::optional<std::int64_t> parse(std::string_view text, int scale) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  Wide value = 0;
  int digits = 0;
  int ten = scale;
  bool rest = false;  // a digit other than zero was dropped
  bool any = false;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) break;
    any = true;
    if (digits < most_digits) {
      value = value * 10 + static_cast<unsigned>(c - '0');
      if (value != 0) ++digits;
      if (point) --ten;
    } else {
      rest = rest || c != '0';
      if (!point) ++ten;
    }
  }
  if (!any) return std::nullopt;
  const auto suffix = parse_suffix(text.substr(at));
  if (!suffix) return std::nullopt;
  if (value == 0) return 0;

  // Less than 10^19 * 2^60 here, which fits; then only decimal shifts are left.
  value <<= suffix->two;
  ten += suffix->ten;
  const Wide limit = static_cast<Wide>(std::numeric_limits<std::int64_t>::max()) + (negative ? 1 : 0);
  for (; ten > 0 && value <= limit; --ten) value *= 10;
  for (; ten < 0 && value != 0; ++ten) {
    rest = rest || value % 10 != 0;
    value /= 10;
  }
  if (rest) ++value;
  if (value > limit) value = limit;
  const auto magnitude = static_cast<std::uint64_t>(value);
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

}  // namespace

std::optional<std::int64_t> parse_quantity(std::string_view text) { return parse(text, 0); }
std::optional<std::int64_t> parse_quantity_milli(std::string_view text) { return parse(text, 3); }

std::string format_cpu(std::int64_t millicores) {
  if (millicores % 1000 == 0) return std::to_string(millicores / 1000);
  return std::to_string(millicores) + "m";
}

std::string format_bytes(std::int64_t bytes) {
  const bool negative = bytes < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(bytes) : static_cast<std::uint64_t>(bytes);
  constexpr std::string_view units = "KMGTPE";
  int unit = 0;  // 0: bytes
  while (unit < 6 && magnitude >> (10 * (unit + 1)) != 0) ++unit;
  std::string out = negative ? "-" : "";
  if (unit == 0) return out + std::to_string(magnitude);
  const auto tenths = static_cast<std::uint64_t>((static_cast<Wide>(magnitude) * 10) >> (10 * unit));
  out += std::to_string(tenths / 10);
  if (tenths < 1000 && tenths % 10 != 0) out += "." + std::to_string(tenths % 10);
  return out + units[static_cast<std::size_t>(unit - 1)] + "i";
}

}  // namespace fairlead::kube
