// SHA-256 of bytes that are there already.
#pragma once

#include <string>
#include <string_view>

namespace fairlead {

std::string to_hex(std::string_view bytes);  // lower case
std::string sha256_hex(std::string_view bytes);

}  // namespace fairlead
