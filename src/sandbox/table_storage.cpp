// Volumes, claims on them, and the classes that make them.
#include <algorithm>

#include "sandbox/table_kinds.h"

namespace fairlead::sandbox {
namespace {

using View = std::string_view;

std::string access_modes(const json::array& modes) {
  std::string out;
  constexpr std::pair<View, View> shown[] = {
      {"ReadWriteOnce", "RWO"}, {"ReadOnlyMany", "ROX"}, {"ReadWriteMany", "RWX"}, {"ReadWriteOncePod", "RWOP"}};
  for (auto [name, text] : shown) {
    bool there = std::any_of(modes.begin(), modes.end(), [word = name](const json::value& mode) {
      return mode.is_string() && View(mode.get_string()) == word;
    });
    if (there) out += (out.empty() ? "" : ",") + std::string(text);
  }
  return out;
}

View class_of(const json::value& object) {
  constexpr View annotation = "volume.beta.kubernetes.io/storage-class";
  View old = text_at(object, {"metadata", "annotations", annotation});
  return old.empty() ? text_at(object, {"spec", "storageClassName"}) : old;
}

View phase_of(const json::value& object) {
  return find(object, "metadata", "deletionTimestamp") ? "Terminating" : text_at(object, {"status", "phase"});
}

json::array volume_cells(const json::value& object, std::int64_t now) {
  std::string claim;
  if (const json::value* reference = find(object, "spec", "claimRef")) {
    claim = std::string(text_at(*reference, {"namespace"})) + "/" + std::string(text_at(*reference, {"name"}));
  }
  return {name_cell(object),
          cell_or(text_at(object, {"spec", "capacity", "storage"}), "0"),
          cell(access_modes(array_at(object, {"spec", "accessModes"}))),
          cell(text_at(object, {"spec", "persistentVolumeReclaimPolicy"})),
          cell(phase_of(object)),
          cell(claim),
          cell(class_of(object)),
          cell_or(text_at(object, {"spec", "volumeAttributesClassName"}), "<unset>"),
          cell(text_at(object, {"status", "reason"})),
          age_cell(object, now),
          cell_or(text_at(object, {"spec", "volumeMode"}), "<unset>")};
}

json::array claim_cells(const json::value& object, std::int64_t now) {
  View volume = text_at(object, {"spec", "volumeName"});
  bool bound = !volume.empty();
  return {name_cell(object),
          cell(phase_of(object)),
          cell(volume),
          bound ? cell_or(text_at(object, {"status", "capacity", "storage"}), "0") : cell(""),
          cell(bound ? access_modes(array_at(object, {"status", "accessModes"})) : ""),
          cell(class_of(object)),
          cell_or(text_at(object, {"spec", "volumeAttributesClassName"}), "<unset>"),
          age_cell(object, now),
          cell_or(text_at(object, {"spec", "volumeMode"}), "<unset>")};
}

json::array class_cells(const json::value& object, std::int64_t now) {
  std::string name(text_at(object, {"metadata", "name"}));
  for (View annotation :
       {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"}) {
    if (text_at(object, {"metadata", "annotations", annotation}) != "true") continue;
    name += " (default)";
    break;
  }
  return {cell(name),
          cell(text_at(object, {"provisioner"})),
          cell_or(text_at(object, {"reclaimPolicy"}), "Delete"),
          cell_or(text_at(object, {"volumeBindingMode"}), "Immediate"),
          flag_at(object, {"allowVolumeExpansion"}),
          age_cell(object, now)};
}

}  // namespace

std::span<const TableKind> storage_tables() {
  static const std::vector<TableKind> tables{
      {"",
       "PersistentVolumeClaim",
       {name_column,
        {"Status", "string", "", 0, "phase represents the current phase of PersistentVolumeClaim."},
        {"Volume", "string", "", 0, "volumeName is the binding reference to the PersistentVolume backing this claim."},
        {"Capacity", "string", "", 0, "capacity represents the actual resources of the underlying volume."},
        {"Access Modes", "string", "", 0,
         "accessModes contains the actual access modes the volume backing the PVC has."},
        {"StorageClass", "string", "", 0, "StorageClass of the pvc"},
        {"VolumeAttributesClass", "string", "", 0, "VolumeAttributesClass of the pvc"},
        age_column,
        {"VolumeMode", "string", "", 1, "volumeMode defines what type of volume is required by the claim."}},
       claim_cells},
      {"",
       "PersistentVolume",
       {name_column,
        {"Capacity", "string", "", 0, "capacity is the description of the persistent volume's resources and capacity."},
        {"Access Modes", "string", "", 0, "accessModes contains all ways the volume can be mounted."},
        {"Reclaim Policy", "string", "", 0,
         "persistentVolumeReclaimPolicy defines what happens to a persistent volume when released from its claim."},
        {"Status", "string", "", 0,
         "phase indicates if a volume is available, bound to a claim, or released by a claim."},
        {"Claim", "string", "", 0,
         "claimRef is part of a bi-directional binding between PersistentVolume and PersistentVolumeClaim."},
        {"StorageClass", "string", "", 0, "StorageClass of the pv"},
        {"VolumeAttributesClass", "string", "", 0, "VolumeAttributesClass of the pv"},
        {"Reason", "string", "", 0,
         "reason is a brief CamelCase string that describes any failure and is meant for machine parsing and tidy "
         "display in the CLI."},
        age_column,
        {"VolumeMode", "string", "", 1,
         "volumeMode defines if a volume is intended to be used with a formatted filesystem or to remain in raw block "
         "state."}},
       volume_cells},
      {"storage.k8s.io",
       "StorageClass",
       {name_column,
        {"Provisioner", "string", "", 0, "provisioner indicates the type of the provisioner."},
        {"ReclaimPolicy", "string", "", 0,
         "reclaimPolicy controls the reclaimPolicy for dynamically provisioned PersistentVolumes of this storage "
         "class."},
        {"VolumeBindingMode", "string", "", 0,
         "volumeBindingMode indicates how PersistentVolumeClaims should be provisioned and bound."},
        {"AllowVolumeExpansion", "string", "", 0,
         "allowVolumeExpansion shows whether the storage class allow volume expand."},
        age_column},
       class_cells},
  };
  return tables;
}

}  // namespace fairlead::sandbox
