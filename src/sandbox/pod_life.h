// What happens to the containers of a pod on its node as time goes: started in order, ready after a while, ended by
// what their programs do, restarted with longer and longer pauses. A pure state machine over a PodStory: no store, no
// clock.
#pragma once

#include <functional>
#include <optional>

#include "sandbox/pod_states.h"

namespace fairlead::sandbox {

// When something is due, in milliseconds of a clock that goes on evenly; -1: nothing is.
struct ContainerTimer {
  std::int64_t step = -1;   // the end of a pause
  std::int64_t end = -1;    // of the run
  std::int64_t ready = -1;  // when it will be
  std::int64_t pause = 0;   // before the next restart; 0: it may restart at once
};

struct PodTimers {
  std::int64_t sandbox = -1;  // when the pod's sandbox is up
  std::vector<ContainerTimer> init, containers, ephemeral;
};

struct PodSurroundings {
  std::int64_t now_ms = 0, now = 0;
  // Why a container cannot be configured (a ConfigMap that is not there); empty: it can.
  std::function<std::string(const json::value& container)> obstacle;
  // Runs the container's command for that run, as soon as its status says so; false: what it does is guessed.
  std::function<bool(const json::value& container, std::int64_t run)> launch;
  // Whether the command of that run is run, and with which exit code it has ended if it has.
  struct Run {
    std::optional<int> exit_code;
  };
  std::function<std::optional<Run>(const json::value& container, std::int64_t run)> look;
  // What the kubelet records; `place` is spec.containers{web}.
  std::function<void(std::string_view type, std::string_view reason, std::string message, std::string place)> note;
};

// Timers that go on from a status that was written earlier.
PodTimers timers_of(const json::value& pod, const PodStory& story, const PodSurroundings& around);

// Does everything that is due. Answers when the next step is.
std::optional<std::int64_t> advance(const json::value& pod, PodStory& story, PodTimers& timers,
                                    const PodSurroundings& around);

bool is_sidecar(const json::value& init_container);
std::string place_of(const json::value& container, bool init, bool ephemeral = false);  // spec.containers{web}

}  // namespace fairlead::sandbox
