// What of a change is for good: what it destroys besides its objects, and what cannot be set back.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// Fills in what the plan `loses`: volume claims that go with the pods of a StatefulSet. Reads what it has to; what may
// not be read is not known.
awaitable<Result<void>> look_for_losses(Call& call, Plan& plan);

// Why what a plan does could not be taken back so; empty: it can. A clause, as Plan::no_undo.
std::string no_way_back(const Plan& plan);

}  // namespace fairlead::ops
