// ResourceQuotas at work: what objects use, and whether there is enough left. Not thread-safe: one loop.
#pragma once

#include <map>
#include <string>

#include "sandbox/objects.h"
#include "sandbox/quantity.h"

namespace fairlead::sandbox {

using Usage = std::map<std::string, Quantity, std::less<>>;

// What one object uses, by the names that quotas know: pods, requests.cpu, count/jobs.batch, …
Usage usage_of(const Resource& resource, const json::value& object);

// The status that the quota has when everything in its namespace is counted.
json::object counted_status(const Objects& objects, const json::value& quota);

// Adds what the object uses (on an update: what it uses more than `before`) to the quotas of its namespace. Empty when
// they allow it, else the sentence that admission refuses it with, and nothing is charged. A quota without a status is
// counted first. With `dry_run` nothing is charged.
std::string charge_quotas(Objects& objects, const Resource& resource, const json::value& object,
                          const json::value* before, bool dry_run);
// Gives back what a deleted object used.
void release_quotas(Objects& objects, const Resource& resource, const json::value& object);

}  // namespace fairlead::sandbox
