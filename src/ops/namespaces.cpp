#include "kube/messages.h"
#include "ops/catalog.h"
#include "ops/kind.h"
#include "ops/object_document.h"

namespace fairlead::ops {
namespace {

void add_namespace(Rows& rows, const json::value& ns, std::int64_t) {
  const std::string_view phase = text_at(ns, {"status", "phase"});
  rows.begin_row(phase == "Active" ? 1 : 0);
  add_name(rows, ns, false);
  rows.text(phase);
  add_created(rows, ns);
  add_map(rows, object_at(ns, {"metadata", "labels"}));
}

}  // namespace

const Kind kNamespaces{
    .name = "Namespace",
    .group = "",
    .plural = "namespaces",
    .versions = {"v1"},
    .namespaced = false,
    .noun = "namespaces",
    .message = &kube::messages::name_space,
    .columns = {{"name", CellType::text, false, ""},
                {"status", CellType::text, false, "Active or Terminating"},
                {"created", CellType::time, false, "When it was created"},
                {"labels", CellType::labels, false, ""}},
    .add_row = add_namespace,
};

std::vector<Operation> namespace_operations() {
  auto all =
      kind_operations({{kNamespaces,
                        "namespaces",
                        {"list_namespaces", "List all namespaces with status and labels", ""},
                        {"get_namespace", "Get namespace details including labels and annotations", "--name shop"}}});
  // The API server lets a namespace itself be read by a Role in it.
  all[1].access[0].reach = Reach::call_namespace;
  return all;
}

}  // namespace fairlead::ops
