#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kube/node_status.h"
#include "kube/pod_status.h"
#include "kube/quantity.h"
#include "ops/catalog.h"
#include "ops/list.h"
#include "ops/node_document.h"
#include "ops/pod_resources.h"
#include "ops/read.h"
#include "ops/usage.h"
#include "redact/redact.h"

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
  std::function<void()> restart = [&rows] { rows = {}; };
  auto reading =
      read_objects<kube::NodeView>(call, list_target(call, "", "v1", "nodes"), "NodeList", std::move(restart), each);
  auto measuring = nodes_usage(call, call.arguments.text("label_selector"));
  UsageKey key = [](const Rows& of, std::size_t row) { return std::string(of.cell(row, 0)); };
  std::vector<std::string> notes;
  auto measured = co_await read_with_usage(call, std::move(reading), std::move(measuring), rows, std::move(key), notes);
  if (!measured) co_return fail(std::move(measured.error()));
  auto reply = arrange(call, std::move(rows), "nodes", std::move(notes));
  if (reply) settle_usage(std::get<Table>(reply->body), *measured);
  co_return reply;
}

awaitable<Result<json::value>> read_node(Call& call) {
  const std::string name = call.arguments.text("name");
  auto node = co_await read_object(call, kube::ResourcePath{"", "v1", "nodes", {}, name, {}}.text(), "Node");
  if (node) redact::object(*node);
  co_return node;
}

awaitable<Result<Reply>> get_node(Call& call) {
  auto node = co_await read_node(call);
  if (!node) co_return fail(std::move(node.error()));
  json::value brief = node_document(*node, call.clock.unix_seconds());
  co_return Reply{Document{std::move(*node), std::move(brief)}, {}};
}

// "1250m of 7910m (15%)": whole percents, as kubectl cuts them, so that 100% is not said of a little less.
std::string share(std::int64_t part, std::int64_t whole, std::string (*format)(std::int64_t)) {
  if (whole <= 0) return format(part);
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  return fmt::format("{} of {} ({:.0f}%)", format(part), format(whole), std::floor(percent));
}

// The pods that run on a node with what they ask for, as kubectl describe node counts them.
struct NodePods {
  json::array pods;   // objects
  json::array lines;  // the same for readers
  PodResources total;
};

void add_node_pod(NodePods& to, const kube::PodView& pod, std::string_view status) {
  const PodResources resources = pod_resources(pod);
  to.total += resources;
  json::object one{{"namespace", pod.meta.ns}, {"name", pod.meta.name}, {"status", status}};
  std::string line = fmt::format("{}/{} {}", pod.meta.ns, pod.meta.name, status);
  for (auto [key, value, format] :
       {std::tuple{"cpu_request", resources.cpu_request, &kube::format_cpu},
        std::tuple{"cpu_limit", resources.cpu_limit, &kube::format_cpu},
        std::tuple{"memory_request", resources.memory_request, &kube::format_bytes},
        std::tuple{"memory_limit", resources.memory_limit, &kube::format_bytes},
        std::tuple{"ephemeral_storage_request", resources.disk_request, &kube::format_bytes},
        std::tuple{"ephemeral_storage_limit", resources.disk_limit, &kube::format_bytes}}) {
    if (value == 0) continue;
    one[key] = format(value);
    line += fmt::format(" {}={}", key, format(value));
  }
  to.pods.push_back(std::move(one));
  to.lines.emplace_back(std::move(line));
}

awaitable<Result<Reply>> describe_node(Call& call) {
  auto node = co_await read_node(call);
  if (!node) co_return fail(std::move(node.error()));
  const std::int64_t now = call.clock.unix_seconds();
  const std::string name = call.arguments.text("name");
  Reply reply;
  json::object brief = node_document(*node, now);
  json::object whole = brief;
  NodePods pods;
  kube::PodStatus status;
  auto each = [&](const kube::PodView& pod) {
    if (pod.phase == "Succeeded" || pod.phase == "Failed") return;  // they hold nothing any more
    kube::pod_status(pod, status);
    add_node_pod(pods, pod, status.word);
  };
  std::string target = "/api/v1/pods";
  kube::add_query(target, "fieldSelector", "spec.nodeName=" + name);
  std::function<void()> restart = [&pods] { pods = {}; };
  auto reading = read_objects<kube::PodView>(call, target, "PodList", std::move(restart), each);
  auto measuring = node_usage(call, name);
  auto [read, usage] = co_await net::both(std::move(reading), std::move(measuring));
  const auto allocatable = [node = &*node](std::string_view key) {
    return std::string(text_at(*node, {"status", "allocatable", key}));
  };
  const std::int64_t cpu = kube::parse_quantity_milli(allocatable("cpu")).value_or(0);
  const std::int64_t memory = kube::parse_quantity(allocatable("memory")).value_or(0);
  const std::int64_t disk = kube::parse_quantity(allocatable("ephemeral-storage")).value_or(0);
  if (usage) {
    json::object now_used{{"cpu", share(usage->millicores(), cpu, kube::format_cpu)},
                          {"memory", share(usage->memory, memory, kube::format_bytes)}};
    brief["usage"] = now_used;
    whole["usage"] = std::move(now_used);
  } else {
    reply.notes.push_back(no_usage(usage.error()));
  }
  if (read) {
    json::object allocated{{"cpu_requests", share(pods.total.cpu_request, cpu, kube::format_cpu)},
                           {"cpu_limits", share(pods.total.cpu_limit, cpu, kube::format_cpu)},
                           {"memory_requests", share(pods.total.memory_request, memory, kube::format_bytes)},
                           {"memory_limits", share(pods.total.memory_limit, memory, kube::format_bytes)},
                           {"pods", fmt::format("{} of {}", pods.pods.size(), allocatable("pods"))}};
    for (auto [key, amount] : {std::pair{"ephemeral_storage_requests", pods.total.disk_request},
                               std::pair{"ephemeral_storage_limits", pods.total.disk_limit}})
      if (amount > 0) allocated[key] = share(amount, disk, kube::format_bytes);
    brief["allocated"] = allocated;
    whole["allocated"] = std::move(allocated);
    brief["pods"] = std::move(pods.lines);
    whole["pods"] = std::move(pods.pods);
  } else {
    brief["pods"] = whole["pods"] = nullptr;
    reply.notes.push_back("its pods could not be read: " + std::string(to_string(read.error().code)));
  }
  reply.body = co_await with_events(call, std::move(brief), std::move(whole), "", "Node", name, reply.notes);
  co_return reply;
}

}  // namespace

std::vector<Operation> node_operations() {
  return {
      {
          .name = "list_nodes",
          .family = "nodes",
          .summary = "List all cluster nodes with status, roles, version, capacity, allocatable resources, taints and "
                     "conditions",
          .parameters = list_parameters(false, {usage_parameter()}),
          .access = {{"", "nodes", {"list"}, Reach::cluster},
                     {"metrics.k8s.io", "nodes", {"list"}, Reach::cluster, true}},
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
                      {"provider_id", CellType::text, true, "The machine behind it, as the cloud names it"},
                      kCpuUsage,
                      kMemoryUsage},
          .run = list_nodes,
          .example = "",
      },
      {
          .name = "get_node",
          .family = "nodes",
          .summary = "Detailed node information including conditions, capacity, taints and system info",
          .parameters = object_parameters(false),
          .access = {{"", "nodes", {"get"}, Reach::cluster}},
          .run = get_node,
          .example = "--name node-2",
      },
      {
          .name = "describe_node",
          .family = "nodes",
          .summary = "Comprehensive node information including utilization, running pods with their requests, and "
                     "events",
          .parameters = object_parameters(false),
          .access = {{"", "nodes", {"get"}, Reach::cluster},
                     {"", "pods", {"list"}, Reach::all_namespaces, true},
                     {"", "events", {"list"}, Reach::all_namespaces, true},
                     {"metrics.k8s.io", "nodes", {"get"}, Reach::cluster, true}},
          .run = describe_node,
          .example = "--name node-2",
      },
  };
}

}  // namespace fairlead::ops
