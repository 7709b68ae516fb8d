// Inside ops/ only: commands in containers, as one write of a plan (Write::Verb::exec).
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// {"exit_code", "stdout", "stderr"}, with credentials cut out, and "stdout_bytes" and
// "stderr_bytes" where more was written than is kept. A dry run asks whether it may be run, and answers null.
awaitable<Result<json::value>> send_command(Call& call, const Write& write, bool dry_run);

}  // namespace fairlead::ops
