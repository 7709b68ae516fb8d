// Inside the journal only: what stands in a row, and what is made of it. All of this runs on the database's thread.
#pragma once

#include "gate/journal.h"

namespace fairlead::gate {

// The columns of a change that are not sealed.
inline constexpr std::string_view kHead =
    "id, created, updated, who, cluster, operation, trust, reason, summary, state, rule, policy, approver, expires, "
    "key, "
    "error_code, error, verification, undo_of, undone_by, forced, place, cluster_uid, begun";
inline constexpr int kHeadColumns = 24;
Change head_of(const store::Row& row);
Result<Change> head_of(store::Session& session, std::int64_t id);
// Which of two changes wrote last is told by steps, each one more than all before it: at the beginning and whenever
// something has become of it. `begins`: nothing was sent before.
Result<void> take_step(store::Session& session, std::int64_t id, bool begins);
inline std::string text(ChangeState state) { return std::string(to_string(state)); }
inline std::string text(WriteState state) { return std::string(to_string(state)); }

// As lapse(), of the time that is given.
inline constexpr std::string_view kHasLapsed =
    "state IN ('awaiting_approval', 'approved') AND expires <> 0 AND expires <= ?";
// Those whose time has passed wait for nobody any more.
Result<void> expire(store::Session& session, std::int64_t now);

// A change is taken back once, and by one at a time: conflict.
Result<void> check_undo(store::Session& session, std::int64_t undo_of);
// `undone` was taken back by `by`.
Result<void> set_undone(store::Session& session, std::int64_t undone, std::int64_t by);

tl::unexpected<Error> unknown_change(std::int64_t id);
// Whole, with what is sealed.
Result<Change> load(store::Session& session, const vault::Sealer& sealer, std::int64_t id);

// What the sealed columns of `changes` and `writes` are bound to.
std::string plan_context(std::int64_t id);
std::string answer_context(std::int64_t id, std::size_t position);
Result<store::Value> sealed(const vault::Sealer& sealer, std::int64_t id, const json::object& arguments,
                            const ops::Plan& plan);
// `under_way`: the first one is about to be sent.
Result<void> add_writes(store::Session& session, std::int64_t id, const ops::Plan& plan, bool under_way);
Result<void> set_write(store::Session& session, std::int64_t id, std::size_t position, WriteState state,
                       store::Value answer);
Result<void> set_answer(store::Session& session, const vault::Sealer& sealer, std::int64_t id, std::size_t position,
                        WriteState state, const json::value& answer);

}  // namespace fairlead::gate
