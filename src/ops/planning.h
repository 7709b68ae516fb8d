// What plans of operations are made of. Pure, but for read_for_change.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// A patch of the object that was read, bound to its resourceVersion, unless that is what it already is (nothing). Of a
// Secret there is always one.
std::optional<Write> patch_of(ObjectRef object, const json::value& before, std::string_view content_type,
                              json::object patch);
// Whether an object is what such a patch (a merge patch, a strategic one, a JSON Patch, an applied object) would make
// of it already. A JSON Patch is looked at without the resourceVersion that it is bound to.
bool holds_patch(const json::value& object, std::string_view content_type, const json::value& patch);
// What was asked for as the server keeps it: what a Secret says as text (stringData) is in base64.
json::value as_kept(const ObjectRef& object, json::value asked);
// A Secret without what it holds, also where kubectl apply has copied it to.
void forget_values(json::object& secret);
Write removal_of(ObjectRef object, const json::value& before);
// `object` as it was read, made ready to be created again: without what the server gave it, and what it gave a Job to
// tell its pods by.
json::value as_new(const json::value& object);
// Of a workload's template, as kubectl rollout restart writes it: its pods are replaced one after another.
json::object restart_patch(std::string_view time);
// Why that would replace none of them; empty: it does. A clause: "is paused, so a restart would not happen".
std::string_view why_no_restart(const json::value& workload);

// Reads the object and names it: `object.uid` is filled in. server_error when it is of another kind.
awaitable<Result<json::value>> read_for_change(Call& call, ObjectRef& object);

// Nothing of what deleted Secrets hold is to be kept: takes their values out of the plan, which then says that it
// cannot be taken back.
void forget_deleted_secrets(Plan& plan);

}  // namespace fairlead::ops
