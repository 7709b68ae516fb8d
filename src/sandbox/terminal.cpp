#include "sandbox/terminal.h"

#include <utility>

namespace fairlead::sandbox {
namespace {

constexpr std::size_t longest_line = 4095, most_lines = 1000;
constexpr char control_c = 3, control_d = 4, backspace = 8, control_u = 21, escape = 27, rubout = 127;

void erase_character(std::string& line) {
  while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0) == 0x80) line.pop_back();
  if (!line.empty()) line.pop_back();
}

}  // namespace

std::string Terminal::feed(std::string_view keys) {
  std::string echo;
  for (char key : keys) {
    if (escape_ == Escape::begun) {
      escape_ = key == '[' || key == 'O' ? Escape::sequence : Escape::none;
    } else if (escape_ == Escape::sequence) {
      if (key >= '@') escape_ = Escape::none;
    } else if (key == escape) {
      escape_ = Escape::begun;
    } else if (key == '\r' || key == '\n') {
      echo += "\r\n";
      if (lines_.size() < most_lines) lines_.push_back(std::exchange(line_, "") + "\n");
    } else if (key == control_c) {
      echo += "^C\r\n";
      line_.clear();
      lines_.clear();
      interrupt_ = true;
    } else if (key == control_d) {
      if (lines_.size() < most_lines) lines_.push_back(std::exchange(line_, ""));
    } else if (key == rubout || key == backspace) {
      if (!line_.empty()) echo += "\b \b";
      erase_character(line_);
    } else if (key == control_u) {
      while (!line_.empty()) {
        erase_character(line_);
        echo += "\b \b";
      }
    } else if ((static_cast<unsigned char>(key) >= ' ' || key == '\t') && line_.size() < longest_line) {
      line_ += key;
      echo += key;
    }
  }
  return echo;
}

bool Terminal::take_interrupt() { return std::exchange(interrupt_, false); }

std::string Terminal::shown(std::string_view output) {
  std::string out;
  for (char c : output) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

}  // namespace fairlead::sandbox
