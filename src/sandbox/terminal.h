// The kernel's part of a terminal in its usual mode: echo, editing of the line, ^C, ^D, ^U, and line ends. Without I/O.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace fairlead::sandbox {

class Terminal {
 public:
  // Keys that were typed; answers what appears because of them.
  std::string feed(std::string_view keys);
  // Whole lines, with their newline, or what stood there when ^D was typed; an empty one is an end of file.
  std::deque<std::string>& lines() { return lines_; }
  // Whether ^C was typed since the last question.
  bool take_interrupt();
  // Output as it appears: a newline also returns.
  static std::string shown(std::string_view output);

 private:
  std::string line_;
  std::deque<std::string> lines_;
  bool interrupt_ = false;
  enum class Escape { none, begun, sequence } escape_ = Escape::none;
};

}  // namespace fairlead::sandbox
