// Claims, volumes and storage classes.
#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

void add_modes(Rows& rows, const json::array& modes) {
  rows.begin_list();
  for (const auto& mode : access_modes(modes)) rows.list_item(mode);
}

bool is_terminating(const json::value& object) { return !text_at(object, {"metadata", "deletionTimestamp"}).empty(); }

void add_claim(Rows& rows, const json::value& claim, std::int64_t) {
  const std::string_view phase = text_at(claim, {"status", "phase"});
  const bool terminating = is_terminating(claim);
  rows.begin_row(phase == "Lost" ? 0 : phase != "Bound" ? 1 : terminating ? 2 : 3);
  add_name(rows, claim);
  rows.text(terminating ? "Terminating" : phase);
  rows.text(text_at(claim, {"spec", "volumeName"}));
  rows.text(text_at(claim, {"status", "capacity", "storage"}));
  add_modes(rows, array_at(claim, {"status", "accessModes"}));
  std::string_view storage_class = text_at(claim, {"spec", "storageClassName"});
  if (storage_class.empty())
    storage_class = text_at(claim, {"metadata", "annotations", "volume.beta.kubernetes.io/storage-class"});
  rows.text(storage_class);
  add_created(rows, claim);
  rows.text(text_at(claim, {"spec", "resources", "requests", "storage"}));
  rows.text(text_at(claim, {"spec", "volumeMode"}));
}

void add_volume(Rows& rows, const json::value& volume, std::int64_t) {
  const std::string_view phase = text_at(volume, {"status", "phase"});
  const bool terminating = is_terminating(volume);
  rows.begin_row(phase == "Failed" ? 0 : phase == "Released" || phase == "Pending" ? 1 : phase == "Available" ? 2 : 3);
  add_name(rows, volume, false);
  rows.text(terminating ? "Terminating" : phase);
  rows.text(text_at(volume, {"spec", "capacity", "storage"}));
  add_modes(rows, array_at(volume, {"spec", "accessModes"}));
  rows.text(text_at(volume, {"spec", "persistentVolumeReclaimPolicy"}));
  const std::string_view claim = text_at(volume, {"spec", "claimRef", "name"});
  claim.empty() ? rows.empty() : rows.text(text_at(volume, {"spec", "claimRef", "namespace"}), "/", claim);
  rows.text(text_at(volume, {"spec", "storageClassName"}));
  rows.text(text_at(volume, {"status", "reason"}));
  add_created(rows, volume);
  rows.text(text_at(volume, {"spec", "volumeMode"}));
}

void add_class(Rows& rows, const json::value& storage_class, std::int64_t) {
  rows.begin_row();
  add_name(rows, storage_class, false);
  rows.text(text_at(storage_class, {"provisioner"}));
  // What a class leaves out has these values.
  const std::string_view reclaim = text_at(storage_class, {"reclaimPolicy"});
  const std::string_view binding = text_at(storage_class, {"volumeBindingMode"});
  rows.text(reclaim.empty() ? "Delete" : reclaim);
  rows.text(binding.empty() ? "Immediate" : binding);
  rows.flag(flag_at(storage_class, {"allowVolumeExpansion"}));
  bool is_default = false;
  for (auto key : {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"})
    is_default = is_default || text_at(storage_class, {"metadata", "annotations", key}) == "true";
  rows.flag(is_default);
  add_created(rows, storage_class);
}

}  // namespace

const Kind kPersistentVolumeClaims{
    .name = "PersistentVolumeClaim",
    .group = "",
    .plural = "persistentvolumeclaims",
    .versions = {"v1"},
    .noun = "pvcs",
    .message = &kube::messages::persistent_volume_claim,
    .columns = {{"namespace", CellType::text, false, ""},
                {"name", CellType::text, false, ""},
                {"status", CellType::text, false, "Pending, Bound, Lost, Terminating"},
                {"volume", CellType::text, false, "The PersistentVolume that it is bound to"},
                {"capacity", CellType::text, false, "What the volume has"},
                {"access_modes", CellType::list, false, "RWO, ROX, RWX, RWOP"},
                {"storage_class", CellType::text, false, ""},
                {"created", CellType::time, false, "When it was created"},
                {"requested", CellType::text, true, "What it asks for"},
                {"volume_mode", CellType::text, true, "Filesystem or Block"}},
    .add_row = add_claim,
};

const Kind kPersistentVolumes{
    .name = "PersistentVolume",
    .group = "",
    .plural = "persistentvolumes",
    .versions = {"v1"},
    .namespaced = false,
    .noun = "pvs",
    .message = &kube::messages::persistent_volume,
    .columns = {{"name", CellType::text, false, ""},
                {"status", CellType::text, false, "Available, Bound, Released, Failed, Terminating"},
                {"capacity", CellType::text, false, ""},
                {"access_modes", CellType::list, false, "RWO, ROX, RWX, RWOP"},
                {"reclaim_policy", CellType::text, false, "What becomes of it without its claim: Delete or Retain"},
                {"claim", CellType::text, false, "namespace/name of what it is bound to"},
                {"storage_class", CellType::text, false, ""},
                {"reason", CellType::text, false, "Why it failed"},
                {"created", CellType::time, false, "When it was created"},
                {"volume_mode", CellType::text, true, "Filesystem or Block"}},
    .add_row = add_volume,
};

const Kind kStorageClasses{
    .name = "StorageClass",
    .group = "storage.k8s.io",
    .plural = "storageclasses",
    .versions = {"v1"},
    .namespaced = false,
    .noun = "storageclasses",
    .message = &kube::messages::storage_class,
    .columns = {{"name", CellType::text, false, ""},
                {"provisioner", CellType::text, false, ""},
                {"reclaim_policy", CellType::text, false, "Of its volumes: Delete or Retain"},
                {"binding_mode", CellType::text, false,
                 "Immediate, or WaitForFirstConsumer: claims stay Pending until a pod uses them"},
                {"expansion", CellType::flag, false, "Whether volumes may grow"},
                {"default", CellType::flag, false, "Whether claims without a class get this one"},
                {"created", CellType::time, false, "When it was created"}},
    .add_row = add_class,
};

std::vector<Operation> storage_operations() {
  return kind_operations(
      {KindOperations{kPersistentVolumeClaims,
                      "storage",
                      {"list_pvcs", "List all PersistentVolumeClaims; lost and pending ones first", "--namespace shop"},
                      {"get_pvc", "PVC details including status, capacity, and bound PV",
                       "--namespace shop --name product-images"}},
       KindOperations{kPersistentVolumes,
                      "storage",
                      {"list_pvs", "List all PersistentVolumes (cluster-scoped); failed and released ones first", ""},
                      {"get_pv", "PV details including capacity, access modes, and claim reference",
                       "--name pvc-36b103d2-1cd3-448b-b028-ead902076383"}},
       KindOperations{
           kStorageClasses,
           "storage",
           {"list_storageclasses", "List all StorageClasses (cluster-scoped)", ""},
           {"get_storageclass", "StorageClass details including provisioner and parameters", "--name standard-rwo"}}});
}

}  // namespace fairlead::ops
