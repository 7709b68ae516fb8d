#include "sandbox/containers.h"

#include "base/text.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_opened = 500;

struct Place {
  std::string_view specs, statuses;
};
constexpr Place places[] = {{"containers", "containerStatuses"},
                            {"initContainers", "initContainerStatuses"},
                            {"ephemeralContainers", "ephemeralContainerStatuses"}};

const json::value* by_name(const json::array& list, std::string_view name) {
  for (const json::value& entry : list) {
    if (text_at(entry, {"name"}) == name) return &entry;
  }
  return nullptr;
}

// Its status, when it runs.
const json::value* running_status(const json::value& pod, std::string_view name) {
  for (const Place& place : places) {
    const json::value* status = by_name(array_at(pod, {"status", place.statuses}), name);
    if (status && find(*status, "state", "running")) return status;
  }
  return nullptr;
}

std::string key_of(std::string_view uid, std::string_view name) { return std::string(uid) + "/" + std::string(name); }

}  // namespace

std::shared_ptr<Container> Containers::running(const Object& pod, std::string_view name) {
  json::value value = objects_.load_brief(pod);
  const json::value* status = running_status(value, name);
  if (!status) return nullptr;
  std::int64_t restarts = integer_at(*status, {"restartCount"});
  std::shared_ptr<Container>& slot = opened_[key_of(pod.uid, name)];
  if (!slot || slot->restarts != restarts) {
    slot = std::make_shared<Container>();
    slot->namespace_name = pod.namespace_name;
    slot->pod_name = pod.name;
    slot->pod_uid = pod.uid;
    slot->name = name;
    slot->restarts = restarts;
    slot->started_at = parse_rfc3339(text_at(*status, {"state", "running", "startedAt"})).value_or(objects_.now());
    for (const Place& place : places) {
      if (const json::value* spec = by_name(array_at(value, {"spec", place.specs}), name)) slot->spec = *spec;
    }
    place_image(*slot, slot->started_at);
  }
  std::shared_ptr<Container> out = slot;
  out->pod = std::move(value);
  auto user = [&](std::string_view field) {
    std::int64_t of_pod = integer_at(out->pod, {"spec", "securityContext", field},
                                     flag_at(out->spec, {"securityContext", "runAsNonRoot"}) ? 65532 : 0);
    return integer_at(out->spec, {"securityContext", field}, of_pod);
  };
  out->user = user("runAsUser");
  out->group = user("runAsGroup");
  if (std::string_view directory = text_at(out->spec, {"workingDir"}); !directory.empty())
    out->directory = absolute_path("/", directory);
  place_mounts(objects_, *out, objects_.now());
  out->environment = container_environment(objects_, out->pod, out->spec);
  // Those that are gone make room first; then any that nobody uses.
  for (bool only_dead : {true, false}) {
    for (auto at = opened_.begin(); at != opened_.end() && opened_.size() > most_opened;) {
      at = at->second.use_count() == 1 && (!only_dead || !alive(*at->second)) ? opened_.erase(at) : std::next(at);
    }
  }
  return out;
}

bool Containers::alive(const Container& container) const {
  ObjectPtr pod = objects_.store().find_uid(container.pod_uid);
  if (!pod) return false;
  json::value value = objects_.load_brief(*pod);
  const json::value* status = running_status(value, container.name);
  return status && integer_at(*status, {"restartCount"}) == container.restarts;
}

void Containers::end(const Container& container, std::int64_t exit_code) {
  ObjectPtr pod = objects_.store().find_uid(container.pod_uid);
  if (!pod || !alive(container)) return;
  json::value value = objects_.load(*pod);
  PodStory story = story_of(value);
  story.at = objects_.now();
  std::string_view policy = text_at(value, {"spec", "restartPolicy"});
  bool again = policy == "Always" || policy.empty() || (policy == "OnFailure" && exit_code != 0);
  const json::array& specs = array_at(value, {"spec", "containers"});
  for (std::size_t i = 0; i < specs.size() && i < story.containers.size(); ++i) {
    if (text_at(specs[i], {"name"}) != container.name) continue;
    ContainerStory& one = story.containers[i];
    one.exit_code = exit_code;
    one.reason = exit_code == 0 ? "Completed" : "Error";
    one.finished_at = story.at;
    if (!again) {
      one.now = exit_code == 0 ? ContainerStory::Now::completed : ContainerStory::Now::failed;
      continue;
    }
    // The first time the kubelet starts it again at once.
    one.last_started_at = one.started_at;
    one.last_finished_at = one.finished_at;
    one.started_at = story.at;
    ++one.restarts;
    auto note = [&](std::string reason, std::string message) {
      recorder_.record(*pod,
                       {"Normal", std::move(reason), std::move(message), "kubelet",
                        std::string(text_at(value, {"spec", "nodeName"})), "spec.containers{" + container.name + "}"});
    };
    note("Pulled", "Container image \"" + std::string(text_at(specs[i], {"image"})) + "\" already present on machine");
    note("Created", "Created container: " + container.name);
    note("Started", "Started container " + container.name);
  }
  const json::array& added = array_at(value, {"spec", "ephemeralContainers"});
  for (std::size_t i = 0; i < added.size() && i < story.ephemeral.size(); ++i) {
    if (text_at(added[i], {"name"}) != container.name) continue;
    ContainerStory& one = story.ephemeral[i];
    one.exit_code = exit_code;
    one.finished_at = story.at;
    one.now = exit_code == 0 ? ContainerStory::Now::completed : ContainerStory::Now::failed;
  }
  tell(value, story);
  (void)objects_.update(pod, std::move(value), Part::whole);
}

}  // namespace fairlead::sandbox
