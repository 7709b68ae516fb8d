// What the controllers of workloads share: a quick look at a pod's stored bytes, who belongs to whom, pods made from
// templates, numbers that may be percentages. Not thread-safe: one loop.
#pragma once

#include <functional>

#include "sandbox/controller.h"
#include "sandbox/selector.h"

namespace fairlead::sandbox {

// Read from the bytes without decoding them: a ReplicaSet may have thousands of pods, and looks at each change of one.
struct PodFacts {
  ObjectPtr object;
  bool assigned = false, ready = false, dying = false;
  std::string_view phase;                                        // into the object
  std::int64_t created = 0, ready_since = 0, ready_changed = 0;  // ready_changed: to ready or from it

  bool over() const { return phase == "Succeeded" || phase == "Failed"; }
  bool active() const { return !over() && !dying; }
  bool available(std::int64_t min_ready_seconds, std::int64_t now) const {
    return ready && (min_ready_seconds == 0 || ready_since + min_ready_seconds <= now);
  }
};
PodFacts facts_of(const ObjectPtr& pod);
std::string_view label_of(const Object& object, std::string_view key);  // empty where there is none; into the object
std::string_view annotation_of(const Object& object, std::string_view key);
bool is_dying(const Object& object);
// The uid of the owner with controller: true; empty where there is none.
std::string_view controller_uid(const Object& object);

// Those of `resource` that the owner controls. Such that match its selector and have no controller are adopted first,
// and such that do not match it any more let go; an owner that is being deleted adopts nothing.
std::vector<ObjectPtr> claim(Work& work, const Object& owner, const Resource& resource, const LabelSelector& selector);

// Those that do the least good first, as a ReplicaSet chooses what it deletes.
bool less_useful(const PodFacts& a, const PodFacts& b);

// Owner references as controllers write them.
json::object controller_reference(const Resource& resource, std::string_view name, std::string_view uid);
// The name suffix that a pod template gives to its ReplicaSet.
std::string template_hash(const json::value& pod_template);
// A pod as the template has it, in the owner's namespace and owned by it, without a name.
json::value pod_from_template(const json::value& pod_template, const Object& owner);
// Creates and deletes with the events that `component` (replicaset-controller) records about the owner.
// There is an end to how many pods are kept, whatever a client asks for; the error then, as when the API refuses one,
// is the sentence that says why.
tl::expected<ObjectPtr, std::string> create_pod(Work& work, const Object& owner, std::string_view component,
                                                json::value pod);
tl::expected<ObjectPtr, std::string> try_pod(Work& work, json::value pod);  // without events
void delete_pod(Work& work, const Object& owner, std::string_view component, const Object& pod);

// A number of seconds that a client gave, cut to what can be reckoned with: 0 to a hundred years.
std::int64_t bounded_seconds(const json::value* value, std::int64_t otherwise);
// An IntOrString: a number, or a percentage of `total`, rounded up or down.
std::int64_t scaled_value(const json::value* value, std::int64_t total, bool up, std::int64_t otherwise);
// Only where it is not 0, as Go's omitempty writes it.
void set_count(json::object& status, std::string_view name, std::int64_t count);
bool is_true(const json::value& object, std::string_view condition);

}  // namespace fairlead::sandbox
