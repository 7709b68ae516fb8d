// What `kubectl get pods` says about a pod, computed from its fields as today's API servers do it
// (k8s.io/kubernetes/pkg/printers/internalversion, printPod). Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kube/decode.h"

namespace fairlead::kube {

struct PodStatus {
  std::string word;    // STATUS: Running, CrashLoopBackOff, Init:1/2, Terminating, …
  int ready = 0;       // READY: so many containers, sidecars included,
  int containers = 0;  // of so many
  std::int64_t restarts = 0;
  std::optional<UnixSeconds> last_restart;  // when a container ended before it was started again
};

// Overwrites `status`; its text's capacity is reused.
void pod_status(const PodView& pod, PodStatus& status);
PodStatus pod_status(const PodView& pod);

// How much a pod wants attention, worst first: the order of lists.
enum class PodRank {
  failed,         // phase Failed: evicted, or its containers gave up
  crashing,       // a container ends again and again, or cannot be started
  image,          // an image cannot be pulled
  unschedulable,  // no node takes it, or a gate holds it back
  not_ready,      // runs but is not ready; or is starting or terminating for too long; or its node is lost
  restarting,     // ready, but restarted within the last hour
  starting,
  terminating,
  healthy,
  completed,  // phase Succeeded
};
// `status` is that of `pod`.
PodRank pod_rank(const PodView& pod, const PodStatus& status, UnixSeconds now);
inline bool is_problem(PodRank rank) { return rank <= PodRank::restarting; }
std::string_view to_string(PodRank rank);

}  // namespace fairlead::kube
