// What of a change is for good: what it destroys besides its objects, and what cannot be set back.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// Fills in what the plan `loses`, of what its requests would make (Write::expected) or as far as that can be told
// without: what controllers delete, or end without asking a disruption budget. Reads what it has to; what may not be
// read is not known, and said in the plan's `reach`.
awaitable<Result<void>> look_for_losses(Call& call, Plan& plan);

// Why what a plan does could not be taken back: the operation's word, what it loses, or what the server takes in one
// direction only. A clause; empty: it can be. Pure, and the only answer to that question.
std::string no_way_back(const Plan& plan);

}  // namespace fairlead::ops
