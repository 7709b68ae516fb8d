// The plans of agents' changes: what is there is read, and looked at whether it is the agent's own. Each plan is
// repeatable (ops::Plan): objects are applied whole, what is deleted is bound to its uid, patches to nothing but that.
// Errors as of any read; conflict where an object of another owner has the name of one of the agent's.
#pragma once

#include "ops/change.h"
#include "runtimes/book.h"
#include "runtimes/manifests.h"
#include "runtimes/status.h"

namespace fairlead::runtimes {

// The objects of a revision in their order. Only their names where there is no profile any more (`objects` empty).
struct Wanted {
  AgentPlace place;
  AgentObjects objects;
};

// A first deploy: its objects have names that nobody has, so nothing but the namespace is read.
awaitable<Result<ops::Plan>> plan_deploy(ops::Call& call, Wanted wanted);
// Deployment, Service and ConfigMap are deleted, with all that hangs on them, before anything is applied; the state
// volume and the Secret are changed in place.
awaitable<Result<ops::Plan>> plan_redeploy(ops::Call& call, Wanted wanted);
// What differs from what is wanted is applied; nothing: no writes.
awaitable<Result<ops::Plan>> plan_repair(ops::Call& call, Wanted wanted);
// not_found where there is no Deployment. No writes where that many replicas are wanted already.
awaitable<Result<ops::Plan>> plan_scale(ops::Call& call, AgentPlace place, std::int64_t replicas);
awaitable<Result<ops::Plan>> plan_restart(ops::Call& call, AgentPlace place, std::string time);
// All of the agent's objects that there are, the state volume where it is not kept. Never without a write: that it was
// deleted is to stand in the books though nothing was left.
awaitable<Result<ops::Plan>> plan_remove(ops::Call& call, AgentPlace place, bool keeps_state);

// All pods of the agent, those that are being deleted too.
awaitable<Result<json::array>> read_pods(ops::Call& call, AgentPlace place);
// The agent's Deployment and pods as they are now.
awaitable<Result<Seen>> look(ops::Call& call, AgentPlace place);

}  // namespace fairlead::runtimes
