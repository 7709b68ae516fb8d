// A Pod that was read as JSON, seen as the view that status words are computed from.
#pragma once

#include "base/json.h"
#include "kube/pod_status.h"

namespace fairlead::ops {

// The view points into `pod`. Resource requests and label maps stay empty: they are not needed for the status.
void view_pod(const json::value& pod, kube::PodView& view);

}  // namespace fairlead::ops
