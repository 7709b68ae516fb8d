// Inside store/ only: what a result code of SQLite means for whoever runs the program.
#pragma once

#include <string>

#include "base/error.h"

namespace fairlead::store {

// `system`: errno, 0 when it tells nothing. `message` of the library counts as foreign.
Error explain_sqlite(int extended_code, int system, const std::string& path, std::string message);
// Whether it stands for a disk, a quota or a limit that leaves no room.
bool means_full(int extended_code, int system);

}  // namespace fairlead::store
