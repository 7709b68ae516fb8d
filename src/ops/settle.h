// What became of a request whose answer nobody heard.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// After a crash: whether a write that was about to be sent has reached the cluster.
enum class Landed {
  yes,
  not_yet,  // the request may still be on its way; later on: no
  unclear,
};
struct Settled {
  Landed landed = Landed::unclear;
  json::value after;  // the object as the write left it, or would have, without what others did to it since; null:
                      // gone, or not known
};
// What somebody else may have done as well is unclear.
awaitable<Result<Settled>> settle(Call& call, const Write& write);

}  // namespace fairlead::ops
