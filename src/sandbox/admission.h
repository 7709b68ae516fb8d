// What the API server does to an object between a client's request and the store: defaults, and the validation that
// answers 422. Thread-safe: pure functions on their arguments.
#pragma once

#include <vector>

#include "sandbox/resources.h"
#include "sandbox/status_errors.h"

namespace fairlead::sandbox {

// Fills in what the API server fills in, for the kinds that it knows; other ones stay as they are.
void apply_defaults(const Resource& resource, json::value& object);
// What admission adds to a new pod besides: the service account's token volume, priority, tolerations.
// `suffix` names the volume: kube-api-access-x7k2p.
void admit_pod(json::value& pod, std::string_view suffix);

// Empty when the object is fine. `before` is null for a new one.
std::vector<Cause> validate(const Resource& resource, const json::value& object, const json::value* before);

// "Guaranteed", "Burstable" or "BestEffort" from the containers' resources.
std::string_view quality_of_service(const json::value& pod);

}  // namespace fairlead::sandbox
