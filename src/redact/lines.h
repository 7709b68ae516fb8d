// Free text line by line, such as a log that goes on: text() where each line keeps its place. Pure; linear time for one
// call, and the lines before are looked at again, some hundred at most.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace fairlead::redact {

// As text(), with as many lines: where a credential spans several, the later ones are left empty.
std::string text_by_lines(std::string_view text);

// Lines that come in parts. Each is looked at with those before it and those that came with it: a name and its value,
// or the begin of a key and its body, may be lines apart.
class Lines {
 public:
  // `each` gets what may be shown of each line, with its number among these: without a line end, and none of a line
  // that lies inside a credential. The last line needs no end.
  void next(std::string_view lines, const std::function<void(std::size_t line, std::string_view shown)>& each);

 private:
  void forget();
  std::string before_;  // as they came
};

}  // namespace fairlead::redact
