#include "kube/pod_status.h"

#include <algorithm>
#include <charconv>

namespace fairlead::kube {
namespace {

constexpr UnixSeconds recent_restart = 3600;
constexpr UnixSeconds long_start = 300;       // pulling and mounting are done by then, or stuck
constexpr UnixSeconds long_termination = 60;  // after the grace period

void append(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number);
  out.append(digits, end.ptr);
}

void set(std::string& word, std::string_view prefix, std::string_view reason) {
  word.assign(prefix);
  word.append(reason);
}

// Error, OOMKilled, Signal:9, ExitCode:1
void set_ended(std::string& word, std::string_view prefix, const ContainerState& state) {
  set(word, prefix, state.reason);
  if (!state.reason.empty()) return;
  word.append(state.signal != 0 ? "Signal:" : "ExitCode:");
  append(word, state.signal != 0 ? state.signal : state.exit_code);
}

struct Restarts {
  std::int64_t count = 0;
  std::optional<UnixSeconds> last;

  void add(const ContainerStatus& container) {
    count += container.restart_count;
    const auto& ended = container.last_state;
    if (ended.terminated() && ended.finished_at && (!last || *last < *ended.finished_at)) last = ended.finished_at;
  }
};

bool is_sidecar(const PodView& pod, std::string_view name) {
  return std::any_of(pod.init_containers.begin(), pod.init_containers.end(),
                     [&](const ContainerView& init) { return init.name == name && init.is_sidecar(); });
}

bool is_true(const PodView& pod, std::string_view type) {
  const auto* condition = find_condition(pod.conditions, type);
  return condition && condition->status == "True";
}

bool is_gated(const PodView& pod) {
  return std::any_of(pod.conditions.begin(), pod.conditions.end(), [](const Condition& condition) {
    return condition.type == "PodScheduled" && condition.reason == "SchedulingGated";
  });
}

// Walks the init containers up to the first that is not done. True when there is one.
bool read_init(const PodView& pod, PodStatus& status, Restarts& all, Restarts& of_sidecars) {
  std::int64_t index = -1;
  for (const auto& container : pod.init_statuses) {
    ++index;
    const bool sidecar = is_sidecar(pod, container.name);
    all.add(container);
    if (sidecar) of_sidecars.add(container);
    const auto& state = container.state;
    if (state.terminated() && state.exit_code == 0) continue;
    if (sidecar && container.started) {
      if (container.ready) ++status.ready;
      continue;
    }
    if (state.terminated()) {
      set_ended(status.word, "Init:", state);
    } else if (state.waiting() && !state.reason.empty() && state.reason != "PodInitializing") {
      set(status.word, "Init:", state.reason);
    } else {
      status.word.assign("Init:");
      append(status.word, index);
      status.word.append("/");
      append(status.word, static_cast<std::int64_t>(pod.init_containers.size()));
    }
    return true;
  }
  return false;
}

// The first container's trouble wins, so they are walked from the last.
void read_regular(const PodView& pod, PodStatus& status, Restarts& restarts) {
  bool any_running = false;
  for (auto it = pod.statuses.rbegin(); it != pod.statuses.rend(); ++it) {
    restarts.add(*it);
    const auto& state = it->state;
    if (state.waiting() && !state.reason.empty()) {
      status.word.assign(state.reason);
    } else if (state.terminated()) {
      set_ended(status.word, "", state);
    } else if (it->ready && state.running()) {
      any_running = true;
      ++status.ready;
    }
  }
  if (any_running && status.word == "Completed") status.word.assign(is_true(pod, "Ready") ? "Running" : "NotReady");
}

bool is_terminal(const PodView& pod) { return pod.phase == "Succeeded" || pod.phase == "Failed"; }

bool is_image_trouble(std::string_view reason) {
  return reason == "ImagePullBackOff" || reason == "ErrImagePull" || reason == "ErrImageNeverPull" ||
         reason == "InvalidImageName" || reason == "ImageInspectError" || reason == "RegistryUnavailable" ||
         reason == "SignatureValidationFailed";
}

// What a container passes through on its way up.
bool is_starting(std::string_view reason) {
  return reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing";
}

// The worst that a container's state says: crashing, image, or nothing (healthy).
// One that ended well is done (init), or belongs to a job whose other containers still run: not ready, not crashing.
PodRank container_rank(const ContainerStatus& container) {
  const auto& state = container.state;
  if (state.waiting() && !is_starting(state.reason))
    return is_image_trouble(state.reason) ? PodRank::image : PodRank::crashing;
  if (state.terminated() && state.exit_code != 0) return PodRank::crashing;
  return PodRank::healthy;
}

}  // namespace

void pod_status(const PodView& pod, PodStatus& status) {
  status.ready = 0;
  status.containers = static_cast<int>(pod.containers.size());
  for (const auto& init : pod.init_containers) status.containers += init.is_sidecar() ? 1 : 0;
  status.word.assign(pod.reason.empty() ? pod.phase : pod.reason);
  if (is_gated(pod)) status.word.assign("SchedulingGated");

  Restarts restarts;
  Restarts of_sidecars;
  const bool initializing = read_init(pod, status, restarts, of_sidecars);
  if (!initializing || is_true(pod, "Initialized")) {
    restarts = of_sidecars;
    read_regular(pod, status, restarts);
  }

  if (pod.meta.deletion && pod.reason == "NodeLost")
    status.word.assign("Unknown");
  else if (pod.meta.deletion && !is_terminal(pod))
    status.word.assign("Terminating");
  status.restarts = restarts.count;
  status.last_restart = restarts.count != 0 ? restarts.last : std::nullopt;
}

PodStatus pod_status(const PodView& pod) {
  PodStatus status;
  pod_status(pod, status);
  return status;
}

PodRank pod_rank(const PodView& pod, const PodStatus& status, UnixSeconds now) {
  if (pod.phase == "Failed") return PodRank::failed;
  if (pod.phase == "Succeeded") return PodRank::completed;
  if (pod.phase == "Unknown" || pod.reason == "NodeLost") return PodRank::not_ready;
  if (pod.meta.deletion) return now - *pod.meta.deletion > long_termination ? PodRank::not_ready : PodRank::terminating;

  auto worst = PodRank::healthy;
  for (const auto& container : pod.init_statuses) worst = std::min(worst, container_rank(container));
  for (const auto& container : pod.statuses) worst = std::min(worst, container_rank(container));
  if (worst != PodRank::healthy) return worst;

  const auto* scheduled = find_condition(pod.conditions, "PodScheduled");
  if (pod.phase == "Pending" && scheduled && scheduled->status == "False") return PodRank::unschedulable;
  const auto* ready = find_condition(pod.conditions, "Ready");
  const bool is_ready = status.ready >= status.containers && (!ready || ready->status == "True");
  if (!is_ready) {
    const auto since = pod.started ? pod.started : pod.meta.created;
    const bool starting = pod.phase == "Pending" && (!since || now - *since <= long_start);
    return starting ? PodRank::starting : PodRank::not_ready;
  }
  if (status.last_restart && now - *status.last_restart <= recent_restart) return PodRank::restarting;
  return PodRank::healthy;
}

std::string_view to_string(PodRank rank) {
  switch (rank) {
    case PodRank::failed: return "failed";
    case PodRank::crashing: return "crashing";
    case PodRank::image: return "image";
    case PodRank::unschedulable: return "unschedulable";
    case PodRank::not_ready: return "not ready";
    case PodRank::restarting: return "restarting";
    case PodRank::starting: return "starting";
    case PodRank::terminating: return "terminating";
    case PodRank::healthy: return "healthy";
    case PodRank::completed: return "completed";
  }
  return "healthy";
}

}  // namespace fairlead::kube
