// What a cluster shows of an agent: the replica snapshot of its Deployment, its pods, where it is reached, and, where
// it is not as it should be, why. Pure: made of the objects as they were read or watched.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "runtimes/agent.h"
#include "runtimes/book.h"

namespace fairlead::runtimes {

// Counts of the Deployment: those that are wanted, those that there are, and of these the ready, available and updated.
struct Snapshot {
  std::int64_t desired = 0, current = 0, ready = 0, available = 0, updated = 0;
  bool operator==(const Snapshot&) const = default;
};

enum class Phase {
  absent,    // there is no Deployment
  starting,  // replicas are wanted, and none of the wanted revision is available yet
  running,   // wanted > 0, available > 0, and all of them of the wanted revision
  failing,   // it is starting or was running, and something stands in the way: `cause`
  stopping,  // none is wanted, and pods are left
  stopped,   // none is wanted, and none is left
  deleting,  // the Deployment is being deleted
};
std::string_view to_string(Phase phase);

struct Observed {
  Phase phase = Phase::absent;
  Snapshot replicas;
  std::vector<std::string> pods;  // their names
  std::string cause;              // a sentence; empty: nothing stands in the way. Foreign text: to be shown escaped
  std::int64_t revision = 0;      // of the Deployment's annotation; 0: none
};

struct Seen {
  json::value deployment;  // null: there is none
  json::array pods;        // of the agent, those that are being deleted too
};
Observed observe(const Seen& seen);

// The snapshot in words: "1 of 1 replicas are ready".
std::string words(const Observed& observed);
json::object shown(const Observed& observed);

}  // namespace fairlead::runtimes
