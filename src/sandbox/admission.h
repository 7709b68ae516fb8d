// What the API server does to an object between a client's request and the store: defaults, admission, and the
// validation that answers 422. Thread-safe where no Objects are named: pure functions on their arguments.
#pragma once

#include <vector>

#include "sandbox/resources.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

class Objects;

// Fills in what the API server fills in, for the kinds that it knows; other ones stay as they are.
void apply_defaults(const Resource& resource, json::value& object);

// The status that an object of a kind has before a controller has looked at it.
json::object initial_status(const Resource& resource);

// What admission changes in a new object: the service account's token volume, priority, tolerations, the namespace's
// default limits of pods; default classes; finalizers that protect volumes. 403 when it may not be.
ApiResult<void> admit(Objects& objects, const Resource& resource, json::value& object);
// And in one that is updated.
void admit_update(const Resource& resource, json::value& object);
// The part of it for pods that needs no other objects: tolerations and the token volume, which `suffix` names:
// kube-api-access-x7k2p.
void admit_pod(json::value& pod, std::string_view suffix);

// After validation: the namespace's limits, then its quotas, which are charged unless `dry_run`. `before` is null for a
// new object.
ApiResult<void> check_limits(Objects& objects, const Resource& resource, const json::value& object,
                             const json::value* before, bool dry_run);

// Empty when the object is fine. `before` is null for a new one.
std::vector<Cause> validate(const Resource& resource, const json::value& object, const json::value* before);

// "Guaranteed", "Burstable" or "BestEffort" from the containers' resources.
std::string_view quality_of_service(const json::value& pod);

}  // namespace fairlead::sandbox
