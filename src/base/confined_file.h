// Files that are named by somebody who may not read every file of this host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace fairlead {

// As read_file (environment.h), of a file that lies below `directory` once all links are followed; relative paths are
// taken from there. policy_denied for any other, whether or not it is there: nothing of it is read.
Result<std::string> read_file_below(const std::string& directory, const std::string& path, std::string_view step,
                                    std::uint64_t limit);

}  // namespace fairlead
