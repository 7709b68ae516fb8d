// The gate and the keepers of books: agents.
#include "gate/fan_out.h"
#include "gate/passing.h"
#include "gate/visible_clusters.h"

namespace fairlead::gate {
Keeper* Gate::keeper_of(const ops::Operation& operation) const {
  return is_of_agents(operation) ? books_.agents : nullptr;
}

// Who may list Deployments there may know which agents there are.
Keeper::MaySee Gate::may_see(const Identity& who) const {
  return [this, who](const std::string& cluster, const std::string& ns) {
    std::vector<Touch> touches{{"apps", "deployments", ns, ""}};
    if (who.bindings && !covers_cluster(*who.bindings, cluster)) return false;
    return decide(who, cluster, "list_agents", ops::Trust::read, std::move(touches)).decision == Decision::allow;
  };
}

awaitable<Result<void>> Gate::place(Request& request, ops::Arguments& arguments, const Passed& passed) {
  const ops::Operation& operation = *passed.operation;
  if (!is_of_agents(operation)) co_return Result<void>{};
  if (!books_.agents)
    co_return fail(ErrorCode::invalid_request, std::string(operation.name), "no books of agents are kept here",
                   "Use 'fairlead agents', or a server: 'fairlead serve'");
  if (operation.access.empty()) co_return Result<void>{};
  if (request.clusters.size() == 1) {
    request.cluster = std::move(request.clusters.front());
    request.clusters.clear();
  }
  if (!request.clusters.empty() || request.cluster == kAllClusters)
    co_return fail(ErrorCode::invalid_request, std::string(operation.name),
                   "an agent is on one cluster, and several are named", "Leave the cluster out, or name one");
  auto place = co_await books_.agents->place(operation, request.cluster, arguments.values(), may_see(request.who),
                                             request.deadline);
  if (!place) co_return fail(std::move(place.error()));
  auto valid = ops::Arguments::validate(place->arguments, operation.parameters, operation.name);
  if (!valid) co_return fail(std::move(valid.error()));
  request.cluster = std::move(place->cluster);
  arguments = std::move(*valid);
  co_return Result<void>{};
}

void Gate::add_keeper(ChangeCall& what, const ops::Operation& operation) const {
  Keeper* keeper = keeper_of(operation);
  if (!keeper) return;
  what.plan = [keeper, cluster = what.cluster](ops::Call& call) { return keeper->plan(call, cluster); };
  what.verify = [keeper](ops::Call& call, const ops::Plan& plan, const ops::Answers& answers) {
    return keeper->verify(call, plan, answers);
  };
  what.ended = keeper->ended();
}

// Approved and begun it was: nobody is asked again.
awaitable<Result<void>> Gate::carry_on(const Change& change, Deadline deadline) {
  auto work = [this, &change](ops::Call& call) -> awaitable<Result<void>> {
    ChangeCall what;
    what.who.name = change.who;
    what.cluster = change.cluster;
    what.reason = change.reason;
    if (const Journal::Recorded ended = record_of_end())
      what.outcome_recorded = [ended](const std::string&) { return ended; };
    add_keeper(what, call.operation);
    Changes changes(*books_.journal, *books_.clock);
    co_return co_await changes.carry_on(call, *call.operation.change, change, std::move(what));
  };
  co_return co_await on_its_cluster(change, deadline, std::move(work));
}

}  // namespace fairlead::gate
