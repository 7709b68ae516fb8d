// The approval of a change: waited for, given, and still good for what is there.
#include <fmt/format.h>

#include "gate/audit_text.h"
#include "gate/changes_running.h"
#include "gate/passing.h"
#include "ops/blast_radius.h"
#include "ops/explain.h"
#include "ops/losses.h"
#include "ops/writes.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

constexpr std::int64_t kApprovalSeconds = 60 * 60;

// What an approval is bound to: who asked what of which cluster. The reason may be worded anew.
std::string approval_text(const ops::Call& call, const ChangeCall& what, const kube::ClusterIdentity& cluster) {
  json::object arguments = call.arguments.values();
  for (std::string_view free : {"reason", "format", "wait_seconds"}) arguments.erase(free);
  return compact(json::array{what.who.name, what.cluster, cluster.place, cluster.uid, call.object_namespace(),
                             call.operation.name, sorted(arguments), what.undo_of, what.force});
}

}  // namespace

awaitable<Result<void>> Changes::rebind(Running& running) {
  ops::Call& call = running.call;
  ops::Plan& plan = running.change.plan;
  const ops::Plan shown = plan;
  const std::string fresh = co_await ops::goes_newly_with(call, plan);
  if (!fresh.empty())
    co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                   "what goes with it has changed since this was approved: " + fresh,
                   "Make the call again, and have it approved anew");
  auto bound = co_await ops::rebind(call, plan);
  if (bound) bound = co_await ops::look_for_losses(call, plan);
  if (!bound) co_return bound;
  const std::string final = ops::no_way_back(plan);
  if (plan.loses == shown.loses && final == ops::no_way_back(shown) && is_no_stricter(running, shown, plan))
    co_return Result<void>();
  co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                 final.empty() ? "what it destroys has changed since it was planned" : "by now " + final,
                 "Look at it, and make the call again");
}

awaitable<Result<void>> Changes::approve(Running& running) {
  const ops::Call& call = running.call;
  auto key = co_await journal_.mark(approval_text(call, running.what, running.change.identity), call.deadline);
  if (!key) co_return fail(std::move(key.error()));
  auto claimed = co_await journal_.claim(*key, running.hold, clock_.unix_seconds(), call.deadline);
  if (!claimed) co_return fail(std::move(claimed.error()));
  if (!*claimed) {
    auto asked = co_await ask(running, *key);
    if (!asked) co_return asked;
    claimed = co_await journal_.claim(*key, running.hold, clock_.unix_seconds(), call.deadline);
    if (!claimed) co_return fail(std::move(claimed.error()));
    if (!*claimed)
      co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                     "its approval was used or withdrawn in between", "Look at it with 'fairlead changes show'");
  }
  running.change = std::move(**claimed);
  running.outcome.change = running.change.id;
  running.outcome.reason = running.change.reason;
  running.fresh = false;
  co_return co_await confirm(running);
}

awaitable<Result<void>> Changes::ask(Running& running, const std::string& key) {
  ops::Call& call = running.call;
  Change& change = running.change;
  const std::int64_t now = clock_.unix_seconds();
  auto waits = co_await journal_.waiting(key, change.policy, now, call.deadline);
  if (!waits) co_return fail(std::move(waits.error()));
  if (!*waits) {
    auto tried = co_await rehearse(running, change.plan);
    if (!tried) co_return fail(std::move(tried.error()));
    tell_what_is_not_kept(change.plan);
    describe(running, std::move(change.plan));
    change.state = ChangeState::awaiting_approval;
    change.expires = now + kApprovalSeconds;
    change.key = key;
    auto added = co_await journal_.add(change, nullptr, call.deadline);
    if (!added) co_return fail(std::move(added.error()));
    waits = co_await journal_.waiting(key, change.policy, now, call.deadline);  // the same call's, made at once
    if (!waits) co_return fail(std::move(waits.error()));
    if (!*waits)
      co_return fail(ErrorCode::conflict, std::string(call.operation.name), "it was decided in between",
                     fmt::format("Look at it with 'fairlead changes show {}'", *added));
  }
  change = std::move(**waits);
  running.outcome.change = change.id;
  Answer answer;
  if (running.what.approver) {
    const TimePoint asked = std::chrono::steady_clock::now();
    answer = co_await running.what.approver->ask(question_of(change));
    // A person's time is not the cluster's.
    if (!call.deadline.is_never())
      call.deadline = Deadline(call.deadline.at() + (std::chrono::steady_clock::now() - asked));
  }
  if (answer.kind == Answer::Kind::nobody)
    co_return fail(
        ErrorCode::approval_required, std::string(call.operation.name),
        fmt::format("it needs an approval ({}), and waits for it as change {}", running.outcome.rule, change.id),
        fmt::format(
            "A person approves it with 'fairlead changes approve {}'; then make the same call again, within the hour",
            change.id));
  const bool yes = is_approval(question_of(change), answer);
  Journal::Recorded recorded;
  if (running.what.recorded) recorded = running.what.recorded(answer);
  auto decided = co_await journal_.decide(change.id, yes, answer.who, std::move(recorded), clock_.unix_seconds(),
                                          Deadline::after(kAfterwards));
  if (!decided) co_return fail(std::move(decided.error()));
  if (!yes)
    co_return fail(ErrorCode::policy_denied, std::string(call.operation.name), "it was not approved by " + answer.who,
                   "Ask them what they want instead");
  co_return Result<void>();
}

awaitable<Result<void>> Changes::confirm(Running& running) {
  ops::Call& call = running.call;
  Error error;
  const Verdict verdict = running.what.decide(running.change.plan);  // time has passed, and a freeze may hold by now
  if (verdict.decision == Decision::deny) {                          // also where the policy cannot be read
    error = refused(call.operation, verdict).value();
  } else if (running.change.policy != running.what.policy()) {
    error = {ErrorCode::approval_required,
             std::string(call.operation.name),
             "the policy was edited since it was approved",
             "Make the call again, and have it approved anew",
             nullptr,
             {}};
  } else {
    Result<void> bound;
    if (running.what.undo_of) {  // what has come into the objects since is not in them
      auto again = co_await Changes::plan(running);
      if (!again) bound = fail(std::move(again.error()));
    }
    if (bound) bound = co_await rebind(running);
    if (bound)
      bound = co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(), call.deadline);
    if (bound) co_return bound;
    error = std::move(bound.error());
  }
  Journal::End end;
  end.state = ChangeState::failed;
  end.error_code = to_string(error.code);
  end.error = ops::explain(error).ours;
  auto finished = co_await end_with(running, std::move(end));
  if (!finished) co_return fail(std::move(finished.error()));
  co_return fail(std::move(error));
}

}  // namespace fairlead::gate
