// Inside store/ only: what PostgreSQL's SQLSTATE means for whoever runs the program.
#pragma once

#include <string>

#include "base/error.h"

namespace fairlead::store {

// `state`: five characters; empty where the server could not be reached. `message` of the server or the library counts
// as foreign.
Error explain_postgres(std::string_view state, const std::string& step, std::string message);

}  // namespace fairlead::store
