// UTF-8 one code point at a time, and which code points a reader cannot see. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

struct CodePoint {
  char32_t value = 0;     // the first byte where the bytes are not UTF-8
  std::uint8_t size = 0;  // bytes it takes; 1 where they are not UTF-8
  bool valid = false;
};

// The first code point of a text that is not empty. Overlong forms, surrogates and values past U+10FFFF are not valid.
CodePoint next_code_point(std::string_view text);

// Control characters (tab and newline among them), line and paragraph separators, bidirectional marks, and
// everything that Unicode lets a renderer leave out (Default_Ignorable_Code_Point: zero width, tags, variation
// selectors, fillers). The two selectors that make text or emoji of a symbol, U+FE0E and U+FE0F, count as visible.
bool is_hidden(char32_t c);

void append_utf8(std::string& out, char32_t c);

}  // namespace fairlead
