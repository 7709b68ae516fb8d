#include "ops/catalog.h"

#include <algorithm>

#include "base/similar.h"
#include "base/text.h"
#include "ops/clip.h"

namespace fairlead::ops {

std::string_view to_string(Trust trust) {
  switch (trust) {
    case Trust::read: return "READ";
    case Trust::write: return "WRITE";
    case Trust::destructive: return "DESTRUCTIVE";
  }
  return "DESTRUCTIVE";
}

std::optional<Trust> parse_trust(std::string_view text) {
  for (Trust trust : {Trust::read, Trust::write, Trust::destructive})
    if (equal_ignoring_case(text, to_string(trust))) return trust;
  return std::nullopt;
}

std::string Call::object_namespace() const {
  std::string given = arguments.text("namespace");
  if (!given.empty()) return given;
  return default_namespace.empty() ? "default" : default_namespace;
}

std::string Call::list_namespace() const {
  std::string given = arguments.text("namespace");
  return given.empty() ? default_list_namespace : given;
}

Access namespace_lookup() { return {"", "namespaces", {"get"}, Reach::call_namespace, true}; }
Access event_lookup() { return {"", "events", {"list"}, Reach::call_namespace, true}; }

bool takes_namespace(const Operation& operation) {
  return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                     [](const Parameter& parameter) { return parameter.name == "namespace"; });
}

bool lists(const Operation& operation) {
  return std::any_of(operation.parameters.begin(), operation.parameters.end(),
                     [](const Parameter& parameter) { return parameter.name == "cursor"; });
}

namespace {

// Whatever a change writes is read again: before it is sent, where it was approved, and to see what has become of it.
void add_reads(Operation& operation) {
  const auto writes = [](const Access& access) {
    return std::any_of(access.verbs.begin(), access.verbs.end(), [](std::string_view verb) {
      return verb == "create" || verb == "patch" || verb == "update" || verb == "delete";
    });
  };
  const std::vector<Access> own = operation.access;
  for (const auto& access : own) {
    if (!writes(access) || access.resource == "*") continue;
    const std::string_view object = access.resource.substr(0, access.resource.find('/'));
    const bool is_part = object != access.resource;  // of the object itself only what has become of it is read
    const auto known = std::find_if(operation.access.begin(), operation.access.end(), [&](const Access& one) {
      return one.group == access.group && one.resource == object && one.reach == access.reach &&
             (is_part || one.optional == access.optional);
    });
    if (known == operation.access.end())
      operation.access.push_back({access.group, object, {"get"}, access.reach, is_part || access.optional});
    else if (std::find(known->verbs.begin(), known->verbs.end(), "get") == known->verbs.end())
      known->verbs.insert(known->verbs.begin(), "get");
  }
}

}  // namespace

Catalog::Catalog(std::vector<Operation> operations) : operations_(std::move(operations)) {
  for (auto& operation : operations_)
    if (operation.change) add_reads(operation);
}

const Operation* Catalog::find(std::string_view name) const {
  for (const auto& operation : operations_)
    if (operation.name == name) return &operation;
  return nullptr;
}

Error Catalog::unknown(std::string_view name) const {
  constexpr std::size_t most = 80;
  std::vector<std::string> names;
  for (const auto& operation : operations_) names.emplace_back(operation.name);
  const auto near = similar_names(name, names);
  return {ErrorCode::invalid_request, "",
          "there is no operation '" + escape_untrusted(clip(name, most), Newlines::escape) + "'",
          near.empty() ? "'fairlead ops' lists them all" : "Did you mean " + near[0] + "?", nullptr};
}

std::vector<Operation> kubernetes_operations() {
  std::vector<Operation> all;
  for (auto* family : {pod_operations,
                       pod_log_operations,
                       node_operations,
                       namespace_operations,
                       config_operations,
                       workload_operations,
                       deployment_describe_operations,
                       scale_operations,
                       rollout_operations,
                       deployment_patch_operations,
                       pod_change_operations,
                       exec_operations,
                       node_change_operations,
                       secret_change_operations,
                       cronjob_change_operations,
                       resource_change_operations,
                       network_operations,
                       endpoint_operations,
                       storage_operations,
                       event_operations,
                       identity_operations,
                       access_operations,
                       who_can_operations,
                       api_resource_operations,
                       resource_operations,
                       field_operations,
                       cluster_operations,
                       top_operations}) {
    auto operations = family();
    std::move(operations.begin(), operations.end(), std::back_inserter(all));
  }
  return all;
}

Catalog kubernetes_catalog() { return Catalog(kubernetes_operations()); }

}  // namespace fairlead::ops
