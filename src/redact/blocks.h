// Values that span lines or objects: YAML block scalars, and the data of Secrets inside free text. Pure; linear time
// for one call a line.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "redact/private_keys.h"

namespace fairlead::redact {

// What is indented below a name: behind "|", ">-" or nothing on the name's line. `at` is behind "name: ". Line breaks
// may be written as \n, as inside JSON. Of a longer block the first `lines`.
std::optional<TextSpan> indented_block(std::string_view text, std::size_t name, std::size_t at,
                                       std::size_t lines = std::string_view::npos);

// The items of a list of single words in the lines below a name, indented as the name is or deeper; nothing when one of
// them is something else.
std::optional<TextSpan> list_of_words(std::string_view text, std::size_t name, std::size_t at);

// Where a plain scalar of YAML ends whose first line ends at `at`: behind the lines below that are indented deeper than
// the name and are neither members nor prose.
std::size_t plain_scalar_end(std::string_view text, std::size_t name, std::size_t at);

// Where the members of a flat object end that begins with the brace before `at`.
std::size_t flat_object_end(std::string_view text, std::size_t at);

// Whether a text holds `kind: Secret` as YAML or JSON has it.
bool holds_a_secret(std::string_view text);

}  // namespace fairlead::redact
