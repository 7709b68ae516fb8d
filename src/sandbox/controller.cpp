#include "sandbox/controller.h"

#include <algorithm>

namespace fairlead::sandbox {

Work::Work(Objects& objects_used)
    : objects(objects_used),
      store(objects.store()),
      recorder(objects),
      pods(objects.resources().get("", "pods")),
      nodes(objects.resources().get("", "nodes")),
      replicasets(objects.resources().get("apps", "replicasets")),
      claims(objects.resources().get("", "persistentvolumeclaims")),
      revisions(objects.resources().get("apps", "controllerrevisions")) {}

void Work::note(const Object& about, std::string_view component, std::string_view type, std::string_view reason,
                std::string message) {
  recorder.record(about, {std::string(type), std::string(reason), std::move(message), std::string(component), "", ""});
}

void Controller::wake_owners(const Object& object, const Resource& owners) {
  for (const std::string& uid : object.owners) {
    ObjectPtr owner = store_.find_uid(uid);
    if (owner && owner->resource == &owners) wake(*owner);
  }
}

void Controller::wake_owners(const Change& change, const Resource& owners) {
  wake_owners(*change.object, owners);
  if (change.previous && change.previous->owners != change.object->owners) wake_owners(*change.previous, owners);
}

}  // namespace fairlead::sandbox
