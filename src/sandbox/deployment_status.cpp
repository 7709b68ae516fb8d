// What a Deployment says of itself.
#include "base/text.h"
#include "sandbox/deployment.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"

namespace fairlead::sandbox {
namespace {

std::string_view progress_reason(const json::value& deployment) {
  for (const json::value& condition : array_at(deployment, {"status", "conditions"})) {
    if (text_at(condition, {"type"}) == "Progressing") return text_at(condition, {"reason"});
  }
  return {};
}

void set_deployment_condition(json::value& deployment, std::string_view type, std::string_view status,
                              std::string_view reason, const std::string& message, std::int64_t now, bool renew) {
  json::object* before = condition_in(array_in(object_in(deployment, {"status"}), "conditions"), type);
  bool same = before && text_in(*before, "status") == status && text_in(*before, "reason") == reason;
  if (same && !renew) return;
  set_condition(deployment, type, status, reason, message, now);
  (*condition_in(array_in(object_in(deployment, {"status"}), "conditions"), type))["lastUpdateTime"] =
      format_rfc3339(now);
}

}  // namespace

void set_progressing(json::value& deployment, std::string_view status, std::string_view reason,
                     const std::string& message, std::int64_t now, bool renew) {
  set_deployment_condition(deployment, "Progressing", status, reason, message, now, renew);
}

bool DeploymentController::mark_paused(const ObjectPtr& owner, bool paused) {
  json::value value = objects_.load(*owner);
  std::string_view reason = progress_reason(value);
  // A rollout that has failed stays failed.
  if (!find(value, "spec", "progressDeadlineSeconds") || reason == "ProgressDeadlineExceeded") return false;
  if (paused == (reason == "DeploymentPaused")) return false;
  if (paused) {
    set_progressing(value, "Unknown", "DeploymentPaused", "Deployment is paused", work_.now());
  } else {
    set_progressing(value, "Unknown", "DeploymentResumed", "Deployment is resumed", work_.now());
  }
  auto updated = objects_.update(owner, std::move(value), Part::status);
  return updated && *updated != owner;
}

void DeploymentController::tell(const std::string& uid, const ObjectPtr& current, const Sets& owned) {
  ObjectPtr latest = store_.find_uid(uid);
  if (!latest) return;
  json::value value = objects_.load(*latest);
  json::value before = value;
  Replicas all, mine;
  for (const ObjectPtr& replicaset : owned) {
    ObjectPtr now = store_.find_uid(replicaset->uid);
    if (!now) continue;
    Replicas one = replicas_of(objects_.load_brief(*now));
    all.wanted += one.wanted;
    all.there += one.there;
    all.ready += one.ready;
    all.available += one.available;
    if (current && replicaset->uid == current->uid) mine = one;
  }
  RolloutBounds bounds = bounds_of(value);
  json::object& status = object_in(value, {"status"});
  status["observedGeneration"] = integer_at(value, {"metadata", "generation"});
  set_count(status, "replicas", all.there);
  set_count(status, "updatedReplicas", mine.there);
  set_count(status, "readyReplicas", all.ready);
  set_count(status, "availableReplicas", all.available);
  set_count(status, "unavailableReplicas", std::max<std::int64_t>(0, all.wanted - all.available));
  bool enough = all.available >= bounds.desired - bounds.unavailable;
  std::int64_t now = work_.now();
  set_deployment_condition(
      value, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", now, false);
  std::string name = "ReplicaSet \"" + (current ? current->name : "") + "\" ";
  if (!current) name = "Deployment \"" + latest->name + "\" ";
  bool complete = mine.there == bounds.desired && all.there == bounds.desired && all.available == bounds.desired;
  std::int64_t deadline = integer_at(value, {"spec", "progressDeadlineSeconds"}, INT32_MAX);
  bool paused = flag_at(value, {"spec", "paused"});
  if (!paused && deadline != INT32_MAX && !is_dying(*latest)) {
    auto was = [&](std::string_view field) { return integer_at(before, {"status", field}); };
    bool progress = mine.there > was("updatedReplicas") ||
                    all.there - mine.there < was("replicas") - was("updatedReplicas") ||
                    all.ready > was("readyReplicas") || all.available > was("availableReplicas");
    std::string reason(progress_reason(value));
    bool was_complete = reason == "NewReplicaSetAvailable";
    if (complete) {
      if (!was_complete || condition_status(value, "Progressing") != "True") {
        set_progressing(value, "True", "NewReplicaSetAvailable", name + "has successfully progressed.", now, true);
      }
    } else if (was_complete && all.there == mine.there) {
      // Finished before; pods that come and go later are no rollout.
    } else if (progress || reason.empty()) {
      set_progressing(value, "True", "ReplicaSetUpdated", name + "is progressing.", now, true);
    } else if (reason != "ProgressDeadlineExceeded") {
      const json::object* condition = condition_in(array_in(object_in(value, {"status"}), "conditions"), "Progressing");
      std::int64_t due =
          condition ? parse_rfc3339(text_in(*condition, "lastUpdateTime")).value_or(now) + deadline : now + deadline;
      if (due <= now) {
        set_progressing(value, "False", "ProgressDeadlineExceeded", name + "has timed out progressing.", now, true);
      } else {
        wake(*latest, (due - now) * 1000);
      }
    }
    if ((progress || reason.empty()) && !complete) wake(*latest, deadline * 1000);
  }
  // Of the current ReplicaSet before all others.
  json::value failure;
  for (const ObjectPtr& replicaset : owned) {
    ObjectPtr set = store_.find_uid(replicaset->uid);
    if (!set) continue;
    json::value loaded = objects_.load_brief(*set);
    if (!failure.is_null() && !(current && set->uid == current->uid)) continue;
    for (const json::value& condition : array_at(loaded, {"status", "conditions"})) {
      if (text_at(condition, {"type"}) == "ReplicaFailure") failure = condition;
    }
  }
  if (failure.is_null()) {
    drop_condition(value, "ReplicaFailure");
  } else {
    set_deployment_condition(value, "ReplicaFailure", text_at(failure, {"status"}), text_at(failure, {"reason"}),
                             std::string(text_at(failure, {"message"})), now, false);
  }
  (void)objects_.update(latest, std::move(value), Part::status);
}

}  // namespace fairlead::sandbox
