// What the kubelet would report of a pod: its status from a short story of its containers. The fixtures tell finished
// stories, the controllers tell them as time goes. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace fairlead::sandbox {

struct ContainerStory {
  enum class Now {
    creating,  // waiting: ContainerCreating, or PodInitializing while init containers run
    running,
    completed,     // terminated with 0
    failed,        // terminated otherwise
    backing_off,   // waiting: CrashLoopBackOff, after the last run
    pull_failed,   // waiting: ErrImagePull
    pull_backoff,  // waiting: ImagePullBackOff
    config_error,  // waiting: CreateContainerConfigError
  };
  Now now = Now::running;
  bool ready = true;  // of a running one
  std::int64_t restarts = 0;
  std::int64_t started_at = 0;                             // running; completed and failed: of the run that ended
  std::int64_t finished_at = 0;                            // completed, failed
  std::int64_t last_started_at = 0, last_finished_at = 0;  // of the run before; 0: there was none
  std::int64_t exit_code = 1;
  std::string reason = "Error";  // why runs end: Error, OOMKilled
  std::optional<std::int64_t>
      last_exit_code;  // where the run before ended otherwise than this one: its code and reason
  std::string last_reason;
  std::int64_t backoff_seconds = 300;  // the pause, when backing off
  std::string message;                 // of config_error
  std::string image;                   // that it was made from; empty: not known, or the one of its spec
};

struct PodStory {
  std::int64_t at = 0;  // when things became as they are
  std::int64_t scheduled_at = 0;
  std::string node_ip, pod_ip;                   // no pod_ip before the sandbox is up
  std::vector<ContainerStory> init, containers;  // as many as the spec has
  std::vector<ContainerStory> ephemeral;         // no more than the spec has
};

// Sets status: phase, conditions (keeping transition times of those that stay), container statuses, addresses.
void tell(json::value& pod, const PodStory& story);
// Reads back what tell() wrote, as far as it goes on from there.
PodStory story_of(const json::value& pod);
// An image's name with its registry and tag, as statuses show it.
std::string full_image(std::string_view image);
// The status of a pod that no node can take.
void tell_unschedulable(json::value& pod, std::string_view message, std::int64_t at);

// The list goes with its last condition.
void drop_condition(json::value& object, std::string_view type);
void set_condition(json::value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, std::int64_t at);

// An address of a pod; unique for the first 600,000 or so.
std::string pod_address(std::uint64_t index);

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0);
std::string hex_digest(std::uint64_t seed);  // 64 digits

}  // namespace fairlead::sandbox
