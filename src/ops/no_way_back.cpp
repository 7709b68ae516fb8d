// What cannot be taken back.
#include <fmt/format.h>

#include "ops/losses.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

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
      return "its controller recreates it by itself, if it is still wanted";
  }
  if (write.verb != Write::Verb::patch || write.before.is_null()) return "";
  const json::value& after = outcome_of(write);
  if (flag_at(after, {"immutable"}) && !flag_at(write.before, {"immutable"}))
    return object.words() + " cannot be changed any more once it is immutable";
  if (lets_go_of_what_is_deleted(write)) return object.words() + " is being deleted, and goes once nothing holds it";
  if (object.is("", "pods") && object.subresource.empty() && is_one_way(write))
    return "the server takes such a change of a pod in one direction only";
  if (object.is("", "persistentvolumeclaims")) {
    const json::value *asked = find(after, "spec", "resources", "requests", "storage"),
                      *had = find(write.before, "spec", "resources", "requests", "storage");
    if (asked && had && *asked != *had) return "a volume does not shrink again";
    if (find(after, "spec", "volumeName") && !find(write.before, "spec", "volumeName"))
      return "a claim stays with its volume";
  }
  return "";
}

}  // namespace

std::string no_way_back(const Plan& plan) {
  if (!plan.no_undo.empty()) return plan.no_undo;
  if (!plan.loses.empty()) return fmt::format("{}", fmt::join(plan.loses, "; "));
  for (const auto& write : plan.writes)
    if (std::string why = no_way_back(write); !why.empty()) return why;
  return "";
}

}  // namespace fairlead::ops
