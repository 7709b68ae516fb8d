// The health of a namespace or of a whole cluster: every rule, wherever something is not as it should be.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

// Adds to the findings; answers what was looked at: {"nodes": "3 of 3 ready", "pods": "340, 12 of them troubled", …}.
// `ns` empty: all namespaces.
awaitable<json::object> look_around(Source& source, Findings& findings, std::string ns);

}  // namespace fairlead::diagnosis
