// A pod as a short document for readers: what kubectl describe says, in far fewer bytes.
#pragma once

#include "base/json.h"

namespace fairlead::ops {

// From a Pod as JSON (already redacted). Keys whose value would be empty are left out. Pure.
json::object pod_document(const json::value& pod, std::int64_t now);

// Its part about containers, volumes and placement: of a pod, or of a template, which has no status (null).
json::object pod_spec_document(const json::value& spec, const json::value* status, std::int64_t now);

}  // namespace fairlead::ops
