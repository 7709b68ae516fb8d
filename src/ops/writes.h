// Sending the requests of a plan, one at a time: tried first, bound to what was read, and refused where that is not
// what it was.
#pragma once

#include "ops/change.h"

namespace fairlead::ops {

// The object that a write is about, as it is now; null: it is not there.
awaitable<Result<json::value>> read_now(Call& call, const ObjectRef& object);

// A Scale of 0 says nothing of its replicas: then it does.
void tell_zero(const ObjectRef& object, json::value& value);

// Sends one write; with `dry_run` the server keeps nothing. An object that is to be evicted and has gone is success
// (null); of one that is to be removed that is not_found: somebody else has done it. rate_limited where a disruption
// budget forbids an eviction, or the server has too much to do: refused is not done, and it may be sent again.
awaitable<Result<json::value>> send_write(Call& call, const Write& write, bool dry_run);

// Done when the object of that uid is not there any more. Errors: timeout with the deadline; as of any read.
awaitable<Result<void>> wait_until_gone(Call& call, const ObjectRef& object);

// Whether a refused request may go through later as it is: the server has too much to do, was not reached, or did not
// say what became of it.
bool may_pass_later(const Error& error);

// Tries each write on the server and fills in `expected`. One that cannot be tried because an earlier one of the plan
// is missing (an object in a namespace that the plan creates) stays unknown.
awaitable<Result<void>> rehearse(Call& call, Plan& plan);

// A creation of the same object that stands in nobody's way, to be tried alone.
Write under_another_name(Write write);

// A plan that was approved is about to be sent, perhaps much later: binds each write to the object as it is now.
// conflict when the object is another one (uid) or a field that was shown has changed since, naming it.
awaitable<Result<void>> rebind(Call& call, Plan& plan);

// Whether an apply was refused because other managers hold fields that it sets.
bool is_of_field_managers(const Error& error);

// Whether a write was refused because somebody else has written its object since it was planned.
bool is_overtaken(const Error& error);

// Whether nothing of the plan was done because somebody else wrote in between, so that it may be made anew: not where
// other managers hold the fields.
bool may_plan_anew(const Plan& plan, std::size_t done, const Error& error);
inline constexpr int kPlanAttempts = 6;

}  // namespace fairlead::ops
