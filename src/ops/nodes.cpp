#include <algorithm>

#include "kube/node_status.h"
#include "kube/quantity.h"
#include "ops/catalog.h"
#include "ops/change.h"
#include "ops/list.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

std::string cpu(const kube::MapView& resources) {
  auto text = resources.find("cpu");
  auto value = text ? kube::parse_quantity_milli(*text) : std::nullopt;
  return value ? kube::format_cpu(*value) : "";
}

std::string memory(const kube::MapView& resources) {
  auto text = resources.find("memory");
  auto value = text ? kube::parse_quantity(*text) : std::nullopt;
  return value ? kube::format_bytes(*value) : "";
}

void add_node(Rows& rows, const kube::NodeView& node) {
  rows.begin_row(static_cast<int>(kube::node_rank(node)));
  rows.text(node.meta.name);
  rows.text(kube::node_status(node));
  rows.text(kube::node_roles(node));
  rows.time_or_empty(node.meta.created);
  rows.text(node.kubelet_version);
  rows.text(cpu(node.allocatable));
  rows.text(memory(node.allocatable));
  rows.begin_list();
  for (const auto& taint : node.taints) {
    std::string text(taint.key);
    if (!taint.value.empty()) text += "=" + std::string(taint.value);
    rows.list_item(text + ":" + std::string(taint.effect));
  }
  rows.begin_list();
  for (const auto& condition : node.conditions) {
    // Ready is the status already; of the others only what is wrong says something.
    if (condition.type != "Ready" && condition.status != "False") rows.list_item(condition.type);
  }
  rows.text(node.address("InternalIP"));
  rows.text(node.address("ExternalIP"));
  auto pods = node.allocatable.find("pods");
  pods ? rows.text(*pods) : rows.empty();
  rows.text(cpu(node.capacity));
  rows.text(memory(node.capacity));
  rows.text(node.os_image);
  rows.text(node.kernel_version);
  rows.text(node.container_runtime);
  rows.text(node.provider_id);
}

awaitable<Result<Reply>> list_nodes(Call& call) {
  Rows rows;
  auto each = [&rows](const kube::NodeView& node) { add_node(rows, node); };
  auto read = co_await read_objects<kube::NodeView>(
      call, list_target(call, "", "v1", "nodes"), "NodeList", [&rows] { rows = {}; }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return arrange(call, std::move(rows), "nodes");
}

awaitable<Result<Reply>> set_unschedulable(Call& call, bool unschedulable) {
  std::string name = call.arguments.text("name");
  std::string target = kube::ResourcePath{"", "v1", "nodes", {}, name, {}}.text();
  auto plan = [unschedulable](const json::value& before) -> std::optional<json::object> {
    if (flag_at(before, {"spec", "unschedulable"}) == unschedulable) return std::nullopt;
    json::object spec;
    spec["unschedulable"] = unschedulable ? json::value(true) : json::value(nullptr);
    return json::object{{"spec", std::move(spec)}};
  };
  auto change = co_await change_object(call, std::move(target), "Node", plan);
  if (!change) co_return fail(std::move(change.error()));
  const bool was = flag_at(change->before, {"spec", "unschedulable"});
  json::object result{{"node", name},
                      {"unschedulable", unschedulable},
                      {"before", was},
                      {"changed", change->after.has_value() && !call.dry_run}};
  std::string note;
  if (!change->after) {
    note = "node " + name + (was ? " was already cordoned" : " was not cordoned") + ": nothing changed";
  } else {
    note = (call.dry_run ? "dry run: would have " : "") + std::string(unschedulable ? "cordoned" : "uncordoned") +
           " node " + name +
           (unschedulable ? ": no new pods will be scheduled there; running ones stay"
                          : ": new pods may be scheduled there");
  }
  co_return Reply{Document{std::move(result), nullptr}, {std::move(note)}};
}

awaitable<Result<Reply>> cordon_node(Call& call) { co_return co_await set_unschedulable(call, true); }
awaitable<Result<Reply>> uncordon_node(Call& call) { co_return co_await set_unschedulable(call, false); }

}  // namespace

std::vector<Operation> node_operations() {
  return {
      {
          .name = "list_nodes",
          .family = "nodes",
          .summary = "List all cluster nodes with status, roles, version, capacity, allocatable resources, taints and "
                     "conditions",
          .parameters = list_parameters(false),
          .access = {{"", "nodes", {"list"}}},
          .columns = {{"name", CellType::text, false, "Its name"},
                      {"status", CellType::text, false,
                       "Ready, NotReady or Unknown, and SchedulingDisabled when cordoned"},
                      {"roles", CellType::text, false, "From the node-role labels"},
                      {"created", CellType::time, false, "When it was registered"},
                      {"version", CellType::text, false, "The kubelet's"},
                      {"cpu", CellType::text, false, "Allocatable, in cores or millicores"},
                      {"memory", CellType::text, false, "Allocatable"},
                      {"taints", CellType::list, false, "key=value:effect"},
                      {"problems", CellType::list, false, "Conditions that are not as they should be"},
                      {"internal_ip", CellType::text, true, ""},
                      {"external_ip", CellType::text, true, ""},
                      {"pods", CellType::text, true, "How many pods it takes"},
                      {"cpu_capacity", CellType::text, true, ""},
                      {"memory_capacity", CellType::text, true, ""},
                      {"os_image", CellType::text, true, ""},
                      {"kernel", CellType::text, true, ""},
                      {"runtime", CellType::text, true, "The container runtime"},
                      {"provider_id", CellType::text, true, "The machine behind it, as the cloud names it"}},
          .run = list_nodes,
          .example = "",
      },
      {
          .name = "cordon_node",
          .family = "nodes",
          .trust = Trust::write,
          .summary = "Mark a node as unschedulable; its running pods are not affected",
          .parameters = change_parameters(false),
          .access = {{"", "nodes", {"get", "patch"}}},
          .run = cordon_node,
          .example = "--name worker-1",
      },
      {
          .name = "uncordon_node",
          .family = "nodes",
          .trust = Trust::write,
          .summary = "Mark a node as schedulable again",
          .parameters = change_parameters(false),
          .access = {{"", "nodes", {"get", "patch"}}},
          .run = uncordon_node,
          .example = "--name worker-1",
      },
  };
}

}  // namespace fairlead::ops
