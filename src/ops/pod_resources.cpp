#include "ops/pod_resources.h"

#include <algorithm>
#include <limits>

#include "kube/quantity.h"

namespace fairlead::ops {
namespace {

// Who makes a pod chooses the numbers: the largest is as much as any.
void add_to(std::int64_t& sum, std::int64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::int64_t>::max();
}

void read(const kube::MapView& resources, std::int64_t& cpu, std::int64_t& memory) {
  for (const auto& one : resources) {
    if (one.key == "cpu")
      cpu = kube::parse_quantity_milli(one.value).value_or(0);
    else if (one.key == "memory")
      memory = kube::parse_quantity(one.value).value_or(0);
  }
}

void raise(PodResources& to, const PodResources& other) {
  to.cpu_request = std::max(to.cpu_request, other.cpu_request);
  to.cpu_limit = std::max(to.cpu_limit, other.cpu_limit);
  to.memory_request = std::max(to.memory_request, other.memory_request);
  to.memory_limit = std::max(to.memory_limit, other.memory_limit);
}

}  // namespace

PodResources& PodResources::operator+=(const PodResources& other) {
  add_to(cpu_request, other.cpu_request);
  add_to(cpu_limit, other.cpu_limit);
  add_to(memory_request, other.memory_request);
  add_to(memory_limit, other.memory_limit);
  return *this;
}

PodResources container_resources(const kube::ContainerView& container) {
  PodResources out;
  read(container.requests, out.cpu_request, out.memory_request);
  read(container.limits, out.cpu_limit, out.memory_limit);
  return out;
}

PodResources pod_resources(const kube::PodView& pod) {
  PodResources running, sidecars, starting;
  for (const auto& container : pod.containers) running += container_resources(container);
  for (const auto& container : pod.init_containers) {
    PodResources one = container_resources(container);
    if (container.is_sidecar()) {
      sidecars += one;
      raise(starting, sidecars);
    } else {
      one += sidecars;
      raise(starting, one);
    }
  }
  running += sidecars;
  raise(running, starting);
  return running;
}

}  // namespace fairlead::ops
