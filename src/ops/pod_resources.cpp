#include "ops/pod_resources.h"

#include <algorithm>
#include <array>
#include <limits>

#include "kube/quantity.h"

namespace fairlead::ops {
namespace {

constexpr std::array kAmounts{&PodResources::cpu_request,  &PodResources::cpu_limit,    &PodResources::memory_request,
                              &PodResources::memory_limit, &PodResources::disk_request, &PodResources::disk_limit};

void read(const kube::MapView& resources, std::int64_t& cpu, std::int64_t& memory, std::int64_t& disk) {
  for (const auto& one : resources) {
    std::int64_t* to = one.key == "cpu"                 ? &cpu
                       : one.key == "memory"            ? &memory
                       : one.key == "ephemeral-storage" ? &disk
                                                        : nullptr;
    if (to) *to = amount_of(one.key, one.value);
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
  for (const auto amount : kAmounts) add_to(this->*amount, other.*amount);
  return *this;
}

PodResources container_resources(const kube::ContainerView& container) {
  PodResources out;
  read(container.requests, out.cpu_request, out.memory_request, out.disk_request);
  read(container.limits, out.cpu_limit, out.memory_limit, out.disk_limit);
  return out;
}

PodResources pod_resources(const kube::PodView& pod) {
  std::array<PodAmount, kAmounts.size()> amounts;
  for (const auto& container : pod.containers) {
    const PodResources one = container_resources(container);
    for (std::size_t i = 0; i < amounts.size(); ++i) amounts[i].container(one.*kAmounts[i]);
  }
  for (const auto& container : pod.init_containers) {
    const PodResources one = container_resources(container);
    for (std::size_t i = 0; i < amounts.size(); ++i)
      amounts[i].init_container(one.*kAmounts[i], container.is_sidecar());
  }
  PodResources out;
  for (std::size_t i = 0; i < amounts.size(); ++i) out.*kAmounts[i] = amounts[i].total();
  return out;
}

}  // namespace fairlead::ops
