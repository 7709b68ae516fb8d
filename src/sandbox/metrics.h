// metrics.k8s.io: what containers and nodes use. Computed when asked for, from requests and from what the programs do;
// the same at the same time, and moving a little from one window to the next. Pure; the loop's thread only.
#pragma once

#include "sandbox/objects.h"

namespace fairlead::sandbox {

struct Usage {
  std::int64_t cpu_nano = 0;  // billionths of a core
  std::int64_t memory = 0;    // bytes
};
// Of one container of a pod (the message's bytes); the annotations sandbox.fairlead.dev/cpu and /memory say otherwise.
Usage usage_of(const Object& pod, std::string_view container, std::int64_t now);
// Of all containers together; nothing when none of them runs.
std::optional<Usage> usage_of(const Object& pod, std::int64_t now);

// The objects of the resources nodes and pods of the group, which no store keeps.
std::vector<ObjectPtr> computed_list(const Objects& objects, const Resource& resource, std::string_view namespace_name);
ObjectPtr computed_find(const Objects& objects, const Resource& resource, std::string_view namespace_name,
                        std::string_view name);

// As the API server writes quantities: cores as "250m" or "2", bytes as "64Mi" where that is whole; thousandths.
std::string format_quantity(std::int64_t milli, std::string_view resource);

}  // namespace fairlead::sandbox
