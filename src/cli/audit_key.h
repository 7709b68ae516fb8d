// Inside cli/ only: the key that signs heads of the audit log.
#pragma once

#include <string>

#include "base/secret.h"
#include "cli/cli.h"

namespace fairlead::cli {

// DIR/audit-key.pem; made (0600, with audit-key.pub beside it) when it is not there, which is said once.
Result<Secret> signing_key(World& world, const std::string& directory);
Result<Secret> read_signing_key(const std::string& path);

}  // namespace fairlead::cli
