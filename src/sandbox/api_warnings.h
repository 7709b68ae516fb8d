// Warnings that go with an answer: what an object says that is allowed and yet hardly meant. Pure.
#pragma once

#include <string>
#include <vector>

#include "sandbox/objects.h"

namespace fairlead::sandbox {

// Of every request for a resource that is on its way out; empty for others.
std::string deprecation(const Resource& resource);
// Of what was written; `before` is null for a new object. Nothing is said of what did not change.
std::vector<std::string> write_warnings(const Objects& objects, const Object* before, const Object& after);

}  // namespace fairlead::sandbox
