#include "ops/losses.h"

#include <algorithm>

#include "ops/json_patch.h"
#include "ops/managed_fields.h"
#include "ops/object_document.h"
#include "ops/writes.h"

namespace fairlead::ops {
namespace {

// The object as the write would make it, by the server's word or as far as that can be told without.
json::value made_by(const Write& write) {
  if (!write.expected.is_null()) return write.expected;
  if (write.body.is_array()) return patched(write.before, write.body.get_array()).value_or(write.before);
  json::value out = merged(write.before, write.body);
  if (write.content_type != kube::Patch::apply) return out;
  // What is left out of what is applied goes back to its default, where it was applied before.
  for (const auto& entry : array_at(write.before, {"metadata", "managedFields"})) {
    const json::value* fields = find(entry, "fieldsV1");
    if (!fields || text_at(entry, {"manager"}) != kFieldManager || text_at(entry, {"operation"}) != "Apply") continue;
    for (const auto& [name, value] : object_at(write.before, {"spec"}))
      if (!find(write.body, "spec", name) && has_field(*fields, {std::string("spec"), std::string(name)}))
        out.as_object()["spec"].as_object().erase(name);
  }
  return out;
}

// ---- the claims of a StatefulSet's pods

constexpr std::string_view kClaims = "persistentVolumeClaimRetentionPolicy";

bool deletes_claims(const json::value& set, std::string_view when) {
  return text_at(set, {"spec", kClaims, when}) == "Delete";
}

// The numbers of its pods: [first, end). The server keeps them in 32 bits.
struct Ordinals {
  std::int64_t first, end;
};
Ordinals ordinals(const json::value& set) {
  const auto number = [](std::int64_t value) { return std::clamp<std::int64_t>(value, 0, INT32_MAX); };
  const std::int64_t first = number(integer_at(set, {"spec", "ordinals", "start"}));
  return {first, first + number(integer_at(set, {"spec", "replicas"}, 1))};
}

bool ends_pods(const json::value& before, const json::value& after) {
  const Ordinals had = ordinals(before), has = ordinals(after);
  return had.first < had.end && (has.first > had.first || has.end < had.end);
}

// Whether claims go with pods that the write ends; a note where that may not be looked at.
awaitable<Result<bool>> loses_claims(Call& call, const Write& write, std::vector<std::string>& reach) {
  const bool goes = write.verb == Write::Verb::remove;
  json::value set = goes ? write.before : made_by(write);
  if (!goes && !ends_pods(write.before, set)) co_return false;
  ObjectRef object = write.object;
  if (!object.subresource.empty()) {
    object.subresource.clear();
    auto read = co_await read_now(call, object);
    if (!read && read.error().code == ErrorCode::permission_denied) {
      std::string line = "whether volume claims of " + object.words() + " go with its pods may not be looked at";
      if (std::find(reach.begin(), reach.end(), line) == reach.end()) reach.push_back(std::move(line));
      co_return false;
    }
    if (!read) co_return fail(std::move(read.error()));
    set = std::move(*read);
  }
  const std::string_view when = goes ? "whenDeleted" : "whenScaled";
  co_return deletes_claims(set, when) || (write.object.subresource.empty() && deletes_claims(write.before, when));
}

// ---- what fields of one object alone decide

// How many of what has ended a controller keeps; the others it deletes.
struct HistoryLimit {
  std::string_view group, plural, field;
  std::int64_t otherwise;
  std::string_view what;
};
constexpr HistoryLimit kHistoryLimits[]{
    {"apps", "deployments", "revisionHistoryLimit", 10, "older revisions"},
    {"apps", "statefulsets", "revisionHistoryLimit", 10, "older revisions"},
    {"apps", "daemonsets", "revisionHistoryLimit", 10, "older revisions"},
    {"batch", "cronjobs", "successfulJobsHistoryLimit", 3, "Jobs that have succeeded"},
    {"batch", "cronjobs", "failedJobsHistoryLimit", 1, "Jobs that have failed"},
};

std::string shortens_history(const ObjectRef& object, const json::value& before, const json::value& after) {
  for (const auto& limit : kHistoryLimits) {
    if (!object.is(limit.group, limit.plural)) continue;
    const std::int64_t had = integer_at(before, {"spec", limit.field}, limit.otherwise),
                       has = integer_at(after, {"spec", limit.field}, limit.otherwise);
    if (has < had)
      return std::string(limit.what) + " of " + object.words() + " are deleted but for " + std::to_string(has) + " (" +
             std::string(limit.field) + ")";
  }
  return "";
}

// A taint that ends pods is a drain that asks no disruption budget.
std::string drives_out(const ObjectRef& node, const json::value& before, const json::value& after) {
  const json::array& had = array_at(before, {"spec", "taints"});
  for (const auto& taint : array_at(after, {"spec", "taints"})) {
    if (text_at(taint, {"effect"}) != "NoExecute") continue;
    const bool was_there = std::any_of(had.begin(), had.end(), [&](const json::value& other) {
      return text_at(other, {"effect"}) == "NoExecute" && text_at(other, {"key"}) == text_at(taint, {"key"}) &&
             text_at(other, {"value"}) == text_at(taint, {"value"});
    });
    if (!was_there)
      return "the pods on " + node.words() +
             " that do not tolerate its new taint (NoExecute) are ended, and no disruption budget is asked";
  }
  return "";
}

// A volume that nothing claims goes, unless it is to be retained: one that is released already, or loses its claim.
std::string gives_up(const ObjectRef& volume, const json::value& before, const json::value& after) {
  constexpr std::string_view policy = "persistentVolumeReclaimPolicy";
  const std::string_view phase = text_at(before, {"status", "phase"}), now = text_at(after, {"spec", policy});
  if (now == "Retain") return "";
  const bool is_released = phase == "Released" || phase == "Failed";
  if (is_released && now != text_at(before, {"spec", policy}))
    return volume.words() + " is released, and goes with what is on it once it need not be retained";
  const json::value *had = find(before, "spec", "claimRef"), *has = find(after, "spec", "claimRef");
  if (had && (!has || *had != *has))
    return volume.words() + " loses its claim, and need not be retained: it may go with what is on it";
  return "";
}

// The token controller deletes a Secret whose account it does not find.
std::string loses_its_account(const ObjectRef& secret, const json::value& before, const json::value& after) {
  if (text_at(before, {"type"}) != "kubernetes.io/service-account-token") return "";
  for (std::string_view key : {"kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"}) {
    const json::value *had = find(before, "metadata", "annotations", key),
                      *has = find(after, "metadata", "annotations", key);
    if (had && (!has || *had != *has))
      return secret.words() + " holds the token of another service account or of none then, and is deleted";
  }
  return "";
}

// A pod or a Job that is past its deadline is ended, and stays so.
std::string ends_by_deadline(const ObjectRef& object, const json::value& before, const json::value& after) {
  const json::value *had = find(before, "spec", "activeDeadlineSeconds"),
                    *has = find(after, "spec", "activeDeadlineSeconds");
  if (!has || (had && *had == *has)) return "";
  return object.words() + " is ended at its deadline (activeDeadlineSeconds), and does not run again";
}

std::string loses(const Write& write) {
  if (write.verb != Write::Verb::patch || write.before.is_null() || !write.object.subresource.empty()) return "";
  const json::value after = made_by(write);
  if (write.object.is("", "nodes")) return drives_out(write.object, write.before, after);
  if (write.object.is("", "persistentvolumes")) return gives_up(write.object, write.before, after);
  if (write.object.is_secret()) return loses_its_account(write.object, write.before, after);
  if (write.object.is("", "pods") || write.object.is("batch", "jobs"))
    return ends_by_deadline(write.object, write.before, after);
  return shortens_history(write.object, write.before, after);
}

// ---- what a new controller takes over

// Kinds whose controllers adopt what matches their selector and nothing owns, and end what is too many of it.
struct Adopts {
  std::string_view group, plural, of_group, of_plural, what;
};
constexpr Adopts kAdopts[]{
    {"apps", "replicasets", "", "pods", "pods"},
    {"apps", "daemonsets", "", "pods", "pods"},
    {"apps", "statefulsets", "", "pods", "pods"},
    {"", "replicationcontrollers", "", "pods", "pods"},
    {"apps", "deployments", "apps", "replicasets", "ReplicaSets"},
};

std::string selected_by(const ObjectRef& object, const json::value& made) {
  if (object.group.empty()) return map_selector_text(object_at(made, {"spec", "selector"}));
  return selector_text(find(made, "spec", "selector"));
}

// A clause; empty: it finds nothing.
awaitable<Result<std::string>> takes_over(Call& call, const Write& write, std::vector<std::string>& reach) {
  const ObjectRef& object = write.object;
  for (const auto& kind : kAdopts) {
    if (!object.is(kind.group, kind.plural) || write.verb == Write::Verb::remove) continue;
    const std::string selector = selected_by(object, write.body);
    if (selector.empty()) continue;
    std::string target =
        kube::ResourcePath{std::string(kind.of_group), "v1", std::string(kind.of_plural), object.ns, {}, {}}.text();
    kube::add_query(target, "labelSelector", selector);
    kube::add_query(target, "limit", "500");
    auto list = co_await call.client.get(target, call.deadline);
    if (!list && list.error().code == ErrorCode::permission_denied) {
      std::string line = "whether " + object.words() + " takes over " + std::string(kind.what) +
                         " that nothing owns may not be looked at";
      if (std::find(reach.begin(), reach.end(), line) == reach.end()) reach.push_back(std::move(line));
      co_return std::string();
    }
    if (!list && list.error().code == ErrorCode::not_found) co_return std::string();
    if (!list) co_return fail(std::move(list.error()));
    const json::array& items = array_at(*list, {"items"});
    if (std::any_of(items.begin(), items.end(), [](const json::value& item) { return !controller_reference(item); }))
      co_return std::string(kind.what) + " that nothing owns match the selector of " + object.words() +
          ", which takes them over and ends those that are too many";
  }
  co_return std::string();
}

}  // namespace

awaitable<Result<void>> look_for_losses(Call& call, Plan& plan) {
  plan.loses.clear();
  for (const auto& write : plan.writes) {
    if (std::string what = loses(write); !what.empty()) plan.loses.push_back(std::move(what));
    if (write.before.is_null()) {
      auto taken = co_await takes_over(call, write, plan.reach);
      if (!taken) co_return fail(std::move(taken.error()));
      if (!taken->empty()) plan.loses.push_back(std::move(*taken));
    }
    if (!write.object.is("apps", "statefulsets") || write.before.is_null()) continue;
    auto claims = co_await loses_claims(call, write, plan.reach);
    if (!claims) co_return fail(std::move(claims.error()));
    if (*claims)
      plan.loses.push_back(
          "the volume claims of the pods of " + write.object.words() +
          " that go are deleted with them (persistentVolumeClaimRetentionPolicy), and what is on them");
  }
  co_return Result<void>{};
}

}  // namespace fairlead::ops
