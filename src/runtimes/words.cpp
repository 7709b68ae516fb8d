// What the words of a profile and of a specification may be.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "kube/quantity.h"
#include "runtimes/fields.h"

namespace fairlead::runtimes {
namespace {

using Why = std::optional<std::string>;

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_small(c) || (c >= 'A' && c <= 'Z'); }

// A process starts with no variable of 128 KiB or more (Linux's MAX_ARG_STRLEN, name and '=' included).
constexpr std::size_t kValueBytes = 120 << 10;

Why why_not_quantity(std::string_view text, std::optional<std::int64_t> amount, std::int64_t least,
                     std::string_view at_least, std::int64_t most, std::string_view at_most) {
  if (!amount || text.size() > 32) return "it is no quantity such as 2, 500m or 2048Mi";
  if (*amount < least) return fmt::format("it is less than {}", at_least);
  if (*amount > most) return fmt::format("it is more than {}", at_most);
  return std::nullopt;
}

}  // namespace

std::string canonical_quantity(std::string_view text) {
  const auto milli = kube::parse_quantity_milli(text);
  if (!milli) return std::string(text);
  if (*milli % 1000 != 0) return std::to_string(*milli) + "m";
  std::int64_t amount = *milli / 1000;
  const bool binary = text.ends_with('i') && amount >= 1024;
  const std::int64_t step = binary ? 1024 : 1000;
  const std::string_view suffixes = binary ? "KMGTPE" : "kMGTPE";
  std::size_t taken = 0;
  for (; amount != 0 && amount % step == 0 && taken < suffixes.size(); ++taken) amount /= step;
  std::string out = std::to_string(amount);
  if (taken > 0) out += suffixes[taken - 1];
  return binary && taken > 0 ? out + "i" : out;
}

Why why_not_prefix(std::string_view text) {
  if (text.empty() || text.size() > 31) return "it has 1 to 31 characters";
  if (!is_small(text.front())) return "it begins with a small letter";
  if (text.back() == '-') return "it ends with a letter or a digit";
  for (char c : text)
    if (!is_small(c) && !is_digit(c) && c != '-') return "it holds only small letters, digits and '-'";
  return std::nullopt;
}

// RFC 6335, 5.1, in small letters.
Why why_not_port_name(std::string_view text) {
  if (text.empty() || text.size() > 15) return "a port's name has 1 to 15 characters";
  if (!is_small(text.front())) return "a port's name begins with a small letter";
  if (text.back() == '-' || text.find("--") != std::string_view::npos)
    return "a port's name ends with a letter or a digit, and holds no '--'";
  for (char c : text)
    if (!is_small(c) && !is_digit(c) && c != '-') return "a port's name holds only small letters, digits and '-'";
  return std::nullopt;
}

Why why_not_image(std::string_view text) {
  if (text.empty() || text.size() > 512) return "an image has 1 to 512 characters";
  if (!is_letter(text.front()) && !is_digit(text.front())) return "an image begins with a letter or a digit";
  for (char c : text)
    if (!is_letter(c) && !is_digit(c) && std::string_view("._-/:@+").find(c) == std::string_view::npos)
      return "an image is a reference such as registry.example/team/agent:1.2, or with @sha256:…";
  return std::nullopt;
}

Why why_not_variable(std::string_view text) {
  if (text.empty() || text.size() > 253) return "a variable's name has 1 to 253 characters";
  for (char c : text)
    if (!is_letter(c) && !is_digit(c) && c != '_') return "a variable's name holds only letters, digits and '_'";
  if (is_digit(text.front())) return "a variable's name does not begin with a digit";
  return std::nullopt;
}

Why why_not_value(std::string_view text) {
  if (text.size() > kValueBytes) return "it is longer than 120 KiB, with which no process can be started";
  if (text.find('\0') != std::string_view::npos) return "it holds a NUL character";
  if (!is_valid_utf8(text)) return "it is not UTF-8";
  return std::nullopt;
}

Why why_not_directory(std::string_view text) {
  if (text.size() < 2 || text.size() > 253 || text.front() != '/') return "it is an absolute path such as /opt/data";
  if (text.back() == '/' || text.find("//") != std::string_view::npos ||
      (std::string(text) + "/").find("/../") != std::string::npos ||
      (std::string(text) + "/").find("/./") != std::string::npos)
    return "it is written plainly, without '..', '.', '//' and a '/' at its end";
  for (char c : text)
    if (c <= ' ' || c >= 0x7f || c == ':') return "it holds neither blanks, ':' nor what is no ASCII";
  return std::nullopt;
}

Why why_not_cpu(std::string_view text) {
  return why_not_quantity(text, kube::parse_quantity_milli(text), 1, "1m", 1'024'000, "1024 CPUs");
}
Why why_not_memory(std::string_view text) {
  return why_not_quantity(text, kube::parse_quantity(text), 4 << 20, "4Mi", std::int64_t{64} << 40, "64Ti");
}
Why why_not_storage(std::string_view text) {
  return why_not_quantity(text, kube::parse_quantity(text), 1 << 20, "1Mi", std::int64_t{1} << 50, "1Pi");
}

}  // namespace fairlead::runtimes
