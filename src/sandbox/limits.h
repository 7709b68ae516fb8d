// LimitRanges at work. Not thread-safe: one loop.
#pragma once

#include <string>

#include "sandbox/objects.h"

namespace fairlead::sandbox {

// What the namespace says about containers that say nothing themselves.
void default_limits(const Objects& objects, json::value& pod);
// Empty when the object is within the namespace's limits, else the sentence that admission refuses it with.
std::string limits_problem(const Objects& objects, const Resource& resource, const json::value& object, bool is_update);

}  // namespace fairlead::sandbox
