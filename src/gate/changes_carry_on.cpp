// Carrying on a repeatable change whose process has gone.
#include "gate/changes_running.h"

namespace fairlead::gate {

awaitable<Result<void>> Changes::carry_on(ops::Call& call, const ops::ChangeSteps& steps, Change change,
                                          ChangeCall what) {
  auto cluster = co_await kube::identify(call.client, call.deadline);
  if (!cluster) co_return fail(std::move(cluster.error()));
  if (!cluster->is(change.identity))
    co_return fail(ErrorCode::conflict, "carry the change on",
                   "'" + change.cluster + "' names another cluster now than the one that it was made on",
                   "Register that one under this id again, or close the change");
  ChangeOutcome outcome;
  Running running{call, steps, what, outcome, std::move(change)};
  running.fresh = false;
  auto taken = co_await journal_.take_over(running.change.id, running.hold, clock_.unix_seconds(), call.deadline);
  if (!taken) co_return fail(std::move(taken.error()));
  if (!*taken) co_return Result<void>{};
  running.outcome.change = running.change.id;
  auto reply = co_await execute(running);
  if (!reply) co_return fail(std::move(reply.error()));
  co_return Result<void>{};
}

}  // namespace fairlead::gate
