// The formats of texts that schemas name.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/custom_schema.h"
#include "sandbox/names.h"

namespace fairlead::sandbox {
namespace {

bool is_address(int family, std::string_view text) {
  unsigned char out[16];
  return text.size() < 64 && inet_pton(family, std::string(text).c_str(), out) == 1;
}

bool is_prefix(std::string_view text) {
  std::size_t slash = text.find('/');
  if (slash == text.npos) return false;
  int bits = -1;
  std::string_view digits = text.substr(slash + 1);
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (code != std::errc() || end != digits.data() + digits.size() || bits < 0) return false;
  std::string_view address = text.substr(0, slash);
  return (is_address(AF_INET, address) && bits <= 32) || (is_address(AF_INET6, address) && bits <= 128);
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_uuid(std::string_view text) {
  std::vector<std::string_view> parts = split(text, '-');
  if (parts.size() == 1) return text.size() == 32 && is_hex(text);
  constexpr std::size_t sizes[] = {8, 4, 4, 4, 12};
  if (parts.size() != 5) return false;
  for (std::size_t i = 0; i < 5; ++i) {
    if (parts[i].size() != sizes[i] || !is_hex(parts[i])) return false;
  }
  return true;
}

bool is_mac(std::string_view text) {
  char separator = text.find(':') != text.npos ? ':' : '-';
  std::vector<std::string_view> parts = split(text, separator);
  if (parts.size() != 6 && parts.size() != 8) return false;
  return std::all_of(parts.begin(), parts.end(),
                     [](std::string_view part) { return part.size() == 2 && is_hex(part); });
}

bool is_date(std::string_view text) {
  return text.size() == 10 && parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

bool is_email(std::string_view text) {
  std::size_t at = text.rfind('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.find_first_of(" \t\r\n<>") == text.npos;
}

bool is_uri(std::string_view text) {
  if (text.empty() || text.find_first_of(" \t\r\n") != text.npos) return false;
  if (text.front() == '/') return true;
  std::size_t colon = text.find(':');
  if (colon == 0 || colon == text.npos || !std::isalpha(static_cast<unsigned char>(text.front()))) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](unsigned char c) { return std::isalnum(c) || c == '+' || c == '-' || c == '.'; });
}

}  // namespace

bool fits_format(std::string_view format, std::string_view text) {
  if (format == "date-time" || format == "datetime") return parse_rfc3339(text).has_value();
  if (format == "date") return is_date(text);
  if (format == "ipv4") return is_address(AF_INET, text);
  if (format == "ipv6") return is_address(AF_INET6, text);
  if (format == "cidr") return is_prefix(text);
  if (format == "uuid") return is_uuid(text);
  if (format == "mac") return is_mac(text);
  if (format == "byte") return base64_decode(text).has_value();
  if (format == "email") return is_email(text);
  if (format == "uri") return is_uri(text);
  if (format == "hostname")
    return !text.empty() && text.size() <= 255 && text.front() != '.' && text.find_first_of(" /:@\t\r\n") == text.npos;
  if (format == "duration") return parse_human_duration(text).has_value();
  return true;
}

}  // namespace fairlead::sandbox
