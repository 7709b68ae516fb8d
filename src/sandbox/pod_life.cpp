#include "sandbox/pod_life.h"

#include <algorithm>

#include "sandbox/behaviour.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

constexpr std::int64_t notice_ms = 1000;  // until the kubelet sees that a container has ended
constexpr std::int64_t first_pause_ms = 10'000, longest_pause_ms = 300'000;
constexpr std::int64_t forgiven_after_ms = 600'000;  // of running well
constexpr std::int64_t config_retry_ms = 10'000;

bool ended(const ContainerStory& one) { return one.now == Now::completed || one.now == Now::failed; }

// One container while it is looked at.
struct One {
  const json::value& pod;
  const json::value& spec;
  ContainerStory& story;
  ContainerTimer& timer;
  const PodSurroundings& around;
  bool init;
  bool ephemeral = false;

  std::string place() const { return place_of(spec, init, ephemeral); }
  void note(std::string_view type, std::string_view reason, std::string message) const {
    around.note(type, reason, std::move(message), place());
  }
  std::string image() const { return std::string(text_at(spec, {"image"})); }
  std::string name() const { return std::string(text_at(spec, {"name"})); }

  Behaviour behave() const {
    // Who looks for the trouble of a pod does not share it, and stays as long as somebody may type.
    Behaviour out = ephemeral ? behaviour_of(spec) : behaviour_of(pod, spec);
    if (ephemeral && out.ends() && flag_at(spec, {"stdin"})) out.fate = Fate::runs;
    // A program that usually serves has something to do first when it is an init container, and ends.
    if (init && !is_sidecar(spec) && out.fate == Fate::runs && !out.commanded) out.fate = Fate::completes;
    return out;
  }

  bool comes_back() const {
    if (ephemeral) return false;
    if (init && is_sidecar(spec)) return true;
    std::string_view policy = text_at(pod, {"spec", "restartPolicy"});
    if (init) return story.now == Now::failed && policy != "Never";
    return policy == "Always" || (policy == "OnFailure" && story.now == Now::failed);
  }

  void start() {
    Behaviour behaviour = behave();
    timer.step = timer.end = timer.ready = -1;
    if (std::string why = around.obstacle(spec); !why.empty()) {
      if (story.now != Now::config_error || story.message != why) note("Warning", "Failed", "Error: " + why);
      story.now = Now::config_error;
      story.message = std::move(why);
      timer.step = around.now_ms + config_retry_ms;
      return;
    }
    if (behaviour.fate == Fate::cannot_be_pulled) {
      story.now = Now::pull_failed;
      note("Normal", "Pulling", "Pulling image \"" + image() + "\"");
      note("Warning", "Failed", "Failed to pull image \"" + image() + "\": " + behaviour.pull_error);
      note("Warning", "Failed", "Error: ErrImagePull");
      timer.step = around.now_ms + notice_ms;
      return;
    }
    note("Normal", "Pulled", "Container image \"" + image() + "\" already present on machine");
    note("Normal", "Created", "Created container: " + name());
    note("Normal", "Started", "Started container " + name());
    story.now = Now::running;
    story.started_at = around.now;
    story.finished_at = 0;
    std::int64_t delay = 0;
    for (std::string_view probe : {"startupProbe", "readinessProbe"})
      delay += integer_at(spec, {probe, "initialDelaySeconds"}) * 1000;
    story.ready = delay == 0;
    if (delay > 0) timer.ready = around.now_ms + delay;
    bool runs = behaviour.script && around.launch && around.launch(spec, story.restarts);
    if (!runs && behaviour.ends()) timer.end = around.now_ms + behaviour.runs_ms;
  }

  void restart() {
    if (ended(story)) remember();
    ++story.restarts;
    start();
    if (story.now == Now::pull_failed || story.now == Now::config_error) return;
    timer.pause = timer.pause == 0 ? first_pause_ms : std::min(timer.pause * 2, longest_pause_ms);
  }

  // The run that ended becomes the last one.
  void remember() {
    story.last_exit_code = story.now == Now::completed ? 0 : story.exit_code;
    story.last_reason = story.now == Now::completed ? "Completed" : story.reason;
    story.last_started_at = story.started_at;
    story.last_finished_at = story.finished_at;
  }

  void end_run(const Behaviour& behaviour) {
    story.finished_at = around.now;
    story.exit_code = behaviour.exit_code;
    story.reason = behaviour.fate == Fate::out_of_memory ? "OOMKilled" : "Error";
    story.now = behaviour.exit_code == 0 ? Now::completed : Now::failed;
    story.ready = false;
    if ((story.finished_at - story.started_at) * 1000 >= forgiven_after_ms) timer.pause = 0;
    timer.end = timer.ready = -1;
    timer.step = around.now_ms + notice_ms;
  }

  // Its image is another one now: it is killed, and starts again at once, whatever the restart policy says.
  bool changed() {
    bool same = story.image.empty() || story.image == full_image(image());
    if (same || (init && !is_sidecar(spec))) return false;
    note("Normal", "Killing", "Container " + name() + " definition changed, will be restarted");
    story.finished_at = around.now;
    story.exit_code = 0;
    story.now = Now::completed;
    story.image.clear();
    std::int64_t pause = timer.pause;
    restart();
    if (story.now == Now::running) timer.pause = pause;
    return true;
  }

  // A step of the container alone; whether there was one.
  bool step() {
    std::int64_t now = around.now_ms;
    bool due = timer.step >= 0 && timer.step <= now;
    switch (story.now) {
      case Now::creating: start(); return true;
      case Now::running: {
        if (changed()) return true;
        Behaviour behaviour = behave();
        std::optional<PodSurroundings::Run> run;
        if (behaviour.script && around.look) run = around.look(spec, story.restarts);
        if (run) {
          timer.end = run->exit_code ? now : -1;
          behaviour.exit_code = run->exit_code.value_or(0);
        } else {
          if (behaviour.ends() && timer.end < 0) timer.end = now;  // what it does has changed
          if (!behaviour.ends()) timer.end = -1;
        }
        if (timer.end >= 0 && timer.end <= now) {
          end_run(behaviour);
          return true;
        }
        if (init && !is_sidecar(spec)) return false;
        if (behaviour.never_ready && story.ready) {
          story.ready = false;
          note("Warning", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503");
          return true;
        }
        if (!behaviour.never_ready && !story.ready && timer.ready <= now) {
          story.ready = true;
          timer.ready = -1;
          return true;
        }
        return false;
      }
      case Now::completed:
      case Now::failed:
        if (!comes_back() || !due) return false;
        if (timer.pause == 0) {
          restart();
          return true;
        }
        remember();
        story.now = Now::backing_off;
        story.backoff_seconds = timer.pause / 1000;
        timer.step = now + timer.pause - notice_ms;
        note("Warning", "BackOff",
             "Back-off restarting failed container " + name() + " in pod " +
                 std::string(text_at(pod, {"metadata", "name"})) + "_" +
                 std::string(text_at(pod, {"metadata", "namespace"})) + "(" +
                 std::string(text_at(pod, {"metadata", "uid"})) + ")");
        return true;
      case Now::backing_off:
        if (!due) return false;
        restart();
        return true;
      case Now::pull_failed:
        if (!due) return false;
        story.now = Now::pull_backoff;
        timer.pause = timer.pause == 0 ? first_pause_ms : std::min(timer.pause * 2, longest_pause_ms);
        timer.step = now + timer.pause;
        note("Normal", "BackOff", "Back-off pulling image \"" + image() + "\"");
        note("Warning", "Failed", "Error: ImagePullBackOff");
        return true;
      case Now::pull_backoff:
      case Now::config_error: {
        if (!due) return false;
        Now before = story.now;
        start();
        if (story.now == Now::running) timer.pause = 0;
        return story.now != before || timer.step > now;
      }
    }
    return false;
  }

  // Asked to end, as sidecars are when the others have ended.
  void stop() {
    if (story.now == Now::running) story.finished_at = around.now;
    story.now = Now::completed;
    story.ready = false;
    timer = ContainerTimer{};
  }
};

std::optional<std::int64_t> next_of(const PodTimers& timers) {
  std::optional<std::int64_t> out;
  auto take = [&](std::int64_t at) {
    if (at >= 0 && (!out || at < *out)) out = at;
  };
  take(timers.sandbox);
  for (const auto* list : {&timers.init, &timers.containers, &timers.ephemeral}) {
    for (const ContainerTimer& timer : *list) {
      take(timer.step);
      take(timer.end);
      take(timer.ready);
    }
  }
  return out;
}

}  // namespace

bool is_sidecar(const json::value& init_container) { return text_at(init_container, {"restartPolicy"}) == "Always"; }

std::string place_of(const json::value& container, bool init, bool ephemeral) {
  return std::string("spec.") +
         (init        ? "initContainers{"
          : ephemeral ? "ephemeralContainers{"
                      : "containers{") +
         std::string(text_at(container, {"name"})) + "}";
}

PodTimers timers_of(const json::value& pod, const PodStory& story, const PodSurroundings& around) {
  PodTimers out;
  auto recover = [&](const ContainerStory& one, std::size_t index) {
    ContainerTimer timer;
    std::int64_t exponent = std::clamp<std::int64_t>(one.restarts - 1, 0, 5);
    if (one.restarts > 0) timer.pause = std::min(first_pause_ms << exponent, longest_pause_ms);
    if (one.now == Now::pull_backoff || one.now == Now::pull_failed) timer.pause = longest_pause_ms;
    // Whenever it was written: the next steps of many are spread over the longest pause.
    std::int64_t spread =
        60'000 + static_cast<std::int64_t>(stable_hash(text_at(pod, {"metadata", "uid"}), index) % 240'000);
    bool waits = one.now == Now::backing_off || one.now == Now::pull_backoff || one.now == Now::pull_failed ||
                 one.now == Now::config_error;
    if (waits || ended(one)) timer.step = around.now_ms + spread;
    return timer;
  };
  for (std::size_t i = 0; i < story.init.size(); ++i) out.init.push_back(recover(story.init[i], i));
  for (std::size_t i = 0; i < story.containers.size(); ++i)
    out.containers.push_back(recover(story.containers[i], 100 + i));
  for (std::size_t i = 0; i < story.ephemeral.size(); ++i)
    out.ephemeral.push_back(recover(story.ephemeral[i], 200 + i));
  return out;
}

std::optional<std::int64_t> advance(const json::value& pod, PodStory& story, PodTimers& timers,
                                    const PodSurroundings& around) {
  const json::array& init_specs = array_at(pod, {"spec", "initContainers"});
  const json::array& specs = array_at(pod, {"spec", "containers"});
  timers.init.resize(story.init.size());
  timers.containers.resize(story.containers.size());
  // They are added while the pod lives.
  const json::array& added = array_at(pod, {"spec", "ephemeralContainers"});
  ContainerStory creating;
  creating.now = Now::creating;
  story.ephemeral.resize(added.size(), creating);
  timers.ephemeral.resize(added.size());
  if (timers.sandbox >= 0 && timers.sandbox > around.now_ms) return timers.sandbox;
  timers.sandbox = -1;
  bool over = false;
  for (int turns = 0; turns < 64; ++turns) {
    bool moved = false, initialised = true, failed = false;
    for (std::size_t i = 0; i < story.init.size() && i < init_specs.size() && initialised; ++i) {
      bool sidecar = is_sidecar(init_specs[i]);
      One one{pod, init_specs[i], story.init[i], timers.init[i], around, true};
      if (!over) moved = one.step() || moved;
      if (sidecar) {
        initialised = story.init[i].now == Now::running || story.init[i].restarts > 0 || over;
      } else {
        initialised = story.init[i].now == Now::completed;
        failed = story.init[i].now == Now::failed && !one.comes_back();
      }
    }
    bool all_over = initialised && !story.containers.empty();
    for (std::size_t i = 0; i < story.containers.size() && i < specs.size() && initialised; ++i) {
      One one{pod, specs[i], story.containers[i], timers.containers[i], around, false};
      moved = one.step() || moved;
      all_over = all_over && ended(story.containers[i]) && !one.comes_back();
    }
    for (std::size_t i = 0; i < added.size() && !over; ++i) {
      moved = One{pod, added[i], story.ephemeral[i], timers.ephemeral[i], around, false, true}.step() || moved;
    }
    if ((all_over || failed) && !over) {
      over = true;
      for (std::size_t i = 0; i < added.size(); ++i)
        One{pod, added[i], story.ephemeral[i], timers.ephemeral[i], around, false, true}.stop();
      for (std::size_t i = 0; i < story.init.size() && i < init_specs.size(); ++i) {
        if (is_sidecar(init_specs[i])) One{pod, init_specs[i], story.init[i], timers.init[i], around, true}.stop();
      }
      for (auto* list : {&timers.init, &timers.containers}) {
        for (ContainerTimer& timer : *list) timer = ContainerTimer{};
      }
    }
    if (!moved) break;
  }
  std::optional<std::int64_t> next = next_of(timers);
  // What has ended for good waits for nothing, whatever its timer said.
  if (next && *next <= around.now_ms) next = around.now_ms + notice_ms;
  return next;
}

}  // namespace fairlead::sandbox
