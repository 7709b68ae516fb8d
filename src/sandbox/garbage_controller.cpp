// Owners and what they own: what is left without an owner goes; foreground and orphan deletions take their course.
#include <algorithm>

#include "sandbox/json_edit.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

// Keys: the uid in `name`, and what is to be done with it in `namespace_name`.
constexpr std::string_view gone = "gone", dying = "dying", added = "added";

bool has_finalizer(const json::value& object, std::string_view name) {
  const json::array& list = array_at(object, {"metadata", "finalizers"});
  return std::any_of(list.begin(), list.end(),
                     [&](const json::value& entry) { return entry.is_string() && entry.get_string() == name; });
}

void drop_finalizer(json::value& object, std::string_view name) {
  json::array& list = array_in(object_in(object, {"metadata"}), "finalizers");
  json::array kept;
  for (const json::value& entry : list) {
    if (!entry.is_string() || entry.get_string() != name) kept.push_back(entry);
  }
  list = std::move(kept);
}

class GarbageCollector final : public Controller {
 public:
  using Controller::Controller;

  std::vector<const Resource*> watched() const override { return {}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    for (const std::string& uid : object.owners) {
      ObjectPtr owner = store_.find_uid(uid);
      if (owner && is_dying(*owner)) wake_for(dying, uid);
      if (!owner && change.type != Change::Type::deleted) wake_for(added, object.uid);
    }
    if (change.type == Change::Type::deleted) {
      if (object.resource != &work_.pods || !store_.owned_by(object.uid).empty()) wake_for(gone, object.uid);
    } else if (is_dying(object)) {
      wake_for(dying, object.uid);
    }
  }

  void reconcile(const Key& key) override {
    if (key.namespace_name == gone) {
      for (const ObjectPtr& child : store_.owned_by(key.name)) collect(child);
    } else if (ObjectPtr object = store_.find_uid(key.name)) {
      if (key.namespace_name == added) collect(object);
      if (key.namespace_name == dying) finish(object);
    }
  }

 private:
  void wake_for(std::string_view what, const std::string& uid) { work_.wake(*this, Key{std::string(what), uid}); }

  bool solid(const std::string& uid) const { return store_.find_uid(uid) != nullptr; }

  void forget_owners(const ObjectPtr& child, const std::function<bool(std::string_view uid)>& keep) {
    json::value value = objects_.load(*child);
    json::array kept;
    for (const json::value& owner : array_at(value, {"metadata", "ownerReferences"})) {
      if (keep(text_at(owner, {"uid"}))) kept.push_back(owner);
    }
    json::object& metadata = object_in(value, {"metadata"});
    metadata.erase("ownerReferences");
    if (!kept.empty()) metadata["ownerReferences"] = std::move(kept);
    (void)objects_.update(child, std::move(value), Part::whole);
  }

  // One of its owners is not there: it goes too, unless another is.
  void collect(const ObjectPtr& child) {
    if (child->owners.empty() || is_dying(*child)) return;
    std::size_t there = static_cast<std::size_t>(
        std::count_if(child->owners.begin(), child->owners.end(), [&](const std::string& uid) { return solid(uid); }));
    if (there == child->owners.size()) return;
    if (there == 0) {
      (void)objects_.remove(child, {});
    } else {
      forget_owners(child, [&](std::string_view uid) { return solid(std::string(uid)); });
    }
  }

  static bool blocks(const json::value& child, std::string_view owner) {
    for (const json::value& reference : array_at(child, {"metadata", "ownerReferences"})) {
      if (text_at(reference, {"uid"}) == owner) return flag_at(reference, {"blockOwnerDeletion"});
    }
    return false;
  }

  void finish(const ObjectPtr& object) {
    json::value value = objects_.load(*object);
    if (!find(value, "metadata", "deletionTimestamp")) return;
    std::vector<ObjectPtr> children = store_.owned_by(object->uid);
    if (has_finalizer(value, "orphan")) {
      for (const ObjectPtr& child : children)
        forget_owners(child, [&](std::string_view uid) { return uid != object->uid; });
      drop_finalizer(value, "orphan");
      (void)objects_.update(object, std::move(value), Part::whole);
      return;
    }
    if (!has_finalizer(value, "foregroundDeletion")) return;
    DeleteRequest foreground;
    foreground.propagation = "Foreground";
    bool blocked = false;
    for (const ObjectPtr& child : children) {
      auto lives_on = [&](const std::string& uid) {
        ObjectPtr owner = uid == object->uid ? nullptr : store_.find_uid(uid);
        return owner && !is_dying(*owner);
      };
      if (std::any_of(child->owners.begin(), child->owners.end(), lives_on)) {
        forget_owners(child, [&](std::string_view uid) { return uid != object->uid; });
        continue;
      }
      blocked = blocked || blocks(objects_.load_brief(*child), object->uid);
      if (is_dying(*child)) continue;
      (void)objects_.remove(child, store_.owned_by(child->uid).empty() ? DeleteRequest() : foreground);
    }
    // Those that went at once block nothing any more; their deletion wakes this again.
    if (blocked) return;
    drop_finalizer(value, "foregroundDeletion");
    (void)objects_.update(object, std::move(value), Part::whole);
  }
};

}  // namespace

std::unique_ptr<Controller> garbage_controller(Work& work) { return std::make_unique<GarbageCollector>(work); }

}  // namespace fairlead::sandbox
