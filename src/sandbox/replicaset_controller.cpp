#include <algorithm>

#include "base/text.h"
#include "sandbox/controllers.h"
#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/protobuf_wire.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t most_at_once = 100;

struct Member {
  ObjectPtr object;
  bool assigned = false, ready = false;
  std::uint64_t created = 0;
};

// A look into the stored bytes: a ReplicaSet may have thousands of pods, and this runs at each change of one of them.
Member look(const ObjectPtr& pod) {
  Member out{pod};
  out.assigned = !field_of(*pod, "spec.nodeName").empty();
  wire::Reader status(wire::at(pod->body, {3}).value_or(""));
  while (auto value = status.next()) {
    if (value->field != 2 || wire::at(value->bytes, {1}) != "Ready") continue;  // a condition: type is 1, status 2
    out.ready = wire::at(value->bytes, {2}) == "True";
  }
  wire::Reader created(wire::at(pod->body, {1, 8}).value_or(""));
  if (auto seconds = created.next()) out.created = seconds->integer;
  return out;
}

}  // namespace

void Controllers::replicaset(const ObjectPtr& object) {
  json::value value = objects_.load(*object);
  if (find(value, "metadata", "deletionTimestamp")) return;
  std::vector<Member> members;
  for (const ObjectPtr& child : objects_.store().owned_by(object->uid)) {
    if (child->resource != &pods_ || wire::at(child->body, {1, 9})) continue;
    std::string phase = field_of(*child, "status.phase");
    if (phase == "Succeeded" || phase == "Failed") continue;
    members.push_back(look(child));
  }
  std::int64_t wanted = integer_at(value, {"spec", "replicas"}), there = static_cast<std::int64_t>(members.size());
  bool more = false;
  if (there < wanted) {
    const json::value* pod_template = find(value, "spec", "template");
    std::int64_t count = std::min(wanted - there, most_at_once);
    more = count < wanted - there;
    for (std::int64_t i = 0; i < count && pod_template; ++i) {
      json::value pod = json::object();
      if (const json::value* metadata = find(*pod_template, "metadata")) pod.get_object()["metadata"] = *metadata;
      if (const json::value* spec = find(*pod_template, "spec")) pod.get_object()["spec"] = *spec;
      json::object& metadata = object_in(pod, {"metadata"});
      metadata["generateName"] = object->name + "-";
      metadata["namespace"] = object->namespace_name;
      metadata["ownerReferences"] = json::array{controller_reference(replicasets_, object->name, object->uid)};
      auto created = objects_.create(pods_, std::move(pod));
      if (!created) {
        recorder_.record(*object, {"Warning", "FailedCreate", "Error creating: " + created.error().message, "replicaset-controller", "", ""});
        break;
      }
      recorder_.record(*object, {"Normal", "SuccessfulCreate", "Created pod: " + (*created)->name, "replicaset-controller", "", ""});
      members.push_back({*created});
    }
  } else if (there > wanted) {
    // Those that do least good go first: not assigned, not ready, youngest.
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      if (a.assigned != b.assigned) return !a.assigned;
      if (a.ready != b.ready) return !a.ready;
      if (a.created != b.created) return a.created > b.created;
      return a.object->name < b.object->name;
    });
    std::int64_t count = std::min(there - wanted, most_at_once * 5);
    more = count < there - wanted;
    for (std::int64_t i = 0; i < count; ++i) {
      recorder_.record(*object, {"Normal", "SuccessfulDelete", "Deleted pod: " + members[static_cast<std::size_t>(i)].object->name, "replicaset-controller", "", ""});
      (void)objects_.remove(members[static_cast<std::size_t>(i)].object, {});
    }
    members.erase(members.begin(), members.begin() + count);
  }
  if (more) enqueue(Key{What::replicaset, object->namespace_name, object->name});
  std::int64_t ready = std::count_if(members.begin(), members.end(), [](const Member& m) { return m.ready; });
  ObjectPtr latest = objects_.store().find(replicasets_, object->namespace_name, object->name);
  if (!latest || latest->uid != object->uid) return;
  json::object& status = object_in(value, {"status"});
  status["replicas"] = members.size();
  status["observedGeneration"] = integer_at(value, {"metadata", "generation"});
  auto set_count = [&](std::string_view name, std::int64_t count) {
    if (count > 0) {
      status[name] = count;
    } else {
      status.erase(name);
    }
  };
  set_count("fullyLabeledReplicas", static_cast<std::int64_t>(members.size()));
  set_count("readyReplicas", ready);
  set_count("availableReplicas", ready);
  object_in(value, {"metadata"})["resourceVersion"] = std::to_string(latest->version);
  (void)objects_.update(latest, std::move(value), Part::whole);
}

}  // namespace fairlead::sandbox
