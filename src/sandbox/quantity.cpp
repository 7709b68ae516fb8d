#include "sandbox/quantity.h"

#include <algorithm>

namespace fairlead::sandbox {
namespace {

constexpr Int128 largest = static_cast<Int128>(INT64_MAX) * 1'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view decimal_suffixes[] = {"n", "u", "m", "",  "k",
                                                 "M", "G", "T", "P", "E"};  // from 10^-9, by 10^3
constexpr std::string_view binary_suffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

std::string digits_of(Int128 number) {
  std::string out;
  bool negative = number < 0;
  if (negative) number = -number;
  do {
    out += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

Quantity Quantity::of(std::int64_t whole) {
  Quantity out;
  out.nano_ = static_cast<Int128>(whole) * billion;
  return out;
}

std::optional<Quantity> Quantity::parse(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  int fraction = 0;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    digits += text[at];
    fraction += point ? 1 : 0;
  }
  if (digits.empty()) return std::nullopt;
  std::string_view suffix = text.substr(at);
  Quantity out;
  int ten = 0, two = 0;
  auto decimal = std::find(std::begin(decimal_suffixes), std::end(decimal_suffixes), suffix);
  auto binary = std::find(std::begin(binary_suffixes) + 1, std::end(binary_suffixes), suffix);
  if (decimal != std::end(decimal_suffixes)) {
    ten = 3 * static_cast<int>(decimal - std::begin(decimal_suffixes)) - 9;
  } else if (binary != std::end(binary_suffixes)) {
    two = 10 * static_cast<int>(binary - std::begin(binary_suffixes));
    out.format_ = Format::binary;
  } else if (suffix.front() == 'e' || suffix.front() == 'E') {
    suffix.remove_prefix(1);
    bool minus = suffix.starts_with('-');
    if (minus || suffix.starts_with('+')) suffix.remove_prefix(1);
    if (suffix.empty() || suffix.size() > 4 || !std::all_of(suffix.begin(), suffix.end(), is_digit))
      return std::nullopt;
    for (char c : suffix) ten = ten * 10 + (c - '0');
    if (minus) ten = -ten;
    out.format_ = Format::exponent;
  } else {
    return std::nullopt;
  }
  // digits * 10^power * 2^two, in billionths.
  int power = ten - fraction + 9;
  Int128 number = 0;
  bool rounds_up = false;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    // What comes behind the billionths counts only as more than nothing; a binary suffix makes it count after all.
    bool behind = power < 0 && two == 0 && i + static_cast<std::size_t>(-power) >= digits.size();
    if (behind) {
      rounds_up |= digits[i] != '0';
      continue;
    }
    if (number < largest) number = number * 10 + (digits[i] - '0');
  }
  for (int i = 0; i < two && number < largest; ++i) number *= 2;
  for (int i = 0; i < power && number != 0 && number < largest; ++i) number *= 10;
  for (int i = power; two != 0 && i < 0; ++i) {
    rounds_up |= number % 10 != 0;
    number /= 10;
  }
  out.nano_ = std::min(number + (rounds_up ? 1 : 0), largest);
  if (negative) out.nano_ = -out.nano_;
  return out;
}

std::string Quantity::text() const {
  if (nano_ == 0) return "0";
  Format format = format_;
  if (format == Format::binary && (!whole() || (nano_ > -1024 * billion && nano_ < 1024 * billion)))
    format = Format::decimal;
  if (format == Format::binary) {
    Int128 number = nano_ / billion;
    std::size_t step = 0;
    while (number % 1024 == 0 && step + 1 < std::size(binary_suffixes)) {
      number /= 1024;
      ++step;
    }
    return digits_of(number) + std::string(binary_suffixes[step]);
  }
  Int128 number = nano_;
  std::size_t step = 0;
  while (number % 1000 == 0 && step + 1 < std::size(decimal_suffixes)) {
    number /= 1000;
    ++step;
  }
  if (format == Format::decimal) return digits_of(number) + std::string(decimal_suffixes[step]);
  int exponent = 3 * static_cast<int>(step) - 9;
  return digits_of(number) + (exponent == 0 ? "" : "e" + std::to_string(exponent));
}

Quantity& Quantity::operator+=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = std::clamp(nano_ + other.nano_, -largest, largest);
  return *this;
}

Quantity& Quantity::operator-=(const Quantity& other) {
  if (nano_ == 0) format_ = other.format_;
  nano_ = std::clamp(nano_ - other.nano_, -largest, largest);
  return *this;
}

std::string canonical_quantity(std::string_view text) {
  auto quantity = Quantity::parse(text);
  return quantity ? quantity->text() : std::string(text);
}

}  // namespace fairlead::sandbox
