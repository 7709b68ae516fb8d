// The scheduler's and the kubelet's part.
#include <algorithm>

#include "base/text.h"
#include "sandbox/behaviour.h"
#include "sandbox/controllers.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

using Now = ContainerStory::Now;

constexpr std::int64_t start_ms = 300;           // from its node's choice to running
constexpr std::int64_t longest_grace_ms = 1000;  // programs here stop at once when asked to
constexpr std::int64_t retry_ms = 20'000;        // of pods that no node can take, and of pulls

bool tolerates(const json::value& pod, const json::value& taint) {
  for (const json::value& toleration : array_at(pod, {"spec", "tolerations"})) {
    std::string_view key = text_at(toleration, {"key"}), effect = text_at(toleration, {"effect"});
    bool keys = key.empty() ? text_at(toleration, {"operator"}) == "Exists" : key == text_at(taint, {"key"});
    bool values = text_at(toleration, {"operator"}) == "Exists" || text_at(toleration, {"value"}) == text_at(taint, {"value"});
    if (keys && values && (effect.empty() || effect == text_at(taint, {"effect"}))) return true;
  }
  return false;
}

std::int64_t requested(const json::value& pod, std::string_view resource) {
  std::int64_t total = 0;
  for (const json::value& container : array_at(pod, {"spec", "containers"})) total += quantity_milli(text_at(container, {"resources", "requests", resource}));
  return total;
}

// Why the node cannot take the pod, as the scheduler words it; empty when it can.
std::string obstacle(const json::value& node, const json::value& pod) {
  if (flag_at(node, {"spec", "unschedulable"}) && !tolerates(pod, json::object{{"key", "node.kubernetes.io/unschedulable"}, {"effect", "NoSchedule"}})) {
    return "node(s) were unschedulable";
  }
  for (const json::value& taint : array_at(node, {"spec", "taints"})) {
    std::string_view effect = text_at(taint, {"effect"});
    if ((effect == "NoSchedule" || effect == "NoExecute") && !tolerates(pod, taint)) {
      std::string_view value = text_at(taint, {"value"});
      return "node(s) had untolerated taint {" + std::string(text_at(taint, {"key"})) + ": " + std::string(value) + "}";
    }
  }
  const json::object& labels = object_at(node, {"metadata", "labels"});
  for (const auto& wanted : object_at(pod, {"spec", "nodeSelector"})) {
    auto have = labels.find(wanted.key());
    if (have == labels.end() || have->value() != wanted.value()) return "node(s) didn't match Pod's node affinity/selector";
  }
  for (std::string_view resource : {"cpu", "memory"}) {
    if (requested(pod, resource) > quantity_milli(text_at(node, {"status", "allocatable", resource}))) return "Insufficient " + std::string(resource);
  }
  if (condition_status(node, "Ready") != "True") return "node(s) had untolerated taint {node.kubernetes.io/not-ready: }";
  return {};
}

std::string internal_ip(const json::value& node) {
  for (const json::value& address : array_at(node, {"status", "addresses"})) {
    if (text_at(address, {"type"}) == "InternalIP") return std::string(text_at(address, {"address"}));
  }
  return "0.0.0.0";
}

std::string place_of(const json::value& container, bool init) {
  return std::string("spec.") + (init ? "initContainers{" : "containers{") + std::string(text_at(container, {"name"})) + "}";
}

std::int64_t back_off_ms(std::int64_t restarts) { return std::min<std::int64_t>(300, 10LL << std::clamp<std::int64_t>(restarts, 0, 5)) * 1000; }

}  // namespace

void Controllers::pod(const ObjectPtr& object) {
  json::value value = objects_.load(*object);
  if (find(value, "metadata", "deletionTimestamp")) return vanish(object);
  std::string_view phase = text_at(value, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return;
  if (text_at(value, {"spec", "nodeName"}).empty()) return schedule(object, std::move(value));
  Key key{What::pod, object->namespace_name, object->name};
  if (auto due = pod_due_.find(object->uid); due != pod_due_.end()) {
    if (now_ms_ < due->second) return enqueue(key, due->second - now_ms_);
    pod_due_.erase(due);
    bool fresh = array_at(value, {"status", "containerStatuses"}).empty() || story_of(value).containers.front().now == Now::creating;
    return fresh ? start(object, std::move(value)) : restart(object, std::move(value));
  }
  if (!array_at(value, {"status", "containerStatuses"}).empty()) return;
  // Bound, by the scheduler or by its maker: the kubelet takes notice.
  PodStory story;
  story.at = story.scheduled_at = objects_.now();
  ObjectPtr node = objects_.store().find(nodes_, "", text_at(value, {"spec", "nodeName"}));
  if (!node) return;
  story.node_ip = internal_ip(objects_.load_brief(*node));
  ContainerStory creating;
  creating.now = Now::creating;
  story.init.assign(array_at(value, {"spec", "initContainers"}).size(), creating);
  story.containers.assign(array_at(value, {"spec", "containers"}).size(), creating);
  tell(value, story);
  pod_due_[object->uid] = now_ms_ + start_ms;
  (void)objects_.update(object, std::move(value), Part::whole);
}

void Controllers::schedule(const ObjectPtr& object, json::value value) {
  std::map<std::string, int> obstacles;
  std::vector<ObjectPtr> nodes = objects_.store().list(nodes_, "");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const ObjectPtr& candidate = nodes[(next_node_ + i) % nodes.size()];
    std::string why = obstacle(objects_.load_brief(*candidate), value);
    if (!why.empty()) {
      ++obstacles[why];
      continue;
    }
    next_node_ += i + 1;
    unscheduled_.erase(Key{What::pod, object->namespace_name, object->name});
    object_in(value, {"spec"})["nodeName"] = candidate->name;
    set_condition(value, "PodScheduled", "True", "", "", objects_.now());
    if (!objects_.update(object, std::move(value), Part::whole)) return;
    recorder_.record(*object, {"Normal", "Scheduled", "Successfully assigned " + object->namespace_name + "/" + object->name + " to " + candidate->name,
                               "default-scheduler", "", ""});
    return;
  }
  std::string total = "0/" + std::to_string(nodes.size()) + " nodes are available: ", reasons;
  for (const auto& [why, count] : obstacles) reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + why;
  std::string message = total + reasons + ". preemption: " + total + std::to_string(nodes.size()) + " Preemption is not helpful for scheduling.";
  if (nodes.empty()) message = "no nodes available to schedule pods";
  unscheduled_.insert(Key{What::pod, object->namespace_name, object->name});
  for (const json::value& condition : array_at(value, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "PodScheduled" && text_at(condition, {"message"}) == message) return;
  }
  tell_unschedulable(value, message, objects_.now());
  (void)objects_.update(object, std::move(value), Part::whole);
  recorder_.record(*object, {"Warning", "FailedScheduling", message, "default-scheduler", "", ""});
}

// The first time that its containers are started.
void Controllers::start(const ObjectPtr& object, json::value value) {
  PodStory story = story_of(value);
  std::int64_t now = objects_.now();
  story.at = now;
  story.scheduled_at = parse_rfc3339(text_at(value, {"status", "startTime"})).value_or(now);
  std::string host(text_at(value, {"spec", "nodeName"}));
  if (story.pod_ip.empty()) story.pod_ip = flag_at(value, {"spec", "hostNetwork"}) ? story.node_ip : pod_address(next_address_++);
  auto note = [&](std::string_view type, std::string_view reason, std::string message, std::string place) {
    recorder_.record(*object, {std::string(type), std::string(reason), std::move(message), "kubelet", host, std::move(place)});
  };
  auto begin = [&](const json::value& container, ContainerStory* one, bool init) {
    Behaviour behaviour = behaviour_of(container);
    std::string image(text_at(container, {"image"})), name(text_at(container, {"name"})), place = place_of(container, init);
    if (behaviour.fate == Fate::cannot_be_pulled) {
      one->now = Now::pull_failed;
      note("Normal", "Pulling", "Pulling image \"" + image + "\"", place);
      note("Warning", "Failed", "Failed to pull image \"" + image + "\": " + behaviour.pull_error, place);
      note("Warning", "Failed", "Error: ErrImagePull", place);
      return;
    }
    note("Normal", "Pulled", "Container image \"" + image + "\" already present on machine", place);
    note("Normal", "Created", "Created container: " + name, place);
    note("Normal", "Started", "Started container " + name, place);
    one->started_at = now;
    one->finished_at = now;
    one->now = Now::running;
    if (init) one->now = behaviour.fate == Fate::hangs ? Now::running : Now::completed;
    if (init && one->now == Now::running) one->ready = false;
    if (behaviour.fate == Fate::completes) one->now = Now::completed;
    if (behaviour.fate == Fate::crashes || behaviour.fate == Fate::out_of_memory) {
      one->now = Now::failed;
      one->reason = behaviour.fate == Fate::crashes ? "Error" : "OOMKilled";
      one->exit_code = behaviour.fate == Fate::crashes ? 1 : 137;
    }
  };
  bool initialised = true;
  const json::array& init_specs = array_at(value, {"spec", "initContainers"});
  for (std::size_t i = 0; i < story.init.size() && initialised; ++i) {
    if (story.init[i].now == Now::creating) begin(init_specs[i], &story.init[i], true);
    initialised = story.init[i].now == Now::completed;
  }
  const json::array& specs = array_at(value, {"spec", "containers"});
  bool comes_back = false;
  for (std::size_t i = 0; i < story.containers.size() && initialised; ++i) {
    begin(specs[i], &story.containers[i], false);
    Now state = story.containers[i].now;
    bool restarts = text_at(value, {"spec", "restartPolicy"}) == "Always" || (state == Now::failed && text_at(value, {"spec", "restartPolicy"}) == "OnFailure");
    comes_back |= state == Now::pull_failed || ((state == Now::failed || state == Now::completed) && restarts);
  }
  tell(value, story);
  if (comes_back) pod_due_[object->uid] = now_ms_ + 2000;
  auto updated = objects_.update(object, std::move(value), Part::whole);
  if (updated && comes_back) enqueue(Key{What::pod, object->namespace_name, object->name}, 2000);
}

// Containers that failed are tried again, with longer and longer pauses.
void Controllers::restart(const ObjectPtr& object, json::value value) {
  PodStory story = story_of(value);
  std::int64_t now = objects_.now(), next_ms = retry_ms;
  story.at = now;
  std::string host(text_at(value, {"spec", "nodeName"}));
  bool waits = false;
  const json::array& specs = array_at(value, {"spec", "containers"});
  for (std::size_t i = 0; i < story.containers.size() && i < specs.size(); ++i) {
    ContainerStory& one = story.containers[i];
    Behaviour behaviour = behaviour_of(specs[i]);
    std::string image(text_at(specs[i], {"image"})), name(text_at(specs[i], {"name"})), place = place_of(specs[i], false);
    auto note = [&](std::string_view type, std::string_view reason, std::string message) {
      recorder_.record(*object, {std::string(type), std::string(reason), std::move(message), "kubelet", host, place});
    };
    if (one.now == Now::pull_failed || one.now == Now::pull_backoff) {
      waits = true;
      if (behaviour.fate != Fate::cannot_be_pulled) {
        one.now = Now::running;
        one.started_at = now;
        continue;
      }
      one.now = one.now == Now::pull_failed ? Now::pull_backoff : Now::pull_failed;
      if (one.now == Now::pull_backoff) {
        note("Normal", "BackOff", "Back-off pulling image \"" + image + "\"");
        note("Warning", "Failed", "Error: ImagePullBackOff");
        next_ms = 280'000;
      } else {
        note("Warning", "Failed", "Failed to pull image \"" + image + "\": " + behaviour.pull_error);
        next_ms = 5'000;
      }
    } else if (one.now == Now::failed || one.now == Now::completed) {
      waits = true;
      one.last_started_at = one.started_at;
      one.last_finished_at = one.finished_at;
      one.now = Now::backing_off;
      next_ms = back_off_ms(one.restarts);
      note("Warning", "BackOff",
           "Back-off restarting failed container " + name + " in pod " + object->name + "_" + object->namespace_name + "(" + object->uid + ")");
    } else if (one.now == Now::backing_off) {
      waits = true;
      ++one.restarts;
      one.started_at = now;
      one.finished_at = now;
      bool fails = behaviour.fate == Fate::crashes || behaviour.fate == Fate::out_of_memory;
      one.now = fails ? Now::failed : Now::running;
      note("Normal", "Created", "Created container: " + name);
      note("Normal", "Started", "Started container " + name);
      next_ms = 2000;
    }
  }
  tell(value, story);
  if (waits) pod_due_[object->uid] = now_ms_ + next_ms;
  auto updated = objects_.update(object, std::move(value), Part::whole);
  if (updated && waits) enqueue(Key{What::pod, object->namespace_name, object->name}, next_ms);
}

// Its containers are asked to stop; when they have, it goes, unless a finalizer holds it.
void Controllers::vanish(const ObjectPtr& object) {
  Key key{What::pod, object->namespace_name, object->name};
  json::value value = objects_.load_brief(*object);
  auto [due, fresh] = pod_due_.try_emplace(object->uid + " stops", 0);
  if (fresh) {
    std::int64_t grace_ms = integer_at(value, {"metadata", "deletionGracePeriodSeconds"}) * 1000;
    due->second = now_ms_ + std::min(grace_ms, longest_grace_ms);
    for (const json::value& container : array_at(value, {"spec", "containers"})) {
      recorder_.record(*object, {"Normal", "Killing", "Stopping container " + std::string(text_at(container, {"name"})), "kubelet",
                                 std::string(text_at(value, {"spec", "nodeName"})), place_of(container, false)});
    }
  }
  if (now_ms_ < due->second) return enqueue(key, due->second - now_ms_);
  if (!array_at(value, {"metadata", "finalizers"}).empty()) return;
  pod_due_.erase(due);
  objects_.erase(object);
}

}  // namespace fairlead::sandbox
