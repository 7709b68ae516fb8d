// Storage classes, claims and the volumes that they are bound to.
#include "base/text.h"
#include "sandbox/fixtures.h"
#include "sandbox/json_edit.h"

namespace fairlead::sandbox {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::string_view provisioner = "pd.csi.storage.gke.io";

json::object claim_annotations() {
  return {{"pv.kubernetes.io/bind-completed", "yes"},
          {"pv.kubernetes.io/bound-by-controller", "yes"},
          {"volume.beta.kubernetes.io/storage-provisioner", provisioner},
          {"volume.kubernetes.io/storage-provisioner", provisioner}};
}

}  // namespace

void FixtureBuilder::add_storage_classes() {
  auto add = [&](std::string_view name, bool is_default, std::string_view type, std::string_view policy) {
    json::object metadata = stamp("", name, now_ - 83 * day);
    if (is_default) metadata["annotations"] = json::object{{"storageclass.kubernetes.io/is-default-class", "true"}};
    objects_.insert(resource("storage.k8s.io", "storageclasses"),
                    json::object{{"metadata", std::move(metadata)},
                                 {"provisioner", provisioner},
                                 {"parameters", json::object{{"type", type}}},
                                 {"reclaimPolicy", policy},
                                 {"allowVolumeExpansion", true},
                                 {"volumeBindingMode", "WaitForFirstConsumer"}});
  };
  add("standard-rwo", true, "pd-balanced", "Delete");
  add("premium-rwo", false, "pd-ssd", "Retain");
}

void FixtureBuilder::add_bound_claim(std::string_view namespace_name, std::string_view name, std::string_view size,
                                     const json::object& labels, std::string_view node, std::int64_t born) {
  json::object metadata = stamp(namespace_name, name, born);
  std::string uid(text_in(metadata, "uid")), volume = "pvc-" + uid;
  metadata["labels"] = labels;
  metadata["annotations"] = claim_annotations();
  metadata["annotations"].get_object()["volume.kubernetes.io/selected-node"] = node;
  metadata["finalizers"] = json::array{"kubernetes.io/pvc-protection"};
  json::object capacity{{"storage", size}};
  json::object claim{
      {"metadata", std::move(metadata)},
      {"spec", json::object{{"accessModes", json::array{"ReadWriteOnce"}},
                            {"resources", json::object{{"requests", capacity}}},
                            {"storageClassName", "standard-rwo"},
                            {"volumeMode", "Filesystem"},
                            {"volumeName", volume}}},
      {"status",
       json::object{{"phase", "Bound"}, {"accessModes", json::array{"ReadWriteOnce"}}, {"capacity", capacity}}}};
  ObjectPtr stored = objects_.insert(resource("", "persistentvolumeclaims"), std::move(claim));
  if (!stored) return;
  json::object volume_metadata = stamp("", volume, born + 3);
  volume_metadata["annotations"] = json::object{{"pv.kubernetes.io/provisioned-by", provisioner}};
  volume_metadata["finalizers"] = json::array{"kubernetes.io/pv-protection"};
  json::object reference{{"kind", "PersistentVolumeClaim"},
                         {"apiVersion", "v1"},
                         {"namespace", namespace_name},
                         {"name", name},
                         {"uid", uid},
                         {"resourceVersion", std::to_string(stored->version)}};
  json::object csi{{"driver", provisioner},
                   {"fsType", "ext4"},
                   {"volumeHandle", "projects/fairlead-sandbox/zones/europe-west3-b/disks/" + volume}};
  objects_.insert(resource("", "persistentvolumes"),
                  json::object{{"metadata", std::move(volume_metadata)},
                               {"spec", json::object{{"accessModes", json::array{"ReadWriteOnce"}},
                                                     {"capacity", capacity},
                                                     {"claimRef", std::move(reference)},
                                                     {"csi", std::move(csi)},
                                                     {"persistentVolumeReclaimPolicy", "Delete"},
                                                     {"storageClassName", "standard-rwo"},
                                                     {"volumeMode", "Filesystem"}}},
                               {"status", json::object{{"phase", "Bound"},
                                                       {"lastPhaseTransitionTime", format_rfc3339(born + 4)}}}});
}

// Of a class that nobody made.
void FixtureBuilder::add_pending_claim() {
  json::object metadata = stamp("shop", "product-images", now_ - 5 * day);
  metadata["finalizers"] = json::array{"kubernetes.io/pvc-protection"};
  json::value claim =
      json::object{{"metadata", std::move(metadata)},
                   {"spec", json::object{{"accessModes", json::array{"ReadWriteMany"}},
                                         {"resources", json::object{{"requests", json::object{{"storage", "200Gi"}}}}},
                                         {"storageClassName", "shared-nfs"},
                                         {"volumeMode", "Filesystem"}}},
                   {"status", json::object{{"phase", "Pending"}}}};
  ObjectPtr stored = objects_.insert(resource("", "persistentvolumeclaims"), claim);
  if (!stored) return;
  EventNote failed{"Warning",
                   "ProvisioningFailed",
                   "storageclass.storage.k8s.io \"shared-nfs\" not found",
                   "persistentvolume-controller",
                   "",
                   ""};
  note(*stored, claim, failed, now_ - 5 * day, now_ - 12, 28'800);
}

}  // namespace fairlead::sandbox
