// Objects and lists in free text that stand under a name that says credential, in JSON and YAML. Pure; of each so many
// bytes and lines are looked at.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "redact/private_keys.h"

namespace fairlead::redact {

// The values inside the brackets that open at `at`, in order and without the quotes around them: none of members that
// only say where or what kind a credential is, none at all where the object is a reference to one or a schema. `end` is
// set to where the brackets close, or to where looking ended.
std::vector<TextSpan> values_in_brackets(std::string_view text, std::size_t at, std::size_t& end);

// The same of the members and items in the lines below the name, indented as YAML has it; `at` is behind "name:". None
// where one of the lines is something else.
std::vector<TextSpan> values_below(std::string_view text, std::size_t name, std::size_t at);

}  // namespace fairlead::redact
