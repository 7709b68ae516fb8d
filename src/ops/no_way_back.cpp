// What cannot be taken back, and what is lost for good.
#include <algorithm>

#include "ops/change.h"
#include "ops/managed_fields.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

constexpr std::string_view kClaims = "persistentVolumeClaimRetentionPolicy";

// A patch's word on a field, or what it has made of it.
const json::value& outcome_of(const Write& write) { return write.expected.is_null() ? write.body : write.expected; }

// Of a pod only the images of its containers can be set to and fro: tolerations are only added, deadlines only lowered.
bool is_one_way(const Write& write) {
  for (const auto& [name, value] : object_at(outcome_of(write), {"spec"})) {
    const json::value* before = find(write.before, "spec", name);
    if (name != "containers" && name != "initContainers" && (!before || *before != value)) return true;
  }
  return false;
}

bool lets_go_of_what_is_deleted(const Write& write) {
  if (text_at(write.before, {"metadata", "deletionTimestamp"}).empty()) return false;
  const json::value* left = find(outcome_of(write), "metadata", "finalizers");
  const bool was_asked = left || !write.expected.is_null();
  return was_asked && array_at(outcome_of(write), {"metadata", "finalizers"}).empty() &&
         !array_at(write.before, {"metadata", "finalizers"}).empty();
}

std::string no_way_back(const Write& write) {
  const ObjectRef& object = write.object;
  if (write.verb == Write::Verb::remove) {
    if (object.is("", "namespaces") || object.is("apiextensions.k8s.io", "customresourcedefinitions"))
      return "all that is in it goes with it";
    if (object.is("", "persistentvolumeclaims") && !text_at(write.before, {"spec", "volumeName"}).empty())
      return "its volume is released, and what is on it may go too";
    const json::value* owner = controller_reference(write.before);
    if (owner && text_at(*owner, {"kind"}) != "CronJob")  // that makes other ones
      return std::string(text_at(*owner, {"kind"})) + " " + std::string(text_at(*owner, {"name"})) +
             " recreates it by itself, if it is still wanted";
  }
  if (write.verb != Write::Verb::patch || write.before.is_null()) return "";
  const json::value& after = outcome_of(write);
  if (flag_at(after, {"immutable"}) && !flag_at(write.before, {"immutable"}))
    return object.words() + " cannot be changed any more once it is immutable";
  if (lets_go_of_what_is_deleted(write)) return object.words() + " is being deleted, and goes once nothing holds it";
  if (object.is("", "pods") && object.subresource.empty() && is_one_way(write))
    return "the server takes such a change of a pod in one direction only";
  if (object.is("batch", "jobs")) {
    const json::value *limit = find(after, "spec", "activeDeadlineSeconds"),
                      *had = find(write.before, "spec", "activeDeadlineSeconds");
    if (limit && (!had || *limit != *had)) return "pods that its deadline ends do not come back";
  }
  if (object.is("", "persistentvolumeclaims")) {
    const json::value *asked = find(after, "spec", "resources", "requests", "storage"),
                      *had = find(write.before, "spec", "resources", "requests", "storage");
    if (asked && had && *asked != *had) return "a volume does not shrink again";
    if (find(after, "spec", "volumeName") && !find(write.before, "spec", "volumeName"))
      return "a claim stays with its volume";
  }
  return "";
}

std::int64_t replicas(const json::value& of) { return integer_at(of, {"spec", "replicas"}, 1); }

// The object as the write would make it, by the server's word or as far as that can be told without.
json::value made_by(const Write& write) {
  if (!write.expected.is_null()) return write.expected;
  if (write.body.is_array()) return patched(write.before, write.body.get_array()).value_or(write.before);
  json::value out = merged(write.before, write.body);
  // What is left out of what is applied goes back to its default, where it was applied before.
  const FieldPath path{std::string("spec"), std::string("replicas")};
  if (write.content_type != kube::Patch::apply || at(write.body, path)) return out;
  for (const auto& entry : array_at(write.before, {"metadata", "managedFields"}))
    if (text_at(entry, {"manager"}) == kFieldManager && text_at(entry, {"operation"}) == "Apply" &&
        find(entry, "fieldsV1") && has_field(*find(entry, "fieldsV1"), path))
      out.as_object()["spec"].as_object()["replicas"] = 1;
  return out;
}

bool deletes_claims(const json::value& set, std::string_view when) {
  return text_at(set, {"spec", kClaims, when}) == "Delete";
}

}  // namespace

std::string no_way_back(const Plan& plan) {
  if (!plan.no_undo.empty()) return plan.no_undo;
  if (!plan.loses.empty()) return plan.loses;
  for (const auto& write : plan.writes)
    if (std::string why = no_way_back(write); !why.empty()) return why;
  return "";
}

awaitable<Result<void>> look_for_losses(Call& call, Plan& plan) {
  plan.loses.clear();
  for (const auto& write : plan.writes) {
    ObjectRef object = write.object;
    if (!object.is("apps", "statefulsets") || write.before.is_null()) continue;
    const bool goes = write.verb == Write::Verb::remove;
    json::value set = goes ? write.before : made_by(write);
    if (!goes && replicas(set) >= replicas(write.before)) continue;
    if (!object.subresource.empty()) {
      object.subresource.clear();
      auto read = co_await read_now(call, object);
      if (!read && read.error().code == ErrorCode::permission_denied) {
        std::string line = "whether volume claims of " + object.words() + " go with its pods may not be looked at";
        if (std::find(plan.reach.begin(), plan.reach.end(), line) == plan.reach.end())
          plan.reach.push_back(std::move(line));
        continue;
      }
      if (!read) co_return fail(std::move(read.error()));
      set = std::move(*read);
    }
    const std::string_view when = goes ? "whenDeleted" : "whenScaled";
    if (deletes_claims(set, when) || (object.subresource.empty() && deletes_claims(write.before, when)))
      plan.loses = "the volume claims of the pods of " + object.words() +
                   " that go are deleted with them (persistentVolumeClaimRetentionPolicy), and what is on them";
  }
  co_return Result<void>{};
}

}  // namespace fairlead::ops
