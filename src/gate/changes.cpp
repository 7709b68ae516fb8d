#include "gate/changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "gate/audit_text.h"
#include "gate/passing.h"
#include "gate/touches.h"
#include "ops/explain.h"
#include "ops/reach.h"
#include "ops/shown.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

constexpr std::int64_t kApprovalSeconds = 60 * 60;
constexpr Duration kAfterwards = std::chrono::seconds(10);  // to write down what happened, whatever the call's deadline

// What an approval is bound to: who asked what of which cluster. The reason may be worded anew.
std::string approval_text(const ops::Call& call, const ChangeCall& what, const kube::ClusterIdentity& cluster) {
  json::object arguments = call.arguments.values();
  for (std::string_view free : {"reason", "format", "wait_seconds"}) arguments.erase(free);
  return compact(json::array{what.who.name, what.cluster, cluster.place, cluster.uid, call.object_namespace(),
                             call.operation.name, sorted(arguments), what.undo_of, what.force});
}

json::array lines(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.push_back(json::value(text));
  return out;
}

// Also what the server would leave out of it, which only it knows.
void tell_what_is_not_kept(ops::Plan& plan) {
  for (const auto& write : plan.writes)
    for (auto& line : ops::not_kept(write, write.expected)) plan.reach.push_back(std::move(line));
}

ops::Answers expected(const ops::Plan& plan) {
  ops::Answers out;
  for (const auto& write : plan.writes) out.push_back(write.expected);
  return out;
}

bool outcome_is_unknown(const Error& error) {
  return error.code == ErrorCode::timeout || error.code == ErrorCode::cancelled ||
         error.code == ErrorCode::unreachable || error.remedy.find(net::kUnknownOutcome) != std::string::npos;
}

// Tries the plan on the server; one that somebody else's write has overtaken is made anew.
awaitable<Result<void>> rehearse_fresh(ops::Call& call, const ChangeCall& what, ops::Plan& plan,
                                       const std::vector<std::string>& behind,
                                       std::function<awaitable<Result<ops::Plan>>()> make) {
  for (int attempt = 1;; ++attempt) {
    auto tried = co_await ops::rehearse(call, plan);
    if (tried || attempt == ops::kPlanAttempts || !ops::may_plan_anew(plan, 0, tried.error())) co_return tried;
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!slept) co_return slept;
    auto next = co_await make();
    if (!next) co_return fail(std::move(next.error()));
    if (next->writes.empty() || what.decide(*next).decision != what.decide(plan).decision) co_return tried;
    next->reach.insert(next->reach.end(), behind.begin(), behind.end());
    plan = std::move(*next);
  }
}

Result<ops::Reply> finish_rollback(const ops::Call& call, const ops::Plan& plan, const ops::Answers& answers) {
  json::array objects;
  for (const auto& write : plan.writes)
    objects.push_back(
        json::object{{"object", write.object.words()}, {"done", std::string(ops::to_string(write.verb))}});
  json::object result{{"rolled_back", !answers.empty() && !call.dry_run}, {"objects", std::move(objects)}};
  std::string note = answers.empty() ? "everything is as it was before already: nothing changed"
                                     : (call.dry_run ? "dry run: would " : "") + plan.summary;
  return ops::Reply{ops::Document{std::move(result), nullptr}, {std::move(note)}};
}

}  // namespace

struct Changes::Running {
  ops::Call& call;
  const ops::ChangeSteps& steps;
  ChangeCall& what;
  ChangeOutcome& outcome;
  Change change;      // its plan is what will be sent
  bool fresh = true;  // it was not approved as it stands, so it may be planned anew
  bool last_attempt = false;
  std::vector<std::string> behind = {};  // what stands behind the objects, which is read once
  Journal::Hold hold = std::make_shared<const char>();
};

awaitable<Result<ops::Plan>> Changes::plan(Running& running) {
  if (running.what.plan) co_return co_await running.what.plan(running.call);
  auto plan = co_await running.steps.plan(running.call);
  if (plan && !(running.what.keeps_secrets && plan->no_undo.empty())) ops::forget_deleted_secrets(*plan);
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
  if (plan->writes.empty()) {
    const ops::Answers none;
    co_return steps.finish(call, *plan, none);
  }
  const std::size_t own = plan->reach.size();
  plan->reach = co_await ops::reach_of(call, *plan);
  running.behind.assign(plan->reach.begin() + static_cast<std::ptrdiff_t>(own), plan->reach.end());
  plan->no_undo = ops::no_way_back(*plan);
  if (call.dry_run) {
    auto again = [&running] { return Changes::plan(running); };
    auto tried = co_await rehearse_fresh(call, what, *plan, running.behind, again);
    if (!tried) co_return fail(std::move(tried.error()));
    plan->no_undo = ops::no_way_back(*plan);
    tell_what_is_not_kept(*plan);
    auto reply = steps.finish(call, *plan, expected(*plan));
    if (!reply) co_return reply;
    if (auto* document = std::get_if<ops::Document>(&reply->body); document && document->value.is_object()) {
      document->value.get_object()["fields"] = lines(ops::brief(fields_of(*plan)));
      document->value.get_object()["reach"] = lines(plan->reach);
      if (!plan->no_undo.empty()) document->value.get_object()["no_undo"] = plan->no_undo;
    }
    if (verdict.decision == Decision::approve) reply->notes.push_back("it will need an approval: " + verdict.why);
    co_return reply;
  }
  auto cluster = co_await identify(running);
  if (!cluster) co_return fail(std::move(cluster.error()));
  Change& change = running.change;
  change.identity = std::move(*cluster);
  change.created = clock_.unix_seconds();
  change.who = what.who.name;
  change.cluster = what.cluster;
  change.operation = call.operation.name;
  const ops::Trust trust = trust_of(*plan, what.undo_of ? ops::Trust::write : call.operation.trust);
  outcome.trust = ops::to_string(trust);
  change.trust = outcome.trust;
  change.reason = redact::text(what.reason);
  change.summary = redact::text(plan->summary);
  change.rule = verdict.rule;
  change.policy = policy;
  change.undo_of = what.undo_of;
  change.forced = what.force;
  change.arguments = call.arguments.values();
  change.plan = std::move(*plan);
  if (verdict.reason_required && trim(redact::without_decoration(what.reason)).empty())
    co_return fail(ErrorCode::approval_required, std::string(call.operation.name),
                   verdict.why + ", and it wants a reason", "Give reason: why the change is made");
  if (verdict.decision == Decision::approve) {
    auto approved = co_await approve(running);
    if (!approved) co_return fail(std::move(approved.error()));
  } else {
    if (change.plan.writes.size() > 1 && change.plan.writes.front().content_type == kube::Patch::apply) {
      // Nothing of a set is sent where one of its objects will be refused.
      auto again = [&running] { return Changes::plan(running); };
      auto tried = co_await rehearse_fresh(call, what, change.plan, running.behind, again);
      if (!tried) co_return fail(std::move(tried.error()));
    }
    change.state = ChangeState::executing;
    auto id = co_await journal_.add(change, running.hold, call.deadline);
    if (!id) co_return fail(std::move(id.error()));
    change.id = *id;
  }
  outcome.change = change.id;
  co_return co_await execute(running);
}

// Afterwards the change is this process's to carry out.
awaitable<Result<void>> Changes::approve(Running& running) {
  ops::Call& call = running.call;
  ChangeCall& what = running.what;
  const std::int64_t now = clock_.unix_seconds();
  auto marked = co_await journal_.mark(approval_text(call, what, running.change.identity), call.deadline);
  if (!marked) co_return fail(std::move(marked.error()));
  const std::string key = std::move(*marked);
  auto claimed = co_await journal_.claim(key, running.hold, now, call.deadline);
  if (!claimed) co_return fail(std::move(claimed.error()));
  if (!*claimed) {
    auto waits = co_await journal_.waiting(key, running.change.policy, now, call.deadline);
    if (!waits) co_return fail(std::move(waits.error()));
    if (*waits) {
      running.change = std::move(**waits);
    } else {
      auto again = [&running] { return Changes::plan(running); };
      auto tried = co_await rehearse_fresh(call, what, running.change.plan, running.behind, again);
      if (!tried) co_return fail(std::move(tried.error()));
      tell_what_is_not_kept(running.change.plan);
      running.change.plan.no_undo = ops::no_way_back(running.change.plan);  // more is known once it was tried
      running.change.summary = redact::text(running.change.plan.summary);
      running.change.state = ChangeState::awaiting_approval;
      running.change.expires = now + kApprovalSeconds;
      running.change.key = key;
      auto added = co_await journal_.add(running.change, nullptr, call.deadline);
      if (!added) co_return fail(std::move(added.error()));
      running.change.id = *added;
    }
    const std::int64_t id = running.change.id;
    running.outcome.change = id;
    Answer answer;
    if (what.approver) {
      const TimePoint asked = std::chrono::steady_clock::now();
      answer = co_await what.approver->ask(question_of(running.change));
      // A person's time is not the cluster's.
      if (!call.deadline.is_never())
        call.deadline = Deadline(call.deadline.at() + (std::chrono::steady_clock::now() - asked));
    }
    if (answer.kind == Answer::Kind::nobody)
      co_return fail(
          ErrorCode::approval_required, std::string(call.operation.name),
          fmt::format("it needs an approval ({}), and waits for it as change {}", running.outcome.rule, id),
          fmt::format(
              "A person approves it with 'fairlead changes approve {}'; then make the same call again, within the hour",
              id));
    const bool yes = answer.kind == Answer::Kind::approved;
    auto decided = co_await journal_.decide(id, yes, answer.who, clock_.unix_seconds(), Deadline::after(kAfterwards));
    if (!decided) co_return fail(std::move(decided.error()));
    if (what.answered) what.answered(answer, id);
    if (!yes)
      co_return fail(ErrorCode::policy_denied, std::string(call.operation.name), "it was not approved by " + answer.who,
                     "Ask them what they want instead");
    claimed = co_await journal_.claim(key, running.hold, clock_.unix_seconds(), call.deadline);
    if (!claimed) co_return fail(std::move(claimed.error()));
    if (!*claimed)
      co_return fail(ErrorCode::conflict, std::string(call.operation.name),
                     "its approval was used or withdrawn in between", "Look at it with 'fairlead changes show'");
  }
  running.change = std::move(**claimed);
  running.outcome.change = running.change.id;
  running.fresh = false;
  Journal::End end;
  end.state = ChangeState::failed;
  Error error;
  const Verdict verdict = what.decide(running.change.plan);  // time has passed, and a freeze may hold by now
  if (running.change.policy != what.policy()) {
    error = {ErrorCode::approval_required,
             std::string(call.operation.name),
             "the policy was edited since it was approved",
             "Make the call again, and have it approved anew",
             nullptr,
             {}};
  } else if (verdict.decision == Decision::deny) {
    error = refused(call.operation, verdict).value();
  } else {
    auto bound = co_await ops::rebind(call, running.change.plan);
    if (bound)
      bound = co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(), call.deadline);
    if (bound) co_return bound;
    error = std::move(bound.error());
  }
  end.error_code = to_string(error.code);
  end.error = ops::explain(error).ours;
  auto finished =
      co_await journal_.finish(running.change.id, std::move(end), clock_.unix_seconds(), Deadline::after(kAfterwards));
  if (!finished) co_return fail(std::move(finished.error()));
  co_return fail(std::move(error));
}

// What became of a write that is not known is looked at later (resolve).
awaitable<Result<void>> Changes::fail_write(Running& running, std::size_t position, const Error& error) {
  Journal::End end;
  end.state = ChangeState::failed;
  end.error_code = to_string(error.code);
  end.error = ops::explain(error).ours;
  end.failed_write = position;
  if (outcome_is_unknown(error)) {
    end.state = ChangeState::interrupted;
    end.failed_as = WriteState::unknown;
  }
  co_return co_await journal_.finish(running.change.id, std::move(end), clock_.unix_seconds(),
                                     Deadline::after(kAfterwards));
}

// Nothing: somebody else wrote in between, and it may be tried once more.
awaitable<Result<std::optional<ops::Answers>>> Changes::send(Running& running) {
  ops::Answers answers;
  const std::size_t count = running.change.plan.writes.size();
  for (std::size_t i = 0; i < count; ++i) {
    auto answer = co_await ops::send_write(running.call, running.change.plan.writes[i], false);
    if (!answer && !running.last_attempt && ops::may_plan_anew(running.change.plan, i, answer.error()))
      co_return std::nullopt;
    if (!answer) {
      auto told = co_await fail_write(running, i, answer.error());
      Error error = std::move(answer.error());
      error.remedy += fmt::format("{}It is change {}", error.remedy.empty() ? "" : ". ", running.change.id);
      if (i > 0) error.cause += fmt::format("; {} of {} objects were changed before it", i, count);
      if (!told) error.cause += "; and the journal could not be written: " + told.error().cause;
      co_return fail(std::move(error));
    }
    answers.push_back(std::move(*answer));
    if (i + 1 == count) break;
    auto kept = co_await journal_.answered(running.change.id, i, answers.back(), clock_.unix_seconds(),
                                           Deadline::after(kAfterwards));
    if (!kept) {  // nothing more is sent that could not be told of
      Error error = std::move(kept.error());
      error.cause += fmt::format("; {} of {} objects were changed before it", i + 1, count);
      error.remedy += fmt::format("{}It is change {}", error.remedy.empty() ? "" : ". ", running.change.id);
      co_return fail(std::move(error));
    }
    if (running.call.progress)
      running.call.progress->report(static_cast<double>(i + 1), static_cast<double>(count),
                                    running.change.plan.writes[i].object.words());
  }
  co_return answers;
}

awaitable<ops::Verification> Changes::verify(Running& running, const ops::Answers& answers) {
  const int patience = static_cast<int>(running.call.arguments.integer("wait_seconds", running.steps.patience_seconds));
  const Deadline until = running.call.deadline.sooner(Deadline::after(std::chrono::seconds(patience)));
  while (true) {
    auto look = running.steps.verify ? running.steps.verify(running.call, running.change.plan, answers)
                                     : ops::verify_plan(running.call, running.change.plan, answers);
    auto seen = co_await std::move(look);
    if (!seen)
      co_return ops::Verification{false, false,
                                  "it could not be looked at: " + std::string(to_string(seen.error().code))};
    if (seen->reached || seen->contradicted || until.left() < std::chrono::seconds(1)) co_return std::move(*seen);
    if (running.call.progress) running.call.progress->report(0, std::nullopt, seen->state);
    auto slept = co_await net::sleep_for(std::chrono::seconds(1));
    if (!slept) co_return std::move(*seen);
  }
}

awaitable<Result<ops::Reply>> Changes::execute(Running& running) {
  ops::Call& call = running.call;
  std::optional<ops::Answers> answers;
  for (int attempt = 1; !answers; ++attempt) {
    auto sent = co_await send(running);
    if (!sent) co_return fail(std::move(sent.error()));
    answers = std::move(*sent);
    if (answers) break;
    running.last_attempt = attempt == ops::kPlanAttempts;
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!running.fresh && slept) {
      // What was approved stands, if all that was shown is still as it was: a controller may have written a status.
      auto bound = co_await ops::rebind(call, running.change.plan);
      if (bound)
        bound = co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(), call.deadline);
      if (bound) continue;
      auto told = co_await fail_write(running, 0, bound.error());
      static_cast<void>(told);  // the journal is what could not be written, or the cluster tells more
      co_return fail(std::move(bound.error()));
    }
    auto plan = co_await Changes::plan(running);
    const Verdict verdict = plan ? running.what.decide(*plan) : Verdict();
    if (plan && verdict.decision != Decision::allow)
      plan = fail(ErrorCode::policy_denied, std::string(call.operation.name), verdict.why, "Make the call again");
    if (!plan || plan->writes.empty() || !slept) {
      Journal::End end;
      end.state = ChangeState::failed;
      end.error_code = to_string(ErrorCode::conflict);
      end.error = "somebody else wrote in between, and nothing was left to change";
      const Error* why = !slept ? &slept.error() : !plan ? &plan.error() : nullptr;
      if (why) {
        end.error_code = to_string(why->code);
        end.error = "somebody else wrote in between, and it could not be planned anew: " + ops::explain(*why).ours;
      }
      end.failed_write = 0;
      auto told = co_await journal_.finish(running.change.id, std::move(end), clock_.unix_seconds(),
                                           Deadline::after(kAfterwards));
      if (!slept) co_return fail(std::move(slept.error()));
      if (!plan) co_return fail(std::move(plan.error()));
      if (!told) co_return fail(std::move(told.error()));
      const ops::Answers none;
      co_return running.steps.finish(call, *plan, none);
    }
    plan->reach.insert(plan->reach.end(), running.behind.begin(), running.behind.end());
    plan->no_undo = ops::no_way_back(*plan);
    running.change.plan = std::move(*plan);
    auto begun = co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(), call.deadline);
    if (!begun) co_return fail(std::move(begun.error()));
  }
  const std::size_t last = running.change.plan.writes.size() - 1;
  const bool waits = call.arguments.integer("wait_seconds", running.steps.patience_seconds) > 0;
  bool answer_is_kept = false;
  if (waits) {
    Journal::End verifying;
    verifying.state = ChangeState::verifying;
    verifying.answer = std::pair(last, answers->back());
    auto kept = co_await journal_.finish(running.change.id, std::move(verifying), clock_.unix_seconds(),
                                         Deadline::after(kAfterwards));
    answer_is_kept = kept.has_value();  // else it is tried once more below, and told
  }
  const ops::Verification seen = co_await verify(running, *answers);
  Journal::End end;
  end.state = seen.contradicted ? ChangeState::failed : ChangeState::completed;
  if (seen.contradicted) {
    end.error_code = "conflict";
    end.error = seen.state;
  }
  end.verification = seen.reached ? seen.state : "not yet: " + seen.state;
  if (!answer_is_kept) end.answer = std::pair(last, answers->back());
  end.undoes = running.what.undo_of;
  auto kept = co_await journal_.finish(running.change.id, end, clock_.unix_seconds(), Deadline::after(kAfterwards));
  auto reply = running.steps.finish(call, running.change.plan, *answers);
  if (!reply) co_return reply;
  if (!kept) reply->notes.push_back("it was done, but the journal could not be written: " + kept.error().cause);
  reply->notes.push_back(seen.state);
  for (std::size_t i = 0; i < answers->size(); ++i)
    for (auto& line : ops::brief(ops::not_kept(running.change.plan.writes[i], (*answers)[i])))
      reply->notes.push_back(std::move(line));
  reply->notes.push_back(
      running.change.plan.no_undo.empty()
          ? fmt::format("change {}: 'fairlead changes rollback {}' takes it back{}", running.change.id,
                        running.change.id, undo_limit(running.change.plan))
          : fmt::format("change {}: it cannot be taken back, {}", running.change.id, running.change.plan.no_undo));
  if (auto* document = std::get_if<ops::Document>(&reply->body); document && document->value.is_object())
    document->value.get_object()["change"] = running.change.id;
  co_return reply;
}

const ops::ChangeSteps& Changes::rollback_steps() {
  static constexpr ops::ChangeSteps steps{nullptr, finish_rollback, nullptr};
  return steps;
}

}  // namespace fairlead::gate
