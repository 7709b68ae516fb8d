// Why a request's body is no JSON or YAML, in the words of the API server's libraries. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::sandbox {

// Of a body that is no JSON, as Go's encoding/json says it.
std::string json_problem(std::string_view body);

// JSON with U+FFFD for halves of surrogate pairs ("\ud800"), as Go's decoder reads them.
std::string without_lone_surrogates(std::string_view json);

// A cause that parse_yaml gave ("line 2, column 1: …"), as Go's YAML library says it.
std::string yaml_problem(std::string_view cause);

// Why those are no operations of a JSON patch, a null being one without a word in it; `lax`: as they are decoded where
// nobody asked for strictness.
std::string operations_problem(const json::array& operations, bool lax);

// The beginning of a body: JSON as it is, anything else as hexadecimal digits.
std::string shown_body(std::string_view body);

}  // namespace fairlead::sandbox
