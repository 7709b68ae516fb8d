// Inside runtimes/ only: why an agent does not run, from what its own objects and their events say. A small table:
// `diagnose_workload` follows the trail further, and main adds it to the catalog (src/diagnosis).
#pragma once

#include "runtimes/status.h"

namespace fairlead::runtimes {

// As of Observed; at most one of them.
struct Standing {
  std::string cause, waits;
};
Standing standing_of(const Seen& seen, Phase phase);

// What others wrote, for the end of a sentence: ": exceeded quota: pods", on one line, short, without credentials;
// nothing where it says nothing.
std::string quoted(std::string_view foreign);

}  // namespace fairlead::runtimes
