#include "ops/catalog.h"
#include "ops/list.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

awaitable<Result<Reply>> list_namespaces(Call& call) {
  Rows rows;
  auto each = [&rows](const kube::NamespaceView& ns) {
    rows.begin_row(ns.phase == "Active" ? 1 : 0);
    rows.text(ns.meta.name);
    rows.text(ns.phase);
    rows.time_or_empty(ns.meta.created);
    rows.begin_list();
    for (const auto& label : ns.meta.labels) rows.list_item(std::string(label.key) + "=" + std::string(label.value));
  };
  auto read = co_await read_objects<kube::NamespaceView>(
      call, list_target(call, "", "v1", "namespaces"), "NamespaceList", [&rows] { rows = {}; }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return arrange(call, std::move(rows), "namespaces");
}

}  // namespace

std::vector<Operation> namespace_operations() {
  return {{
      .name = "list_namespaces",
      .family = "namespaces",
      .summary = "List all namespaces with status and labels",
      .parameters = list_parameters(false),
      .access = {{"", "namespaces", {"list"}}},
      .columns = {{"name", CellType::text, false, "Its name"},
                  {"status", CellType::text, false, "Active or Terminating"},
                  {"created", CellType::time, false, "When it was created"},
                  {"labels", CellType::labels, true, "Its labels"}},
      .run = list_namespaces,
      .example = "",
  }};
}

}  // namespace fairlead::ops
