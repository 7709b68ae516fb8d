// A part of Fairlead that keeps books of its own about what its operations make on clusters (agents: runtimes/). The
// gate asks it where a call goes and what it does there, and tells it of each change in the transaction that ends it;
// of that which begins it the journal's own listener tells (Journal::Begun). So its books and the journal never tell
// two stories. All else is as of any operation: policy, approval, journal and audit log.
#pragma once

#include <string>

#include "gate/journal.h"
#include "gate/policy.h"
#include "ops/operation.h"

namespace fairlead::gate {

// The family of operations that a keeper answers for (ops::Operation::family).
inline constexpr std::string_view kAgentFamily = "agents";

class Keeper {
 public:
  virtual ~Keeper() = default;

  struct Place {
    std::string cluster;
    json::object
        arguments;  // of the call, with those that its books complete: the namespace is what the policy looks at
  };
  // Before anything is decided. `cluster` is what the caller names, or empty. Errors as of any call; what they tell
  // must not depend on what the caller may not see: `may_see` says that of a cluster and a namespace.
  using MaySee = std::function<bool(const std::string& cluster, const std::string& ns)>;
  virtual awaitable<Result<Place>> place(const ops::Operation& operation, std::string cluster, json::object arguments,
                                         MaySee may_see, Deadline deadline) = 0;
  // A READ that is about no single cluster (ops::Operation::run is null).
  virtual awaitable<Result<ops::Reply>> answer(const ops::Operation& operation, const ops::Arguments& arguments,
                                               MaySee may_see, Deadline deadline) = 0;
  // A READ of the cluster that place() named.
  virtual awaitable<Result<ops::Reply>> read(ops::Call& call) = 0;
  // The plan of a change, and one look at whether it has come to be (ops::ChangeSteps).
  virtual awaitable<Result<ops::Plan>> plan(ops::Call& call, std::string cluster) = 0;
  virtual awaitable<Result<ops::Verification>> verify(ops::Call& call, const ops::Plan& plan,
                                                      const ops::Answers& answers) = 0;

  // On the database's thread, in the transaction in which a change has ended: completed or failed. Of some nobody was
  // told that they began.
  virtual Journal::Recorded ended() const = 0;
};

}  // namespace fairlead::gate
