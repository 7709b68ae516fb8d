// Services that are only another name for something.
#pragma once

#include "diagnosis/rules.h"

namespace fairlead::diagnosis {

// A Service of type ExternalName: what stands behind it, where that is a Service of the cluster, maybe over several
// names. Of the world outside nothing is said.
awaitable<void> explain_external_name(Trail trail, const json::value& service);

}  // namespace fairlead::diagnosis
