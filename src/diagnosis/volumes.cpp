#include "diagnosis/volumes.h"

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/rules.h"
#include "kube/quantity.h"

namespace fairlead::diagnosis {

std::string why_not(const json::value& volume, const json::value& claim, std::string_view storage_class) {
  const std::string_view phase = text_at(volume, {"status", "phase"});
  const std::string_view holder_ns = text_at(volume, {"spec", "claimRef", "namespace"}),
                         holder = text_at(volume, {"spec", "claimRef", "name"}),
                         holder_uid = text_at(volume, {"spec", "claimRef", "uid"});
  const bool kept_for_it =
      holder_ns == text_at(claim, {"metadata", "namespace"}) && holder == text_at(claim, {"metadata", "name"});
  if (!holder.empty() && !kept_for_it)
    return fmt::format("is {} {}/{}",
                       phase == "Released" ? "Released and still kept for the deleted claim" : "taken by the claim",
                       holder_ns, holder);
  const std::string_view uid = text_at(claim, {"metadata", "uid"});
  if (kept_for_it && !holder_uid.empty() && !uid.empty() && holder_uid != uid)
    return "is kept for an earlier claim of the same name, by the uid in its spec.claimRef";
  if (phase == "Failed") return fmt::format("has failed: {}", text_at(volume, {"status", "message"}));
  if (!text_at(volume, {"metadata", "deletionTimestamp"}).empty()) return "is being deleted";
  const std::string_view volume_class = text_at(volume, {"spec", "storageClassName"});
  if (volume_class != storage_class)
    return fmt::format("is of StorageClass \"{}\" and not \"{}\"", volume_class, storage_class);
  const std::string_view size = text_at(volume, {"spec", "capacity", "storage"}),
                         wanted = text_at(claim, {"spec", "resources", "requests", "storage"});
  const auto has = kube::parse_quantity(size), wants = kube::parse_quantity(wanted);
  if (has && wants && *has < *wants) return fmt::format("offers {} of the {} that are asked for", size, wanted);
  const auto& offered = array_at(volume, {"spec", "accessModes"});
  for (const auto& mode : array_at(claim, {"spec", "accessModes"}))
    if (mode.is_string() && std::find(offered.begin(), offered.end(), mode) == offered.end())
      return fmt::format("does not offer {}", std::string_view(mode.get_string()));
  const auto mode_of = [](const json::value& object) {
    const std::string_view mode = text_at(object, {"spec", "volumeMode"});
    return mode.empty() ? std::string_view("Filesystem") : mode;
  };
  if (mode_of(volume) != mode_of(claim))
    return fmt::format("is of volume mode {} and not {}", mode_of(volume), mode_of(claim));
  const json::value* selector = find(claim, "spec", "selector");
  if (selector && !selects(selector, object_at(volume, {"metadata", "labels"})))
    return "has not the labels that the claim selects by";
  return "";
}

bool uses_claim(const json::value& pod, std::string_view claim) {
  const std::string_view name = text_at(pod, {"metadata", "name"});
  for (const auto& volume : array_at(pod, {"spec", "volumes"})) {
    if (text_at(volume, {"persistentVolumeClaim", "claimName"}) == claim) return true;
    if (find(volume, "ephemeral") && claim == std::string(name) + "-" + std::string(text_at(volume, {"name"})))
      return true;
  }
  return false;
}

}  // namespace fairlead::diagnosis
