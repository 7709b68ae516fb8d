// Kinds that are served in more than one form: core/v1 and events.k8s.io/v1 Event, autoscaling/v2 and v1
// HorizontalPodAutoscaler. Their objects are kept in the first one; a resource of the other is a view of them. So are
// versions of custom resources but the stored one: they show what their own schema names. Pure.
#pragma once

#include "base/json.h"
#include "sandbox/resources.h"

namespace fairlead::sandbox {

// A stored object in the form of the view, and what was sent in the form of the view as it is to be stored.
json::value to_view(const Resource& view, json::value stored);
json::value to_stored(const Resource& view, json::value shown);

}  // namespace fairlead::sandbox
