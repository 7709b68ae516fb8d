#include "sandbox/uid_precondition.h"

namespace fairlead::sandbox {
namespace {

// Kinds whose place in the storage has another name than their resource.
constexpr std::pair<std::string_view, std::string_view> places[] = {
    {"services", "services/specs"}, {"endpoints", "services/endpoints"},       {"nodes", "minions"},
    {"ingresses", "ingress"},       {"replicationcontrollers", "controllers"},
};

std::string storage_key(const Resource& resource, std::string_view namespace_name, std::string_view name) {
  std::string place = resource.plural;
  for (auto [plural, stored] : places) {
    if (plural == resource.plural) place = stored;
  }
  std::string out = "/registry/" + place + "/";
  if (!namespace_name.empty()) out += std::string(namespace_name) + "/";
  return out + std::string(name);
}

}  // namespace

StatusError uid_mismatch(const Resource& resource, std::string_view namespace_name, std::string_view name,
                         std::string_view wanted, std::string_view have) {
  return conflict(resource.group, resource.plural, name,
                  "StorageError: invalid object, Code: 4, Key: " + storage_key(resource, namespace_name, name) +
                      ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: " +
                      std::string(wanted) + ", UID in object meta: " + std::string(have));
}

}  // namespace fairlead::sandbox
