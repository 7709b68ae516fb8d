// What a pod asks for and is bounded by. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "kube/decode.h"

namespace fairlead::ops {

// What is too large to count stays the largest number: who makes a pod chooses its quantities.
void add_to(std::int64_t& sum, std::int64_t more);

// Millicores of "cpu", whole units of all other resources; 0 for what is no quantity or negative.
std::int64_t amount_of(std::string_view resource, std::string_view quantity);

// What a pod asks for of one resource, as the scheduler counts it: all containers and sidecars together, or the largest
// init container with the sidecars that were started before it, whichever is more. Without overhead. Containers that
// ask for nothing of it may be left out.
class PodAmount {
 public:
  void container(std::int64_t amount) { add_to(running_, amount); }
  void init_container(std::int64_t amount, bool sidecar);  // in their order
  std::int64_t total() const;

 private:
  std::int64_t running_ = 0, sidecars_ = 0, starting_ = 0;
};

struct PodResources {
  std::int64_t cpu_request = 0, cpu_limit = 0;        // millicores
  std::int64_t memory_request = 0, memory_limit = 0;  // bytes
  std::int64_t disk_request = 0, disk_limit = 0;      // of ephemeral-storage: bytes

  PodResources& operator+=(const PodResources& other);
};

PodResources container_resources(const kube::ContainerView& container);
// Each as a PodAmount.
PodResources pod_resources(const kube::PodView& pod);

}  // namespace fairlead::ops
