#include "ops/pod_resources.h"

#include <algorithm>
#include <limits>

#include "kube/quantity.h"

namespace fairlead::ops {
namespace {

void read(const kube::MapView& resources, std::int64_t& cpu, std::int64_t& memory) {
  for (const auto& one : resources) {
    if (one.key == "cpu")
      cpu = amount_of(one.key, one.value);
    else if (one.key == "memory")
      memory = amount_of(one.key, one.value);
  }
}

}  // namespace

void add_to(std::int64_t& sum, std::int64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::int64_t>::max();
}

std::int64_t amount_of(std::string_view resource, std::string_view quantity) {
  const auto amount = resource == "cpu" ? kube::parse_quantity_milli(quantity) : kube::parse_quantity(quantity);
  return std::max<std::int64_t>(amount.value_or(0), 0);
}

void PodAmount::init_container(std::int64_t amount, bool sidecar) {
  std::int64_t together = sidecars_;
  add_to(together, amount);
  starting_ = std::max(starting_, together);
  if (sidecar) sidecars_ = together;
}

std::int64_t PodAmount::total() const {
  std::int64_t together = running_;
  add_to(together, sidecars_);
  return std::max(together, starting_);
}

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
  PodAmount cpu_request, cpu_limit, memory_request, memory_limit;
  for (const auto& container : pod.containers) {
    const PodResources one = container_resources(container);
    cpu_request.container(one.cpu_request);
    cpu_limit.container(one.cpu_limit);
    memory_request.container(one.memory_request);
    memory_limit.container(one.memory_limit);
  }
  for (const auto& container : pod.init_containers) {
    const PodResources one = container_resources(container);
    const bool sidecar = container.is_sidecar();
    cpu_request.init_container(one.cpu_request, sidecar);
    cpu_limit.init_container(one.cpu_limit, sidecar);
    memory_request.init_container(one.memory_request, sidecar);
    memory_limit.init_container(one.memory_limit, sidecar);
  }
  return {cpu_request.total(), cpu_limit.total(), memory_request.total(), memory_limit.total()};
}

}  // namespace fairlead::ops
