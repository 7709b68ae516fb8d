// base64url without padding (RFC 7515, 2). Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fairlead::identity {

std::string base64url_encode(std::string_view bytes);
// Nothing for whatever base64url_encode() would not write: padding, other characters, bits that are set in vain. So no
// two texts stand for the same bytes.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace fairlead::identity
