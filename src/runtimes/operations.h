// The operations about agents. What they do is the keeper's (keeper.h): where there is none the gate refuses them.
#pragma once

#include <vector>

#include "ops/operation.h"

namespace fairlead::runtimes {

[[gnu::cold]] std::vector<ops::Operation> operations();

}  // namespace fairlead::runtimes
