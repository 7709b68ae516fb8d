// PersistentVolumes and their claims: bound to each other, made when a StorageClass says so, given back or deleted.
#include <algorithm>
#include <map>
#include <set>

#include "sandbox/behaviour.h"
#include "sandbox/json_edit.h"
#include "sandbox/workload.h"

namespace fairlead::sandbox {
namespace {

constexpr std::string_view component = "persistentvolume-controller";
constexpr std::string_view claim_finalizer = "kubernetes.io/pvc-protection",
                           volume_finalizer = "kubernetes.io/pv-protection";
constexpr std::string_view bind_completed = "pv.kubernetes.io/bind-completed",
                           bound_by_controller = "pv.kubernetes.io/bound-by-controller";
constexpr std::string_view provisioned_by = "pv.kubernetes.io/provisioned-by";
constexpr std::string_view selected_node = "volume.kubernetes.io/selected-node";
constexpr std::string_view default_class = "storageclass.kubernetes.io/is-default-class";
constexpr std::int64_t provision_ms = 500;

// Keys: claims by namespace and name, volumes by name alone.
class VolumeController final : public Controller {
 public:
  explicit VolumeController(Work& work)
      : Controller(work),
        volumes_(resource("", "persistentvolumes")),
        classes_(resource("storage.k8s.io", "storageclasses")) {}

  std::vector<const Resource*> watched() const override { return {&work_.claims, &volumes_, &classes_, &work_.pods}; }

  void adopt() override {
    for (const ObjectPtr& claim : store_.list(work_.claims, "")) {
      if (text_at(objects_.load_brief(*claim), {"status", "phase"}) != "Bound") wake(*claim);
    }
  }

  void changed(const Change& change) override {
    const Object& object = *change.object;
    bool gone = change.type == Change::Type::deleted;
    if (object.resource == &work_.pods) {
      // A claim that waits for its pods to be gone.
      if (dying_.empty() || (!gone && !facts_of(change.object).over())) return;
      for (const auto& [space, name] : dying_) {
        if (space == object.namespace_name) work_.wake(*this, Key{space, name});
      }
      return;
    }
    if (object.resource == &work_.claims) {
      std::string volume = field_of(object, "spec.volumeName");
      if (!volume.empty()) work_.wake(*this, Key{"", std::move(volume)});
      if (!gone) wake(object);
      return;
    }
    if (!gone) wake(object);
    if (object.resource == &volumes_) {
      json::value value = objects_.load_brief(object);
      if (const json::value* reference = find(value, "spec", "claimRef")) {
        work_.wake(*this,
                   Key{std::string(text_at(*reference, {"namespace"})), std::string(text_at(*reference, {"name"}))});
        return;
      }
    }
    // A new class or a free volume may be what claims wait for.
    for (const ObjectPtr& claim : store_.list(work_.claims, "")) {
      if (!is_bound(*claim)) wake(*claim);
    }
  }

  void reconcile(const Key& key) override {
    if (key.namespace_name.empty()) {
      if (ObjectPtr found = store_.find(volumes_, "", key.name)) volume(found);
      return;
    }
    ObjectPtr found = store_.find(work_.claims, key.namespace_name, key.name);
    if (!found) {
      dying_.erase({key.namespace_name, key.name});
    } else if (is_dying(*found)) {
      release(found);
    } else {
      claim(found);
    }
  }

 private:
  bool is_bound(const Object& claim) const {
    return text_at(objects_.load_brief(claim), {"status", "phase"}) == "Bound";
  }

  static bool drop(json::value& value, std::string_view finalizer) {
    json::array kept;
    for (const json::value& one : array_at(value, {"metadata", "finalizers"})) {
      if (!one.is_string() || one.get_string() != finalizer) kept.push_back(one);
    }
    bool dropped = kept.size() < array_at(value, {"metadata", "finalizers"}).size();
    json::object& metadata = object_in(value, {"metadata"});
    metadata.erase("finalizers");
    if (!kept.empty()) metadata["finalizers"] = std::move(kept);
    return dropped;
  }

  static void protect(json::value& value, std::string_view finalizer) {
    json::array& finalizers = array_in(object_in(value, {"metadata"}), "finalizers");
    if (std::find(finalizers.begin(), finalizers.end(), json::value(json::string(finalizer))) == finalizers.end())
      finalizers.push_back(json::string(finalizer));
  }

  // A claim that is deleted goes when no pod uses it any more.
  void release(const ObjectPtr& claim) {
    dying_.insert({claim->namespace_name, claim->name});
    for (const ObjectPtr& pod : store_.list(work_.pods, claim->namespace_name)) {
      if (facts_of(pod).over()) continue;
      json::value value = objects_.load_brief(*pod);
      for (const json::value& volume : array_at(value, {"spec", "volumes"})) {
        if (text_at(volume, {"persistentVolumeClaim", "claimName"}) == claim->name) return;
      }
    }
    json::value value = objects_.load(*claim);
    if (drop(value, claim_finalizer)) (void)objects_.update(claim, std::move(value), Part::whole);
  }

  ObjectPtr class_of(const json::value& claim) const {
    const json::value* name = find(claim, "spec", "storageClassName");
    if (name && name->is_string()) return store_.find(classes_, "", name->get_string());
    return nullptr;
  }

  ObjectPtr standard_class() const {
    for (const ObjectPtr& one : store_.list(classes_, "")) {
      if (annotation_of(*one, default_class) == "true") return one;
    }
    return nullptr;
  }

  void claim(const ObjectPtr& object) {
    json::value value = objects_.load(*object);
    if (text_at(value, {"status", "phase"}).empty()) object_in(value, {"status"})["phase"] = "Pending";
    protect(value, claim_finalizer);
    if (!find(value, "spec", "storageClassName")) {
      if (ObjectPtr standard = standard_class()) object_in(value, {"spec"})["storageClassName"] = standard->name;
    }
    auto updated = objects_.update(object, value, Part::whole);
    if (!updated || *updated != object) return;  // the change wakes this again
    std::string name(text_at(value, {"spec", "volumeName"}));
    if (!name.empty()) return settle(object, std::move(value), name);
    ObjectPtr storage = class_of(value);
    json::value class_value = storage ? objects_.load_brief(*storage) : json::value(json::object());
    bool waits = text_at(class_value, {"volumeBindingMode"}) == "WaitForFirstConsumer";
    bool chosen = !annotation_of(*object, selected_node).empty();
    if (waits && !chosen) {
      return work_.note(*object, component, "Normal", "WaitForFirstConsumer",
                        "waiting for first consumer to be created before binding");
    }
    if (ObjectPtr fitting = free_volume(*object, value)) return bind(object, std::move(value), fitting);
    if (!storage) {
      std::string wanted(text_at(value, {"spec", "storageClassName"}));
      if (wanted.empty()) {
        return work_.note(*object, component, "Normal", "FailedBinding",
                          "no persistent volumes available for this claim and no storage class is set");
      }
      return work_.note(*object, component, "Warning", "ProvisioningFailed",
                        "storageclass.storage.k8s.io \"" + wanted + "\" not found");
    }
    std::string provisioner(text_at(class_value, {"provisioner"}));
    if (provisioner == "kubernetes.io/no-provisioner") return;
    if (started_.insert(object->uid).second) {
      json::value with_name = value;
      object_in(with_name, {"metadata", "annotations"})["volume.kubernetes.io/storage-provisioner"] = provisioner;
      object_in(with_name, {"metadata", "annotations"})["volume.beta.kubernetes.io/storage-provisioner"] = provisioner;
      (void)objects_.update(object, std::move(with_name), Part::whole);
      std::string text = "Waiting for a volume to be created either by the external provisioner '" + provisioner +
                         "' or manually by the system administrator. If volume creation is delayed, please verify that "
                         "the provisioner is running and correctly registered.";
      work_.note(*object, component, "Normal", "ExternalProvisioning", text);
      work_.recorder.record(*object, {"Normal", "Provisioning",
                                      "External provisioner is provisioning volume for claim \"" +
                                          object->namespace_name + "/" + object->name + "\"",
                                      provisioner, "", ""});
      due_[object->uid] = work_.now_ms() + provision_ms;
      return wake(*object, provision_ms);
    }
    if (std::int64_t left = due_[object->uid] - work_.now_ms(); left > 0) return wake(*object, left);
    started_.erase(object->uid);
    due_.erase(object->uid);
    if (ObjectPtr made = provision(*object, value, class_value, *storage, provisioner))
      bind(object, std::move(value), made);
  }

  static std::int64_t capacity_of(const json::value& volume) {
    return quantity_milli(text_at(volume, {"spec", "capacity", "storage"})) / 1000;
  }

  // The smallest available volume that is big enough, or one that is reserved for the claim.
  ObjectPtr free_volume(const Object& claim, const json::value& value) const {
    std::int64_t wanted = quantity_milli(text_at(value, {"spec", "resources", "requests", "storage"})) / 1000,
                 best_size = 0;
    ObjectPtr best;
    const json::value* selector = find(value, "spec", "selector");
    for (const ObjectPtr& one : store_.list(volumes_, "")) {
      if (is_dying(*one)) continue;
      json::value volume = objects_.load_brief(*one);
      std::string_view phase = text_at(volume, {"status", "phase"});
      if (phase == "Released" || phase == "Failed") continue;
      if (const json::value* reference = find(volume, "spec", "claimRef")) {
        bool ours =
            text_at(*reference, {"namespace"}) == claim.namespace_name && text_at(*reference, {"name"}) == claim.name;
        std::string_view uid = text_at(*reference, {"uid"});
        if (ours && (uid.empty() || uid == claim.uid)) return one;
        continue;
      }
      if (text_at(volume, {"spec", "storageClassName"}) != text_at(value, {"spec", "storageClassName"})) continue;
      if (selector && !LabelSelector::from_object(*selector).matches(labels_of(*one))) continue;
      const json::array& modes = array_at(volume, {"spec", "accessModes"});
      bool fits = true;
      for (const json::value& mode : array_at(value, {"spec", "accessModes"}))
        fits = fits && std::find(modes.begin(), modes.end(), mode) != modes.end();
      std::int64_t size = capacity_of(volume);
      if (!fits || size < wanted || (best && size >= best_size)) continue;
      best = one;
      best_size = size;
    }
    return best;
  }

  ObjectPtr provision(const Object& claim, const json::value& value, const json::value& class_value,
                      const Object& storage, const std::string& provisioner) {
    std::string name = "pvc-" + claim.uid;
    if (ObjectPtr there = store_.find(volumes_, "", name)) return there;
    json::value made = json::object();
    json::object& metadata = object_in(made, {"metadata"});
    metadata["name"] = name;
    metadata["annotations"] = json::object{{provisioned_by, provisioner}};
    json::object& spec = object_in(made, {"spec"});
    spec["capacity"] = json::object{{"storage", text_at(value, {"spec", "resources", "requests", "storage"})}};
    spec["accessModes"] = array_at(value, {"spec", "accessModes"});
    std::string_view policy = text_at(class_value, {"reclaimPolicy"});
    spec["persistentVolumeReclaimPolicy"] = policy.empty() ? "Delete" : policy;
    spec["storageClassName"] = storage.name;
    spec["volumeMode"] = "Filesystem";
    spec["csi"] = json::object{{"driver", provisioner}, {"fsType", "ext4"}, {"volumeHandle", name}};
    if (std::string_view node = annotation_of(claim, selected_node);
        !node.empty() && provisioner.find("local") != std::string::npos) {
      json::object wanted{{"key", "kubernetes.io/hostname"}, {"operator", "In"}, {"values", json::array{node}}};
      object_in(made, {"spec", "nodeAffinity", "required"})["nodeSelectorTerms"] =
          json::array{json::object{{"matchExpressions", json::array{wanted}}}};
    }
    object_in(made, {"spec"})["claimRef"] = reference_to(claim);
    protect(made, volume_finalizer);
    auto created = objects_.create(volumes_, std::move(made));
    if (!created) {
      work_.recorder.record(
          claim, {"Warning", "ProvisioningFailed",
                  "failed to provision volume with StorageClass \"" + storage.name + "\": " + created.error().message,
                  provisioner, "", ""});
      return nullptr;
    }
    work_.recorder.record(
        claim, {"Normal", "ProvisioningSucceeded", "Successfully provisioned volume " + name, provisioner, "", ""});
    return *created;
  }

  json::object reference_to(const Object& claim) const {
    return {{"kind", "PersistentVolumeClaim"},
            {"apiVersion", "v1"},
            {"namespace", claim.namespace_name},
            {"name", claim.name},
            {"uid", claim.uid},
            {"resourceVersion", std::to_string(claim.version)}};
  }

  void bind(const ObjectPtr& claim, json::value value, const ObjectPtr& volume) {
    json::value other = objects_.load(*volume);
    if (!find(other, "spec", "claimRef")) object_in(other, {"metadata", "annotations"})[bound_by_controller] = "yes";
    object_in(other, {"spec"})["claimRef"] = reference_to(*claim);
    object_in(other, {"status"})["phase"] = "Bound";
    protect(other, volume_finalizer);
    if (!objects_.update(volume, std::move(other), Part::whole)) return;
    ObjectPtr latest = store_.find_uid(claim->uid);
    if (!latest) return;
    value = objects_.load(*latest);
    object_in(value, {"spec"})["volumeName"] = volume->name;
    object_in(value, {"metadata", "annotations"})[bound_by_controller] = "yes";
    settle(latest, std::move(value), volume->name);
  }

  // A claim that names its volume: bound when the volume is there for it.
  void settle(const ObjectPtr& claim, json::value value, const std::string& name) {
    ObjectPtr volume = store_.find(volumes_, "", name);
    json::object& status = object_in(value, {"status"});
    if (!volume) {
      if (annotation_of(*claim, bind_completed).empty()) return;
      status["phase"] = "Lost";
      if (text_at(objects_.load_brief(*claim), {"status", "phase"}) != "Lost") {
        work_.note(*claim, component, "Warning", "ClaimLost",
                   "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
      }
      (void)objects_.update(claim, std::move(value), Part::whole);
      return;
    }
    json::value other = objects_.load(*volume);
    const json::value* reference = find(other, "spec", "claimRef");
    if (!reference) return bind(claim, std::move(value), volume);
    std::string_view uid = text_at(*reference, {"uid"});
    if (text_at(*reference, {"name"}) != claim->name || text_at(*reference, {"namespace"}) != claim->namespace_name ||
        (!uid.empty() && uid != claim->uid)) {
      return work_.note(*claim, component, "Warning", "FailedBinding",
                        "volume \"" + name + "\" already bound to a different claim.");
    }
    if (uid.empty()) return bind(claim, std::move(value), volume);
    status["phase"] = "Bound";
    status["accessModes"] = array_at(other, {"spec", "accessModes"});
    status["capacity"] = object_at(other, {"spec", "capacity"});
    object_in(value, {"metadata", "annotations"})[bind_completed] = "yes";
    protect(value, claim_finalizer);
    (void)objects_.update(claim, std::move(value), Part::whole);
  }

  void volume(const ObjectPtr& object) {
    json::value value = objects_.load(*object);
    const json::value* reference = find(value, "spec", "claimRef");
    std::string phase = "Available";
    bool used = false;
    if (reference && !text_at(*reference, {"uid"}).empty()) {
      ObjectPtr claim = store_.find(work_.claims, text_at(*reference, {"namespace"}), text_at(*reference, {"name"}));
      used = claim && claim->uid == text_at(*reference, {"uid"});
      phase = used ? "Bound" : "Released";
    }
    if (is_dying(*object)) {
      if (!used && drop(value, volume_finalizer)) (void)objects_.update(object, std::move(value), Part::whole);
      return;
    }
    if (phase == "Released" && text_at(value, {"spec", "persistentVolumeReclaimPolicy"}) == "Delete") {
      (void)objects_.remove(object, {});
      return;
    }
    protect(value, volume_finalizer);
    if (text_at(value, {"status", "phase"}) != phase)
      object_in(value, {"status"})["lastPhaseTransitionTime"] = objects_.now_text();
    object_in(value, {"status"})["phase"] = phase;
    (void)objects_.update(object, std::move(value), Part::whole);
  }

  const Resource &volumes_, &classes_;
  std::set<std::pair<std::string, std::string>> dying_;  // claims that wait for their pods
  std::set<std::string> started_;                        // uids of claims whose volumes are being made
  std::map<std::string, std::int64_t> due_;              // and when they will be
};

}  // namespace

std::unique_ptr<Controller> volume_controller(Work& work) { return std::make_unique<VolumeController>(work); }

}  // namespace fairlead::sandbox
