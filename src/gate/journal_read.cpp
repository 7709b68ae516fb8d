// What the journal tells.
#include "gate/journal_rows.h"

namespace fairlead::gate {
namespace {

bool may_have_landed(WriteState state) {
  return state == WriteState::done || state == WriteState::sent || state == WriteState::unknown;
}

}  // namespace

awaitable<Result<std::vector<std::string>>> Journal::put_back(std::int64_t id, Deadline deadline) {
  auto attempts = std::make_shared<std::vector<std::int64_t>>();
  store::Work work = [id, attempts](store::Session& session) -> Result<void> {
    auto rows = session.query("SELECT id FROM changes WHERE undo_of = ? ORDER BY id", {id});
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) attempts->push_back(row.integer(0));
    return {};
  };
  auto looked = co_await database_.read(std::move(work), deadline);
  if (!looked) co_return fail(std::move(looked.error()));
  std::vector<std::string> out;
  for (const std::int64_t attempt : *attempts) {
    auto change = co_await read(attempt, deadline);
    if (!change) co_return fail(std::move(change.error()));
    for (std::size_t i = 0; i < change->writes.size(); ++i)
      if (change->plan.writes[i].verb == ops::Write::Verb::create && may_have_landed(change->writes[i].state))
        out.push_back(change->plan.writes[i].object.words());
  }
  co_return out;
}

awaitable<Result<bool>> Journal::is_written_since(const Change& change, std::string object, Deadline deadline) {
  auto found = std::make_shared<bool>(false);
  store::Work work = [found, id = change.id, identity = change.identity, object = std::move(object),
                      settled = change.begun - kMayStillLand](store::Session& session) -> Result<void> {
    // By whatever name the cluster goes. What is on its way may arrive yet; what was given up long before may not.
    auto rows = session.query(
        "SELECT 1 FROM writes JOIN changes ON changes.id = writes.change_id WHERE writes.object = ? AND "
        "changes.id <> ? AND (changes.place = ? OR (changes.cluster_uid <> '' AND changes.cluster_uid = ?)) AND "
        "(writes.state = 'sent' OR (writes.state = 'unknown' AND changes.updated >= ?) OR (writes.state = 'done' AND "
        "changes.last_step > (SELECT first_step FROM changes WHERE id = ?))) LIMIT 1",
        {object, id, identity.place, identity.uid, settled, id});
    if (!rows) return fail(std::move(rows.error()));
    *found = !rows->empty();
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *found;
}

awaitable<Result<Change>> Journal::head(std::int64_t id, Deadline deadline) {
  auto found = std::make_shared<Change>();
  store::Work work = [id, found](store::Session& session) -> Result<void> {
    auto change = head_of(session, id);
    if (!change) return fail(std::move(change.error()));
    *found = std::move(*change);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return std::move(*found);
}

awaitable<Result<Change>> Journal::read(std::int64_t id, Deadline deadline) {
  auto found = std::make_shared<Change>();
  store::Work work = [id, found, vault = vault_](store::Session& session) -> Result<void> {
    auto sealer = vault->sealer(session, vault::Use::read);
    if (!sealer) return fail(std::move(sealer.error()));
    auto change = load(session, **sealer, id);
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
    if (filter.before > 0) {
      sql += " AND id < ?";
      values.emplace_back(filter.before);
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

awaitable<Result<std::int64_t>> Journal::redone_by(std::int64_t id, Deadline deadline) {
  auto found = std::make_shared<std::int64_t>(0);
  store::Work work = [id, found](store::Session& session) -> Result<void> {
    auto rows = session.query(
        "SELECT COALESCE(MAX(again.id), 0) FROM changes AS again JOIN changes AS undone ON again.undo_of = undone.id "
        "WHERE undone.undo_of = ? AND again.state = 'completed'",
        {id});
    if (!rows) return fail(std::move(rows.error()));
    *found = rows->front().integer(0);
    return {};
  };
  auto done = co_await database_.read(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *found;
}

}  // namespace fairlead::gate
