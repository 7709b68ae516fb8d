// What the gate does with changes that are in the journal: a person's word, taking back, and what a process left
// behind.
#include <fmt/format.h>

#include "base/text.h"
#include "gate/passing.h"
#include "ops/explain.h"
#include "ops/losses.h"
#include "ops/settle.h"
#include "ops/undo.h"
#include "redact/redact.h"

namespace fairlead::gate {
namespace {

constexpr std::size_t kSettledAtOnce = 8;

// What a person said about a change, not made by a call.
AuditRecord record_of_word(std::string operation, std::string who, std::int64_t change, std::string cluster,
                           std::int64_t milliseconds) {
  AuditRecord record;
  record.time = milliseconds;
  record.who = std::move(who);
  record.cluster = std::move(cluster);
  record.operation = std::move(operation);
  record.change = std::to_string(change);
  record.outcome = "done";
  return record;
}

}  // namespace

Journal::Recorded Gate::recorder(const Answer& answer) const {
  if (!books_.audit) return {};
  const std::string word = answer.kind == Answer::Kind::approved ? "approve" : "reject";
  return [word, who = answer.who, time = books_.clock->unix_milliseconds()](store::Session& session,
                                                                            const Change& change) {
    return append_record(session, record_of_word(word, who, change.id, change.cluster, time));
  };
}

void Gate::record_refused(std::string word, std::string who, std::int64_t id, std::string cluster, ErrorCode code) {
  if (!books_.audit) return;
  AuditRecord record =
      record_of_word(std::move(word), std::move(who), id, std::move(cluster), books_.clock->unix_milliseconds());
  record.outcome = to_string(code);
  books_.audit->append(std::move(record), books_.audit_failed);
}

awaitable<Result<void>> Gate::answer(std::int64_t id, Answer answer, Deadline deadline) {
  if (!books_.journal) co_return no_journal("decide about the change");
  const bool yes = answer.kind == Answer::Kind::approved;
  if (yes) {
    auto change = co_await books_.journal->read(id, deadline);
    if (!change) co_return fail(std::move(change.error()));
    const Question question = question_of(*change);
    if (change->state == ChangeState::awaiting_approval && !is_approval(question, answer))
      co_return fail(ErrorCode::invalid_request, "approve the change",
                     "it is DESTRUCTIVE, so what it is about has to be typed: " + question.type_back,
                     "Type that, or send it as 'typed', after looking at the change");
  }
  auto decided =
      co_await books_.journal->decide(id, yes, answer.who, recorder(answer), books_.clock->unix_seconds(), deadline);
  if (decided) co_return decided;
  auto change = co_await books_.journal->head(id, deadline);
  record_refused(yes ? "approve" : "reject", answer.who, id, change ? change->cluster : "", decided.error().code);
  co_return decided;
}

awaitable<Result<ops::Reply>> Gate::roll_back(Request request, Rollback what) {
  Passed passed;
  request.operation = kRollback;
  passed.arguments = json::object{{"change", what.change}, {"force", what.force}, {"dry_run", what.dry_run}};
  if (!what.reason.empty()) passed.arguments["reason"] = redact::text(what.reason);
  auto reply = co_await take_back(request, what, passed);
  if (request.change) *request.change = passed.outcome.change;
  co_await record(request, passed, reply);
  co_return reply;
}

Verdict Gate::decide_undo(const Identity& who, const std::string& cluster, const ops::Operation& operation,
                          const ops::Plan& plan) const {
  Verdict out = stricter(decide_plan(who, cluster, operation, ops::Trust::write, plan),
                         decide_shown(who, cluster, operation, plan));
  for (const auto& write : plan.writes) {
    const bool creates = write.verb == ops::Write::Verb::create, removes = write.verb == ops::Write::Verb::remove;
    const ops::Operation* own =
        creates || removes ? catalog_.find(creates ? "create_resource" : "delete_resource") : nullptr;
    if (!own) continue;
    ops::Plan one;
    one.writes.push_back(write);
    out = stricter(std::move(out), decide_plan(who, cluster, *own, own->trust, one));
  }
  return out;
}

awaitable<Result<ops::Reply>> Gate::take_back(Request& request, const Rollback& rollback, Passed& passed) {
  if (!books_.journal) co_return no_journal("roll the change back");
  const std::int64_t id = rollback.change;
  auto change = co_await read_change(request.who, id, request.deadline);
  if (!change) co_return fail(std::move(change.error()));
  if (auto may = may_take_back(request.who, *change); !may) co_return fail(std::move(may.error()));
  auto refuse = [&](std::string cause, std::string remedy) {
    return fail(ErrorCode::conflict, "roll the change back", "change " + std::to_string(id) + std::move(cause),
                std::move(remedy));
  };
  passed.cluster = change->cluster;
  const ops::Operation* operation = catalog_.find(change->operation);
  passed.operation = operation;
  if (!operation || !operation->change)
    co_return refuse(" is of an operation that this Fairlead does not know", "Use the version that made it");
  if (change->state == ChangeState::rolled_back) co_return was_rolled_back(id, change->undone_by);
  if (const std::string why = ops::no_way_back(change->plan); !why.empty())
    co_return refuse(" cannot be taken back: " + why, "");
  std::vector<ops::Written> written;
  std::vector<std::string> unclear;
  for (std::size_t i = 0; i < change->writes.size(); ++i) {
    // Who made it so is not always known: whoever forces it wants what was before in any case.
    const ops::Write& write = change->plan.writes[i];
    const bool is_unclear = change->writes[i].state == WriteState::unknown;
    if (change->writes[i].state == WriteState::done || (is_unclear && rollback.force))
      written.push_back({write, change->writes[i].answer, !is_unclear});
    else if (is_unclear)
      unclear.push_back(write.object.words() + ", which the change may have made so or not");
  }
  const bool may_be_forced = !unclear.empty();
  const bool over = change->state == ChangeState::completed || change->state == ChangeState::failed;
  if (!over || written.empty())
    co_return refuse(
        " is " + std::string(to_string(change->state)) +
            (!over ? ", and is taken back when it is over"
                   : std::string(", and there is nothing of it to take back") +
                         (may_be_forced ? " that is known to be its own" : "")),
        !over && change->state != ChangeState::interrupted ? "Try again when it is over"
        : !over ? "What it has done is being found out: try again in a minute"
        : may_be_forced && !rollback.force
            ? "'fairlead changes show' tells more; --force gives what it may have changed its former values"
            : "'fairlead changes show' tells more");
  if (!request.cluster.empty() && request.cluster != change->cluster)
    co_return refuse(" was made on cluster " + change->cluster, "Leave the cluster out");
  // Before anything is read: a conflict tells what is there now.
  const Verdict first = stricter(decide_plan(request.who, change->cluster, *operation, operation->trust, change->plan),
                                 decide_shown(request.who, change->cluster, *operation, change->plan, true));
  passed.outcome.decision = to_string(first.decision);
  passed.outcome.rule = first.rule;
  if (first.decision == Decision::deny) co_return refused(*operation, first);
  auto arguments = ops::Arguments::validate(change->arguments, operation->parameters, operation->name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  auto found = co_await clusters_.find(change->cluster, request.who.name);
  if (!found) co_return fail(std::move(found.error()));
  std::shared_ptr<Cluster> cluster = *found;
  ChangeCall what = change_call(request, change->cluster, passed);
  what.reason = rollback.reason;
  what.undo_of = id;
  what.undone_on = change->identity;
  what.force = rollback.force;
  const std::string summary =
      "take back change " + std::to_string(id) +
      (change->undo_of ? ", a rollback of change " + std::to_string(change->undo_of) : ": " + change->summary);
  auto put_back = co_await books_.journal->put_back(id, request.deadline);
  if (!put_back) co_return fail(std::move(put_back.error()));
  const ops::UndoOptions options{rollback.force, std::move(*put_back), std::move(unclear)};
  what.plan = [written, summary, options](ops::Call& call) -> awaitable<Result<ops::Plan>> {
    std::vector<ops::Written> known;
    ops::UndoOptions how = options;
    for (const auto& one : written) {
      ops::Written taken = one;
      if (!taken.is_known && taken.after.is_null() && taken.write.verb != ops::Write::Verb::remove) {
        auto settled = co_await ops::settle(call, taken.write);  // it was given up before its cluster could be asked
        if (!settled) co_return fail(std::move(settled.error()));
        taken.after = std::move(settled->after);
        if (taken.after.is_null()) {
          how.left.push_back(taken.write.object.words() +
                             ", of which it is not known what the change has made or would make");
          continue;
        }
      }
      known.push_back(std::move(taken));
    }
    co_return co_await ops::plan_undo(call, std::move(known), summary, std::move(how));
  };
  what.decide = [this, who = request.who, &change, operation](const ops::Plan& plan) {
    return decide_undo(who, change->cluster, *operation, plan);
  };
  Changes changes(*books_.journal, *books_.clock);
  Cluster::Work work = [&](ops::Call& call) -> awaitable<Result<ops::Reply>> {
    call.dry_run = rollback.dry_run;
    co_return co_await changes.run(call, Changes::rollback_steps(), what, passed.outcome);
  };
  auto reply =
      co_await cluster->work(*operation, std::move(*arguments), request.deadline, request.progress, std::move(work));
  if (!reply) complete_remedy(reply.error(), *operation);
  if (!reply && reply.error().code == ErrorCode::conflict) {
    auto again = co_await books_.journal->redone_by(id, request.deadline);
    if (again && *again != 0)
      reply.error().remedy = fmt::format(
          "Change {} has put back what a rollback had taken away: 'fairlead changes rollback {}' takes that back",
          *again, *again);
  }
  co_return reply;
}

awaitable<Result<void>> Gate::close(std::int64_t id, std::string who, std::string reason, Deadline deadline) {
  if (!books_.journal) co_return no_journal("close the change");
  if (says_nothing(reason))
    co_return fail(ErrorCode::invalid_request, "close the change", "it wants a reason", "Say why, with --reason");
  reason = redact::text(reason);
  Journal::Recorded recorded, ended = books_.agents ? books_.agents->ended() : Journal::Recorded();
  if (books_.audit || ended)
    recorded = [who, reason, ended, is_audited = books_.audit != nullptr, time = books_.clock->unix_milliseconds()](
                   store::Session& session, const Change& change) -> Result<void> {
      if (ended)
        if (auto told = ended(session, change); !told) return told;
      if (!is_audited) return {};
      AuditRecord record = record_of_word("close", who, change.id, change.cluster, time);
      record.arguments = json::object{{"reason", reason}};
      return append_record(session, std::move(record));
    };
  auto closed =
      co_await books_.journal->close(id, who, reason, std::move(recorded), books_.clock->unix_seconds(), deadline);
  if (closed) co_return closed;
  auto change = co_await books_.journal->head(id, deadline);
  record_refused("close", who, id, change ? change->cluster : "", closed.error().code);
  co_return closed;
}

// It stays interrupted, with the reason why.
awaitable<void> Gate::leave_interrupted(const Change& change, const Error& why, Deadline deadline) {
  Journal::End end;
  end.state = ChangeState::interrupted;
  end.only_interrupted = true;
  end.error_code = to_string(why.code);
  end.error = "its process ended, and what became of it could not be looked at: " + ops::explain(why).ours;
  if (end.error == change.error) co_return;
  auto told = co_await books_.journal->finish(change.id, std::move(end), books_.clock->unix_seconds(), deadline);
  static_cast<void>(told);  // the next look says it again
}

awaitable<Result<void>> Gate::settle_interrupted(Deadline deadline, std::string cluster) {
  if (!books_.journal || !books_.is_alive) co_return Result<void>{};
  auto left = co_await books_.journal->find_interrupted(books_.is_alive, books_.clock->unix_seconds(), deadline);
  if (!left) co_return fail(std::move(left.error()));
  const std::vector<std::int64_t> ids = std::move(*left);
  // Side by side: a cluster that does not answer keeps nobody from looking at the others.
  std::function<awaitable<Result<void>>(std::size_t)> start = [&](std::size_t i) {
    return settle_one(ids[i], cluster, deadline);
  };
  auto looked = co_await net::gather_bounded<void>(ids.size(), kSettledAtOnce, start);
  static_cast<void>(looked);  // what could not be looked at says so in the journal, or is looked at again
  co_return Result<void>{};
}

awaitable<Result<void>> Gate::settle_one(std::int64_t id, std::string cluster, Deadline deadline) {
  if (!cluster.empty()) {
    auto head = co_await books_.journal->head(id, deadline);
    if (!head) co_return fail(std::move(head.error()));
    if (head->cluster != cluster) co_return Result<void>{};
  }
  auto change = co_await books_.journal->read(id, deadline);
  if (!change) co_return fail(std::move(change.error()));
  const bool is_repeatable = change->plan.repeatable;
  // Before another change only what must be told from it is looked at.
  if (is_repeatable && !cluster.empty()) co_return Result<void>{};
  auto look = is_repeatable ? carry_on(*change, deadline) : settle(*change, deadline);
  auto settled = co_await std::move(look);
  // Its deadline is that of the look, and tells nothing of the cluster.
  if (!settled) co_await leave_interrupted(*change, settled.error(), Deadline::after(std::chrono::seconds(5)));
  co_return settled;
}

Journal::Recorded Gate::record_of_end() const {
  if (!books_.audit) return {};
  return [clock = books_.clock, &catalog = catalog_](store::Session& session, const Change& now) {
    return append_record(session,
                         gate::record_of(now, now.error_code.empty() ? "done" : now.error_code, catalog, *clock));
  };
}

awaitable<Result<void>> Gate::on_its_cluster(const Change& change, Deadline deadline,
                                             std::function<awaitable<Result<void>>(ops::Call&)> work) {
  const ops::Operation* operation = catalog_.find(change.operation);
  if (!operation || !operation->change) co_return fail(catalog_.unknown(change.operation));
  auto arguments = ops::Arguments::validate(change.arguments, operation->parameters, operation->name);
  if (!arguments) co_return fail(std::move(arguments.error()));
  auto found = co_await clusters_.find(change.cluster, change.who);  // whoever made it may look at it
  if (!found) co_return fail(std::move(found.error()));
  std::shared_ptr<Cluster> cluster = *found;
  Cluster::Work inside = [&](ops::Call& call) -> awaitable<Result<ops::Reply>> {
    auto worked = co_await work(call);
    if (!worked) co_return fail(std::move(worked.error()));
    co_return ops::Reply{ops::Text{}, {}};
  };
  auto done = co_await cluster->work(*operation, std::move(*arguments), deadline, nullptr, std::move(inside));
  if (!done) co_return fail(std::move(done.error()));
  co_return Result<void>{};
}

awaitable<Result<void>> Gate::settle(const Change& change, Deadline deadline) {
  auto work = [this, &change](ops::Call& call) -> awaitable<Result<void>> {
    Changes changes(*books_.journal, *books_.clock);
    co_return co_await changes.settle(call, change, record_of_end());
  };
  co_return co_await on_its_cluster(change, deadline, std::move(work));
}

}  // namespace fairlead::gate
