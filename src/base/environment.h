// What a program learns from around it, passed in so that tests can set it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fairlead {

// Looks up an environment variable; nothing when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

// Reads a whole regular file of at most `limit` bytes. Directories, devices and pipes are refused, so that a path
// cannot make the reader hang.
Result<std::string> read_file(const std::string& path, std::string_view step, std::uint64_t limit);

}  // namespace fairlead
