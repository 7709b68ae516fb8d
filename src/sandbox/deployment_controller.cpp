// Deployments: which ReplicaSet is the current one, how big each of them may be, and what there is to say about it.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/deployment.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "deployment-controller";
constexpr std::string_view revision_key = "deployment.kubernetes.io/revision";
constexpr std::string_view history_key = "deployment.kubernetes.io/revision-history";
constexpr std::string_view desired_key = "deployment.kubernetes.io/desired-replicas";
constexpr std::string_view max_key = "deployment.kubernetes.io/max-replicas";
constexpr std::string_view hash_label = "pod-template-hash";

std::int64_t revision_of(const json::value& object) {
  std::string_view text = text_at(object, {"metadata", "annotations", revision_key});
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The template as its maker wrote it; labels are there even when empty, so that two can be compared.
json::value plain_template(const json::value& object) {
  const json::value* found = find(object, "spec", "template");
  json::value out = found ? *found : json::value(json::object());
  object_in(out, {"metadata", "labels"}).erase(hash_label);
  return out;
}

// Annotations that say something of the Deployment itself and not of what it rolls out.
bool stays_behind(std::string_view key) {
  return key == revision_key || key == history_key || key == desired_key || key == max_key ||
         key == "kubectl.kubernetes.io/last-applied-configuration" || key == "deprecated.deployment.rollback.to";
}

// The sizes that the Deployment had when the ReplicaSet was scaled.
void note_sizes(json::value& replicaset, const json::value& deployment, std::int64_t max_replicas) {
  json::object& annotations = object_in(replicaset, {"metadata", "annotations"});
  annotations[desired_key] = std::to_string(integer_at(deployment, {"spec", "replicas"}));
  annotations[max_key] = std::to_string(max_replicas);
}

// Only the current ReplicaSet repeats what its Deployment says: old ones keep what it said in their time.
void annotate(json::value& replicaset, const json::value& deployment, std::int64_t max_replicas) {
  json::object& annotations = object_in(replicaset, {"metadata", "annotations"});
  for (const auto& annotation : object_at(deployment, {"metadata", "annotations"})) {
    if (!stays_behind(annotation.key())) annotations[annotation.key()] = annotation.value();
  }
  note_sizes(replicaset, deployment, max_replicas);
}

}  // namespace

Replicas replicas_of(const json::value& replicaset) {
  return {integer_at(replicaset, {"spec", "replicas"}), integer_at(replicaset, {"status", "replicas"}),
          integer_at(replicaset, {"status", "readyReplicas"}), integer_at(replicaset, {"status", "availableReplicas"})};
}

bool is_rolling(const json::value& deployment) {
  return text_at(deployment, {"spec", "strategy", "type"}) != "Recreate";
}

RolloutBounds bounds_of(const json::value& deployment) {
  RolloutBounds out;
  out.desired = integer_at(deployment, {"spec", "replicas"}, 1);
  if (!is_rolling(deployment)) return out;
  out.surge = scaled_value(find(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"), out.desired, true,
                           (out.desired + 3) / 4);
  out.unavailable = scaled_value(find(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"), out.desired,
                                 false, out.desired / 4);
  if (out.surge == 0 && out.unavailable == 0) out.unavailable = 1;
  out.unavailable = std::min(out.unavailable, out.desired);
  return out;
}

DeploymentController::DeploymentController(Work& work)
    : Controller(work), deployments_(resource("apps", "deployments")) {}

std::vector<const Resource*> DeploymentController::watched() const {
  return {&deployments_, &work_.replicasets, &work_.pods};
}

void DeploymentController::changed(const Change& change) {
  const Object& object = *change.object;
  if (object.resource == &deployments_) return wake(object);
  if (object.resource == &work_.replicasets) {
    wake_owners(change, deployments_);
    if (change.type == Change::Type::deleted || !object.owners.empty()) return;
    for (const ObjectPtr& deployment : store_.list(deployments_, object.namespace_name)) wake(*deployment);
    return;
  }
  // Recreate waits for the last pod of the old ones to be gone.
  if (change.type != Change::Type::deleted) return;
  for (const std::string& uid : object.owners) {
    ObjectPtr set = store_.find_uid(uid);
    if (set && set->resource == &work_.replicasets) wake_owners(*set, deployments_);
  }
}

ObjectPtr DeploymentController::current_of(const json::value& deployment, const std::vector<ObjectPtr>& owned) const {
  json::value wanted = plain_template(deployment);
  for (const ObjectPtr& replicaset : owned) {
    if (plain_template(objects_.load_brief(*replicaset)) == wanted) return replicaset;
  }
  return nullptr;
}

// Of a new ReplicaSet: what the old ones leave.
std::int64_t DeploymentController::first_size(const json::value& deployment,
                                              const std::vector<ObjectPtr>& owned) const {
  RolloutBounds bounds = bounds_of(deployment);
  std::int64_t total = 0;
  bool runs = false;
  for (const ObjectPtr& set : owned) {
    total += replicas_of(objects_.load_brief(*set)).wanted;
    for (const ObjectPtr& pod : store_.owned_by(set->uid)) runs = runs || !facts_of(pod).over();
  }
  if (!is_rolling(deployment)) return total > 0 || runs ? 0 : bounds.desired;
  return std::clamp<std::int64_t>(bounds.desired + bounds.surge - total, 0, bounds.desired);
}

ObjectPtr DeploymentController::make_current(const ObjectPtr& owner, const json::value& deployment,
                                             const std::vector<ObjectPtr>& owned) {
  std::int64_t newest_old = 0;
  ObjectPtr current = current_of(deployment, owned);
  for (const ObjectPtr& replicaset : owned) {
    if (replicaset != current) newest_old = std::max(newest_old, revision_of(objects_.load_brief(*replicaset)));
  }
  RolloutBounds bounds = bounds_of(deployment);
  if (current) {
    // A template that comes back is the newest again, and remembers the numbers that it had.
    json::value value = objects_.load(*current);
    std::int64_t revision = revision_of(value);
    annotate(value, deployment, bounds.desired + bounds.surge);
    json::object& annotations = object_in(value, {"metadata", "annotations"});
    if (revision <= newest_old) {
      if (revision > 0) {
        std::string history(text_in(annotations, history_key));
        annotations[history_key] =
            history.empty() ? std::to_string(revision) : history + "," + std::to_string(revision);
      }
      annotations[revision_key] = std::to_string(newest_old + 1);
    }
    const json::value* minimum = find(deployment, "spec", "minReadySeconds");
    if (minimum) object_in(value, {"spec"})["minReadySeconds"] = *minimum;
    auto updated = objects_.update(current, std::move(value), Part::whole);
    return updated ? *updated : current;
  }
  json::value wanted = plain_template(deployment);
  std::int64_t collisions = integer_at(deployment, {"status", "collisionCount"});
  std::string hash = collisions > 0 ? template_hash(json::array{wanted, collisions}) : template_hash(wanted);
  json::object labels = object_at(wanted, {"metadata", "labels"});
  labels[hash_label] = hash;
  json::value made = json::object();
  json::object& metadata = object_in(made, {"metadata"});
  metadata["name"] = owner->name + "-" + hash;
  metadata["namespace"] = owner->namespace_name;
  metadata["ownerReferences"] = json::array{controller_reference(deployments_, owner->name, owner->uid)};
  metadata["labels"] = labels;
  annotate(made, deployment, bounds.desired + bounds.surge);
  object_in(made, {"metadata", "annotations"})[revision_key] = std::to_string(newest_old + 1);
  json::object& spec = object_in(made, {"spec"});
  const std::int64_t size = first_size(deployment, owned);
  spec["replicas"] = size;
  if (const json::value* minimum = find(deployment, "spec", "minReadySeconds")) spec["minReadySeconds"] = *minimum;
  const json::value* selector = find(deployment, "spec", "selector");
  spec["selector"] = selector ? *selector : json::value(json::object());
  object_in(made, {"spec", "selector", "matchLabels"})[hash_label] = hash;
  object_in(made, {"spec"})["template"] = wanted;
  object_in(made, {"spec", "template", "metadata"})["labels"] = labels;
  auto created = objects_.create(work_.replicasets, std::move(made));
  if (created) {
    if (size > 0) {
      work_.note(*owner, component, "Normal", "ScalingReplicaSet",
                 "Scaled up replica set " + (*created)->name + " from 0 to " + std::to_string(size));
    }
    json::value with_progress = objects_.load(*owner);
    set_progressing(with_progress, "True", "NewReplicaSetCreated",
                    "Created new replica set \"" + (*created)->name + "\"", work_.now(), true);
    (void)objects_.update(owner, std::move(with_progress), Part::status);
    return *created;
  }
  if (created.error().reason == "AlreadyExists") {
    // Another template has the same hash: the next attempt counts the collision into it.
    json::value again = objects_.load(*owner);
    object_in(again, {"status"})["collisionCount"] = collisions + 1;
    (void)objects_.update(owner, std::move(again), Part::status);
  } else {
    work_.note(*owner, component, "Warning", "ReplicaSetCreateError",
               "Failed to create new replica set \"" + owner->name + "-" + hash + "\": " + created.error().message);
    wake(*owner, 5000);
  }
  return nullptr;
}

void DeploymentController::set_size(const ObjectPtr& owner, const json::value& deployment, const std::string& uid,
                                    std::int64_t replicas) {
  ObjectPtr current = store_.find_uid(uid);
  if (!current) return;
  json::value value = objects_.load(*current);
  std::int64_t before = integer_at(value, {"spec", "replicas"});
  RolloutBounds bounds = bounds_of(deployment);
  note_sizes(value, deployment, bounds.desired + bounds.surge);
  object_in(value, {"spec"})["replicas"] = replicas;
  if (!objects_.update(current, std::move(value), Part::whole) || replicas == before) return;
  work_.note(*owner, component, "Normal", "ScalingReplicaSet",
             std::string("Scaled ") + (replicas > before ? "up" : "down") + " replica set " + current->name + " from " +
                 std::to_string(before) + " to " + std::to_string(replicas));
}

void DeploymentController::reconcile(const Key& key) {
  ObjectPtr object = store_.find(deployments_, key.namespace_name, key.name);
  if (!object) return;
  json::value value = objects_.load(*object);
  const json::value* selector = find(value, "spec", "selector");
  std::vector<ObjectPtr> owned =
      claim(work_, *object, work_.replicasets, selector ? LabelSelector::from_object(*selector) : LabelSelector());
  if (is_dying(*object)) return tell(object->uid, current_of(value, owned), owned);
  bool paused = flag_at(value, {"spec", "paused"});
  if (mark_paused(object, paused)) return;  // the change wakes this again
  ObjectPtr current = current_of(value, owned);
  bool resized = current && !paused && is_scaling(value, owned);
  if (!paused && !resized) {
    current = make_current(object, value, owned);
    if (!current) return;
    std::erase_if(owned, [&](const ObjectPtr& one) { return one->uid == current->uid; });
    owned.push_back(current);
    ObjectPtr latest = store_.find_uid(object->uid);
    value = objects_.load(*latest);
    std::string revision(annotation_of(*current, revision_key));
    if (text_at(value, {"metadata", "annotations", revision_key}) != revision) {
      object_in(value, {"metadata", "annotations"})[revision_key] = revision;
      auto updated = objects_.update(latest, value, Part::whole);
      if (!updated) return;
    }
    roll(object, value, current, owned);
  } else {
    share_out(object, value, current, owned);
  }
  tell(object->uid, current, owned);
  if (!paused) forget_old(value, current, owned);
}

// Old ones beyond the history's limit go.
void DeploymentController::forget_old(const json::value& deployment, const ObjectPtr& current,
                                      const std::vector<ObjectPtr>& owned) {
  std::int64_t limit = std::max<std::int64_t>(0, integer_at(deployment, {"spec", "revisionHistoryLimit"}, 10));
  std::vector<std::pair<std::int64_t, ObjectPtr>> old;
  for (const ObjectPtr& one : owned) {
    ObjectPtr latest = store_.find_uid(one->uid);
    if (latest && (!current || one->uid != current->uid) && !is_dying(*latest))
      old.emplace_back(revision_of(objects_.load_brief(*latest)), latest);
  }
  std::sort(old.begin(), old.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < old.size() && static_cast<std::int64_t>(old.size() - i) > limit; ++i) {
    Replicas count = replicas_of(objects_.load_brief(*old[i].second));
    if (count.wanted == 0 && count.there == 0) (void)objects_.remove(old[i].second, {});
  }
}

std::unique_ptr<Controller> deployment_controller(Work& work) { return std::make_unique<DeploymentController>(work); }

}  // namespace fairlead::sandbox
