// How big each ReplicaSet of a Deployment is to be.
#include <algorithm>

#include "sandbox/deployment.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

struct Sized {
  ObjectPtr set;
  Replicas count;
};

std::int64_t desired_when_sized(const ObjectPtr& set) {
  std::string_view text = annotation_of(*set, "deployment.kubernetes.io/desired-replicas");
  return text.empty() ? -1 : std::atoll(std::string(text).c_str());
}

std::int64_t max_when_sized(const ObjectPtr& set) {
  std::string_view text = annotation_of(*set, "deployment.kubernetes.io/max-replicas");
  return text.empty() ? 0 : std::atoll(std::string(text).c_str());
}

}  // namespace

void DeploymentController::recreate(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current,
                                    const Sets& owned) {
  bool old_run = false;
  for (const ObjectPtr& set : owned) {
    if (set->uid == current->uid) continue;
    if (replicas_of(objects_.load_brief(*set)).wanted > 0) set_size(owner, deployment, set->uid, 0);
    for (const ObjectPtr& pod : store_.owned_by(set->uid)) old_run = old_run || !facts_of(pod).over();
  }
  if (!old_run) set_size(owner, deployment, current->uid, integer_at(deployment, {"spec", "replicas"}, 1));
}

void DeploymentController::roll(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current,
                                const Sets& owned) {
  if (!is_rolling(deployment)) return recreate(owner, deployment, current, owned);
  RolloutBounds bounds = bounds_of(deployment);
  std::vector<Sized> old;
  std::int64_t total = 0, available = 0;
  Replicas mine;
  for (const ObjectPtr& set : owned) {
    Replicas one = replicas_of(objects_.load_brief(*set));
    total += one.wanted;
    available += one.available;
    if (set->uid == current->uid) {
      mine = one;
    } else if (one.wanted > 0) {
      old.push_back({set, one});
    }
  }
  if (mine.wanted > bounds.desired) return set_size(owner, deployment, current->uid, bounds.desired);
  if (std::int64_t room = bounds.desired + bounds.surge - total; room > 0 && mine.wanted < bounds.desired) {
    return set_size(owner, deployment, current->uid, mine.wanted + std::min(room, bounds.desired - mine.wanted));
  }
  // The oldest are emptied first; of them what is not available, for that costs nothing.
  std::sort(old.begin(), old.end(),
            [](const Sized& a, const Sized& b) { return facts_of(a.set).created < facts_of(b.set).created; });
  std::int64_t least = bounds.desired - bounds.unavailable;
  std::int64_t removable = total - least - (mine.wanted - mine.available);
  for (Sized& one : old) {
    std::int64_t broken = std::min(one.count.wanted - one.count.available, removable);
    if (broken <= 0) continue;
    removable -= broken;
    one.count.wanted -= broken;
    set_size(owner, deployment, one.set->uid, one.count.wanted);
  }
  std::int64_t spare = available - least;
  for (Sized& one : old) {
    std::int64_t fewer = std::min({one.count.wanted, removable, spare});
    if (fewer <= 0) continue;
    removable -= fewer;
    spare -= fewer;
    set_size(owner, deployment, one.set->uid, one.count.wanted - fewer);
  }
}

bool DeploymentController::is_scaling(const json::value& deployment, const Sets& owned) const {
  std::int64_t desired = integer_at(deployment, {"spec", "replicas"}, 1);
  for (const ObjectPtr& set : owned) {
    if (replicas_of(objects_.load_brief(*set)).wanted == 0) continue;
    std::int64_t then = desired_when_sized(set);
    if (then >= 0 && then != desired) return true;
  }
  return false;
}

void DeploymentController::share_out(const ObjectPtr& owner, const json::value& deployment, const ObjectPtr& current,
                                     const Sets& owned) {
  RolloutBounds bounds = bounds_of(deployment);
  std::vector<Sized> active;
  std::int64_t total = 0;
  bool finished = false;
  for (const ObjectPtr& set : owned) {
    Replicas one = replicas_of(objects_.load_brief(*set));
    total += one.wanted;
    if (one.wanted > 0) active.push_back({set, one});
    if (current && set->uid == current->uid)
      finished = one.wanted == bounds.desired && one.available == bounds.desired && one.there == bounds.desired;
  }
  if (active.size() <= 1) {
    std::string uid = !active.empty() ? active.front().set->uid : current ? current->uid : "";
    if (!uid.empty()) set_size(owner, deployment, uid, bounds.desired);
    return;
  }
  if (finished) {
    for (const Sized& one : active) {
      if (one.set->uid != current->uid) set_size(owner, deployment, one.set->uid, 0);
    }
    return;
  }
  if (!is_rolling(deployment)) {
    for (const Sized& one : active)
      set_size(owner, deployment, one.set->uid, one.count.wanted);  // takes note of the number
    return;
  }
  // Each gets of the difference in proportion to its size, the biggest the rest.
  std::int64_t allowed = bounds.desired > 0 ? bounds.desired + bounds.surge : 0, difference = allowed - total,
               given = 0;
  bool growing = difference > 0;
  std::sort(active.begin(), active.end(), [&](const Sized& a, const Sized& b) {
    if (a.count.wanted != b.count.wanted) return a.count.wanted > b.count.wanted;
    std::int64_t age_a = facts_of(a.set).created, age_b = facts_of(b.set).created;
    return growing ? age_a > age_b : age_a < age_b;
  });
  std::vector<std::int64_t> sizes;
  for (const Sized& one : active) {
    std::int64_t then = max_when_sized(one.set);
    if (then <= 0) then = std::max<std::int64_t>(1, integer_at(deployment, {"status", "replicas"}));
    double exact = static_cast<double>(one.count.wanted) * static_cast<double>(allowed) / static_cast<double>(then);
    std::int64_t part = static_cast<std::int64_t>(exact + 0.5) - one.count.wanted, left = difference - given;
    part = growing ? std::clamp<std::int64_t>(part, 0, std::max<std::int64_t>(0, left))
                   : std::clamp<std::int64_t>(part, std::min<std::int64_t>(0, left), 0);
    given += part;
    sizes.push_back(one.count.wanted + part);
  }
  sizes.front() = std::max<std::int64_t>(0, sizes.front() + difference - given);
  for (std::size_t i = 0; i < active.size(); ++i) set_size(owner, deployment, active[i].set->uid, sizes[i]);
}

}  // namespace fairlead::sandbox
