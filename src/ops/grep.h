// Lines of a text that match an expression, with those around them.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace fairlead::ops {

// RE2's syntax (linear time, whatever is matched), bounded to 1 MiB of program. Immutable.
class Pattern {
 public:
  // Why it is none, in a phrase without any of its text; nothing when it is one.
  static std::optional<std::string> why_not(std::string_view expression);
  explicit Pattern(std::string_view expression);  // a valid one
  ~Pattern();
  bool matches(std::string_view line) const;

 private:
  std::unique_ptr<re2::RE2> compiled_;
};

// As grep -C does it, for lines that come in parts. The pattern must outlive it.
class LineFilter {
 public:
  LineFilter(const Pattern& pattern, std::size_t context) : pattern_(pattern), context_(context) {}
  // Of these whole lines those to show, and before them those of earlier parts that surround a match; "--" stands
  // between lines that are apart.
  std::string take(std::string_view lines);
  std::size_t matches() const { return matches_; }  // lines that match, so far

 private:
  const Pattern& pattern_;
  const std::size_t context_;
  std::deque<std::string> before_;  // the last lines that were not taken, `context_` of them
  std::size_t after_ = 0;           // lines that are still to be taken
  bool gap_ = false;                // lines were left out since the last one that was taken
  bool any_ = false;                // one was taken
  std::size_t matches_ = 0;
};

struct Found {
  std::string text;
  std::size_t matches = 0;
};
Found grep(std::string_view text, const Pattern& pattern, std::size_t context);

}  // namespace fairlead::ops
