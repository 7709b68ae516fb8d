// How an operation changes a cluster: it makes a plan, the gate has it approved and journaled, its requests are sent as
// they stand, and the outcome is looked at. Only the gate drives this.
#pragma once

#include <vector>

#include "ops/diff.h"
#include "ops/operation.h"
#include "ops/plan.h"

namespace fairlead::ops {

// As whom the fields that we write are marked in an object's managedFields.
inline constexpr std::string_view kFieldManager = "fairlead";

// What the server answered to each write that was sent, in their order: the object as it is then; null where there is
// none any more.
using Answers = std::vector<json::value>;

struct Verification {
  bool reached = false;       // the cluster has become what was asked
  bool contradicted = false;  // and never will: something else was decided since
  std::string state;          // "5 of 5 replicas are ready"
};

// What makes an operation one that changes things. Plain functions: all state is in the call and the plan.
struct ChangeSteps {
  // Reads what is there and decides. Errors as of any read; invalid_request and conflict where the change makes no
  // sense.
  awaitable<Result<Plan>> (*plan)(Call&) = nullptr;
  // The answer of the operation. With a dry run `answers` are what the server would have made of it. No answers: there
  // was nothing to change, or by somebody else it was so when the request came; the plan may have no writes then.
  Result<Reply> (*finish)(const Call&, const Plan&, const Answers&) = nullptr;
  // One look at whether it has come to be. Null: verify_plan.
  awaitable<Result<Verification>> (*verify)(Call&, const Plan&, const Answers&) = nullptr;
  int patience_seconds = 0;  // that it waits for itself, where the call does not say
  // What speaks against the plan though it may be made. Asked, and told, only where the policy lets it be. May be null.
  Result<void> (*check)(const Call&, const Plan&) = nullptr;
};

}  // namespace fairlead::ops
