// What a pod asks for and is bounded by. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "kube/decode.h"

namespace fairlead::ops {

struct PodResources {
  std::int64_t cpu_request = 0, cpu_limit = 0;        // millicores
  std::int64_t memory_request = 0, memory_limit = 0;  // bytes

  PodResources& operator+=(const PodResources& other);
};

PodResources container_resources(const kube::ContainerView& container);
// As the scheduler counts it: all containers and sidecars together, or the largest init container with the sidecars
// that were started before it, whichever is more. Without overhead. What is too large to count is the largest number.
PodResources pod_resources(const kube::PodView& pod);

}  // namespace fairlead::ops
