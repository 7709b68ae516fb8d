// The blast radius of a change: what stands behind the objects that it touches.
#pragma once

#include "ops/operation.h"
#include "ops/plan.h"

namespace fairlead::ops {

// Sentences such as "3 pods stand behind Deployment shop/web" and "Service shop/web routes to them". What may not be
// read is said to be unknown; nothing here fails.
awaitable<std::vector<std::string>> blast_radius(Call& call, const Plan& plan);

// What is in the Namespaces and of the kinds that a plan deletes, and goes with them, a sentence each; counts alone. It
// is part of the blast radius.
awaitable<std::vector<std::string>> goes_with(Call& call, const Plan& plan);

// Whether a pod of this spec uses the Secret, ConfigMap or claim, wherever it may name it: env, envFrom, volumes,
// projected ones, imagePullSecrets.
bool uses(const json::value& spec, const ObjectRef& object);

// What a change needs itself, then what its blast radius and its verification are read by, which may be missing.
[[gnu::cold]] std::vector<Access> change_access(Access own);
[[gnu::cold]] std::vector<Access> change_access(std::vector<Access> own);

}  // namespace fairlead::ops
