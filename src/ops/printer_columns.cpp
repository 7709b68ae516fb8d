#include "ops/printer_columns.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "ops/read.h"
#include "redact/redact.h"

namespace fairlead::ops {
namespace {

// No definition adds to these groups; a group without a dot is never one of a definition.
bool is_built_in(std::string_view group) {
  static constexpr auto groups = std::to_array<std::string_view>(
      {"admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "authentication.k8s.io",
       "authorization.k8s.io", "certificates.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io",
       "flowcontrol.apiserver.k8s.io", "internal.apiserver.k8s.io", "metrics.k8s.io", "networking.k8s.io",
       "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
       "storagemigration.k8s.io"});
  return group.find('.') == std::string_view::npos || std::find(groups.begin(), groups.end(), group) != groups.end();
}

}  // namespace

bool PrinterColumns::hides(std::string_view heading) const {
  if (hidden.contains(heading)) return true;
  if (!only_plain) return false;
  for (std::string_view plain : {"name", "type", "age"})
    if (equal_ignoring_case(heading, plain)) return false;
  return true;
}

bool leads_to_a_credential(std::string_view path) {
  constexpr std::string_view between = ".[]'\"\\ ?()@=!<>&|{}*,:";
  bool below = false;
  std::string_view last;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t begin = std::min(path.find_first_not_of(between, at), path.size());
    const std::size_t end = std::min(path.find_first_of(between, begin), path.size());
    below = below || redact::names_credentials(last);
    if (end > begin) last = path.substr(begin, end - begin);
    at = end;
  }
  return redact::may_name_a_credential(last) || (below && !redact::says_about_a_credential(last));
}

awaitable<PrinterColumns> read_printer_columns(Call& call, kube::ApiResource resource) {
  PrinterColumns columns;
  if (is_built_in(resource.group)) co_return columns;
  if (resource.kind == "Secret") {
    columns.only_plain = true;
    columns.note = "only name, type and age of a kind that is called Secret are shown";
    co_return columns;
  }
  const std::string name = resource.plural + "." + resource.group;
  auto definition = co_await call.client.get(
      kube::ResourcePath{"apiextensions.k8s.io", "v1", "customresourcedefinitions", {}, name, {}}.text(),
      call.deadline);
  if (!definition) {
    // Kinds of an aggregated API server have none, and clusters before 1.16 none of this version.
    if (definition.error().code == ErrorCode::not_found) co_return columns;
    columns.only_plain = true;
    columns.note = "only name, type and age are shown: what stands in the other columns could not be asked (" +
                   std::string(to_string(definition.error().code)) +
                   "); it takes the right to get customresourcedefinitions";
    co_return columns;
  }
  for (const auto& version : array_at(*definition, {"spec", "versions"}))
    if (text_at(version, {"name"}) == resource.version)
      for (const auto& column : array_at(version, {"additionalPrinterColumns"}))
        if (leads_to_a_credential(text_at(column, {"jsonPath"}))) columns.hidden.emplace(text_at(column, {"name"}));
  co_return columns;
}

}  // namespace fairlead::ops
