#include "ops/pod_view.h"

#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

kube::ContainerState view_state(const json::value& status, std::string_view key) {
  kube::ContainerState state;
  const json::value* value = find(status, key);
  if (!value) return state;
  if (const auto* waiting = find(*value, "waiting")) {
    state.kind = kube::ContainerState::Kind::waiting;
    state.reason = text_at(*waiting, {"reason"});
    state.message = text_at(*waiting, {"message"});
  } else if (const auto* running = find(*value, "running")) {
    state.kind = kube::ContainerState::Kind::running;
    state.started_at = time_at(*running, {"startedAt"});
  } else if (const auto* ended = find(*value, "terminated")) {
    state.kind = kube::ContainerState::Kind::terminated;
    state.reason = text_at(*ended, {"reason"});
    state.message = text_at(*ended, {"message"});
    state.exit_code = static_cast<std::int32_t>(integer_at(*ended, {"exitCode"}));
    state.signal = static_cast<std::int32_t>(integer_at(*ended, {"signal"}));
    state.started_at = time_at(*ended, {"startedAt"});
    state.finished_at = time_at(*ended, {"finishedAt"});
  }
  return state;
}

std::vector<kube::ContainerStatus> view_statuses(const json::value& pod, std::string_view key) {
  std::vector<kube::ContainerStatus> out;
  for (const auto& status : array_at(pod, {"status", key})) {
    kube::ContainerStatus view;
    view.name = text_at(status, {"name"});
    view.image = text_at(status, {"image"});
    view.ready = flag_at(status, {"ready"});
    view.started = flag_at(status, {"started"});
    view.restart_count = static_cast<std::int32_t>(integer_at(status, {"restartCount"}));
    view.state = view_state(status, "state");
    view.last_state = view_state(status, "lastState");
    out.push_back(view);
  }
  return out;
}

std::vector<kube::ContainerView> view_containers(const json::value& pod, std::string_view key) {
  std::vector<kube::ContainerView> out;
  for (const auto& container : array_at(pod, {"spec", key})) {
    kube::ContainerView view;
    view.name = text_at(container, {"name"});
    view.image = text_at(container, {"image"});
    view.restart_policy = text_at(container, {"restartPolicy"});
    out.push_back(view);
  }
  return out;
}

}  // namespace

void view_pod(const json::value& pod, kube::PodView& view) {
  view.meta.name = text_at(pod, {"metadata", "name"});
  view.meta.ns = text_at(pod, {"metadata", "namespace"});
  view.meta.created = time_at(pod, {"metadata", "creationTimestamp"});
  view.meta.deletion = time_at(pod, {"metadata", "deletionTimestamp"});
  view.node_name = text_at(pod, {"spec", "nodeName"});
  view.phase = text_at(pod, {"status", "phase"});
  view.reason = text_at(pod, {"status", "reason"});
  view.init_containers = view_containers(pod, "initContainers");
  view.containers = view_containers(pod, "containers");
  view.init_statuses = view_statuses(pod, "initContainerStatuses");
  view.statuses = view_statuses(pod, "containerStatuses");
  view.ephemeral_statuses = view_statuses(pod, "ephemeralContainerStatuses");
  for (const auto& condition : array_at(pod, {"status", "conditions"})) {
    view.conditions.push_back({text_at(condition, {"type"}), text_at(condition, {"status"}),
                               text_at(condition, {"reason"}), text_at(condition, {"message"}),
                               time_at(condition, {"lastTransitionTime"})});
  }
}

}  // namespace fairlead::ops
