// What a cluster shows of an agent: the replica snapshot of its Deployment, its pods, and, where it is not as it should
// be, why. Pure: made of the objects as they were read or watched.
#pragma once

#include <optional>
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
  unknown,   // the cluster was not reached, or does not let us look: `cause`
};
std::string_view to_string(Phase phase);

struct AgentPod {
  std::string name, node;  // no node: none has taken it
  std::string word;        // as kubectl's STATUS
  int ready = 0, containers = 0;
  std::int64_t restarts = 0;
  bool is_ready = false, is_going = false;  // its Ready condition; being deleted
};

struct Observed {
  Phase phase = Phase::absent;
  Snapshot replicas;
  std::vector<AgentPod> pods;
  // A sentence without a full stop; empty: nothing stands in the way. What others wrote stands last in it, short,
  // escaped and without credentials.
  std::string cause;
  std::string waits;          // as `cause`: what it takes time for, while that is no failure yet
  std::int64_t revision = 0;  // of the Deployment's annotation; 0: none
};

struct SeenEvent {
  std::string kind, object;  // what it is about
  std::string reason, message;
  bool is_warning = false;
  std::int64_t last = 0;  // unix seconds
};

// What was read. Only the first two need be there: of what is not, nothing is said.
struct Seen {
  json::value deployment;                            // null: there is none
  json::array pods;                                  // of the agent, those that are being deleted too
  bool pods_read = true;                             // false: it is not known which there are
  std::optional<json::value> service, volume_claim;  // nothing: not read; null: there is none
  std::vector<SeenEvent> events;                     // of them, and of the Deployment's ReplicaSets
  std::int64_t now = 0;                              // unix seconds; 0: nothing is said of how long it takes
  std::int64_t load_balancer_timeout_seconds = 1200;
};
Observed observe(const Seen& seen);

// Whose events would tell more than what was read does: "Pod" and its name; of the Deployment's ReplicaSets
// "ReplicaSet" and the beginning of their names.
struct EventsOf {
  std::string kind, name;
  bool operator==(const EventsOf&) const = default;
};
std::vector<EventsOf> events_that_tell(const Seen& seen);

// The snapshot in words: "1 of 1 replicas are ready".
std::string words(const Observed& observed);
json::object shown(const Observed& observed);

}  // namespace fairlead::runtimes
