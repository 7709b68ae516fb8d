#include "gate/approval.h"

#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "base/utf8.h"

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

}  // namespace

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
