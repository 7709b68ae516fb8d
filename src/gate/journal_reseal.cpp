// The journal under another master key.
#include "gate/journal_rows.h"

namespace fairlead::gate {
namespace {

constexpr std::int64_t kAtOnce = 100;  // records in a transaction

// Where a pass over a table stands: what comes behind these was not looked at.
struct Place {
  std::int64_t change = 0, position = -1;
  bool is_at_end = false;
};

// Nothing: it could not be opened, and is noted.
Result<std::optional<store::Blob>> resealed(const vault::Sealer& sealer, std::string_view sealed,
                                            const std::string& context, vault::Resealed& to) {
  auto plain = sealer.open(sealed, context);
  if (!plain) {
    to.fail(context, plain.error());
    return std::nullopt;
  }
  auto again = sealer.seal(*plain, context);
  if (!again) return fail(std::move(again.error()));
  return store::Blob{std::move(*again)};
}

Result<void> reseal_plans(store::Session& session, const vault::Sealer& sealer, Place& place, vault::Resealed& to) {
  auto rows =
      session.query("SELECT id, sealed FROM changes WHERE id > ? AND substr(sealed, 2, 4) <> ? ORDER BY id LIMIT ?",
                    {place.change, store::Blob{sealer.key_id()}, kAtOnce});
  if (!rows) return fail(std::move(rows.error()));
  for (const auto& row : *rows) {
    place.change = row.integer(0);
    const std::string context = plan_context(place.change);
    auto sealed = resealed(sealer, row.bytes(1), context, to);
    if (!sealed) return fail(std::move(sealed.error()));
    if (!*sealed) continue;
    auto done = session.execute("UPDATE changes SET sealed = ? WHERE id = ?", {std::move(**sealed), place.change});
    if (!done) return fail(std::move(done.error()));
    ++to.done;
  }
  place.is_at_end = rows->empty();
  return {};
}

Result<void> reseal_answers(store::Session& session, const vault::Sealer& sealer, Place& place, vault::Resealed& to) {
  auto rows = session.query(
      "SELECT change_id, position, answer FROM writes WHERE (change_id > ? OR (change_id = ? AND position > ?)) "
      "AND answer IS NOT NULL AND substr(answer, 2, 4) <> ? ORDER BY change_id, position LIMIT ?",
      {place.change, place.change, place.position, store::Blob{sealer.key_id()}, kAtOnce});
  if (!rows) return fail(std::move(rows.error()));
  for (const auto& row : *rows) {
    place.change = row.integer(0);
    place.position = row.integer(1);
    const std::string context = answer_context(place.change, static_cast<std::size_t>(place.position));
    auto sealed = resealed(sealer, row.bytes(2), context, to);
    if (!sealed) return fail(std::move(sealed.error()));
    if (!*sealed) continue;
    auto done = session.execute("UPDATE writes SET answer = ? WHERE change_id = ? AND position = ?",
                                {std::move(**sealed), place.change, place.position});
    if (!done) return fail(std::move(done.error()));
    ++to.done;
  }
  place.is_at_end = rows->empty();
  return {};
}

}  // namespace

awaitable<Result<vault::Resealed>> Journal::reseal(Deadline deadline) {
  vault::Resealed all;
  for (auto* reseal_some : {reseal_plans, reseal_answers}) {
    for (auto place = std::make_shared<Place>(); !place->is_at_end;) {
      // As it was before this transaction, which may run twice.
      auto next = std::make_shared<Place>();
      auto done = std::make_shared<vault::Resealed>();
      store::Work work = [vault = vault_, reseal_some, place, next, done,
                          all](store::Session& session) -> Result<void> {
        *next = *place;
        *done = all;
        auto sealer = vault->sealer(session, vault::Use::write);
        if (!sealer) return fail(std::move(sealer.error()));
        return reseal_some(session, **sealer, *next, *done);
      };
      auto written = co_await database_.write(std::move(work), deadline);
      if (!written) co_return fail(std::move(written.error()));
      *place = *next;
      all = std::move(*done);
    }
  }
  co_return all;
}

}  // namespace fairlead::gate
