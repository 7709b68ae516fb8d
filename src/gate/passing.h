// Inside the gate only: a call on its way.
#pragma once

#include "gate/gate.h"

namespace fairlead::gate {

struct Gate::Passed {
  const ops::Operation* operation = nullptr;
  json::object arguments;  // that may be kept
  std::string cluster;
  ChangeOutcome outcome;
  bool reveals = false;  // values of a Secret: nothing is shown that was not recorded
};

// What a rollback is called in the audit log.
inline constexpr std::string_view kRollback = "rollback";

// Below the gate nobody knows what was called.
void complete_remedy(Error& error, const ops::Operation& operation);

}  // namespace fairlead::gate
