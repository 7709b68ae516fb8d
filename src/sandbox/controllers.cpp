#include "sandbox/controllers.h"

#include <algorithm>

#include "sandbox/containers.h"

namespace fairlead::sandbox {

// One line for each: std::unique_ptr<Controller> NAME(Work&) is the end of the controller's file. In this order they
// hear of a change.
#define FAIRLEAD_CONTROLLERS(CONTROLLER) \
  CONTROLLER(scheduler)                  \
  CONTROLLER(kubelet)                    \
  CONTROLLER(replicaset_controller)      \
  CONTROLLER(replication_controller)     \
  CONTROLLER(deployment_controller)      \
  CONTROLLER(statefulset_controller)     \
  CONTROLLER(daemonset_controller)       \
  CONTROLLER(job_controller)             \
  CONTROLLER(cronjob_controller)         \
  CONTROLLER(endpoints_controller)       \
  CONTROLLER(service_controller)         \
  CONTROLLER(volume_controller)          \
  CONTROLLER(node_controller)            \
  CONTROLLER(disruption_controller)      \
  CONTROLLER(autoscaler_controller)      \
  CONTROLLER(quota_controller)           \
  CONTROLLER(namespace_controller)       \
  CONTROLLER(definition_controller)      \
  CONTROLLER(garbage_controller)

#define FAIRLEAD_DECLARE(NAME) std::unique_ptr<Controller> NAME(Work&);
FAIRLEAD_CONTROLLERS(FAIRLEAD_DECLARE)

namespace {

#define FAIRLEAD_NAME(NAME) NAME,
constexpr std::unique_ptr<Controller> (*makers[])(Work&) = {FAIRLEAD_CONTROLLERS(FAIRLEAD_NAME)};

constexpr int most_per_run = 25;

}  // namespace

struct Controllers::Alive {};

Controllers::Controllers(Objects& objects, std::int64_t now_ms, std::function<void()> awake, std::string pem,
                         std::shared_ptr<Containers> shared)
    : Work(objects), alive_(std::make_shared<Alive>()), awake_(std::move(awake)), now_ms_(now_ms) {
  authority_pem = std::move(pem);
  containers = shared ? std::move(shared) : std::make_shared<Containers>(objects);
  for (auto* make : makers) controllers_.push_back(make(*this));
  for (const auto& resource : objects.resources().all()) watching_[resource.get()];
  for (const auto& controller : controllers_) {
    std::vector<const Resource*> watched = controller->watched();
    for (auto& [resource, watchers] : watching_) {
      if (watched.empty() || std::find(watched.begin(), watched.end(), resource) != watched.end())
        watchers.push_back(controller.get());
    }
  }
  store.observe([this, alive = std::weak_ptr<Alive>(alive_)](const Change& change) {
    if (alive.lock()) changed(change);
  });
  for (const auto& controller : controllers_) controller->adopt();
}

Controllers::~Controllers() = default;

std::size_t Controllers::TaskHash::operator()(const Task& task) const {
  std::hash<std::string> hash;
  return hash(task.key.name) * 31 + hash(task.key.namespace_name) + reinterpret_cast<std::uintptr_t>(task.controller);
}

void Controllers::wake(Controller& controller, Key key, std::int64_t delay_ms) {
  Place place{now_ms_ + delay_ms, woken_++};
  auto [found, added] = tasks_.try_emplace(Task{&controller, std::move(key)}, place);
  if (!added) {
    if (found->second.first <= place.first) return;
    queue_.erase(found->second);
    found->second = place;
  }
  bool first = queue_.empty() || place < queue_.begin()->first;
  queue_.emplace(place, &found->first);
  if (first && awake_) awake_();
}

void Controllers::changed(const Change& change) {
  auto found = watching_.find(change.object->resource);
  if (found == watching_.end()) {
    // A custom resource, which those see who see all.
    found = watching_.try_emplace(change.object->resource).first;
    for (const auto& controller : controllers_) {
      if (controller->watched().empty()) found->second.push_back(controller.get());
    }
  }
  for (Controller* controller : found->second) controller->changed(change);
}

std::optional<std::int64_t> Controllers::run(std::int64_t now_ms) {
  now_ms_ = std::max(now_ms_, now_ms);
  for (int done = 0; done < most_per_run && !queue_.empty() && queue_.begin()->first.first <= now_ms_; ++done) {
    Task task = *queue_.begin()->second;
    queue_.erase(queue_.begin());
    tasks_.erase(task);
    task.controller->reconcile(task.key);
  }
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

}  // namespace fairlead::sandbox
