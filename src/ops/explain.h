// Errors as every face shows them: nothing of an Error reaches a person or a model by another way.
#pragma once

#include <string>

#include "base/error.h"

namespace fairlead::ops {

// Credentials are taken out of both, and both are bounded and free of control characters.
struct Explanation {
  std::string ours;     // one line
  std::string foreign;  // what others wrote, line breaks kept; a model gets it inside a fence. Often empty
};
Explanation explain(const Error& error);

// Both in one line, for people: "GET /x: the server answered 403: pods is forbidden. Ask for a role."
std::string explain_in_a_line(const Error& error);

}  // namespace fairlead::ops
