// How operations change one object.
#pragma once

#include <functional>
#include <optional>

#include "ops/operation.h"

namespace fairlead::ops {

struct Change {
  json::value before;                // as it was when the change was made
  std::optional<json::value> after;  // as the server answered; nothing: there was nothing to change
};

// Reads the object of that kind at `target` and sends what `plan` makes of it as a merge patch that is bound to the
// resourceVersion that was read, so that `before` is truly what the change replaced. When somebody else writes in
// between (a conflict: nothing was changed), it reads and plans again, a few times. `plan` answers nothing when there
// is nothing to do. With dry_run the server keeps nothing.
awaitable<Result<Change>> change_object(Call& call, std::string target, std::string kind,
                                        std::function<std::optional<json::object>(const json::value& before)> plan);

}  // namespace fairlead::ops
