#include "ops/grep.h"

#include <re2/re2.h>

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

std::string LineFilter::take(std::string_view lines) {
  std::string out;
  auto show = [&](std::string_view line) {
    out.append(line).append("\n");
    any_ = true;
  };
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (pattern_.matches(line)) {
      ++matches_;
      if (gap_ && any_ && context_ > 0) show("--");
      for (const auto& earlier : before_) show(earlier);
      show(line);
      before_.clear();
      gap_ = false;
      after_ = context_;
    } else if (after_ > 0) {
      --after_;
      show(line);
    } else if (context_ == 0) {
      gap_ = true;
    } else {
      if (before_.size() == context_) {
        before_.pop_front();
        gap_ = true;
      }
      before_.emplace_back(line);
    }
  }
  return out;
}

Found grep(std::string_view text, const Pattern& pattern, std::size_t context) {
  LineFilter filter(pattern, context);
  Found found;
  found.text = filter.take(text);
  found.matches = filter.matches();
  return found;
}

}  // namespace fairlead::ops
