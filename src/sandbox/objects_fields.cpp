#include "sandbox/json_edit.h"
#include "sandbox/managed_fields.h"
#include "sandbox/objects.h"
#include "sandbox/stored_form.h"

namespace fairlead::sandbox {
namespace {

// In a cluster every component writes under its own name.
std::string_view component(const Resource& resource, bool new_one) {
  bool on_the_node = resource.is_builtin("Pod") || resource.is_builtin("Node");
  return on_the_node && !(new_one && resource.is_builtin("Pod")) ? "kubelet" : "kube-controller-manager";
}

bool is_reset(const json::value* entries) {
  if (!entries || !entries->is_array() || entries->get_array().size() > 1) return false;
  return entries->get_array().empty() ||
         (entries->get_array()[0].is_object() && entries->get_array()[0].get_object().empty());
}

}  // namespace

void Objects::track(const Resource& resource, const json::value* before, json::value& after, Part part,
                    const Writer& writer) const {
  if (writer.tracked || !after.is_object()) return;
  json::value* metadata = after.get_object().if_contains("metadata");
  if (!metadata || !metadata->is_object()) return;
  ManagedFields was = before ? ManagedFields::of(*before) : ManagedFields();
  ManagedFields managed;
  // A client may write the list itself, but not by a subresource.
  const json::value* given = find(*metadata, "managedFields");
  if (!writer.subresource.empty() || !is_reset(given)) {
    std::optional<ManagedFields> own;
    if (writer.subresource.empty() && given && given->is_array()) own = ManagedFields::parse(given->get_array());
    managed = own && !own->empty() ? std::move(*own) : was;
  }
  bool apart = resource.subresource("status") != nullptr;
  Write write{writer.manager, writer.api_version.empty() ? resource.api_version() : writer.api_version,
              writer.subresource, Reach::all, now_text()};
  if (writer.subresource == "scale") write.now.clear();  // as the API server does
  if (write.manager.empty()) write.manager = component(resource, !before);
  if (part == Part::main && apart) write.reach = Reach::but_status;
  if (part == Part::status) write.reach = Reach::only_status;
  if (part == Part::status && apart) write.subresource = "status";
  if (part == Part::whole && apart) write.reach = Reach::but_status;
  // The scheduler's binding makes nobody the owner of the node's name.
  bool binding = part == Part::whole && resource.is_builtin("Pod");
  const Message* structure = resource.structure();
  json::value stored;
  if (structure) stored = as_stored(*structure, after);
  const json::value& shown = structure ? stored : after;
  if (!binding) managed = after_update(structure, before, shown, std::move(managed), write);
  if (part == Part::whole && apart) {
    write.reach = Reach::only_status;
    write.subresource = "status";
    managed = after_update(structure, before, shown, std::move(managed), write);
  }
  if (resource.is_builtin("Namespace")) {
    for (auto& [manager, owned] : managed.owners) owned.fields.erase({"f:spec", "f:finalizers"});
    std::erase_if(managed.owners, [](const auto& owner) { return owner.second.fields.empty(); });
  }
  if (before && managed == was) {
    // As it stands there, whatever the order of its fields.
    if (const json::value* entries = find(*before, "metadata", "managedFields")) {
      metadata->get_object()["managedFields"] = *entries;
      return;
    }
  }
  managed.write_to(after);
}

bool Objects::differs_by_times(const ObjectPtr& before, const json::value& old, const json::value& object) const {
  ManagedFields was = ManagedFields::of(old), is = ManagedFields::of(object);
  if (was == is) return false;
  for (auto& [manager, owned] : is.owners) {
    auto earlier = was.owners.find(manager);
    if (earlier != was.owners.end()) owned.time = earlier->second.time;
  }
  if (was != is) return false;
  json::value same = object;
  object_in(same, {"metadata"})["managedFields"] = *find(old, "metadata", "managedFields");
  auto packed = pack(*before->resource, same, before->version);
  return packed && packed->body == before->body;
}

}  // namespace fairlead::sandbox
