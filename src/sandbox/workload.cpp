#include "sandbox/workload.h"

#include <algorithm>
#include <charconv>

#include "sandbox/json_edit.h"
#include "sandbox/names.h"
#include "sandbox/pod_states.h"
#include "sandbox/protobuf_wire.h"

namespace fairlead::sandbox {
namespace {

constexpr std::size_t most_pods = 250'000;

std::int64_t seconds_of(std::optional<std::string_view> time) {
  wire::Reader reader(time.value_or(""));
  auto value = reader.next();
  return value && value->field == 1 ? static_cast<std::int64_t>(value->integer) : 0;
}

std::string_view map_entry(const Object& object, std::uint32_t field, std::string_view key) {
  wire::Reader metadata(wire::at(object.body, {1}).value_or(""));
  while (auto value = metadata.next()) {
    if (value->field == field && wire::at(value->bytes, {1}) == key) return wire::at(value->bytes, {2}).value_or("");
  }
  return {};
}

bool set_controller(Objects& objects, const ObjectPtr& object, const Object& owner, bool owned) {
  json::value value = objects.load(*object);
  json::array references;
  for (const json::value& reference : array_at(value, {"metadata", "ownerReferences"})) {
    if (text_at(reference, {"uid"}) != owner.uid) references.push_back(reference);
  }
  if (owned) references.push_back(controller_reference(*owner.resource, owner.name, owner.uid));
  json::object& metadata = object_in(value, {"metadata"});
  if (references.empty()) {
    metadata.erase("ownerReferences");
  } else {
    metadata["ownerReferences"] = std::move(references);
  }
  return objects.update(object, std::move(value), Part::whole).has_value();
}

}  // namespace

PodFacts facts_of(const ObjectPtr& pod) {
  PodFacts out{pod};
  out.assigned = wire::at(pod->body, {2, 10}).has_value();
  out.dying = is_dying(*pod);
  std::string_view status_bytes = wire::at(pod->body, {3}).value_or("");
  out.phase = wire::at(status_bytes, {1}).value_or("");
  wire::Reader status(status_bytes);
  while (auto value = status.next()) {
    if (value->field != 2 || wire::at(value->bytes, {1}) != "Ready") continue;  // a condition: type is 1, status 2
    out.ready = wire::at(value->bytes, {2}) == "True";
    out.ready_changed = seconds_of(wire::at(value->bytes, {4}));
    if (out.ready) out.ready_since = out.ready_changed;
  }
  out.created = seconds_of(wire::at(pod->body, {1, 8}));
  return out;
}

std::string_view label_of(const Object& object, std::string_view key) { return map_entry(object, 11, key); }
std::string_view annotation_of(const Object& object, std::string_view key) { return map_entry(object, 12, key); }
bool is_dying(const Object& object) { return wire::at(object.body, {1, 9}).has_value(); }

std::string_view controller_uid(const Object& object) {
  if (object.owners.empty()) return {};
  wire::Reader metadata(wire::at(object.body, {1}).value_or(""));
  while (auto value = metadata.next()) {
    if (value->field != 13) continue;
    std::string_view uid;
    bool controller = false;
    wire::Reader reference(value->bytes);
    while (auto member = reference.next()) {
      if (member->field == 4) uid = member->bytes;
      if (member->field == 6) controller = member->integer != 0;
    }
    if (controller) return uid;
  }
  return {};
}

std::vector<ObjectPtr> claim(Work& work, const Object& owner, const Resource& resource, const LabelSelector& selector) {
  std::vector<ObjectPtr> out;
  for (const ObjectPtr& child : work.store.owned_by(owner.uid)) {
    if (child->resource != &resource || controller_uid(*child) != owner.uid) continue;
    if (selector.matches(labels_of(*child)) || is_dying(*child)) {
      out.push_back(child);
    } else {
      set_controller(work.objects, child, owner, false);
    }
  }
  if (is_dying(owner) || selector.empty()) return out;
  for (const ObjectPtr& orphan : work.store.unowned(resource, owner.namespace_name)) {
    if (is_dying(*orphan) || !selector.matches(labels_of(*orphan))) continue;
    std::string_view phase = wire::at(orphan->body, {3, 1}).value_or("");
    if (&resource == &work.pods && (phase == "Succeeded" || phase == "Failed")) continue;
    if (!set_controller(work.objects, orphan, owner, true)) continue;
    if (ObjectPtr adopted = work.store.find_uid(orphan->uid)) out.push_back(adopted);
  }
  return out;
}

bool less_useful(const PodFacts& a, const PodFacts& b) {
  if (a.assigned != b.assigned) return !a.assigned;
  auto rank = [](std::string_view phase) { return phase == "Running" ? 1 : 0; };
  if (rank(a.phase) != rank(b.phase)) return rank(a.phase) < rank(b.phase);
  if (a.ready != b.ready) return !a.ready;
  auto cost = [](const PodFacts& pod) {
    std::string_view text = annotation_of(*pod.object, "controller.kubernetes.io/pod-deletion-cost");
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  if (std::int64_t left = cost(a), right = cost(b); left != right) return left < right;
  if (a.ready_since != b.ready_since) return a.ready_since > b.ready_since;
  if (a.created != b.created) return a.created > b.created;
  return a.object->name < b.object->name;
}

std::string template_hash(const json::value& pod_template) {
  return name_suffix(stable_hash(compact(pod_template)), 10);
}

json::object controller_reference(const Resource& resource, std::string_view name, std::string_view uid) {
  return {{"apiVersion", resource.api_version()},
          {"kind", resource.kind},
          {"name", name},
          {"uid", uid},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

json::value pod_from_template(const json::value& pod_template, const Object& owner) {
  json::value pod = json::object();
  json::object& metadata = object_in(pod, {"metadata"});
  for (std::string_view member : {"labels", "annotations", "finalizers"}) {
    if (const json::value* value = find(pod_template, "metadata", member)) metadata[member] = *value;
  }
  metadata["namespace"] = owner.namespace_name;
  metadata["ownerReferences"] = json::array{controller_reference(*owner.resource, owner.name, owner.uid)};
  if (const json::value* spec = find(pod_template, "spec")) pod.get_object()["spec"] = *spec;
  return pod;
}

tl::expected<ObjectPtr, std::string> try_pod(Work& work, json::value pod) {
  if (work.store.count(work.pods) >= most_pods)
    return tl::unexpected("the sandbox keeps no more than " + std::to_string(most_pods) + " pods");
  auto created = work.objects.create(work.pods, std::move(pod));
  if (!created) return tl::unexpected(std::move(created.error().message));
  return std::move(*created);
}

tl::expected<ObjectPtr, std::string> create_pod(Work& work, const Object& owner, std::string_view component,
                                                json::value pod) {
  auto created = try_pod(work, std::move(pod));
  if (!created) {
    work.note(owner, component, "Warning", "FailedCreate", "Error creating: " + created.error());
    return created;
  }
  work.note(owner, component, "Normal", "SuccessfulCreate", "Created pod: " + (*created)->name);
  return created;
}

void delete_pod(Work& work, const Object& owner, std::string_view component, const Object& pod) {
  ObjectPtr current = work.store.find_uid(pod.uid);
  if (!current || is_dying(*current)) return;
  auto deleted = work.objects.remove(current, {});
  if (!deleted) return;
  work.note(owner, component, "Normal", "SuccessfulDelete", "Deleted pod: " + pod.name);
}

std::int64_t bounded_seconds(const json::value* value, std::int64_t otherwise) {
  if (!value || !value->is_int64()) return otherwise;
  return std::clamp<std::int64_t>(value->get_int64(), 0, 100 * 366 * 86'400LL);
}

std::int64_t scaled_value(const json::value* value, std::int64_t total, bool up, std::int64_t otherwise) {
  if (!value) return otherwise;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return otherwise;
  std::string_view text = value->get_string();
  std::int64_t percent = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (code != std::errc() || percent < 0 || percent > 1000) return otherwise;
  return up ? (total * percent + 99) / 100 : total * percent / 100;
}

void set_count(json::object& status, std::string_view name, std::int64_t count) {
  if (count != 0) {
    status[name] = count;
  } else {
    status.erase(name);
  }
}

bool is_true(const json::value& object, std::string_view condition) {
  return condition_status(object, condition) == "True";
}

}  // namespace fairlead::sandbox
