#include <algorithm>

#include "kube/discovery.h"
#include "ops/catalog.h"
#include "ops/list.h"

namespace fairlead::ops {
namespace {

awaitable<Result<Reply>> list_api_resources(Call& call) {
  auto discovery = co_await kube::discover(call.client, call.deadline);
  if (!discovery) co_return fail(std::move(discovery.error()));
  Rows rows;
  for (const auto& resource : discovery->resources) {
    rows.begin_row();
    rows.text(resource.plural);
    rows.text(resource.group_version());
    rows.text(resource.kind);
    rows.flag(resource.namespaced);
    rows.begin_list();
    for (const auto& name : resource.short_names) rows.list_item(name);
    rows.begin_list();
    for (const auto& verb : resource.verbs) rows.list_item(verb);
  }
  std::vector<std::string> notes;
  for (const auto& missing : discovery->unavailable) {
    // "metrics.k8s.io/v1beta1: the server's words", which do not belong into a note.
    std::string which = missing.substr(0, missing.find(':'));
    bool plain = which.size() <= 300 && std::all_of(which.begin(), which.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/';
                 });
    if (plain) notes.push_back("not available: " + which + ", its server does not answer");
  }
  co_return arrange(call, std::move(rows), "resources", std::move(notes));
}

}  // namespace

std::vector<Operation> api_resource_operations() {
  std::vector<Parameter> parameters = list_parameters(false);
  std::erase_if(parameters, [](const Parameter& p) { return p.type == ParameterType::selector; });
  return {{
      .name = "list_api_resources",
      .family = "any kind",
      .summary =
          "List the kinds of objects that this cluster knows, custom ones included, with group, version and verbs",
      .parameters = std::move(parameters),
      .access = {},  // every authenticated identity may discover
      .columns = {{"name", CellType::text, false, "Plural, as in paths"},
                  {"api_version", CellType::text, false, ""},
                  {"kind", CellType::text, false, ""},
                  {"namespaced", CellType::flag, false, ""},
                  {"short_names", CellType::list, false, ""},
                  {"verbs", CellType::list, true, ""}},
      .run = list_api_resources,
      .example = "",
  }};
}

}  // namespace fairlead::ops
