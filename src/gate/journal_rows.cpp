#include "gate/journal_rows.h"

#include <algorithm>
#include <array>

namespace fairlead::gate {
namespace {

constexpr std::array<std::string_view, 5> kWriteStates{"planned", "sent", "done", "failed", "unknown"};
constexpr std::string_view kSet = "UPDATE writes SET state = ?, answer = ? WHERE change_id = ? AND position = ?";

}  // namespace

std::string plan_context(std::int64_t id) { return "change " + std::to_string(id); }
std::string answer_context(std::int64_t id, std::size_t position) {
  return plan_context(id) + " write " + std::to_string(position);
}

std::string_view to_string(WriteState state) { return kWriteStates[static_cast<std::size_t>(state)]; }

tl::unexpected<Error> unknown_change(std::int64_t id) {
  return fail(ErrorCode::not_found, "look into the journal", "there is no change " + std::to_string(id),
              "'fairlead changes list' shows those that there are");
}

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
  out.begun = row.integer(23);
  out.identity = {row.text(21), row.text(22)};
  return out;
}

Result<Change> head_of(store::Session& session, std::int64_t id) {
  auto rows = session.query("SELECT " + std::string(kHead) + " FROM changes WHERE id = ?", {id});
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return unknown_change(id);
  return head_of(rows->front());
}

Result<void> check_undo(store::Session& session, std::int64_t undo_of) {
  if (undo_of == 0) return {};
  auto rows = session.query("SELECT state, undone_by FROM changes WHERE id = ?", {undo_of});
  if (!rows) return fail(std::move(rows.error()));
  if (!rows->empty() && rows->front().text(0) == "rolled_back")
    return was_rolled_back(undo_of, rows->front().integer(1));
  auto others = session.query(
      "SELECT id FROM changes WHERE undo_of = ? AND state IN ('executing', 'verifying', 'interrupted') ORDER BY id "
      "LIMIT 1",
      {undo_of});
  if (!others) return fail(std::move(others.error()));
  if (others->empty()) return {};
  const std::string other = std::to_string(others->front().integer(0));
  return fail(ErrorCode::conflict, "roll the change back",
              "change " + std::to_string(undo_of) + " is being taken back already, by change " + other,
              "'fairlead changes show " + other + "' tells what became of that");
}

Result<void> set_undone(store::Session& session, std::int64_t undone, std::int64_t by) {
  auto done = session.execute("UPDATE changes SET state = 'rolled_back', undone_by = ? WHERE id = ?", {by, undone});
  if (!done) return fail(std::move(done.error()));
  auto noted = session.execute("UPDATE changes SET undid = ? WHERE id = ?", {undone, by});
  if (!noted) return fail(std::move(noted.error()));
  // It may have been a rollback itself: what that had taken back is there again, and so down the chain.
  bool stands = true;
  for (std::int64_t last = undone;;) {
    auto undid = session.query("SELECT undo_of FROM changes WHERE id = ?", {last});
    if (!undid) return fail(std::move(undid.error()));
    const std::int64_t next = undid->empty() ? 0 : undid->front().integer(0);
    if (next == 0) return {};
    // A rollback that had left something of it does not make it rolled back again.
    auto redone =
        stands ? session.execute(
                     "UPDATE changes SET state = CASE error_code WHEN '' THEN 'completed' ELSE 'failed' END, "
                     "undone_by = 0 WHERE id = ? AND undone_by = ?",
                     {next, last})
               : session.execute(
                     "UPDATE changes SET state = 'rolled_back', undone_by = ? WHERE id = ? AND undone_by = 0 AND "
                     "EXISTS (SELECT 1 FROM changes AS back WHERE back.id = ? AND back.undid = ?)",
                     {last, next, last, next});
    if (!redone) return fail(std::move(redone.error()));
    last = next;
    stands = !stands;
  }
}

Result<void> expire(store::Session& session, std::int64_t now) {
  auto done = session.execute(
      std::string(
          "UPDATE changes SET state = 'rejected', updated = ?, error_code = 'approval_required', error = ? WHERE ") +
          std::string(kHasLapsed),
      {now, std::string(kLapsed), now});
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<void> take_step(store::Session& session, std::int64_t id, bool begins) {
  auto done =
      session.execute(std::string("UPDATE changes SET last_step = (SELECT MAX(last_step) + 1 FROM changes)") +
                          (begins ? ", first_step = (SELECT MAX(last_step) + 1 FROM changes)" : "") + " WHERE id = ?",
                      {id});
  if (!done) return fail(std::move(done.error()));
  return {};
}

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

Result<void> set_write(store::Session& session, std::int64_t id, std::size_t position, WriteState state,
                       store::Value answer) {
  auto done = session.execute(kSet, {text(state), std::move(answer), id, static_cast<std::int64_t>(position)});
  if (!done) return fail(std::move(done.error()));
  return {};
}

Result<void> set_answer(store::Session& session, const vault::Sealer& sealer, std::int64_t id, std::size_t position,
                        WriteState state, const json::value& answer) {
  auto kept = sealer.seal(compact(answer), answer_context(id, position));
  if (!kept) return fail(std::move(kept.error()));
  return set_write(session, id, position, state, store::Blob{std::move(*kept)});
}

Result<void> add_writes(store::Session& session, std::int64_t id, const ops::Plan& plan, bool under_way) {
  for (std::size_t i = 0; i < plan.writes.size(); ++i) {
    auto one = session.execute("INSERT INTO writes (change_id, position, object, state, answer) VALUES (?,?,?,?,NULL)",
                               {id, static_cast<std::int64_t>(i), plan.writes[i].object.words(),
                                text(under_way && i == 0 ? WriteState::sent : WriteState::planned)});
    if (!one) return fail(std::move(one.error()));
  }
  return {};
}

}  // namespace fairlead::gate
