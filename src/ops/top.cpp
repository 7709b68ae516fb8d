// top_pods and top_nodes: who uses how much at this moment.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "kube/quantity.h"
#include "net/task.h"
#include "ops/catalog.h"
#include "ops/list.h"
#include "ops/pod_resources.h"
#include "ops/read.h"
#include "ops/usage.h"

namespace fairlead::ops {
namespace {

// The most comes first: ranks are ascending.
int rank_of(const Usage& usage, bool by_memory) {
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  return static_cast<int>(-std::min(by_memory ? usage.memory >> 10 : usage.millicores(), most));
}

bool names_column(const Call& call, std::initializer_list<std::string_view> names) {
  const auto columns = call.arguments.list("columns");
  return std::any_of(columns.begin(), columns.end(), [&](const std::string& column) {
    return std::find(names.begin(), names.end(), column) != names.end();
  });
}

void amount(Rows& rows, std::int64_t value) { value > 0 ? rows.integer(value) : rows.empty(); }

struct Measured {
  std::string ns, name, container;
  Usage usage;
  std::string key() const { return ns + "/" + name + (container.empty() ? "" : "/") + container; }
};

using ResourcesByName = std::unordered_map<std::string, PodResources>;

awaitable<Result<ResourcesByName>> read_resources(Call& call, bool each_container) {
  ResourcesByName out;
  auto each = [&](const kube::PodView& pod) {
    std::string key = std::string(pod.meta.ns).append("/").append(pod.meta.name);
    if (!each_container) {
      out[std::move(key)] = pod_resources(pod);
      return;
    }
    for (const auto* containers : {&pod.init_containers, &pod.containers})
      for (const auto& container : *containers)
        out[key + "/" + std::string(container.name)] = container_resources(container);
  };
  auto read = co_await read_objects<kube::PodView>(
      call, list_target(call, "", "v1", "pods"), "PodList", [&out] { out.clear(); }, each);
  if (!read) co_return fail(std::move(read.error()));
  co_return out;
}

// Whole pods are much to read beside their metrics: all of them only for who asks for that.
bool reads_resources(const Call& call) {
  return !call.list_namespace().empty() || call.arguments.has("name") || call.arguments.text("format") != "table" ||
         names_column(call, {"cpu_request", "cpu_limit", "memory_request", "memory_limit"});
}

awaitable<Result<Reply>> top_pods(Call& call) {
  const bool each_container = call.arguments.flag("containers") || names_column(call, {"container"});
  const bool by_memory = call.arguments.text("sort_by") == "memory";
  const std::string name = call.arguments.text("name");
  std::vector<Measured> all;
  auto each = [&](const json::value& pod) {
    Measured one{std::string(text_at(pod, {"metadata", "namespace"})), std::string(text_at(pod, {"metadata", "name"})),
                 "", pod_usage(pod)};
    if (!name.empty() && one.name != name) return;
    if (!each_container) return all.push_back(std::move(one));
    for (const auto& container : array_at(pod, {"containers"})) {
      one.container = text_at(container, {"name"});
      one.usage = usage_of(container);
      all.push_back(one);
    }
  };
  std::function<void()> restart = [&all] { all.clear(); };
  auto measuring = read_pod_metrics(call, call.list_namespace(), call.arguments.text("label_selector"), restart, each);
  Result<void> measured;
  Result<ResourcesByName> resources;
  if (reads_resources(call)) {
    auto reading = read_resources(call, each_container);
    auto got = co_await net::both(std::move(measuring), std::move(reading));
    measured = std::move(got.first);
    resources = std::move(got.second);
  } else {
    measured = co_await std::move(measuring);
  }
  if (!measured) co_return fail(std::move(measured.error()));
  std::vector<std::string> notes = co_await explain_empty(call, all.size());
  if (all.empty() && notes.empty() && !name.empty())
    notes.push_back("nothing was measured of pod " + name +
                    ": it does not run, has run for less than a minute, or is not there");
  if (!resources)
    notes.push_back("requests and limits are left out: " + std::string(to_string(resources.error().code)));
  Rows rows;
  for (const auto& one : all) {
    rows.begin_row(rank_of(one.usage, by_memory), fnv1a(one.container));
    rows.text(one.ns);
    rows.text(one.name);
    rows.text(one.container);
    rows.integer(one.usage.millicores());
    rows.integer(one.usage.memory);
    PodResources asked;
    if (resources)
      if (auto found = resources->find(one.key()); found != resources->end()) asked = found->second;
    amount(rows, asked.cpu_request);
    amount(rows, asked.cpu_limit);
    amount(rows, asked.memory_request);
    amount(rows, asked.memory_limit);
  }
  co_return arrange(call, std::move(rows), each_container ? "containers" : "pods", std::move(notes));
}

struct Allocatable {
  std::string name;
  std::int64_t cpu = 0, memory = 0;  // millicores, bytes
};

std::int64_t quantity(const kube::MapView& map, std::string_view key,
                      std::optional<std::int64_t> (*parse)(std::string_view)) {
  const auto text = map.find(key);
  return text ? parse(*text).value_or(0) : 0;
}

// Whole percent, cut off as kubectl does.
void percent(Rows& rows, std::int64_t part, std::int64_t whole) {
  whole > 0 ? rows.integer(static_cast<std::int64_t>(100.0 * static_cast<double>(part) / static_cast<double>(whole)))
            : rows.empty();
}

void add_node(Rows& rows, const Allocatable& node, const Usage* usage, bool by_memory) {
  // What is not measured comes last: it may be a node that nobody hears of, and list_nodes shows those first.
  rows.begin_row(usage ? rank_of(*usage, by_memory) : std::numeric_limits<int>::max());
  rows.text(node.name);
  usage ? rows.integer(usage->millicores()) : rows.empty();
  usage ? percent(rows, usage->millicores(), node.cpu) : rows.empty();
  usage ? rows.integer(usage->memory) : rows.empty();
  usage ? percent(rows, usage->memory, node.memory) : rows.empty();
  amount(rows, node.cpu);
  amount(rows, node.memory);
}

awaitable<Result<Reply>> top_nodes(Call& call) {
  const bool by_memory = call.arguments.text("sort_by") == "memory";
  const std::string name = call.arguments.text("name");
  std::vector<Allocatable> nodes;
  auto each = [&](const kube::NodeView& node) {
    if (!name.empty() && node.meta.name != name) return;
    nodes.push_back({std::string(node.meta.name), quantity(node.allocatable, "cpu", kube::parse_quantity_milli),
                     quantity(node.allocatable, "memory", kube::parse_quantity)});
  };
  std::function<void()> restart = [&nodes] { nodes.clear(); };
  auto reading =
      read_objects<kube::NodeView>(call, list_target(call, "", "v1", "nodes"), "NodeList", std::move(restart), each);
  auto measuring = nodes_usage(call, call.arguments.text("label_selector"));
  auto got = co_await net::both(std::move(reading), std::move(measuring));
  if (!got.second) co_return fail(std::move(got.second.error()));
  std::vector<std::string> notes;
  if (!got.first) {
    notes.push_back("percentages are left out, the nodes could not be read: " +
                    std::string(to_string(got.first.error().code)));
    for (const auto& [measured, usage] : *got.second)
      if (name.empty() || measured == name) nodes.push_back({measured, 0, 0});
  }
  if (nodes.empty() && !name.empty())
    co_return fail(ErrorCode::not_found, "top_nodes", "there is no node " + name,
                   "list_nodes shows those that there are");
  Rows rows;
  std::size_t silent = 0;
  for (const auto& node : nodes) {
    const auto usage = got.second->find(node.name);
    silent += usage == got.second->end();
    add_node(rows, node, usage == got.second->end() ? nullptr : &usage->second, by_memory);
  }
  if (silent > 0)
    notes.push_back(fmt::format("nothing was measured on {} of the nodes: list_nodes shows how they are", silent));
  co_return arrange(call, std::move(rows), "nodes", std::move(notes));
}

std::vector<Parameter> top_parameters(bool namespaced, std::string_view noun, std::vector<Parameter> more = {}) {
  std::vector<Parameter> own{
      {.name = "name", .type = ParameterType::name, .meaning = noun},
      {.name = "sort_by",
       .meaning = "What the most of comes first",
       .default_value = "cpu",
       .choices = {"cpu", "memory"}},
  };
  std::move(more.begin(), more.end(), std::back_inserter(own));
  auto all = list_parameters(namespaced, std::move(own));
  std::erase_if(all, [](const Parameter& parameter) { return parameter.name == "field_selector"; });
  for (auto& parameter : all)
    if (parameter.name == "limit") parameter.meaning = "At most so many rows";
  return all;
}

}  // namespace

std::vector<Operation> top_operations() {
  return {
      {
          .name = "top_pods",
          .family = "cluster",
          .summary = "What pods use now of CPU and memory, the most first, beside their requests and limits; needs a "
                     "metrics server",
          .parameters = top_parameters(
              true, "Only pods of this name",
              {{.name = "containers", .type = ParameterType::boolean, .meaning = "Each container by itself"}}),
          .access = {{"metrics.k8s.io", "pods", {"list"}}, {"", "pods", {"list"}, Reach::call_namespace, true}},
          .columns = {{"namespace", CellType::text, false, ""},
                      {"name", CellType::text, false, ""},
                      {"container", CellType::text, false, "With containers=true"},
                      {"cpu", CellType::millicores, false, "In use"},
                      {"memory", CellType::bytes, false, "In use"},
                      {"cpu_request", CellType::millicores, false,
                       "This and those after it: where a namespace, a name or they are asked for"},
                      {"cpu_limit", CellType::millicores, false, ""},
                      {"memory_request", CellType::bytes, false, ""},
                      {"memory_limit", CellType::bytes, false, ""}},
          .run = top_pods,
          .example = "--namespace shop --sort-by memory",
      },
      {
          .name = "top_nodes",
          .family = "cluster",
          .summary = "What nodes use now of CPU and memory, also in percent of what they have for pods, the most "
                     "first; needs a metrics server",
          .parameters = top_parameters(false, "Only this node"),
          .access = {{"metrics.k8s.io", "nodes", {"list"}, Reach::cluster},
                     {"", "nodes", {"list"}, Reach::cluster, true}},
          .columns = {{"name", CellType::text, false, ""},
                      {"cpu", CellType::millicores, false, "In use"},
                      {"cpu_percent", CellType::integer, false, "Of what is allocatable"},
                      {"memory", CellType::bytes, false, "In use"},
                      {"memory_percent", CellType::integer, false, "Of what is allocatable"},
                      {"cpu_allocatable", CellType::millicores, false, ""},
                      {"memory_allocatable", CellType::bytes, false, ""}},
          .run = top_nodes,
          .example = "--name node-2",
      },
  };
}

}  // namespace fairlead::ops
