#include "gate/changes.h"

#include <algorithm>

#include "base/text.h"
#include "gate/changes_running.h"
#include "gate/passing.h"
#include "gate/touches.h"
#include "ops/blast_radius.h"
#include "ops/losses.h"
#include "ops/planning.h"
#include "ops/shown.h"
#include "ops/writes.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

json::array lines(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.push_back(json::value(text));
  return out;
}

ops::Answers expected(const ops::Plan& plan) {
  ops::Answers out;
  for (const auto& write : plan.writes) out.push_back(write.expected);
  return out;
}

// Several objects that are made, changed or replaced; or one that is applied, of which the server alone knows what
// becomes of the fields that are left out.
bool is_to_be_tried(const ops::Plan& plan) {
  const ops::Write& first = plan.writes.front();
  if (first.content_type == kube::Patch::apply && !first.before.is_null()) return true;
  return plan.writes.size() > 1 && std::all_of(plan.writes.begin(), plan.writes.end(), [](const ops::Write& write) {
           return write.verb == ops::Write::Verb::patch || write.verb == ops::Write::Verb::create ||
                  write.verb == ops::Write::Verb::remove;
         });
}

Result<ops::Reply> finish_rollback(const ops::Call& call, const ops::Plan& plan, const ops::Answers& answers) {
  json::array objects;
  for (const auto& write : plan.writes)
    objects.push_back(
        json::object{{"object", write.object.words()}, {"done", std::string(ops::to_string(write.verb))}});
  json::object result{{"rolled_back", !answers.empty() && !call.dry_run}, {"objects", std::move(objects)}};
  std::string note = answers.empty() ? "everything is as it was before already: nothing changed"
                                     : (call.dry_run ? "dry run: would " : "") + plan.summary;
  ops::Reply reply{ops::Document{json::value(), nullptr}, {std::move(note)}};
  if (!plan.left.empty()) {
    result["rolled_back"] = false;
    result["left"] = lines(plan.left);
    reply.notes.push_back("not all of it is taken back: what stands under left is as it was");
  }
  std::get<ops::Document>(reply.body).value = std::move(result);
  return reply;
}

}  // namespace

bool is_no_stricter(const Changes::Running& running, const ops::Plan& plan, const ops::Plan& next) {
  const Verdict was = running.what.decide(plan), is = running.what.decide(next);
  return is.decision <= was.decision && is.reason_required <= was.reason_required &&
         trust_of(next, ops::Trust::write) <= trust_of(plan, ops::Trust::write);
}

// Also what the server would leave out of it, which only it knows.
void tell_what_is_not_kept(ops::Plan& plan) {
  for (const auto& write : plan.writes)
    for (auto& line : ops::not_kept(write, write.expected)) plan.reach.push_back(std::move(line));
}

awaitable<Result<ops::Plan>> Changes::plan(Running& running) {
  auto make = running.what.plan ? running.what.plan(running.call) : running.steps.plan(running.call);
  auto plan = co_await std::move(make);
  if (!plan) co_return plan;
  if (!running.what.keeps_secrets || !plan->no_undo.empty()) ops::forget_deleted_secrets(*plan);
  auto looked = co_await ops::look_for_losses(running.call, *plan);
  if (!looked) co_return fail(std::move(looked.error()));
  co_return plan;
}

// What was done to one cluster is taken back there, and not where its name leads to by now.
awaitable<Result<kube::ClusterIdentity>> Changes::identify(Running& running) {
  auto identity = co_await kube::identify(running.call.client, running.call.deadline);
  if (identity && running.what.undo_of && !identity->is(running.what.undone_on))
    co_return fail(ErrorCode::conflict, "take the change back",
                   "'" + running.what.cluster + "' names another cluster now than the one that it was made on",
                   "Use the kubeconfig that it was made with");
  co_return identity;
}

void Changes::complete(const Running& running, ops::Plan& plan) {
  plan.reach.insert(plan.reach.end(), running.behind.begin(), running.behind.end());
}

awaitable<Result<void>> Changes::rehearse(Running& running, ops::Plan& plan) {
  for (int attempt = 1;; ++attempt) {
    auto tried = co_await ops::rehearse(running.call, plan);
    if (tried) {  // more is known by now
      const std::vector<std::string> told = plan.loses;
      tried = co_await ops::look_for_losses(running.call, plan);
      if (tried && plan.loses != told) {
        ops::Plan before = plan;
        before.loses = told;
        if (!is_no_stricter(running, before, plan))
          co_return fail(ErrorCode::policy_denied, std::string(running.call.operation.name),
                         "it would destroy more than it says: " + ops::no_way_back(plan), "Say so in the call itself");
      }
    }
    if (tried || attempt == ops::kPlanAttempts || !ops::may_plan_anew(plan, 0, tried.error())) co_return tried;
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!slept) co_return slept;
    auto next = co_await Changes::plan(running);
    if (!next) co_return fail(std::move(next.error()));
    if (next->writes.empty() || !is_no_stricter(running, plan, *next)) co_return tried;
    if (running.steps.check)
      if (auto good = running.steps.check(running.call, *next); !good) co_return good;
    complete(running, *next);
    plan = std::move(*next);
  }
}

awaitable<Result<ops::Reply>> Changes::answer_dry_run(Running& running, ops::Plan plan, Verdict verdict) {
  auto tried = co_await rehearse(running, plan);
  if (!tried) co_return fail(std::move(tried.error()));
  tell_what_is_not_kept(plan);
  auto reply = running.steps.finish(running.call, plan, expected(plan));
  if (!reply) co_return reply;
  if (auto* document = std::get_if<ops::Document>(&reply->body); document && document->value.is_object()) {
    document->value.get_object()["fields"] = lines(ops::brief(fields_of(plan)));
    document->value.get_object()["reach"] = lines(plan.reach);
    if (std::string why = ops::no_way_back(plan); !why.empty())
      document->value.get_object()["no_undo"] = std::move(why);
  }
  const auto untried = std::count_if(plan.writes.begin(), plan.writes.end(), [](const ops::Write& write) {
    return (write.verb == ops::Write::Verb::patch || write.verb == ops::Write::Verb::create) &&
           write.before.is_null() && write.expected.is_null();
  });
  if (untried > 0)
    reply->notes.push_back(std::to_string(untried) + " of the objects could not be tried on the server: see reach");
  if (verdict.decision == Decision::approve) reply->notes.push_back("it will need an approval: " + verdict.why);
  co_return reply;
}

// What the journal keeps of it.
void Changes::describe(Running& running, ops::Plan plan) {
  const ops::Call& call = running.call;
  const ChangeCall& what = running.what;
  Change& change = running.change;
  change.created = clock_.unix_seconds();
  change.who = what.who.name;
  change.cluster = what.cluster;
  change.operation = call.operation.name;
  change.trust = ops::to_string(trust_of(plan, what.undo_of ? ops::Trust::write : call.operation.trust));
  running.outcome.trust = change.trust;
  change.reason = redact::text(what.reason);
  change.summary = redact::text(plan.summary);
  change.rule = running.outcome.rule;
  change.undo_of = what.undo_of;
  change.forced = what.force;
  change.arguments = call.arguments.values();
  change.plan = std::move(plan);
}

awaitable<Result<ops::Reply>> Changes::run(ops::Call& call, const ops::ChangeSteps& steps, ChangeCall what,
                                           ChangeOutcome& outcome) {
  Running running{call, steps, what, outcome, {}, true};
  if (what.undo_of) {
    auto there = co_await identify(running);
    if (!there) co_return fail(std::move(there.error()));
  }
  auto plan = co_await Changes::plan(running);
  if (!plan) co_return fail(std::move(plan.error()));
  const std::string policy = what.policy();  // before it decides: edited in between it is another one
  const Verdict verdict = what.decide(*plan);
  outcome.decision = to_string(verdict.decision);
  outcome.rule = verdict.rule;
  if (verdict.decision == Decision::deny) co_return refused(call.operation, verdict);
  if (steps.check)
    if (auto good = steps.check(call, *plan); !good) co_return fail(std::move(good.error()));
  if (plan->writes.empty()) {
    const ops::Answers none;
    co_return steps.finish(call, *plan, none);
  }
  const std::size_t own = plan->reach.size();
  co_await ops::blast_radius(call, *plan, what.may_see);
  running.behind.assign(plan->reach.begin() + static_cast<std::ptrdiff_t>(own), plan->reach.end());
  if (call.dry_run) co_return co_await answer_dry_run(running, std::move(*plan), verdict);
  auto cluster = co_await identify(running);
  if (!cluster) co_return fail(std::move(cluster.error()));
  running.change.identity = std::move(*cluster);
  running.change.policy = policy;
  describe(running, std::move(*plan));
  if (verdict.reason_required && says_nothing(what.reason))
    co_return fail(ErrorCode::approval_required, std::string(call.operation.name),
                   verdict.why + ", and it wants a reason",
                   "Say why it is made, as the argument reason (--reason in a shell)");
  if (verdict.decision == Decision::approve) {
    auto approved = co_await approve(running);
    if (!approved) co_return fail(std::move(approved.error()));
  } else {
    Change& change = running.change;
    if (is_to_be_tried(change.plan)) {  // nothing of it is sent where one of its objects will be refused
      auto tried = co_await rehearse(running, change.plan);
      if (!tried) co_return fail(std::move(tried.error()));
      describe(running, std::move(change.plan));
    }
    change.state = ChangeState::executing;
    auto id = co_await journal_.add(change, running.hold, call.deadline);
    if (!id) co_return fail(std::move(id.error()));
    change.id = *id;
  }
  outcome.change = running.change.id;
  co_return co_await execute(running);
}

const ops::ChangeSteps& Changes::rollback_steps() {
  static constexpr ops::ChangeSteps steps{nullptr, finish_rollback, nullptr};
  return steps;
}

}  // namespace fairlead::gate
