// The blast radius of a change: what stands behind the objects that it touches.
#pragma once

#include <functional>

#include "ops/operation.h"
#include "ops/plan.h"

namespace fairlead::ops {

// Adds to a plan's `reach` sentences such as "3 pods stand behind Deployment shop/web" and "Service shop/web routes to
// them", and what it `takes_along`. What may not be read is said to be unknown; nothing here fails.
// `may_see`: whether the caller may read objects of that kind and namespace; empty: all of them.
using MaySee = std::function<bool(const ObjectRef&)>;
awaitable<void> blast_radius(Call& call, Plan& plan, const MaySee& may_see);

// What goes with what a plan deletes now, that is in its `takes_along` or `reach` not, a clause: "Namespace shop holds
// 1 of kind Secret by now, which would go with it". Empty: nothing.
awaitable<std::string> goes_newly_with(Call& call, const Plan& plan);

// Whether a pod of this spec uses the Secret, ConfigMap or claim, wherever it may name it: env, envFrom, volumes,
// projected ones, imagePullSecrets.
bool uses(const json::value& spec, const ObjectRef& object);

// What a change needs itself, then what its blast radius and its verification are read by, which may be missing.
[[gnu::cold]] std::vector<Access> change_access(Access own);
[[gnu::cold]] std::vector<Access> change_access(std::vector<Access> own);

}  // namespace fairlead::ops
