#include "base/utf8.h"
#include "redact/redact.h"

namespace fairlead::redact {
namespace {

// The length of a control string that begins at `at`: ESC, its introducer, text, and BEL or ESC \ as its end.
std::size_t control_string(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 4096;  // an address, a title
  for (std::size_t end = at + 2; end < text.size() && end < at + longest; ++end) {
    const char c = text[end];
    if (c == '\a') return end + 1 - at;
    if (c == '\x1b') return end + 1 < text.size() && text[end + 1] == '\\' ? end + 2 - at : 0;
    if (c == '\n') return 0;
  }
  return 0;
}

// The length of the terminal's control sequence that begins at `at` (ECMA-48: CSI, OSC and the like, and choices of a
// character set); 0 where none does.
std::size_t control_sequence(std::string_view text, std::size_t at) {
  if (text[at] != '\x1b' || at + 1 >= text.size()) return 0;
  const char kind = text[at + 1];
  if (kind == '(' || kind == ')') return at + 2 < text.size() ? 3 : 0;
  if (kind == ']' || kind == 'P' || kind == 'X' || kind == '^' || kind == '_') return control_string(text, at);
  if (kind != '[') return 0;
  constexpr std::size_t longest = 64;
  for (std::size_t end = at + 2; end < text.size() && end < at + longest; ++end) {
    const char c = text[end];
    if (c >= '@' && c <= '~') return end + 1 - at;
    if (c < ' ' || c > '?') return 0;
  }
  return 0;
}

}  // namespace

std::string without_decoration(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t size = control_sequence(text, at); size > 0) {
      at += size;
      continue;
    }
    if (static_cast<unsigned char>(text[at]) >= 0x80) {
      if (const CodePoint point = next_code_point(text.substr(at)); point.valid && is_hidden(point.value)) {
        at += point.size;
        continue;
      }
    }
    if (text.substr(at, 2) == "\u00a0") {
      out += ' ';
      at += 2;
      continue;
    }
    out += text[at++];
  }
  return out;
}

}  // namespace fairlead::redact
