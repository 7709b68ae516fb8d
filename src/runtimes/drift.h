// What of an agent's objects is not as its newest revision wants it: shown by get_agent, set back by repair_agent.
// Pure.
#pragma once

#include <string>
#include <vector>

#include "ops/diff.h"
#include "ops/plan.h"

namespace fairlead::runtimes {

// The fields of `wanted`, an object as manifests.h makes it, that `live` does not have so: `before` is what is there.
// What others have added to the object is no difference, and neither is another spelling of the same quantity, nor a
// volume that somebody has made larger, since none can be made smaller. Applying `wanted` to `live` leaves none.
std::vector<ops::FieldChange> differs(const json::value& wanted, const json::value& live);

// Where an object that manifests.h made stands.
ops::ObjectRef reference(const json::object& wanted);

// A line for each, for readers: "Deployment agents/x spec.replicas: 2 instead of 1"; what a Secret holds is not shown.
std::vector<std::string> difference_lines(const json::object& wanted, const json::value& live);

}  // namespace fairlead::runtimes
