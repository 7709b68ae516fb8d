// Nodes' taints, owners that went, finalizers, namespaces that end.
#include <algorithm>

#include "sandbox/controllers.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view unschedulable = "node.kubernetes.io/unschedulable";

bool has_finalizer(const json::value& object, std::string_view name) {
  const json::array& list = array_at(object, {"metadata", "finalizers"});
  return std::any_of(list.begin(), list.end(), [&](const json::value& entry) { return entry.is_string() && entry.get_string() == name; });
}

void drop_finalizer(json::value& object, std::string_view name) {
  json::array& list = array_in(object_in(object, {"metadata"}), "finalizers");
  json::array kept;
  for (const json::value& entry : list) {
    if (!entry.is_string() || entry.get_string() != name) kept.push_back(entry);
  }
  list = std::move(kept);
}

}  // namespace

void Controllers::node(const ObjectPtr& object) {
  json::value value = objects_.load(*object);
  bool wanted = flag_at(value, {"spec", "unschedulable"});
  json::array kept;
  bool there = false;
  for (const json::value& taint : array_at(value, {"spec", "taints"})) {
    bool this_one = text_at(taint, {"key"}) == unschedulable && text_at(taint, {"effect"}) == "NoSchedule";
    there |= this_one;
    if (!this_one || wanted) kept.push_back(taint);
  }
  if (wanted == there) return;
  if (wanted) kept.push_back(json::object{{"key", unschedulable}, {"effect", "NoSchedule"}, {"timeAdded", objects_.now_text()}});
  if (kept.empty()) {
    object_in(value, {"spec"}).erase("taints");
  } else {
    object_in(value, {"spec"})["taints"] = std::move(kept);
  }
  (void)objects_.update(object, std::move(value), Part::whole);
  recorder_.record(*object, {"Normal", wanted ? "NodeNotSchedulable" : "NodeSchedulable",
                             "Node " + object->name + " status is now: " + (wanted ? "NodeNotSchedulable" : "NodeSchedulable"), "kubelet", object->name, ""});
}

void Controllers::garbage(const std::string& owner_uid) {
  if (objects_.store().find_uid(owner_uid)) return;
  for (const ObjectPtr& child : objects_.store().owned_by(owner_uid)) {
    bool kept = std::any_of(child->owners.begin(), child->owners.end(), [&](const std::string& uid) { return objects_.store().find_uid(uid) != nullptr; });
    if (!kept) (void)objects_.remove(child, {});
  }
}

void Controllers::finalizers(const std::string& uid) {
  ObjectPtr object = objects_.store().find_uid(uid);
  if (!object) return;
  json::value value = objects_.load(*object);
  if (!find(value, "metadata", "deletionTimestamp")) return;
  std::vector<ObjectPtr> children = objects_.store().owned_by(uid);
  if (has_finalizer(value, "orphan")) {
    for (const ObjectPtr& child : children) {
      json::value orphan = objects_.load(*child);
      json::array others;
      for (const json::value& owner : array_at(orphan, {"metadata", "ownerReferences"})) {
        if (text_at(owner, {"uid"}) != uid) others.push_back(owner);
      }
      object_in(orphan, {"metadata"})["ownerReferences"] = std::move(others);
      (void)objects_.update(child, std::move(orphan), Part::whole);
    }
    drop_finalizer(value, "orphan");
    (void)objects_.update(object, std::move(value), Part::whole);
    return;
  }
  if (!has_finalizer(value, "foregroundDeletion")) return;
  DeleteRequest request;
  request.propagation = "Foreground";
  bool blocked = false;
  for (const ObjectPtr& child : children) {
    blocked = true;
    if (child->resource == &pods_) {
      (void)objects_.remove(child, {});
    } else if (!find(objects_.load_brief(*child), "metadata", "deletionTimestamp")) {
      (void)objects_.remove(child, request);
    }
  }
  if (blocked) return;
  drop_finalizer(value, "foregroundDeletion");
  (void)objects_.update(object, std::move(value), Part::whole);
}

void Controllers::empty_namespace(const ObjectPtr& object) {
  json::value value = objects_.load_brief(*object);
  if (!find(value, "metadata", "deletionTimestamp")) {
    // Every namespace has its default service account and the cluster's certificate.
    const Resource& accounts = objects_.resources().get("", "serviceaccounts");
    if (!objects_.store().find(accounts, object->name, "default")) {
      (void)objects_.create(accounts, json::object{{"metadata", json::object{{"name", "default"}, {"namespace", object->name}}}});
    }
    return;
  }
  bool empty = true;
  for (const auto& resource : objects_.resources().all()) {
    if (!resource->namespaced || !resource->shows_stored_form()) continue;
    for (const ObjectPtr& child : objects_.store().list(*resource, object->name)) {
      empty = false;
      (void)objects_.remove(child, {});
    }
  }
  if (empty) return objects_.erase(object);
  enqueue(Key{What::namespaces, "", object->name}, 200);
}

}  // namespace fairlead::sandbox
