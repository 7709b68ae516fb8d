#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "sandbox/controllers.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view revision_key = "deployment.kubernetes.io/revision";
constexpr std::string_view hash_label = "pod-template-hash";

struct Replicas {
  std::int64_t wanted = 0, there = 0, ready = 0, available = 0;
};

Replicas replicas_of(const json::value& replicaset) {
  return {integer_at(replicaset, {"spec", "replicas"}), integer_at(replicaset, {"status", "replicas"}), integer_at(replicaset, {"status", "readyReplicas"}),
          integer_at(replicaset, {"status", "availableReplicas"})};
}

std::int64_t revision_of(const json::value& object) {
  std::string_view text = text_at(object, {"metadata", "annotations", revision_key});
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// An IntOrString: a number, or a percentage of `total`.
std::int64_t resolve(const json::value* value, std::int64_t total, bool up, std::int64_t otherwise) {
  if (!value) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return otherwise;
  std::string_view text = value->get_string();
  std::int64_t percent = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (code != std::errc() || percent < 0 || percent > 1000) return otherwise;
  return up ? (total * percent + 99) / 100 : total * percent / 100;
}

json::value template_without_hash(const json::value& replicaset) {
  const json::value* found = find(replicaset, "spec", "template");
  json::value out = found ? *found : json::value(json::object());
  object_in(out, {"metadata", "labels"}).erase(hash_label);
  return out;
}

// A template whose labels are there even when empty, so that two can be compared.
json::value comparable(const json::value& deployment) {
  const json::value* found = find(deployment, "spec", "template");
  json::value out = found ? *found : json::value(json::object());
  object_in(out, {"metadata", "labels"});
  return out;
}

}  // namespace

ObjectPtr Controllers::new_replicaset(const ObjectPtr& owner, const json::value& deployment, const std::vector<ObjectPtr>& owned) {
  json::value wanted = comparable(deployment);
  std::int64_t revision = 0;
  ObjectPtr current;
  for (const ObjectPtr& replicaset : owned) {
    json::value value = objects_.load_brief(*replicaset);
    revision = std::max(revision, revision_of(value));
    if (!current && template_without_hash(value) == wanted) current = replicaset;
  }
  if (current) {
    // A template that comes back is the newest again.
    json::value value = objects_.load(*current);
    if (revision_of(value) == revision) return current;
    object_in(value, {"metadata", "annotations"})[revision_key] = std::to_string(revision + 1);
    auto updated = objects_.update(current, std::move(value), Part::whole);
    return updated ? *updated : current;
  }
  std::int64_t collisions = integer_at(deployment, {"status", "collisionCount"});
  std::string hash = template_hash(wanted);
  if (collisions > 0) hash = template_hash(json::array{wanted, collisions});
  json::value made = json::object();
  json::object& metadata = object_in(made, {"metadata"});
  metadata["name"] = owner->name + "-" + hash;
  metadata["namespace"] = owner->namespace_name;
  metadata["ownerReferences"] = json::array{controller_reference(deployments_, owner->name, owner->uid)};
  json::object labels = object_at(wanted, {"metadata", "labels"});
  labels[hash_label] = hash;
  metadata["labels"] = labels;
  std::int64_t replicas = integer_at(deployment, {"spec", "replicas"});
  object_in(made, {"metadata", "annotations"}) = json::object{{"deployment.kubernetes.io/desired-replicas", std::to_string(replicas)},
                                                              {"deployment.kubernetes.io/max-replicas", std::to_string(replicas + (replicas + 3) / 4)},
                                                              {revision_key, std::to_string(revision + 1)}};
  object_in(made, {"spec"})["replicas"] = 0;
  const json::value* selector = find(deployment, "spec", "selector");
  object_in(made, {"spec"})["selector"] = selector ? *selector : json::value(json::object());
  object_in(made, {"spec", "selector", "matchLabels"})[hash_label] = hash;
  object_in(made, {"spec"})["template"] = wanted;
  object_in(made, {"spec", "template", "metadata"})["labels"] = labels;
  auto created = objects_.create(replicasets_, std::move(made));
  if (created) return *created;
  if (created.error().reason == "AlreadyExists") {
    json::value again = deployment;
    object_in(again, {"status"})["collisionCount"] = collisions + 1;
    (void)objects_.update(owner, std::move(again), Part::whole);
  }
  return nullptr;
}

void Controllers::scale_replicaset(const ObjectPtr& owner, const ObjectPtr& replicaset, std::int64_t replicas) {
  ObjectPtr current = objects_.store().find(replicasets_, replicaset->namespace_name, replicaset->name);
  if (!current) return;
  json::value value = objects_.load(*current);
  std::int64_t before = integer_at(value, {"spec", "replicas"});
  if (before == replicas) return;
  object_in(value, {"spec"})["replicas"] = replicas;
  if (!objects_.update(current, std::move(value), Part::whole)) return;
  std::string direction = replicas > before ? "up" : "down";
  recorder_.record(*owner, {"Normal", "ScalingReplicaSet",
                            "Scaled " + direction + " replica set " + replicaset->name + " from " + std::to_string(before) + " to " + std::to_string(replicas),
                            "deployment-controller", "", ""});
}

// Brings the ReplicaSets' sizes closer to what the strategy wants.
void Controllers::roll(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const std::vector<ObjectPtr>& owned) {
  std::int64_t desired = integer_at(deployment, {"spec", "replicas"});
  std::vector<std::pair<ObjectPtr, Replicas>> old;
  std::int64_t total = 0, available = 0;
  Replicas mine;
  for (const ObjectPtr& replicaset : owned) {
    Replicas one = replicas_of(objects_.load_brief(*replicaset));
    total += one.wanted;
    available += one.available;
    if (replicaset->name == current->name) {
      mine = one;
    } else if (one.wanted > 0 || one.there > 0) {
      old.emplace_back(replicaset, one);
    }
  }
  if (old.empty()) return scale_replicaset(owner, current, desired);
  if (text_at(deployment, {"spec", "strategy", "type"}) == "Recreate") {
    bool empty = true;
    for (auto& [replicaset, one] : old) {
      scale_replicaset(owner, replicaset, 0);
      empty = empty && one.there == 0;
    }
    if (empty) scale_replicaset(owner, current, desired);
    return;
  }
  std::int64_t surge = resolve(find(deployment, "spec", "strategy", "rollingUpdate", "maxSurge"), desired, true, (desired + 3) / 4);
  std::int64_t unavailable = resolve(find(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"), desired, false, desired / 4);
  if (surge == 0 && unavailable == 0) unavailable = 1;
  if (mine.wanted > desired) {
    scale_replicaset(owner, current, desired);
    return;
  }
  std::int64_t room = desired + surge - total;
  if (room > 0 && mine.wanted < desired) {
    std::int64_t more = std::min(room, desired - mine.wanted);
    scale_replicaset(owner, current, mine.wanted + more);
    mine.wanted += more;
    total += more;
  }
  std::int64_t removable = total - (desired - unavailable) - (mine.wanted - mine.available);
  for (auto& [replicaset, one] : old) {
    if (removable <= 0) return;
    // Those that are not available go first; they cost nothing.
    std::int64_t broken = std::max<std::int64_t>(0, one.wanted - one.available);
    std::int64_t fewer = std::min(broken, removable);
    std::int64_t healthy = std::min({one.wanted - broken, removable - fewer, std::max<std::int64_t>(0, available - (desired - unavailable))});
    fewer += std::max<std::int64_t>(0, healthy);
    available -= std::max<std::int64_t>(0, healthy);
    removable -= fewer;
    if (fewer > 0) scale_replicaset(owner, replicaset, one.wanted - fewer);
  }
}

void Controllers::deployment_status(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current, const std::vector<ObjectPtr>& owned) {
  ObjectPtr latest = objects_.store().find(deployments_, owner->namespace_name, owner->name);
  if (!latest) return;
  json::value value = objects_.load(*latest);
  Replicas all;
  std::int64_t updated = 0;
  for (const ObjectPtr& replicaset : owned) {
    ObjectPtr now = objects_.store().find_uid(replicaset->uid);
    if (!now) continue;
    Replicas one = replicas_of(objects_.load_brief(*now));
    all.there += one.there;
    all.ready += one.ready;
    all.available += one.available;
    if (current && replicaset->name == current->name) updated = one.there;
  }
  std::int64_t desired = integer_at(deployment, {"spec", "replicas"});
  json::object& status = object_in(value, {"status"});
  auto set_count = [&](std::string_view name, std::int64_t count) {
    if (count > 0) {
      status[name] = count;
    } else {
      status.erase(name);
    }
  };
  status["observedGeneration"] = integer_at(value, {"metadata", "generation"});
  set_count("replicas", all.there);
  set_count("updatedReplicas", updated);
  set_count("readyReplicas", all.ready);
  set_count("availableReplicas", all.available);
  set_count("unavailableReplicas", desired - all.available);
  std::int64_t unavailable = resolve(find(deployment, "spec", "strategy", "rollingUpdate", "maxUnavailable"), desired, false, 0);
  bool enough = all.available >= desired - unavailable;
  std::int64_t at = objects_.now();
  set_condition(value, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", at);
  if (current) {
    bool complete = updated == desired && all.there == desired && all.available == desired;
    bool stuck = condition_status(value, "Progressing") == "False" && !complete;
    if (!stuck) {
      set_condition(value, "Progressing", "True", complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
                    "ReplicaSet \"" + current->name + "\" " + (complete ? "has successfully progressed." : "is progressing."), at);
    }
  }
  for (std::string_view type : {"Available", "Progressing"}) {
    json::object* condition = condition_in(array_in(object_in(value, {"status"}), "conditions"), type);
    if (condition && !condition->contains("lastUpdateTime")) (*condition)["lastUpdateTime"] = format_rfc3339(at);
  }
  (void)objects_.update(latest, std::move(value), Part::whole);
}

void Controllers::deployment(const ObjectPtr& object) {
  json::value value = objects_.load(*object);
  if (find(value, "metadata", "deletionTimestamp")) return;
  std::vector<ObjectPtr> owned;
  for (const ObjectPtr& child : objects_.store().owned_by(object->uid)) {
    if (child->resource == &replicasets_) owned.push_back(child);
  }
  ObjectPtr current, latest = object;
  bool paused = flag_at(value, {"spec", "paused"});
  if (!paused) {
    current = new_replicaset(object, value, owned);
    if (!current) return;
    std::erase_if(owned, [&](const ObjectPtr& one) { return one->name == current->name; });
    owned.push_back(current);
    std::string_view revision = text_at(value, {"metadata", "annotations", revision_key});
    json::value replicaset = objects_.load_brief(*current);
    std::string_view wanted = text_at(replicaset, {"metadata", "annotations", revision_key});
    if (revision != wanted) {
      object_in(value, {"metadata", "annotations"})[revision_key] = wanted;
      auto updated = objects_.update(object, value, Part::whole);
      if (!updated) return;
      latest = *updated;
    }
    roll(latest, value, current, owned);
  } else {
    json::value wanted = comparable(value);
    for (const ObjectPtr& one : owned) {
      if (template_without_hash(objects_.load_brief(*one)) == wanted) current = one;
    }
    if (current && owned.size() == 1) scale_replicaset(latest, current, integer_at(value, {"spec", "replicas"}));
  }
  deployment_status(latest, value, current, owned);
  // Old ones beyond the history's limit go.
  std::int64_t limit = integer_at(value, {"spec", "revisionHistoryLimit"}, 10);
  std::vector<std::pair<std::int64_t, ObjectPtr>> finished;
  for (const ObjectPtr& one : owned) {
    if (current && one->name == current->name) continue;
    json::value replicaset = objects_.load_brief(*one);
    Replicas count = replicas_of(replicaset);
    if (count.wanted == 0 && count.there == 0) finished.emplace_back(revision_of(replicaset), one);
  }
  std::sort(finished.begin(), finished.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; static_cast<std::int64_t>(finished.size() - i) > std::max<std::int64_t>(0, limit); ++i) (void)objects_.remove(finished[i].second, {});
}

}  // namespace fairlead::sandbox
