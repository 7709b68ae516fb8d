// Whether the cluster has become what a change asked for.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// Looks once whether what a plan asked for has come to be, by the kinds of its objects: rollouts are complete, what was
// deleted has gone, a node is as it was set, and everything still holds what was asked for.
awaitable<Result<Verification>> verify_plan(Call& call, const Plan& plan, const Answers& answers);

}  // namespace fairlead::ops
