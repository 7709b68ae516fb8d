// StatefulSets: pods with stable names and claims, made in order, deleted from the top.
#include <algorithm>
#include <charconv>
#include <map>

#include "sandbox/json_edit.h"
#include "sandbox/revisions.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "statefulset-controller";
constexpr std::string_view revision_label = "controller-revision-hash";
constexpr std::int64_t most_pods = 10'000;

// The number at the end of "web-12", where the rest is the set's name; -1: it is none of its names.
std::int64_t ordinal_of(std::string_view pod, std::string_view set) {
  if (pod.size() <= set.size() + 1 || !pod.starts_with(set) || pod[set.size()] != '-') return -1;
  std::string_view digits = pod.substr(set.size() + 1);
  std::int64_t out = -1;
  auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return code == std::errc() && end == digits.data() + digits.size() && out >= 0 ? out : -1;
}

// One set while it is looked at.
struct Set {
  ObjectPtr object;
  json::value value;
  ObjectPtr current, update;              // revisions
  std::map<std::int64_t, PodFacts> pods;  // by ordinal
  std::int64_t start = 0, wanted = 0, minimum = 0, partition = 0;
  bool ordered = true, rolling = true;
  std::string name_of(std::int64_t ordinal) const { return object->name + "-" + std::to_string(ordinal); }
  bool is_wanted(std::int64_t ordinal) const { return ordinal >= start && ordinal < start + wanted; }
};

class StatefulSetController final : public Controller {
 public:
  explicit StatefulSetController(Work& work) : Controller(work), sets_(resource("apps", "statefulsets")) {}

  std::vector<const Resource*> watched() const override { return {&sets_, &work_.pods}; }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    if (object.resource == &sets_) return wake(object);
    wake_owners(change, sets_);
    if (change.type != Change::Type::deleted && !object.owners.empty()) return;
    // A pod without an owner, or one that stood in the way of a name.
    for (const ObjectPtr& set : store_.list(sets_, object.namespace_name)) {
      if (ordinal_of(object.name, set->name) >= 0) wake(*set);
    }
  }

  void reconcile(const Key& key) override {
    Set set;
    set.object = store_.find(sets_, key.namespace_name, key.name);
    if (!set.object) return;
    set.value = objects_.load(*set.object);
    const json::value* selector = find(set.value, "spec", "selector");
    for (const ObjectPtr& pod :
         claim(work_, *set.object, work_.pods, selector ? LabelSelector::from_object(*selector) : LabelSelector())) {
      if (std::int64_t ordinal = ordinal_of(pod->name, set.object->name); ordinal >= 0)
        set.pods[ordinal] = facts_of(pod);
    }
    if (is_dying(*set.object)) return;
    set.update = newest_revision(work_, *set.object, set.value, "controller.kubernetes.io/hash");
    if (!set.update) return wake(*set.object, 5000);
    set.current = find_revision(work_, *set.object, text_at(set.value, {"status", "currentRevision"}));
    if (!set.current) set.current = set.update;
    set.start = std::clamp<std::int64_t>(integer_at(set.value, {"spec", "ordinals", "start"}), 0, INT32_MAX);
    set.wanted = std::clamp<std::int64_t>(integer_at(set.value, {"spec", "replicas"}, 1), 0, most_pods);
    set.minimum = integer_at(set.value, {"spec", "minReadySeconds"});
    set.partition = integer_at(set.value, {"spec", "updateStrategy", "rollingUpdate", "partition"});
    set.ordered = text_at(set.value, {"spec", "podManagementPolicy"}) != "Parallel";
    set.rolling = text_at(set.value, {"spec", "updateStrategy", "type"}) != "OnDelete";
    if (fill(set) && empty_top(set)) roll(set);
    tell(set);
  }

 private:
  bool healthy(const PodFacts& pod) const { return pod.phase == "Running" && pod.ready && !pod.dying; }
  bool available(const Set& set, const PodFacts& pod) const {
    return healthy(pod) && pod.available(set.minimum, work_.now());
  }

  // Makes what is missing. False: something has to happen first before anything else is done.
  bool fill(Set& set) {
    for (std::int64_t ordinal = set.start; ordinal < set.start + set.wanted; ++ordinal) {
      auto found = set.pods.find(ordinal);
      if (found != set.pods.end() && found->second.over() && !found->second.dying) {
        work_.note(*set.object, component, "Warning", "RecreatingFailedPod",
                   "StatefulSet " + set.object->namespace_name + "/" + set.object->name + " is recreating failed Pod " +
                       set.name_of(ordinal));
        remove(set, found->second);
        set.pods.erase(found);
        if (store_.find(work_.pods, set.object->namespace_name, set.name_of(ordinal))) return false;
        found = set.pods.end();
      }
      if (found == set.pods.end()) {
        ObjectPtr made = make(set, ordinal);
        if (!made) {
          wake(*set.object, 5000);
          return false;
        }
        found = set.pods.emplace(ordinal, facts_of(made)).first;
        if (set.ordered) return false;
        continue;
      }
      if (!set.ordered) continue;
      if (found->second.dying || !available(set, found->second)) {
        if (healthy(found->second)) wake(*set.object, 1000);
        return false;
      }
    }
    return true;
  }

  // Deletes those beyond the wanted number, the highest first.
  bool empty_top(Set& set) {
    std::vector<std::int64_t> condemned;
    for (const auto& [ordinal, pod] : set.pods) {
      if (!set.is_wanted(ordinal)) condemned.push_back(ordinal);
    }
    for (auto ordinal = condemned.rbegin(); ordinal != condemned.rend(); ++ordinal) {
      PodFacts& pod = set.pods.at(*ordinal);
      if (pod.dying) {
        if (set.ordered) return false;
        continue;
      }
      if (text_at(set.value, {"spec", "persistentVolumeClaimRetentionPolicy", "whenScaled"}) == "Delete")
        bequeath(set, pod);
      remove(set, pod);
      pod.dying = true;
      if (set.ordered) return false;
    }
    return true;
  }

  // Replaces pods of another revision, from the top to the partition, one after the other.
  void roll(Set& set) {
    if (!set.rolling) return;
    std::int64_t allowed = std::max<std::int64_t>(
        1, scaled_value(find(set.value, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable"), set.wanted, true,
                        1));
    std::int64_t unavailable = 0;
    for (auto entry = set.pods.rbegin(); entry != set.pods.rend(); ++entry) {
      if (set.is_wanted(entry->first) && !available(set, entry->second)) ++unavailable;
    }
    for (auto entry = set.pods.rbegin(); entry != set.pods.rend(); ++entry) {
      PodFacts& pod = entry->second;
      if (!set.is_wanted(entry->first) || entry->first < set.partition) continue;
      bool old = label_of(*pod.object, revision_label) != set.update->name;
      bool well = available(set, pod);
      if (old && !pod.dying && (!well || unavailable < allowed)) {
        if (well) ++unavailable;
        remove(set, pod);
        pod.dying = true;
        if (unavailable >= allowed) return;
        continue;
      }
      if (!well && unavailable >= allowed) {
        if (healthy(pod)) wake(*set.object, 1000);
        return;
      }
    }
  }

  std::string claim_name(const json::value& claim_template, const std::string& pod) const {
    return std::string(text_at(claim_template, {"metadata", "name"})) + "-" + pod;
  }

  bool make_claims(const Set& set, const std::string& pod) {
    for (const json::value& wanted : array_at(set.value, {"spec", "volumeClaimTemplates"})) {
      std::string name = claim_name(wanted, pod);
      if (store_.find(work_.claims, set.object->namespace_name, name)) continue;
      json::value made = json::object();
      if (const json::value* spec = find(wanted, "spec")) made.get_object()["spec"] = *spec;
      json::object& metadata = object_in(made, {"metadata"});
      for (std::string_view member : {"labels", "annotations"}) {
        if (const json::value* value = find(wanted, "metadata", member)) metadata[member] = *value;
      }
      for (const auto& label : object_at(set.value, {"spec", "selector", "matchLabels"}))
        object_in(made, {"metadata", "labels"})[label.key()] = label.value();
      json::object& named = object_in(made, {"metadata"});
      named["name"] = name;
      named["namespace"] = set.object->namespace_name;
      if (text_at(set.value, {"spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"}) == "Delete") {
        named["ownerReferences"] = json::array{controller_reference(sets_, set.object->name, set.object->uid)};
      }
      std::string what = "create Claim " + name + " Pod " + pod + " in StatefulSet " + set.object->name;
      auto created = objects_.create(work_.claims, std::move(made));
      if (!created) {
        work_.note(*set.object, component, "Warning", "FailedCreate",
                   what + " failed error: " + created.error().message);
        return false;
      }
      work_.note(*set.object, component, "Normal", "SuccessfulCreate", what + " success");
    }
    return true;
  }

  ObjectPtr make(const Set& set, std::int64_t ordinal) {
    std::string name = set.name_of(ordinal);
    if (!make_claims(set, name)) return nullptr;
    bool stays = set.rolling && ordinal < set.start + set.partition;
    const ObjectPtr& revision = stays ? set.current : set.update;
    json::value pod = pod_from_template(template_of(work_, *revision), *set.object);
    object_in(pod, {"metadata"})["name"] = name;
    object_in(pod, {"metadata"})["generateName"] = set.object->name + "-";
    json::object& labels = object_in(pod, {"metadata", "labels"});
    labels["statefulset.kubernetes.io/pod-name"] = name;
    labels["apps.kubernetes.io/pod-index"] = std::to_string(ordinal);
    labels[revision_label] = revision->name;
    json::object& spec = object_in(pod, {"spec"});
    spec["hostname"] = name;
    if (std::string_view service = text_at(set.value, {"spec", "serviceName"}); !service.empty())
      spec["subdomain"] = service;
    json::array volumes;
    for (const json::value& wanted : array_at(set.value, {"spec", "volumeClaimTemplates"})) {
      volumes.push_back(json::object{{"name", text_at(wanted, {"metadata", "name"})},
                                     {"persistentVolumeClaim", json::object{{"claimName", claim_name(wanted, name)}}}});
    }
    for (const json::value& volume : array_at(pod, {"spec", "volumes"})) {
      bool replaced = std::any_of(volumes.begin(), volumes.end(), [&](const json::value& one) {
        return text_at(one, {"name"}) == text_at(volume, {"name"});
      });
      if (!replaced) volumes.push_back(volume);
    }
    if (!volumes.empty()) spec["volumes"] = std::move(volumes);
    auto created = try_pod(work_, std::move(pod));
    std::string what = "create Pod " + name + " in StatefulSet " + set.object->name;
    if (!created) {
      work_.note(*set.object, component, "Warning", "FailedCreate", what + " failed error: " + created.error());
      return nullptr;
    }
    work_.note(*set.object, component, "Normal", "SuccessfulCreate", what + " successful");
    return *created;
  }

  void remove(const Set& set, const PodFacts& pod) {
    ObjectPtr current = store_.find_uid(pod.object->uid);
    if (!current || !objects_.remove(current, {})) return;
    work_.note(*set.object, component, "Normal", "SuccessfulDelete",
               "delete Pod " + pod.object->name + " in StatefulSet " + set.object->name + " successful");
  }

  // The pod's claims go with it.
  void bequeath(const Set& set, const PodFacts& pod) {
    for (const json::value& wanted : array_at(set.value, {"spec", "volumeClaimTemplates"})) {
      ObjectPtr found = store_.find(work_.claims, set.object->namespace_name, claim_name(wanted, pod.object->name));
      if (!found) continue;
      json::value value = objects_.load(*found);
      object_in(value, {"metadata"})["ownerReferences"] =
          json::array{controller_reference(work_.pods, pod.object->name, pod.object->uid)};
      (void)objects_.update(found, std::move(value), Part::whole);
    }
  }

  void tell(const Set& set) {
    ObjectPtr latest = store_.find_uid(set.object->uid);
    if (!latest) return;
    json::value value = objects_.load(*latest);
    std::int64_t there = 0, ready = 0, usable = 0, current = 0, updated = 0;
    for (const auto& [ordinal, known] : set.pods) {
      ObjectPtr object = store_.find_uid(known.object->uid);
      if (!object) continue;
      PodFacts pod = facts_of(object);
      if (!pod.over()) ++there;
      if (healthy(pod)) ++ready;
      if (available(set, pod)) ++usable;
      if (pod.dying || pod.over()) continue;
      std::string_view revision = label_of(*object, revision_label);
      current += revision == set.current->name;
      updated += revision == set.update->name;
    }
    ObjectPtr settled = set.current;
    if (set.rolling && set.current != set.update && updated == set.wanted && there == set.wanted &&
        ready == set.wanted && set.partition == 0) {
      settled = set.update;
      current = updated;
    }
    json::object& status = object_in(value, {"status"});
    status["observedGeneration"] = integer_at(set.value, {"metadata", "generation"});
    status["replicas"] = there;
    status["availableReplicas"] = usable;
    set_count(status, "readyReplicas", ready);
    set_count(status, "currentReplicas", current);
    set_count(status, "updatedReplicas", updated);
    status["currentRevision"] = settled->name;
    status["updateRevision"] = set.update->name;
    set_default(status, "collisionCount", 0);
    (void)objects_.update(latest, std::move(value), Part::status);
    std::set<std::string, std::less<>> in_use{settled->name, set.update->name};
    for (const auto& [ordinal, pod] : set.pods) in_use.emplace(label_of(*pod.object, revision_label));
    forget_revisions(work_, *set.object, integer_at(set.value, {"spec", "revisionHistoryLimit"}, 10), in_use);
  }

  const Resource& sets_;
};

}  // namespace

std::unique_ptr<Controller> statefulset_controller(Work& work) { return std::make_unique<StatefulSetController>(work); }

}  // namespace fairlead::sandbox
