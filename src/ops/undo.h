// The plan that takes a change back.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// One write that was sent, with what came of it.
struct Written {
  Write write;
  json::value after;     // as the server answered, or would have
  bool is_known = true;  // else nobody knows whether it was this write that made things so
};
struct UndoOptions {
  bool force = false;
  // Objects in words that an earlier attempt at the same had put back: where one has gone since, somebody wants it so.
  std::vector<std::string> put_back;
  // What of the change is not taken back now, a sentence each.
  std::vector<std::string> left;
};
// The plan that takes these back, the last one first: fields that a patch changed get their values again, what was
// created is deleted, what was deleted is created anew. conflict when something holds no longer what the change left
// there, with a three-way list in `foreign`; with `force` it is overwritten, which the plan's `reach` then says, and
// what is left as it is stands in its `left`. What others have put into a Namespace, a kind or a volume that was
// created counts as changed since. Rights that somebody has revoked since are never granted again; a role or binding
// that was deleted comes back with `force` alone.
awaitable<Result<Plan>> plan_undo(Call& call, std::vector<Written> written, std::string summary, UndoOptions options);

}  // namespace fairlead::ops
