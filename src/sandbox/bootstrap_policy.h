// The roles and bindings that every cluster begins with.
#pragma once

#include "sandbox/objects.h"

namespace fairlead::sandbox {

// cluster-admin, admin, edit, view and the system: roles with their bindings, as 1.36 has them for the kinds that are
// served here, into a store that has none of them. Aggregated roles are filled in by AccessControllers.
void install_bootstrap_policy(Objects& objects);

}  // namespace fairlead::sandbox
