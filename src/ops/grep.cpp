#include "ops/grep.h"

#include <re2/re2.h>

#include <vector>

namespace fairlead::ops {
namespace {

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  return options;
}

}  // namespace

std::optional<std::string> Pattern::why_not(std::string_view expression) {
  const re2::RE2 compiled(re2::StringPiece(expression.data(), expression.size()), options());
  if (compiled.ok()) return std::nullopt;
  switch (compiled.error_code()) {
    case re2::RE2::ErrorMissingParen: return "a parenthesis is not closed";
    case re2::RE2::ErrorMissingBracket: return "a bracket is not closed";
    case re2::RE2::ErrorRepeatArgument: return "there is nothing that could be repeated";
    case re2::RE2::ErrorPatternTooLarge: return "it is too large";
    case re2::RE2::ErrorBadEscape: return "it holds a backslash that means nothing (RE2 syntax)";
    default: return "it is no regular expression (RE2 syntax)";
  }
}

Pattern::Pattern(std::string_view expression)
    : compiled_(std::make_unique<re2::RE2>(re2::StringPiece(expression.data(), expression.size()), options())) {}
Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view line) const {
  return re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *compiled_);
}

Found grep(std::string_view text, const Pattern& pattern, std::size_t context) {
  Found found;
  std::vector<std::string_view> before;  // the last `context` lines that were not taken
  std::size_t after = 0;                 // lines that are still to be taken
  bool gap = false;                      // lines were left out since the last one that was taken
  auto take = [&](std::string_view line) { found.text.append(line).append("\n"); };
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pattern.matches(line)) {
      ++found.matches;
      if (gap && !found.text.empty() && context > 0) take("--");
      for (auto earlier : before) take(earlier);
      take(line);
      before.clear();
      gap = false;
      after = context;
    } else if (after > 0) {
      --after;
      take(line);
    } else if (context == 0) {
      gap = true;
    } else {
      if (before.size() == context) {
        before.erase(before.begin());
        gap = true;
      }
      before.push_back(line);
    }
  }
  return found;
}

}  // namespace fairlead::ops
