// Inside mcp/ only: how a session says no.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/text.h"
#include "mcp/jsonrpc.h"

namespace fairlead::mcp {

inline tl::unexpected<RpcError> refuse(RpcErrorCode code, std::string message, json::value data = nullptr) {
  return tl::unexpected<RpcError>(RpcError{code, std::move(message), std::move(data)});
}

inline tl::unexpected<RpcError> invalid_params(std::string why) {
  return refuse(RpcErrorCode::invalid_params, "Invalid params: " + std::move(why));
}

// What the peer wrote, in an error message: short and visible.
inline std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 100;
  std::string out = escape_untrusted(text.substr(0, longest), Newlines::escape);
  if (text.size() > longest) out += "...";
  return out;
}

}  // namespace fairlead::mcp
