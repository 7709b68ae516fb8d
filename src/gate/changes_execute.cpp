// Sending a change's writes, and what became of them.
#include <fmt/format.h>

#include <deque>

#include "gate/changes_running.h"
#include "ops/explain.h"
#include "ops/losses.h"
#include "ops/shown.h"
#include "ops/verify.h"
#include "ops/writes.h"

namespace fairlead::gate {
namespace {

constexpr std::string_view kUnneeded = "it was so already when the request came: nothing was changed";

bool outcome_is_unknown(const Error& error) {
  return error.code == ErrorCode::timeout || error.code == ErrorCode::cancelled ||
         error.code == ErrorCode::unreachable || error.outcome_unknown;
}

// What would be deleted in the place of what was to be.
const ops::Write* other_object(const ops::Plan& before, const ops::Plan& now) {
  for (const auto& write : now.writes)
    for (const auto& old : before.writes)
      if (write.verb == ops::Write::Verb::remove && old.object.words() == write.object.words() &&
          old.object.uid != write.object.uid)
        return &write;
  return nullptr;
}

// Refused is not done: by a budget, or by a server that has too much to do.
bool may_be_evicted_later(const ops::Call& call, const ops::Write& write, const Error& error) {
  return write.verb == ops::Write::Verb::evict && error.code == ErrorCode::rate_limited &&
         call.deadline.left() >= std::chrono::seconds(2);
}

awaitable<Result<void>> wait_for_budgets(ops::Call& call, const ops::Write& write) {
  if (call.progress)
    call.progress->report(0, std::nullopt,
                          write.object.words() + ": a disruption budget forbids it for now, or the server is busy");
  co_return co_await net::sleep_for(std::chrono::seconds(1));
}

}  // namespace

// What became of a write that is not known is looked at later (settle).
awaitable<Result<void>> Changes::fail_write(Running& running, std::size_t position, const Error& error,
                                            bool was_answered) {
  Journal::End end;
  end.state = ChangeState::failed;
  end.error_code = to_string(error.code);
  end.error = ops::explain(error).ours;
  end.failed_write = position;
  if (!was_answered && outcome_is_unknown(error)) {
    end.state = ChangeState::interrupted;
    end.failed_as = WriteState::unknown;
  }
  co_return co_await end_with(running, std::move(end));
}

awaitable<Result<void>> Changes::end_with(Running& running, Journal::End end) {
  const bool is_over = end.state == ChangeState::completed || end.state == ChangeState::failed;
  if (is_over && running.what.outcome_recorded)
    end.recorded = running.what.outcome_recorded(end.error_code.empty() ? "done" : end.error_code);
  const bool is_recorded = static_cast<bool>(end.recorded);
  if (is_over && running.what.ended)
    end.recorded = [first = end.recorded, then = running.what.ended](store::Session& session,
                                                                     const Change& change) -> Result<void> {
      if (first)
        if (auto done = first(session, change); !done) return done;
      return then(session, change);
    };
  auto done =
      co_await journal_.finish(running.change.id, std::move(end), clock_.unix_seconds(), Deadline::after(kAfterwards));
  // Where that could not be written, whoever looks at what became of the change writes it.
  running.outcome.is_recorded = is_recorded;
  co_return done;
}

// One after the first, which somebody else's write has overtaken: the same once more, where all that was shown of its
// object is as it was.
awaitable<Result<json::value>> Changes::send_again(Running& running, std::size_t position, Error overtaken) {
  for (int attempt = 1; attempt < ops::kPlanAttempts && ops::is_overtaken(overtaken); ++attempt) {
    auto slept = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (!slept) break;
    ops::Plan rest = running.change.plan;
    rest.writes.assign(1, running.change.plan.writes[position]);
    auto bound = co_await ops::rebind(running.call, rest);
    if (!bound) break;  // the conflict is what is told
    running.change.plan.writes[position] = std::move(rest.writes.front());
    auto kept = co_await journal_.rebound(running.change.id, running.change.plan, running.call.deadline);
    if (!kept) co_return fail(std::move(kept.error()));
    auto answer = co_await ops::send_write(running.call, running.change.plan.writes[position], false);
    if (answer) co_return answer;
    overtaken = std::move(answer.error());
  }
  co_return fail(std::move(overtaken));
}

awaitable<Result<json::value>> Changes::send_one(Running& running, const ops::Write& write) {
  constexpr Duration longest = std::chrono::seconds(10);
  const bool again = running.change.plan.repeatable, removes = write.verb == ops::Write::Verb::remove;
  for (Duration pause = std::chrono::milliseconds(250);; pause = std::min(pause * 2, longest)) {
    auto answer = co_await ops::send_write(running.call, write, false);
    // Whoever has deleted it, perhaps this change itself: it is gone, or another one by now.
    const bool has_gone = !answer && again && removes &&
                          (answer.error().code == ErrorCode::not_found || answer.error().code == ErrorCode::conflict);
    if (has_gone) answer = json::value(nullptr);
    if (answer && write.until_gone) {
      auto gone = co_await ops::wait_until_gone(running.call, write.object);
      if (!gone) answer = fail(net::with_unknown_outcome(std::move(gone.error())));
    }
    if (answer || !again || !ops::may_pass_later(answer.error()) || running.call.deadline.left() <= pause)
      co_return answer;
    if (running.call.progress)
      running.call.progress->report(0, std::nullopt,
                                    write.object.words() + ": once more, after " + answer.error().cause);
    auto slept = co_await net::sleep_for(pause);
    if (!slept) co_return answer;
  }
}

// Nothing: somebody else wrote in between, and it may be tried once more.
awaitable<Result<std::optional<ops::Answers>>> Changes::send(Running& running) {
  const std::vector<ops::Write>& writes = running.change.plan.writes;
  const std::size_t count = writes.size();
  ops::Answers answers(count);
  std::deque<std::size_t> left;                   // in their order, but for evictions that are put off
  const auto& journaled = running.change.writes;  // none of a change that this process has begun
  for (std::size_t i = 0; i < count; ++i) {
    if (i < journaled.size() && journaled[i].state == WriteState::done)  // by a process that has gone
      answers[i] = journaled[i].answer;
    else
      left.push_back(i);
  }
  if (left.empty()) co_return answers;
  std::size_t refused = 0;  // one after another
  auto of_change = [&](Error error, std::size_t done) {
    error.remedy += fmt::format("{}It is change {}", error.remedy.empty() ? "" : ". ", running.change.id);
    if (done > 0) error.cause += fmt::format("; {} of {} objects were changed before it", done, count);
    return error;
  };
  while (true) {
    const std::size_t i = left.front(), done = count - left.size();
    auto answer = co_await send_one(running, writes[i]);
    if (!answer && may_be_evicted_later(running.call, writes[i], answer.error())) {
      // The others are tried meanwhile, and this one after them.
      Result<void> waited;
      if (++refused >= left.size()) waited = co_await wait_for_budgets(running.call, writes[i]);
      if (refused >= left.size()) refused = 0;
      if (waited) {
        left.pop_front();
        left.push_back(i);
        auto kept = co_await journal_.put_off(running.change.id, i, left.front(), running.call.deadline);
        if (!kept) co_return fail(of_change(std::move(kept.error()), done));
        continue;
      }
    }
    if (answer) refused = 0;
    if (!answer && !running.last_attempt && !running.change.plan.repeatable &&
        ops::may_plan_anew(running.change.plan, done, answer.error()))
      co_return std::nullopt;
    const bool had_gone =
        !answer && writes[i].verb == ops::Write::Verb::remove && answer.error().code == ErrorCode::not_found;
    if (had_gone) {  // somebody else's deed, which is not ours to take back
      running.is_unneeded = count == 1;
      if (running.is_unneeded) co_return ops::Answers();
      answer = json::value(nullptr);
    }
    if (!answer && done > 0 && !running.change.plan.repeatable)
      answer = co_await send_again(running, i, std::move(answer.error()));
    if (!answer) {
      auto told = co_await fail_write(running, i, answer.error());
      Error error = of_change(std::move(answer.error()), done);
      if (!told) error.cause += "; and the journal could not be written: " + told.error().cause;
      co_return fail(std::move(error));
    }
    answers[i] = std::move(*answer);
    running.last = i;
    running.last_had_gone = had_gone;
    left.pop_front();
    if (left.empty()) co_return answers;
    auto kept =
        co_await journal_.answered(running.change.id, i, had_gone ? WriteState::failed : WriteState::done, answers[i],
                                   left.front(), clock_.unix_seconds(), Deadline::after(kAfterwards));
    // Nothing more is sent that could not be told of.
    if (!kept) co_return fail(of_change(std::move(kept.error()), done + 1));
    if (running.call.progress)
      running.call.progress->report(static_cast<double>(done + 1), static_cast<double>(count),
                                    writes[i].object.words());
  }
}

awaitable<ops::Verification> Changes::verify(Running& running, const ops::Answers& answers) {
  const int patience = static_cast<int>(running.call.arguments.integer("wait_seconds", running.steps.patience_seconds));
  const Deadline until = running.call.deadline.sooner(Deadline::after(std::chrono::seconds(patience)));
  while (true) {
    auto look = running.what.verify    ? running.what.verify(running.call, running.change.plan, answers)
                : running.steps.verify ? running.steps.verify(running.call, running.change.plan, answers)
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

// What was approved stands, if all that was shown is still as it was: a controller may have written a status.
awaitable<Result<void>> Changes::bind_again(Running& running) {
  auto bound = co_await rebind(running);
  if (bound)
    bound =
        co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(), running.call.deadline);
  co_return bound;
}

// What nobody has approved as it stood is planned for what is there now. A plan without writes: it is so already.
awaitable<Result<void>> Changes::plan_again(Running& running) {
  auto plan = co_await Changes::plan(running);
  if (!plan) {
    plan.error().cause = "somebody else wrote in between, and it could not be planned anew: " + plan.error().cause;
    co_return fail(std::move(plan.error()));
  }
  if (const ops::Write* other = other_object(running.change.plan, *plan))
    co_return fail(ErrorCode::conflict, std::string(running.call.operation.name),
                   other->object.words() + " is another object of the same name by now (its uid differs)",
                   "Look at it, and make the call again");
  const Verdict verdict = running.what.decide(*plan);
  if (!is_no_stricter(running, running.change.plan, *plan) || verdict.decision != Decision::allow)
    co_return fail(ErrorCode::policy_denied, std::string(running.call.operation.name),
                   "somebody else wrote in between, and it does more by now than it did: " + verdict.why,
                   "Make the call again");
  if (running.steps.check)
    if (auto good = running.steps.check(running.call, *plan); !good) co_return good;
  complete(running, *plan);
  running.change.plan = std::move(*plan);
  if (running.change.plan.writes.empty()) co_return Result<void>();
  co_return co_await journal_.begin(running.change.id, running.change.plan, clock_.unix_seconds(),
                                    running.call.deadline);
}

awaitable<Result<ops::Reply>> Changes::execute(Running& running) {
  std::optional<ops::Answers> answers;
  for (int attempt = 1; !answers; ++attempt) {
    auto sent = co_await send(running);
    if (!sent) co_return fail(std::move(sent.error()));
    answers = std::move(*sent);
    if (answers) break;
    running.last_attempt = attempt == ops::kPlanAttempts;
    auto ready = co_await net::sleep_for(std::chrono::milliseconds(20 * attempt));
    if (ready) {
      auto again = running.fresh ? plan_again(running) : bind_again(running);
      ready = co_await std::move(again);
    }
    if (!ready) {
      auto told = co_await fail_write(running, 0, ready.error(), true);  // the server refused it, whatever came next
      static_cast<void>(told);  // the journal is what could not be written, or the cluster tells more
      ready.error().remedy +=
          fmt::format("{}It is change {}", ready.error().remedy.empty() ? "" : ". ", running.change.id);
      co_return fail(std::move(ready.error()));
    }
    running.is_unneeded = running.change.plan.writes.empty();
    if (running.is_unneeded) break;
  }
  if (running.is_unneeded) co_return co_await conclude_unneeded(running);
  co_return co_await conclude(running, *answers);
}

// It was so when the request came, by somebody else: nothing of it was sent that was not refused.
awaitable<Result<ops::Reply>> Changes::conclude_unneeded(Running& running) {
  Journal::End end;
  end.state = ChangeState::completed;
  end.verification = std::string(kUnneeded);
  end.failed_write = 0;
  auto told = co_await end_with(running, std::move(end));
  if (!told) co_return fail(std::move(told.error()));
  const ops::Answers none;
  auto reply = running.steps.finish(running.call, running.change.plan, none);
  if (reply) reply->notes.emplace_back(kUnneeded);
  co_return reply;
}

awaitable<Result<ops::Reply>> Changes::conclude(Running& running, const ops::Answers& answers) {
  const bool waits = running.call.arguments.integer("wait_seconds", running.steps.patience_seconds) > 0;
  bool answer_is_kept = false;
  if (waits) {
    Journal::End verifying;
    verifying.state = ChangeState::verifying;
    if (running.last_had_gone)
      verifying.failed_write = running.last;
    else
      verifying.answer = std::pair(running.last, answers[running.last]);
    auto kept = co_await journal_.finish(running.change.id, std::move(verifying), clock_.unix_seconds(),
                                         Deadline::after(kAfterwards));
    answer_is_kept = kept.has_value();  // else it is tried once more below, and told
  }
  const ops::Verification seen = co_await verify(running, answers);
  Journal::End end;
  end.state = seen.contradicted ? ChangeState::failed : ChangeState::completed;
  if (seen.contradicted) {
    end.error_code = "conflict";
    end.error = seen.state;
  }
  end.verification = seen.reached ? seen.state : "not yet: " + seen.state;
  if (running.last_had_gone)
    end.failed_write = running.last;
  else if (!answer_is_kept)
    end.answer = std::pair(running.last, answers[running.last]);
  // What could not be taken back may be tried again.
  if (running.change.plan.left.empty() && !seen.contradicted) end.undoes = running.what.undo_of;
  if (seen.contradicted) running.outcome.error_code = "conflict";
  if (running.change.plan.writes.front().verb == ops::Write::Verb::exec) running.outcome.result = seen.state;
  auto kept = co_await end_with(running, std::move(end));
  auto reply = running.steps.finish(running.call, running.change.plan, answers);
  if (!reply) co_return reply;
  if (!kept) reply->notes.push_back("it was done, but the journal could not be written: " + kept.error().cause);
  reply->notes.push_back(seen.state);
  for (std::size_t i = 0; i < answers.size(); ++i)
    for (auto& line : ops::brief(ops::not_kept(running.change.plan.writes[i], answers[i])))
      reply->notes.push_back(std::move(line));
  const std::string final = ops::no_way_back(running.change.plan);
  reply->notes.push_back(final.empty()
                             ? fmt::format("change {}: 'fairlead changes rollback {}' takes it back{}",
                                           running.change.id, running.change.id, undo_limit(running.change.plan))
                             : fmt::format("change {}: it cannot be taken back, {}", running.change.id, final));
  if (auto* document = std::get_if<ops::Document>(&reply->body); document && document->value.is_object()) {
    document->value.get_object()["change"] = running.change.id;
    if (seen.contradicted) document->value.get_object()["contradicted"] = seen.state;
  }
  co_return reply;
}

}  // namespace fairlead::gate
