#include "gate/approval.h"

#include <fmt/format.h>

#include "base/text.h"

namespace fairlead::gate {

std::string question_text(const Question& question) {
  std::string out;
  const auto add = [&out](std::string_view line) { out += escape_untrusted(line, Newlines::escape) + "\n"; };
  add(fmt::format("{} asks for change {} on cluster {}: {}", question.who, question.change,
                  question.cluster.empty() ? "(default)" : question.cluster, question.summary));
  if (!question.reason.empty()) add("  reason: " + question.reason);
  for (const auto& line : question.fields) add("  " + line);
  for (const auto& line : question.reach) add("  " + line);
  add("  " + question.undo);
  return out;
}

}  // namespace fairlead::gate
