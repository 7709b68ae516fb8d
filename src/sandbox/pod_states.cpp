#include "sandbox/pod_states.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "sandbox/admission.h"
#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

json::object ended(const ContainerStory& story, std::int64_t started, std::int64_t finished, bool success,
                   std::string_view container_id) {
  return {{"containerID", container_id},
          {"exitCode", success ? 0 : story.exit_code},
          {"finishedAt", format_rfc3339(finished)},
          {"reason", success ? std::string_view("Completed") : std::string_view(story.reason)},
          {"startedAt", format_rfc3339(started)}};
}

json::object container_status(const json::value& pod, const json::value& container, const ContainerStory& story,
                              bool initialising, bool init) {
  std::string name(text_at(container, {"name"})), image(text_at(container, {"image"}));
  std::string uid(text_at(pod, {"metadata", "uid"}));
  auto run_id = [&](std::int64_t run) {
    return "containerd://" + hex_digest(stable_hash(uid + name, static_cast<std::uint64_t>(run)));
  };
  bool pulled = story.now != Now::pull_failed && story.now != Now::pull_backoff && story.now != Now::creating &&
                story.now != Now::config_error;
  json::object out{{"name", name}, {"image", pulled ? full_image(image) : image}};
  std::string repository = full_image(image);
  repository = repository.substr(0, repository.rfind(':'));
  out["imageID"] = pulled ? repository + "@sha256:" + hex_digest(stable_hash(image)) : "";
  out["restartCount"] = story.restarts;
  bool running = story.now == Now::running;
  out["ready"] = init ? story.now == Now::completed : running && story.ready;
  bool sidecar = init && text_at(container, {"restartPolicy"}) == "Always";
  if (sidecar) out["ready"] = running && story.ready;
  out["started"] = running && (!init || sidecar || story.ready);
  if (pulled) out["containerID"] = run_id(story.now == Now::backing_off ? story.restarts : story.restarts + 1);
  json::object last;
  if (story.last_finished_at > 0) {
    ContainerStory before = story;
    before.exit_code = story.last_exit_code.value_or(story.exit_code);
    if (!story.last_reason.empty()) before.reason = story.last_reason;
    last["terminated"] =
        ended(before, story.last_started_at, story.last_finished_at, before.exit_code == 0, run_id(story.restarts));
  }
  out["lastState"] = std::move(last);
  json::object state;
  std::int64_t pause = story.backoff_seconds;
  std::string pause_text =
      pause < 60 ? std::to_string(pause) + "s" : std::to_string(pause / 60) + "m" + std::to_string(pause % 60) + "s";
  std::string back_off = "back-off " + pause_text + " restarting failed container=" + name +
                         " pod=" + std::string(text_at(pod, {"metadata", "name"})) + "_" +
                         std::string(text_at(pod, {"metadata", "namespace"})) + "(" + uid + ")";
  switch (story.now) {
    case Now::creating:
      state["waiting"] = json::object{{"reason", initialising ? "PodInitializing" : "ContainerCreating"}};
      break;
    case Now::running: state["running"] = json::object{{"startedAt", format_rfc3339(story.started_at)}}; break;
    case Now::completed:
      state["terminated"] = ended(story, story.started_at, story.finished_at, true, run_id(story.restarts + 1));
      break;
    case Now::failed:
      state["terminated"] = ended(story, story.started_at, story.finished_at, false, run_id(story.restarts + 1));
      break;
    case Now::backing_off:
      state["waiting"] = json::object{{"reason", "CrashLoopBackOff"}, {"message", back_off}};
      break;
    case Now::pull_failed:
      state["waiting"] = json::object{{"reason", "ErrImagePull"}, {"message", behaviour_of(pod, container).pull_error}};
      break;
    case Now::config_error:
      state["waiting"] = json::object{{"reason", "CreateContainerConfigError"}, {"message", story.message}};
      break;
    case Now::pull_backoff:
      state["waiting"] = json::object{{"reason", "ImagePullBackOff"},
                                      {"message", "Back-off pulling image \"" + image +
                                                      "\": ErrImagePull: " + behaviour_of(pod, container).pull_error}};
      break;
  }
  out["state"] = std::move(state);
  if (pulled) {
    json::array mounts;
    for (const json::value& mount : array_at(container, {"volumeMounts"})) {
      json::object shown{{"name", text_at(mount, {"name"})}, {"mountPath", text_at(mount, {"mountPath"})}};
      if (flag_at(mount, {"readOnly"})) {
        shown["readOnly"] = true;
        shown["recursiveReadOnly"] = "Disabled";
      }
      mounts.push_back(std::move(shown));
    }
    if (!mounts.empty()) out["volumeMounts"] = std::move(mounts);
    if (running) {
      const json::object& resources = object_at(container, {"resources"});
      if (!resources.empty()) out["resources"] = resources;
      if (auto requests = resources.find("requests"); requests != resources.end())
        out["allocatedResources"] = requests->value();
    }
  }
  return out;
}

std::int64_t seconds_at(const json::value& object, std::initializer_list<std::string_view> path) {
  return parse_rfc3339(text_at(object, path)).value_or(0);
}

// From "back-off 2m40s restarting …"
std::int64_t backoff_in(std::string_view message) {
  if (!message.starts_with("back-off ")) return 300;
  std::int64_t total = 0, number = 0;
  for (char c : message.substr(9, message.find(' ', 9) - 9)) {
    if (c >= '0' && c <= '9') number = std::min<std::int64_t>(number * 10 + (c - '0'), 100'000);
    if (c == 'm' || c == 's') total += std::exchange(number, 0) * (c == 'm' ? 60 : 1);
  }
  return total;
}

ContainerStory story_of_status(const json::value& status) {
  ContainerStory out;
  out.restarts = integer_at(status, {"restartCount"});
  out.last_started_at = seconds_at(status, {"lastState", "terminated", "startedAt"});
  out.last_finished_at = seconds_at(status, {"lastState", "terminated", "finishedAt"});
  if (const json::value* last = find(status, "lastState", "terminated")) {
    out.last_exit_code = integer_at(*last, {"exitCode"});
    out.last_reason = text_at(*last, {"reason"});
    out.exit_code = integer_at(*last, {"exitCode"});
    out.reason = text_at(*last, {"reason"});
  }
  if (const json::value* running = find(status, "state", "running")) {
    out.now = Now::running;
    out.ready = flag_at(status, {"ready"});
    out.image = text_at(status, {"image"});
    out.started_at = seconds_at(*running, {"startedAt"});
  } else if (const json::value* terminated = find(status, "state", "terminated")) {
    bool success = integer_at(*terminated, {"exitCode"}) == 0;
    out.now = success ? Now::completed : Now::failed;
    out.started_at = seconds_at(*terminated, {"startedAt"});
    out.finished_at = seconds_at(*terminated, {"finishedAt"});
    if (!success) {
      out.exit_code = integer_at(*terminated, {"exitCode"});
      out.reason = text_at(*terminated, {"reason"});
    }
  } else {
    std::string_view reason = text_at(status, {"state", "waiting", "reason"});
    out.now = reason == "CrashLoopBackOff"             ? Now::backing_off
              : reason == "ErrImagePull"               ? Now::pull_failed
              : reason == "ImagePullBackOff"           ? Now::pull_backoff
              : reason == "CreateContainerConfigError" ? Now::config_error
                                                       : Now::creating;
    out.message = text_at(status, {"state", "waiting", "message"});
    if (out.now == Now::backing_off) out.backoff_seconds = backoff_in(out.message);
  }
  return out;
}

// What the readiness gates wait for, which others open; empty where all of them are open.
std::string closed_gates(const json::value& pod) {
  std::string out;
  for (const json::value& gate : array_at(pod, {"spec", "readinessGates"})) {
    std::string type(text_at(gate, {"conditionType"}));
    std::string_view status = condition_status(pod, type);
    if (status == "True") continue;
    out += out.empty() ? "" : ", ";
    out += status.empty()
               ? "corresponding condition of pod readiness gate \"" + type + "\" does not exist."
               : "the status of pod readiness gate \"" + type + "\" is not \"True\", but " + std::string(status);
  }
  return out;
}

}  // namespace

std::string full_image(std::string_view image) {
  std::size_t slash = image.find('/');
  bool host = slash != image.npos && image.substr(0, slash).find_first_of(".:") != image.npos;
  std::string out =
      host ? std::string(image) : (slash == image.npos ? "docker.io/library/" : "docker.io/") + std::string(image);
  if (image.find(':', image.rfind('/') == image.npos ? 0 : image.rfind('/')) == image.npos) out += ":latest";
  return out;
}

std::string pod_address(std::uint64_t index) {
  index += 10;
  return "10." + std::to_string(244 + index / 62'500 % 10) + "." + std::to_string(index / 250 % 250) + "." +
         std::to_string(2 + index % 250);
}

std::uint64_t stable_hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t out = 1469598103934665603ull ^ (seed * 0x9E3779B97F4A7C15ull);
  for (char c : text) out = (out ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return out ^ (out >> 29);
}

std::string hex_digest(std::uint64_t seed) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int word = 0; word < 4; ++word) {
    seed += 0x9E3779B97F4A7C15ull;
    std::uint64_t x = seed;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    x ^= x >> 31;
    for (int i = 0; i < 16; ++i, x >>= 4) out += digits[x & 15];
  }
  return out;
}

void set_condition(json::value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, std::int64_t at) {
  json::array& conditions = array_in(object_in(object, {"status"}), "conditions");
  json::object* condition = condition_in(conditions, type);
  if (!condition) {
    conditions.push_back(json::object{{"type", type}});
    condition = &conditions.back().get_object();
  }
  if (text_in(*condition, "status") != status) (*condition)["lastTransitionTime"] = format_rfc3339(at);
  (*condition)["status"] = status;
  auto set_or_erase = [&](std::string_view key, std::string_view value) {
    if (value.empty()) {
      condition->erase(key);
    } else {
      (*condition)[key] = value;
    }
  };
  set_or_erase("reason", reason);
  set_or_erase("message", message);
}

void drop_condition(json::value& object, std::string_view type) {
  if (!find(object, "status", "conditions")) return;
  json::array& conditions = array_in(object_in(object, {"status"}), "conditions");
  conditions.erase(std::remove_if(conditions.begin(), conditions.end(),
                                  [&](const json::value& one) { return text_at(one, {"type"}) == type; }),
                   conditions.end());
  if (conditions.empty()) object_in(object, {"status"}).erase("conditions");
}

void tell(json::value& pod, const PodStory& story) {
  const json::array& init_specs = array_at(pod, {"spec", "initContainers"});
  const json::array& specs = array_at(pod, {"spec", "containers"});
  bool initialised = true, init_failed = false, sidecars_ready = true;
  json::array init_statuses, statuses;
  for (std::size_t i = 0; i < init_specs.size() && i < story.init.size(); ++i) {
    bool first_pending = initialised;
    bool sidecar = text_at(init_specs[i], {"restartPolicy"}) == "Always";
    const ContainerStory& one = story.init[i];
    initialised =
        initialised && (one.now == Now::completed || (sidecar && (one.now == Now::running || one.restarts > 0)));
    init_failed |= !sidecar && one.now == Now::failed;
    if (sidecar) sidecars_ready &= one.now == Now::running && one.ready;
    init_statuses.push_back(container_status(pod, init_specs[i], story.init[i], !first_pending, true));
  }
  bool all_ready = true, any_running = false, all_completed = !specs.empty(), any_failed = false, all_ended = true,
       any_started = false;
  std::string unready, incomplete;
  for (std::size_t i = 0; i < specs.size() && i < story.containers.size(); ++i) {
    const ContainerStory& one = story.containers[i];
    statuses.push_back(container_status(pod, specs[i], one, !initialised, false));
    bool ready = one.now == Now::running && one.ready;
    if (!ready) {
      all_ready = false;
      unready += (unready.empty() ? "" : " ") + std::string(text_at(specs[i], {"name"}));
    }
    any_running |= one.now == Now::running;
    all_completed &= one.now == Now::completed;
    any_failed |= one.now == Now::failed;
    all_ended &= one.now == Now::completed || one.now == Now::failed;
    any_started |= one.now != Now::creating && one.now != Now::pull_failed && one.now != Now::pull_backoff &&
                   one.now != Now::config_error;
  }
  for (std::size_t i = 0; i < init_specs.size() && i < story.init.size(); ++i) {
    bool sidecar = text_at(init_specs[i], {"restartPolicy"}) == "Always";
    if (story.init[i].now != Now::completed && !(sidecar && story.init[i].now == Now::running))
      incomplete += (incomplete.empty() ? "" : " ") + std::string(text_at(init_specs[i], {"name"}));
  }
  json::array added;
  const json::array& added_specs = array_at(pod, {"spec", "ephemeralContainers"});
  for (std::size_t i = 0; i < added_specs.size() && i < story.ephemeral.size(); ++i) {
    json::object one = container_status(pod, added_specs[i], story.ephemeral[i], false, false);
    one["ready"] = false;  // nobody asks whether they are
    one.erase("started");
    added.push_back(std::move(one));
  }
  std::string policy(text_at(pod, {"spec", "restartPolicy"}));
  std::string phase = "Pending";
  if (any_started && initialised) phase = "Running";
  if (all_completed && policy != "Always") phase = "Succeeded";
  bool never = policy == "Never";
  if (all_ended && any_failed && never && !specs.empty()) phase = "Failed";
  if (init_failed && never) phase = "Failed";
  all_ready &= sidecars_ready;
  if (!initialised) all_ready = false;
  bool over = phase == "Succeeded" || phase == "Failed";
  std::string not_ready = "containers with unready status: [" + unready + "]";
  std::string_view unready_reason = over ? (phase == "Failed" ? "PodFailed" : "PodCompleted") : "ContainersNotReady";
  if (over) not_ready.clear();

  json::object& status = object_in(pod, {"status"});
  status["phase"] = phase;
  bool has_address = !story.pod_ip.empty();
  set_condition(pod, "PodReadyToStartContainers", has_address && !over ? "True" : "False", "", "", story.at);
  set_condition(pod, "Initialized", initialised ? "True" : "False",
                initialised ? (over ? "PodCompleted" : "") : "ContainersNotInitialized",
                initialised ? "" : "containers with incomplete status: [" + incomplete + "]",
                initialised && !story.init.empty() ? story.at : story.scheduled_at);
  if (std::string closed = all_ready ? closed_gates(pod) : std::string(); !closed.empty()) {
    set_condition(pod, "Ready", "False", "ReadinessGatesNotReady", closed, story.at);
  } else {
    set_condition(pod, "Ready", all_ready ? "True" : "False", all_ready ? "" : unready_reason,
                  all_ready ? "" : not_ready, story.at);
  }
  set_condition(pod, "ContainersReady", all_ready ? "True" : "False", all_ready ? "" : unready_reason,
                all_ready ? "" : not_ready, story.at);
  set_condition(pod, "PodScheduled", "True", "", "", story.scheduled_at);
  std::int64_t seen = integer_at(pod, {"metadata", "generation"});
  json::object& shown = object_in(pod, {"status"});
  if (seen > 0) {
    shown["observedGeneration"] = seen;
    for (std::string_view type : {"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"})
      (*condition_in(array_in(shown, "conditions"), type))["observedGeneration"] = seen;
  }
  shown["hostIP"] = story.node_ip;
  shown["hostIPs"] = json::array{json::object{{"ip", story.node_ip}}};
  if (has_address) {
    shown["podIP"] = story.pod_ip;
    shown["podIPs"] = json::array{json::object{{"ip", story.pod_ip}}};
  }
  shown["startTime"] = format_rfc3339(story.scheduled_at);
  if (!init_statuses.empty()) shown["initContainerStatuses"] = std::move(init_statuses);
  shown["containerStatuses"] = std::move(statuses);
  if (!added.empty()) shown["ephemeralContainerStatuses"] = std::move(added);
  set_default(shown, "qosClass", json::value(json::string(quality_of_service(pod))));
}

PodStory story_of(const json::value& pod) {
  PodStory out;
  out.scheduled_at = seconds_at(pod, {"status", "startTime"});
  out.node_ip = text_at(pod, {"status", "hostIP"});
  out.pod_ip = text_at(pod, {"status", "podIP"});
  for (const json::value& status : array_at(pod, {"status", "initContainerStatuses"}))
    out.init.push_back(story_of_status(status));
  for (const json::value& status : array_at(pod, {"status", "containerStatuses"}))
    out.containers.push_back(story_of_status(status));
  for (const json::value& status : array_at(pod, {"status", "ephemeralContainerStatuses"}))
    out.ephemeral.push_back(story_of_status(status));
  return out;
}

void tell_unschedulable(json::value& pod, std::string_view message, std::int64_t at) {
  object_in(pod, {"status"})["phase"] = "Pending";
  set_condition(pod, "PodScheduled", "False", "Unschedulable", message, at);
  set_default(object_in(pod, {"status"}), "qosClass", json::value(json::string(quality_of_service(pod))));
}

}  // namespace fairlead::sandbox
