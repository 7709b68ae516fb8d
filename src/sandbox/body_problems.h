// Why a request's body is no JSON or YAML, in the words of the API server's libraries. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace fairlead::sandbox {

// Of a body that is no JSON, as Go's encoding/json says it.
std::string json_problem(std::string_view body);

// A cause that parse_yaml gave ("line 2, column 1: …"), as Go's YAML library says it.
std::string yaml_problem(std::string_view cause);

// The beginning of a body: JSON as it is, anything else as hexadecimal digits.
std::string shown_body(std::string_view body);

}  // namespace fairlead::sandbox
