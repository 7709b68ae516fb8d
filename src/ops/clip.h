// Bounds for text that somebody else wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::ops {

// The text, or so many bytes of it at most, cut between characters and ending with "…". Pure.
inline std::string clip(std::string_view text, std::size_t bytes) {
  constexpr std::string_view more = "…";
  if (text.size() <= bytes) return std::string(text);
  std::size_t size = bytes > more.size() ? bytes - more.size() : 0;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return std::string(text.substr(0, size)) + std::string(more);
}

// "a, b, c and 12 more"
inline std::string some_of(const std::vector<std::string>& names, std::size_t most = 10) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) out += (i > 0 ? ", " : "") + names[i];
  return names.size() > most ? out + " and " + std::to_string(names.size() - most) + " more" : out;
}

}  // namespace fairlead::ops
