// What would go with an object that is deleted. Reads only.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// What has come into an object since it was created that would go with it: of a Namespace its objects, of a
// CustomResourceDefinition those of its kind, of a claim its volume, of a volume its claim. `own`: uids that go in any
// case.
struct Contents {
  std::vector<std::string> lines;    // sentences' ends, without any name: "holds 2 of kind ConfigMap by now"
  std::vector<std::string> uids;     // of the objects that they count
  std::vector<std::string> unknown;  // as `lines`: what could not be looked at
};
awaitable<Contents> contents_of(Call& call, const ObjectRef& object, const json::value& created, const json::value& now,
                                std::vector<std::string> own);

}  // namespace fairlead::ops
