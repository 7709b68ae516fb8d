// Inside mcp_server/ only: answers and errors as a model sees them.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "ops/render.h"

namespace fairlead::mcp_server {

// "not_found: …", with what others wrote about it in a fence below. `operation`: whose call it was.
std::string present(Error error, std::string_view nonce, std::string_view operation);

// The data in a fence, and our notes below it.
std::string present(const ops::Rendered& rendered, std::string_view nonce);

}  // namespace fairlead::mcp_server
