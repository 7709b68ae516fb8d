// Lines of a text that match an expression, with those around them.
#pragma once

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

struct Found {
  std::string text;         // whole lines; "--" stands between those that are apart
  std::size_t matches = 0;  // lines that match
};

// As grep -C does it.
Found grep(std::string_view text, const Pattern& pattern, std::size_t context);

}  // namespace fairlead::ops
