// diagnose_pod, diagnose_workload, cluster_health: one call that gathers what a person would look at, in parallel, and
// ranks what it found with the evidence for it. They only read, and never run anything inside a pod.
#pragma once

#include "ops/operation.h"

namespace fairlead::diagnosis {

[[gnu::cold]] std::vector<ops::Operation> operations();

}  // namespace fairlead::diagnosis
