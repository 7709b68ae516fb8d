#include "gate/journal.h"

#include <algorithm>
#include <array>

namespace fairlead::gate {
namespace {

constexpr std::array<std::string_view, 5> kWriteStates{"planned", "sent", "done", "failed", "unknown"};

constexpr std::string_view kHead =
    "id, created, updated, who, cluster, operation, trust, reason, summary, state, rule, policy, approver, expires, "
    "key, "
    "error_code, error, verification, undo_of, undone_by, forced, place, cluster_uid";
constexpr int kHeadColumns = 23;
// As lapse(), of the time that is given.
constexpr std::string_view kHasLapsed = "state IN ('awaiting_approval', 'approved') AND expires <> 0 AND expires <= ?";

std::int64_t number(bool value) { return value ? 1 : 0; }
std::string text(ChangeState state) { return std::string(to_string(state)); }
std::string text(WriteState state) { return std::string(to_string(state)); }

Change head_of(const store::Row& row) {
  Change out;
  out.id = row.integer(0);
  out.created = row.integer(1);
  out.updated = row.integer(2);
  out.who = row.text(3);
  out.cluster = row.text(4);
  out.operation = row.text(5);
  out.trust = row.text(6);
  out.reason = row.text(7);
  out.summary = row.text(8);
  out.state = parse_change_state(row.text(9)).value_or(ChangeState::interrupted);
  out.rule = row.text(10);
  out.policy = row.text(11);
  out.approver = row.text(12);
  out.expires = row.integer(13);
  out.key = row.text(14);
  out.error_code = row.text(15);
  out.error = row.text(16);
  out.verification = row.text(17);
  out.undo_of = row.integer(18);
  out.undone_by = row.integer(19);
  out.forced = row.integer(20) != 0;
  out.identity = {row.text(21), row.text(22)};
  return out;
}

std::string plan_context(std::int64_t id) { return "change " + std::to_string(id); }
std::string answer_context(std::int64_t id, std::size_t position) {
  return plan_context(id) + " write " + std::to_string(position);
}

tl::unexpected<Error> unknown_change(std::int64_t id) {
  return fail(ErrorCode::not_found, "look into the journal", "there is no change " + std::to_string(id),
              "'fairlead changes list' shows those that there are");
}

// Runs on the database's thread.
Result<Change> load(store::Session& session, const vault::Sealer& sealer, std::int64_t id) {
  auto rows = session.query("SELECT " + std::string(kHead) + ", sealed FROM changes WHERE id = ?", {id});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return unknown_change(id);
  Change change = head_of(rows->front());
  auto opened = sealer.open(rows->front().bytes(kHeadColumns), plan_context(id));
  if (!opened) return fail(std::move(opened.error()));
  auto inside = parse_json(*opened, "read the journal");
  if (!inside) return fail(std::move(inside.error()));
  change.arguments = object_at(*inside, {"arguments"});
  auto plan = ops::plan_from_json(find(*inside, "plan") ? *find(*inside, "plan") : json::value(nullptr));
  if (!plan) return fail(std::move(plan.error()));
  change.plan = std::move(*plan);
  change.writes.resize(change.plan.writes.size());
  auto writes = session.query("SELECT position, state, answer FROM writes WHERE change_id = ? ORDER BY position", {id});
  if (!writes) return fail(std::move(writes.error()));
  for (const auto& row : *writes) {
    const auto position = static_cast<std::size_t>(row.integer(0));
    if (position >= change.writes.size()) continue;
    const auto state = std::find(kWriteStates.begin(), kWriteStates.end(), row.text(1));
    change.writes[position].state =
        state == kWriteStates.end() ? WriteState::unknown : static_cast<WriteState>(state - kWriteStates.begin());
    if (row.is_null(2)) continue;
    auto answer = sealer.open(row.bytes(2), answer_context(id, position));
    if (!answer) return fail(std::move(answer.error()));
    auto value = parse_json(*answer, "read the journal");
    if (!value) return fail(std::move(value.error()));
    change.writes[position].answer = std::move(*value);
  }
  return change;
}

Result<store::Value> sealed(const vault::Sealer& sealer, std::int64_t id, const json::object& arguments,
                            const ops::Plan& plan) {
  auto out =
      sealer.seal(compact(json::object{{"arguments", arguments}, {"plan", ops::to_json(plan)}}), plan_context(id));
  if (!out) return fail(std::move(out.error()));
  return store::Value(store::Blob{std::move(*out)});
}

constexpr std::string_view kSet = "UPDATE writes SET state = ?, answer = ? WHERE change_id = ? AND position = ?";

Result<void> set_write(store::Session& session, std::int64_t id, std::size_t position, WriteState state,
                       store::Value answer) {
  auto done = session.execute(kSet, {text(state), std::move(answer), id, static_cast<std::int64_t>(position)});
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<void> set_done(store::Session& session, const vault::Sealer& sealer, std::int64_t id, std::size_t position,
                      const json::value& answer) {
  auto kept = sealer.seal(compact(answer), answer_context(id, position));
  if (!kept) return fail(std::move(kept.error()));
  return set_write(session, id, position, WriteState::done, store::Blob{std::move(*kept)});
}

// `under_way`: the first one is about to be sent.
Result<void> add_writes(store::Session& session, std::int64_t id, const ops::Plan& plan, bool under_way) {
  for (std::size_t i = 0; i < plan.writes.size(); ++i) {
    auto one = session.execute("INSERT INTO writes (change_id, position, object, state, answer) VALUES (?,?,?,?,NULL)",
                               {id, static_cast<std::int64_t>(i), plan.writes[i].object.words(),
                                text(under_way && i == 0 ? WriteState::sent : WriteState::planned)});
    if (!one) return fail(std::move(one.error()));
  }
  return {};
}

// Those whose time has passed wait for nobody any more.
Result<void> expire(store::Session& session, std::int64_t now) {
  auto done = session.execute(
      std::string(
          "UPDATE changes SET state = 'rejected', updated = ?, error_code = 'approval_required', error = ? WHERE ") +
          std::string(kHasLapsed),
      {now, std::string(kLapsed), now});
  if (!done) return fail(std::move(done.error()));
  return {};
}

}  // namespace

std::string_view to_string(WriteState state) { return kWriteStates[static_cast<std::size_t>(state)]; }
awaitable<Result<std::int64_t>> Journal::add(Change change, Deadline deadline) {
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  auto id = std::make_shared<std::int64_t>(0);
  store::Work work = [change = std::move(change), sealer = sealer_, instance = instance_, begun = begun_,
                      id](store::Session& session) mutable -> Result<void> {
    // The number is known before what is sealed with it.
    auto last = session.query("SELECT COALESCE(MAX(id), 0) FROM changes");
    if (!last) return fail(std::move(last.error()));
    *id = last->front().integer(0) + 1;
    auto inside = sealed(*sealer, *id, change.arguments, change.plan);
    if (!inside) return fail(std::move(inside.error()));
    auto added = session.execute("INSERT INTO changes (" + std::string(kHead) +
                                     ", instance, sealed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
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
                                  instance,
                                  std::move(*inside)});
    if (!added) return fail(std::move(added.error()));
    const bool under_way = change.state == ChangeState::executing;
    if (auto done = add_writes(session, *id, change.plan, under_way); !done) return done;
    change.id = *id;
    return under_way && begun ? begun(session, change) : Result<void>();
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *id;
}

awaitable<Result<std::optional<Change>>> Journal::claim(std::string key, std::int64_t now, Deadline deadline) {
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  auto found = std::make_shared<std::optional<Change>>();
  store::Work work = [key, now, found, sealer = sealer_,
                      instance = instance_](store::Session& session) -> Result<void> {
    found->reset();
    if (auto expired = expire(session, now); !expired) return expired;
    auto rows = session.query("SELECT id FROM changes WHERE key = ? AND state = 'approved' ORDER BY id LIMIT 1", {key});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty()) return {};
    const std::int64_t id = rows->front().integer(0);
    auto change = load(session, *sealer, id);
    if (!change) return fail(std::move(change.error()));
    auto taken = session.execute(
        "UPDATE changes SET state = 'executing', updated = ?, instance = ? WHERE id = ? AND state = 'approved'",
        {now, instance, id});
    if (!taken) return fail(std::move(taken.error()));
    if (*taken == 1) *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<std::optional<Change>>> Journal::waiting(std::string key, std::string policy, std::int64_t now,
                                                          Deadline deadline) {
  auto prepared = co_await ready(deadline);
  if (!prepared) co_return fail(std::move(prepared.error()));
  auto found = std::make_shared<std::optional<Change>>();
  store::Work work = [key, policy, now, found, sealer = sealer_](store::Session& session) -> Result<void> {
    found->reset();
    auto rows = session.query(
        "SELECT id FROM changes WHERE key = ? AND policy = ? AND state = 'awaiting_approval' AND expires > ? "
        "ORDER BY id LIMIT 1",
        {key, policy, now});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty()) return {};
    auto change = load(session, *sealer, rows->front().integer(0));
    if (!change) return fail(std::move(change.error()));
    *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<void>> Journal::decide(std::int64_t id, bool approve, std::string who, std::int64_t now,
                                        Deadline deadline) {
  // By itself: what is refused below undoes only itself.
  store::Work lapse = [now](store::Session& session) { return expire(session, now); };
  auto lapsed = co_await database_.write(std::move(lapse), deadline);
  if (!lapsed) co_return lapsed;
  store::Work work = [id, approve, who, now](store::Session& session) -> Result<void> {
    auto rows = session.query("SELECT " + std::string(kHead) + " FROM changes WHERE id = ?", {id});
    if (!rows) return fail(std::move(rows.error()));
    if (rows->empty()) return unknown_change(id);
    const Change change = head_of(rows->front());
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
    return {};
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
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  store::Work work = [id, plan = std::move(plan), now, sealer = sealer_,
                      begun = begun_](store::Session& session) -> Result<void> {
    auto change = load(session, *sealer, id);
    if (!change) return fail(std::move(change.error()));
    auto inside = sealed(*sealer, id, change->arguments, plan);
    if (!inside) return fail(std::move(inside.error()));
    auto done = session.execute("UPDATE changes SET sealed = ?, summary = ?, updated = ? WHERE id = ?",
                                {std::move(*inside), plan.summary, now, id});
    if (!done) return fail(std::move(done.error()));
    auto forgotten = session.execute("DELETE FROM writes WHERE change_id = ?", {id});
    if (!forgotten) return fail(std::move(forgotten.error()));
    if (auto done = add_writes(session, id, plan, true); !done) return done;
    return begun ? begun(session, *change) : Result<void>();
  };
  co_return co_await database_.write(std::move(work), deadline);
}

awaitable<Result<void>> Journal::answered(std::int64_t id, std::size_t position, json::value answer, std::int64_t now,
                                          Deadline deadline) {
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  store::Work work = [id, position, answer = std::move(answer), now,
                      sealer = sealer_](store::Session& session) -> Result<void> {
    auto touched = session.execute("UPDATE changes SET updated = ? WHERE id = ?", {now, id});
    if (!touched) return fail(std::move(touched.error()));
    if (auto set = set_done(session, *sealer, id, position, answer); !set) return set;
    return set_write(session, id, position + 1, WriteState::sent, std::monostate());
  };
  co_return co_await write_in_any_case(std::move(work), deadline);
}

awaitable<Result<void>> Journal::finish(std::int64_t id, End end, Deadline deadline) {
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  store::Work work = [id, end = std::move(end), sealer = sealer_](store::Session& session) -> Result<void> {
    auto done = session.execute(
        std::string("UPDATE changes SET state = ?, error_code = ?, error = ?, verification = ? WHERE id = ?") +
            (end.only_interrupted ? " AND state = 'interrupted'" : ""),
        {text(end.state), end.error_code, end.error, end.verification, id});
    if (!done) return fail(std::move(done.error()));
    if (*done == 0) return {};
    if (end.answer)
      if (auto set = set_done(session, *sealer, id, end.answer->first, end.answer->second); !set) return set;
    if (end.failed_write)
      if (auto set = set_write(session, id, *end.failed_write, end.failed_as, std::monostate()); !set) return set;
    if (end.undoes == 0) return {};
    auto undone =
        session.execute("UPDATE changes SET state = 'rolled_back', undone_by = ? WHERE id = ?", {id, end.undoes});
    if (!undone) return fail(std::move(undone.error()));
    // What is taken back was a rollback itself: what that had taken back is so again.
    auto redone = session.execute(
        "UPDATE changes SET state = CASE error_code WHEN '' THEN 'completed' ELSE 'failed' END, undone_by = 0 "
        "WHERE state = 'rolled_back' AND undone_by = ?",
        {end.undoes});
    if (!redone) return fail(std::move(redone.error()));
    return {};
  };
  co_return co_await write_in_any_case(std::move(work), deadline);
}

awaitable<Result<Change>> Journal::read(std::int64_t id, Deadline deadline) {
  if (auto prepared = co_await ready(deadline); !prepared) co_return fail(std::move(prepared.error()));
  auto found = std::make_shared<Change>();
  store::Work work = [id, found, sealer = sealer_](store::Session& session) -> Result<void> {
    auto change = load(session, *sealer, id);
    if (!change) return fail(std::move(change.error()));
    *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<std::vector<Change>>> Journal::list(Filter filter, Deadline deadline) {
  auto found = std::make_shared<std::vector<Change>>();
  store::Work work = [filter = std::move(filter), found](store::Session& session) -> Result<void> {
    found->clear();
    std::string sql = "SELECT " + std::string(kHead) + " FROM changes WHERE 1 = 1";
    std::vector<store::Value> values;
    auto where = [&](std::string_view column, const std::string& wanted) {
      if (wanted.empty()) return;
      sql += " AND " + std::string(column) + " = ?";
      values.emplace_back(wanted);
    };
    where("who", filter.who);
    where("operation", filter.operation);
    if (filter.state) {
      sql += " AND CASE WHEN " + std::string(kHasLapsed) + " THEN 'rejected' ELSE state END = ?";
      values.emplace_back(filter.now);
      values.emplace_back(text(*filter.state));
    }
    sql += " ORDER BY id DESC LIMIT ?";
    values.emplace_back(static_cast<std::int64_t>(filter.limit));
    auto rows = session.query(sql, std::move(values));
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) {
      found->push_back(head_of(row));
      lapse(found->back(), filter.now);
    }
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<std::vector<std::int64_t>>> Journal::find_interrupted(
    std::function<bool(const std::string& instance)> is_alive, std::int64_t now, Deadline deadline) {
  auto found = std::make_shared<std::vector<std::int64_t>>();
  store::Work work = [is_alive = std::move(is_alive), now, found,
                      own = instance_](store::Session& session) -> Result<void> {
    found->clear();
    auto rows = session.query(
        "SELECT id, state, instance FROM changes WHERE state IN ('executing', 'verifying', 'interrupted') ORDER BY id");
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) {
      const std::string instance = row.text(2);
      if (row.text(1) != "interrupted") {
        if (instance == own || is_alive(instance)) continue;
        auto done = session.execute("UPDATE changes SET state = 'interrupted', updated = ? WHERE id = ?",
                                    {now, row.integer(0)});
        if (!done) return fail(std::move(done.error()));
      }
      found->push_back(row.integer(0));
    }
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

// On the database's thread, which may wait for a disk.
awaitable<Result<void>> Journal::ready(Deadline deadline) {
  if (sealer_) co_return Result<void>{};
  auto made = std::make_shared<std::shared_ptr<const vault::Sealer>>();
  store::Work work = [prepare = prepare_, made](store::Session&) -> Result<void> {
    auto sealer = prepare();
    if (!sealer) return fail(std::move(sealer.error()));
    *made = std::make_shared<const vault::Sealer>(std::move(*sealer));
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  sealer_ = std::move(*made);
  co_return Result<void>{};
}

}  // namespace fairlead::gate
