// What processes left in the middle that are gone.
#include "gate/journal_held.h"
#include "gate/journal_rows.h"

namespace fairlead::gate {
namespace {

constexpr std::string_view kOpen =
    "SELECT id, state, instance FROM changes WHERE state IN ('executing', 'verifying', 'interrupted') ORDER BY id";

}  // namespace

awaitable<Result<std::vector<std::int64_t>>> Journal::find_interrupted(IsAlive is_alive, std::int64_t now,
                                                                       Deadline deadline) {
  auto found = std::make_shared<std::vector<std::int64_t>>();
  store::Work look = [found](store::Session& session) -> Result<void> {
    auto rows = session.query(kOpen);
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) found->push_back(row.integer(0));
    return {};
  };
  auto looked = co_await database_.read(std::move(look), deadline);
  if (!looked) co_return fail(std::move(looked.error()));
  if (found->empty()) co_return std::move(*found);
  store::Work work = [is_alive = std::move(is_alive), now, found, held = held_,
                      own = instance_](store::Session& session) -> Result<void> {
    found->clear();
    auto rows = session.query(kOpen);
    if (!rows) return fail(std::move(rows.error()));
    for (const auto& row : *rows) {
      const std::string instance = row.text(2);
      if (row.text(1) != "interrupted") {
        Result<bool> lives = instance == own && held->has(row.integer(0));
        if (instance != own) lives = is_alive(session, instance);
        if (!lives) return fail(std::move(lives.error()));
        if (*lives) continue;
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

awaitable<Result<bool>> Journal::take_over(std::int64_t id, Hold hold, std::int64_t now, Deadline deadline) {
  if (auto entered = co_await enter(deadline); !entered) co_return fail(std::move(entered.error()));
  auto taken = std::make_shared<bool>(false);
  std::weak_ptr<const void> carried = hold;
  store::Work work = [id, now, taken, carried, held = held_,
                      instance = instance_](store::Session& session) -> Result<void> {
    auto done = session.execute(
        "UPDATE changes SET state = 'executing', updated = ?, instance = ?, error_code = '', error = '' "
        "WHERE id = ? AND state = 'interrupted'",
        {now, instance, id});
    if (!done) return fail(std::move(done.error()));
    *taken = *done == 1;
    if (!*taken) return {};
    held->put(id, carried);
    auto next = session.execute(
        "UPDATE writes SET state = 'sent' WHERE change_id = ? AND position = (SELECT MIN(position) FROM writes "
        "WHERE change_id = ? AND state <> 'done')",
        {id, id});
    if (!next) return fail(std::move(next.error()));
    return {};
  };
  auto done = co_await database_.write(std::move(work), deadline);
  if (!done) co_return fail(std::move(done.error()));
  co_return *taken;
}

}  // namespace fairlead::gate
