// Finds where a JSON value ends while its bytes arrive in pieces, without looking at what it means. For table.cpp.
#pragma once

#include <cstddef>
#include <string_view>

namespace fairlead::kube {

// Brackets are counted, not matched: whoever parses the value that was cut out checks it.
class JsonValueScanner {
 public:
  void start() { *this = JsonValueScanner(); }

  // How many of the bytes belong to the value. done() tells whether it ends there. The first byte of all must be the
  // value's first one.
  std::size_t scan(std::string_view bytes) {
    std::size_t at = 0;
    while (at < bytes.size() && !done_) {
      const char c = bytes[at];
      if (in_string_) {
        ++at;
        if (escaped_)
          escaped_ = false;
        else if (c == '\\')
          escaped_ = true;
        else if (c == '"')
          end_string();
        continue;
      }
      if (in_scalar_) {
        if (ends_scalar(c))
          done_ = true;
        else
          ++at;
        continue;
      }
      ++at;
      switch (c) {
        case '"': in_string_ = true; break;
        case '{':
        case '[': ++depth_; break;
        case '}':
        case ']': done_ = depth_ == 0 || --depth_ == 0; break;
        default: in_scalar_ = depth_ == 0;
      }
    }
    return at;
  }
  bool done() const { return done_; }

 private:
  void end_string() {
    in_string_ = false;
    done_ = depth_ == 0;
  }
  static bool ends_scalar(char c) {
    return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool in_scalar_ = false;
  bool escaped_ = false;
  bool done_ = false;
};

}  // namespace fairlead::kube
