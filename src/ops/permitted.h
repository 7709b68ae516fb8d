// Lists for identities that may not see all namespaces.
#pragma once

#include "ops/operation.h"

namespace fairlead::ops {

// Runs the call's operation. Where it lists all namespaces and that is refused (permission_denied), it is run in each
// namespace that there is instead (in the connection's own one where they cannot be listed), and the rows of those
// where it is permitted are answered with a note that says so. Permitted nowhere, the first refusal stays. An object
// that is not_found in a namespace that does not exist is told so.
awaitable<Result<Reply>> run_where_permitted(Call& call);

}  // namespace fairlead::ops
