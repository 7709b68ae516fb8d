// ReplicaSets and ReplicationControllers: as many pods as are wanted.
#include <algorithm>

#include "sandbox/json_edit.h"
#include "sandbox/pod_states.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t most_at_once = 100;

class ReplicaController final : public Controller {
 public:
  ReplicaController(Work& work, const Resource& kind, std::string component)
      : Controller(work), kind_(kind), component_(std::move(component)) {}

  std::vector<const Resource*> watched() const override { return {&kind_, &work_.pods}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &kind_) return wake(object);
    wake_owners(change, kind_);
    if (change.type == Change::Type::deleted || !object.owners.empty()) return;
    for (const ObjectPtr& set : store_.list(kind_, object.namespace_name)) wake(*set);  // one of them may want it
  }

  void reconcile(const Key& key) override {
    ObjectPtr set = store_.find(kind_, key.namespace_name, key.name);
    if (!set) return;
    json::value value = objects_.load(*set);
    std::vector<PodFacts> members;
    for (const ObjectPtr& pod : claim(work_, *set, work_.pods, selector_of(value))) {
      if (PodFacts facts = facts_of(pod); facts.active()) members.push_back(facts);
    }
    std::string failure;  // why a pod could not be made
    if (!is_dying(*set)) scale(set, value, members, &failure);
    tell(set->uid, std::move(value), members, failure);
  }

 private:
  LabelSelector selector_of(const json::value& value) const {
    const json::value* selector = find(value, "spec", "selector");
    if (!selector) return {};
    if (&kind_ == &work_.replicasets) return LabelSelector::from_object(*selector);
    return LabelSelector::from_object(json::object{{"matchLabels", *selector}});
  }

  void scale(const ObjectPtr& set, const json::value& value, std::vector<PodFacts>& members, std::string* failure) {
    std::int64_t wanted = integer_at(value, {"spec", "replicas"}, 1), there = static_cast<std::int64_t>(members.size());
    const json::value* pod_template = find(value, "spec", "template");
    if (there < wanted && pod_template) {
      std::int64_t count = std::min(wanted - there, most_at_once);
      for (std::int64_t i = 0; i < count; ++i) {
        json::value pod = pod_from_template(*pod_template, *set);
        object_in(pod, {"metadata"})["generateName"] = set->name + "-";
        auto created = create_pod(work_, *set, component_, std::move(pod));
        if (!created) {
          *failure = std::move(created.error());
          return wake(*set, 5000);
        }
        members.push_back(facts_of(*created));
      }
      if (count < wanted - there) wake(*set);
    } else if (there > wanted) {
      std::sort(members.begin(), members.end(), less_useful);
      std::int64_t count = std::min(there - wanted, most_at_once * 5);
      for (std::int64_t i = 0; i < count; ++i)
        delete_pod(work_, *set, component_, *members[static_cast<std::size_t>(i)].object);
      members.erase(members.begin(), members.begin() + count);
      if (count < there - wanted) wake(*set);
    }
  }

  void tell(const std::string& uid, json::value value, const std::vector<PodFacts>& members,
            const std::string& failure) {
    ObjectPtr latest = store_.find_uid(uid);
    if (!latest) return;
    std::int64_t minimum = integer_at(value, {"spec", "minReadySeconds"}), ready = 0, available = 0;
    for (const PodFacts& pod : members) {
      ready += pod.ready;
      available += pod.available(minimum, work_.now());
    }
    if (available < ready) wake(*latest, 1000);
    json::object& status = object_in(value, {"status"});
    status["replicas"] = members.size();
    status["observedGeneration"] = integer_at(value, {"metadata", "generation"});
    set_count(status, "fullyLabeledReplicas", static_cast<std::int64_t>(members.size()));
    set_count(status, "readyReplicas", ready);
    set_count(status, "availableReplicas", available);
    // As long as the reason is the same, the first sentence stays.
    if (failure.empty()) {
      drop_condition(value, "ReplicaFailure");
    } else if (!is_true(value, "ReplicaFailure")) {
      set_condition(value, "ReplicaFailure", "True", "FailedCreate", failure, work_.now());
    }
    object_in(value, {"metadata"})["resourceVersion"] = std::to_string(latest->version);
    (void)objects_.update(latest, std::move(value), Part::status);
  }

  const Resource& kind_;
  std::string component_;
};

}  // namespace

std::unique_ptr<Controller> replicaset_controller(Work& work) {
  return std::make_unique<ReplicaController>(work, work.replicasets, "replicaset-controller");
}

std::unique_ptr<Controller> replication_controller(Work& work) {
  return std::make_unique<ReplicaController>(work, work.objects.resources().get("", "replicationcontrollers"),
                                             "replication-controller");
}

}  // namespace fairlead::sandbox
