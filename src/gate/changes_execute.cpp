// Sending a change's writes, and what became of them.
#include <fmt/format.h>

#include "gate/changes_running.h"
#include "ops/explain.h"
#include "ops/shown.h"

namespace fairlead::gate {
namespace {

bool outcome_is_unknown(const Error& error) {
  return error.code == ErrorCode::timeout || error.code == ErrorCode::cancelled ||
         error.code == ErrorCode::unreachable || error.remedy.find(net::kUnknownOutcome) != std::string::npos;
}

}  // namespace

// What became of a write that is not known is looked at later (settle).
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

}  // namespace fairlead::gate
