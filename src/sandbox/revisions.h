// ControllerRevisions: the templates that a StatefulSet or DaemonSet has had, for its rollouts and for going back.
// Not thread-safe: one loop.
#pragma once

#include <set>

#include "sandbox/workload.h"

namespace fairlead::sandbox {

// The owner's revision with the template that it has now, as the newest one; made where there is none. `hash_label` is
// the label that keeps the template's hash. Null: it could not be made now.
ObjectPtr newest_revision(Work& work, const Object& owner, const json::value& value, std::string_view hash_label);
// By the name that pods and statuses refer to; null when it is gone.
ObjectPtr find_revision(Work& work, const Object& owner, std::string_view name);
json::value template_of(Work& work, const Object& revision);
// Deletes the oldest ones that are not in use, beyond the limit.
void forget_revisions(Work& work, const Object& owner, std::int64_t limit,
                      const std::set<std::string, std::less<>>& names_in_use);

}  // namespace fairlead::sandbox
