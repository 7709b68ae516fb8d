#include "gate/journal_held.h"
#include "gate/journal_rows.h"
#include "redact/redact.h"
#include "store/schema.h"

namespace fairlead::gate {
namespace {

// Whose change it is now to carry out.
constexpr std::string_view kOurs = " AND state IN ('executing', 'verifying') AND instance = ?";

tl::unexpected<Error> was_taken_for_dead(std::int64_t id) {
  return fail(ErrorCode::conflict, "go on with the change",
              "this process did not answer for so long that others took it for dead, and looked at what it had done",
              "'fairlead changes show " + std::to_string(id) + "' tells what they found");
}

std::int64_t number(bool value) { return value ? 1 : 0; }

// The change of this key and policy that waits for an approval; 0: none.
Result<std::int64_t> waiting_id(store::Session& session, const std::string& key, const std::string& policy,
                                std::int64_t now) {
  auto rows = session.query(
      "SELECT id FROM changes WHERE key = ? AND policy = ? AND state = 'awaiting_approval' AND expires > ? "
      "ORDER BY id LIMIT 1",
      {key, policy, now});
  if (!rows) return fail(std::move(rows.error()));
  return rows->empty() ? 0 : rows->front().integer(0);
}

}  // namespace

tl::unexpected<Error> was_rolled_back(std::int64_t id, std::int64_t by) {
  return fail(ErrorCode::conflict, "roll the change back",
              "change " + std::to_string(id) + " was rolled back already, by change " + std::to_string(by),
              "Roll that one back to have it again");
}

Journal::Journal(store::Database& database, std::shared_ptr<vault::Vault> vault, std::string instance, Enter enter,
                 Begun begun)
    : database_(database),
      vault_(std::move(vault)),
      enter_(std::move(enter)),
      held_(std::make_shared<Held>()),
      instance_(std::move(instance)),
      begun_(std::move(begun)) {}

awaitable<Result<std::string>> Journal::mark(std::string text, Deadline deadline) {
  auto out = std::make_shared<std::string>();
  store::Work work = [out, text = std::move(text), vault = vault_](store::Session& session) -> Result<void> {
    auto mark = vault->mark(session, text);
    if (!mark) return fail(std::move(mark.error()));
    *out = std::move(*mark);
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*out);
}

awaitable<Result<std::int64_t>> Journal::add(Change change, Hold hold, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  auto id = std::make_shared<std::int64_t>(0);
  // The work may outlive the call that is cancelled, and then its hold has gone.
  std::weak_ptr<const void> carried = hold;
  store::Work work = [change = std::move(change), vault = vault_, instance = instance_, begun = begun_, held = held_,
                      carried, id](store::Session& session) mutable -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    const bool under_way = change.state == ChangeState::executing;
    if (!under_way && !change.key.empty()) {
      auto waits = waiting_id(session, change.key, change.policy, change.created);
      if (!waits) return fail(std::move(waits.error()));
      *id = *waits;
      if (*id != 0) return {};
    }
    if (under_way)
      if (auto may = check_undo(session, change.undo_of); !may) return may;
    // The number is known before what is sealed with it.
    auto last = session.query("SELECT COALESCE(MAX(id), 0) FROM changes");
    if (!last) return fail(std::move(last.error()));
    *id = last->front().integer(0) + 1;
    auto inside = sealed(**sealer, *id, change.arguments, change.plan);
    if (!inside) return fail(std::move(inside.error()));
    auto added = session.execute("INSERT INTO changes (" + std::string(kHead) +
                                     ", instance, sealed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                                 {*id,
                                  change.created,
                                  change.created,
                                  change.who,
                                  change.cluster,
                                  change.operation,
                                  change.trust,
                                  change.reason,
                                  change.summary,
                                  text(change.state),
                                  change.rule,
                                  change.policy,
                                  change.approver,
                                  change.expires,
                                  change.key,
                                  change.error_code,
                                  change.error,
                                  change.verification,
                                  change.undo_of,
                                  change.undone_by,
                                  number(change.forced),
                                  change.identity.place,
                                  change.identity.uid,
                                  under_way ? change.created : 0,
                                  instance,
                                  std::move(*inside)});
    if (!added) return fail(std::move(added.error()));
    if (under_way) held->put(*id, carried);
    if (auto done = add_writes(session, *id, change.plan, under_way); !done) return done;
    change.id = *id;
    if (!under_way) return {};
    if (auto stepped = take_step(session, *id, true); !stepped) return stepped;
    return begun ? begun(session, change) : Result<void>();
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *id;
}

awaitable<Result<std::optional<Change>>> Journal::claim(std::string key, Hold hold, std::int64_t now,
                                                        Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  auto found = std::make_shared<std::optional<Change>>();
  std::weak_ptr<const void> carried = hold;
  store::Work work = [key, now, found, carried, held = held_, vault = vault_,
                      instance = instance_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    found->reset();
    if (auto expired = expire(session, now); !expired) return expired;
    auto rows = session.query("SELECT id FROM changes WHERE key = ? AND state = 'approved' ORDER BY id LIMIT 1", {key});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty()) return {};
    const std::int64_t id = rows->front().integer(0);
    auto change = load(session, **sealer, id);
    if (!change) return fail(std::move(change.error()));
    if (auto may = check_undo(session, change->undo_of); !may) return may;
    auto taken = session.execute(
        "UPDATE changes SET state = 'executing', updated = ?, instance = ? WHERE id = ? AND state = 'approved'",
        {now, instance, id});
    if (!taken) return fail(std::move(taken.error()));
    if (*taken != 1) return {};
    held->put(id, carried);
    *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<std::optional<Change>>> Journal::waiting(std::string key, std::string policy, std::int64_t now,
                                                          Deadline deadline) {
  auto found = std::make_shared<std::optional<Change>>();
  store::Work work = [key, policy, now, found, vault = vault_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::read);
    if (!sealer) return fail(std::move(sealer.error()));
    found->reset();
    auto id = waiting_id(session, key, policy, now);
    if (!id) return fail(std::move(id.error()));
    if (*id == 0) return {};
    auto change = load(session, **sealer, *id);
    if (!change) return fail(std::move(change.error()));
    *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<void>> Journal::decide(std::int64_t id, bool approve, std::string who, Recorded recorded,
                                        std::int64_t now, Deadline deadline) {
  // By itself: what is refused below undoes only itself.
  store::Work lapse = [now](store::Session& session) { return expire(session, now); };
  auto lapsed = co_await database_.write(std::move(lapse), deadline);
  if (!lapsed) co_return lapsed;
  store::Work work = [id, approve, who, now, recorded = std::move(recorded)](store::Session& session) -> Result<void> {
    auto head = head_of(session, id);
    if (!head) return fail(std::move(head.error()));
    const Change change = std::move(*head);
    const bool is_open = change.state == ChangeState::awaiting_approval ||
                         (!approve && change.state == ChangeState::approved);  // which is taken back
    if (!is_open)
      return fail(
          ErrorCode::conflict, approve ? "approve the change" : "reject the change",
          "change " + std::to_string(id) + " waits for nobody: it is " + text(change.state),
          change.error.empty() ? "'fairlead changes show " + std::to_string(id) + "' tells more" : change.error);
    if (approve && change.who == who)
      return fail(ErrorCode::policy_denied, "approve the change",
                  who + " asked for change " + std::to_string(id) + ", and nobody approves their own",
                  "Have somebody else approve it");
    auto done = session.execute(
        "UPDATE changes SET state = ?, approver = ?, updated = ?, error_code = ?, error = ? WHERE id = ?",
        {text(approve ? ChangeState::approved : ChangeState::rejected), who, now,
         std::string(approve ? "" : "policy_denied"), approve ? std::string() : "rejected by " + who, id});
    if (!done) return fail(std::move(done.error()));
    return recorded ? recorded(session, change) : Result<void>();
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::write_in_any_case(store::Work work, Deadline deadline) {
  auto done = co_await database_.write(work, deadline);
  if (!done && done.error().code == ErrorCode::cancelled && database_.post(std::move(work), [](const Error&) {}))
    co_return Result<void>{};
  co_return done;
}

awaitable<Result<void>> Journal::begin(std::int64_t id, ops::Plan plan, std::int64_t now, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  store::Work work = [id, plan = std::move(plan), now, vault = vault_, instance = instance_,
                      begun = begun_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto change = load(session, **sealer, id);
    if (!change) return fail(std::move(change.error()));
    auto inside = sealed(**sealer, id, change->arguments, plan);
    if (!inside) return fail(std::move(inside.error()));
    auto done = session.execute(
        "UPDATE changes SET sealed = ?, summary = ?, updated = ?, begun = ? WHERE id = ?" + std::string(kOurs),
        {std::move(*inside), redact::text(plan.summary), now, now, id, instance});
    if (!done) return fail(std::move(done.error()));
    if (*done == 0) return was_taken_for_dead(id);
    auto forgotten = session.execute("DELETE FROM writes WHERE change_id = ?", {id});
    if (!forgotten) return fail(std::move(forgotten.error()));
    if (auto done = add_writes(session, id, plan, true); !done) return done;
    if (auto stepped = take_step(session, id, true); !stepped) return stepped;
    change->plan = plan;
    return begun ? begun(session, *change) : Result<void>();
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::rebound(std::int64_t id, ops::Plan plan, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  store::Work work = [id, plan = std::move(plan), vault = vault_,
                      instance = instance_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto change = load(session, **sealer, id);
    if (!change) return fail(std::move(change.error()));
    auto inside = sealed(**sealer, id, change->arguments, plan);
    if (!inside) return fail(std::move(inside.error()));
    auto done = session.execute("UPDATE changes SET sealed = ? WHERE id = ?" + std::string(kOurs),
                                {std::move(*inside), id, instance});
    if (!done) return fail(std::move(done.error()));
    if (*done == 0) return was_taken_for_dead(id);
    return {};
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::put_off(std::int64_t id, std::size_t refused, std::size_t next, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  store::Work work = [id, refused, next, instance = instance_](store::Session& session) -> Result<void> {
    auto ours = session.query("SELECT 1 FROM changes WHERE id = ?" + std::string(kOurs), {id, instance});
    if (!ours) return fail(std::move(ours.error()));
    if (ours->empty()) return was_taken_for_dead(id);
    if (auto set = set_write(session, id, refused, WriteState::planned, std::monostate()); !set) return set;
    return set_write(session, id, next, WriteState::sent, std::monostate());
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::answered(std::int64_t id, std::size_t position, WriteState state, json::value answer,
                                          std::size_t next, std::int64_t now, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  store::Work work = [id, position, state, answer = std::move(answer), next, now, instance = instance_,
                      vault = vault_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    auto touched =
        session.execute("UPDATE changes SET updated = ? WHERE id = ?" + std::string(kOurs), {now, id, instance});
    if (!touched) return fail(std::move(touched.error()));
    if (*touched == 0) return was_taken_for_dead(id);
    if (auto set = set_answer(session, **sealer, id, position, state, answer); !set) return set;
    if (auto stepped = take_step(session, id, false); !stepped) return stepped;
    return set_write(session, id, next, WriteState::sent, std::monostate());
  };
  co_return co_await write_in_any_case(std::move(work), deadline);
}

awaitable<Result<void>> Journal::finish(std::int64_t id, End end, std::int64_t now, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  store::Work work = [id, now, end = std::move(end), instance = instance_,
                      vault = vault_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::write);
    if (!sealer) return fail(std::move(sealer.error()));
    // What was looked at after its process had gone was sent no later than that was found.
    std::vector<store::Value> values{
        text(end.state), end.error_code, end.error, end.verification, number(end.only_interrupted), now, id};
    if (!end.only_interrupted) values.emplace_back(instance);
    auto done = session.execute(
        std::string(
            "UPDATE changes SET state = ?, error_code = ?, error = ?, verification = ?, updated = CASE WHEN ? <> 0 "
            "THEN updated ELSE ? END WHERE id = ?") +
            (end.only_interrupted ? " AND state = 'interrupted'" : std::string(kOurs)),
        std::move(values));
    if (!done) return fail(std::move(done.error()));
    if (*done == 0) {
      if (end.only_interrupted) return {};
      auto head = head_of(session, id);
      if (!head) return fail(std::move(head.error()));
      return head->state == end.state ? Result<void>() : was_taken_for_dead(id);  // it may be handed over twice
    }
    if (!end.only_interrupted)  // what is found out later was done before
      if (auto stepped = take_step(session, id, false); !stepped) return stepped;
    if (end.answer)
      if (auto set = set_answer(session, **sealer, id, end.answer->first, WriteState::done, end.answer->second); !set)
        return set;
    if (end.failed_write)
      if (auto set = end.may_have_left.is_null()
                         ? set_write(session, id, *end.failed_write, end.failed_as, std::monostate())
                         : set_answer(session, **sealer, id, *end.failed_write, end.failed_as, end.may_have_left);
          !set)
        return set;
    const bool is_over = end.state == ChangeState::completed || end.state == ChangeState::failed;
    if (is_over) {  // nothing is on its way any more
      auto left = session.execute("UPDATE writes SET state = 'unknown' WHERE change_id = ? AND state = 'sent'", {id});
      if (!left) return fail(std::move(left.error()));
    }
    if (end.undoes != 0)
      if (auto set = set_undone(session, end.undoes, id); !set) return set;
    if (!end.recorded) return {};
    auto change = load(session, **sealer, id);
    if (!change) return fail(std::move(change.error()));
    return end.recorded(session, *change);
  };
  co_return co_await write_in_any_case(std::move(work), deadline);
}

awaitable<Result<void>> Journal::close(std::int64_t id, std::string who, std::string reason, Recorded recorded,
                                       std::int64_t now, Deadline deadline) {
  store::Work work = [id, who, reason, now, recorded = std::move(recorded)](store::Session& session) -> Result<void> {
    auto head = head_of(session, id);
    if (!head) return fail(std::move(head.error()));
    auto done = session.execute(
        "UPDATE changes SET state = 'failed', error_code = 'cancelled', error = ?, updated = ? "
        "WHERE id = ? AND state = 'interrupted'",
        {"closed by " + who + ": " + reason, now, id});
    if (!done) return fail(std::move(done.error()));
    if (*done == 0)
      return fail(
          ErrorCode::conflict, "close the change",
          "change " + std::to_string(id) + " is " + text(head->state) + ", and only an interrupted one is closed",
          "'fairlead changes show " + std::to_string(id) + "' tells more");
    auto left = session.execute("UPDATE writes SET state = 'unknown' WHERE change_id = ? AND state = 'sent'", {id});
    if (!left) return fail(std::move(left.error()));
    head->state = ChangeState::failed;
    return recorded ? recorded(session, *head) : Result<void>();
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::enter(Deadline deadline) {
  if (entered_ || !enter_) co_return Result<void>{};
  auto done = co_await database_.write(enter_, deadline);
  entered_ = done.has_value();
  co_return done;
}

}  // namespace fairlead::gate
