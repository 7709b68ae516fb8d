#include "gate/approval.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "base/utf8.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

// " (not ASCII: U+043E)": letters of another script may look like Latin ones.
std::string look_alikes(std::string_view line) {
  constexpr std::size_t most = 8;
  std::set<char32_t> seen;
  while (!line.empty()) {
    const CodePoint one = next_code_point(line);
    if (one.value > 0x7F) seen.insert(one.value);
    line.remove_prefix(one.size);
  }
  if (seen.empty()) return "";
  std::string out;
  std::size_t count = 0;
  for (const auto code : seen)
    if (count++ < most) out += fmt::format("{}U+{:04X}", out.empty() ? "" : ", ", static_cast<std::uint32_t>(code));
  return " (not ASCII: " + out + (seen.size() > most ? ", ..." : "") + ")";
}

bool is_blank(char32_t c) {
  return c <= 0x20 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
         c == 0x2800 || c == 0x3000 || is_hidden(c);
}

}  // namespace

bool says_nothing(std::string_view reason) {
  const std::string plain = redact::without_decoration(reason);
  for (std::string_view rest = plain; !rest.empty();) {
    const CodePoint one = next_code_point(rest);
    if (!one.valid || !is_blank(one.value)) return false;
    rest.remove_prefix(one.size);
  }
  return true;
}

std::string question_text(const Question& question) {
  std::string out;
  const auto add = [&out](std::string_view line) {
    out += escape_untrusted(line, Newlines::escape) + look_alikes(line) + "\n";
  };
  add(fmt::format("{} asks for change {} on cluster {}: {}", question.who, question.change,
                  question.cluster.empty() ? "(default)" : question.cluster, question.summary));
  if (!question.reason.empty()) add("  reason: " + question.reason);
  for (const auto& line : question.fields) add("  " + line);
  for (const auto& line : question.reach) add("  " + line);
  add("  " + question.undo);
  return out;
}

}  // namespace fairlead::gate
