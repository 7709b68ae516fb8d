// Private keys inside free text: in PEM, as PuTTY and SSH2 write them. Pure, linear time.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace fairlead::redact {

struct TextSpan {
  std::size_t from, to;
};

// In order, without overlap. A key whose begin was cut off reaches back over the lines of its body; one without an end
// goes as far as lines look like its body.
std::vector<TextSpan> private_keys(std::string_view text);

}  // namespace fairlead::redact
