// What containers and nodes use at this moment, as metrics.k8s.io measures it.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "kube/protobuf_list.h"
#include "ops/operation.h"

namespace fairlead::ops {

struct Usage {
  std::int64_t cpu_nano = 0;  // billionths of a core
  std::int64_t memory = 0;    // bytes

  Usage& operator+=(const Usage& other);
  // Rounded up, as kubectl top does.
  std::int64_t millicores() const { return cpu_nano / 1'000'000 + (cpu_nano % 1'000'000 > 0); }
};

// The member `usage` of an object: {"cpu":"1234567n","memory":"20480Ki"}.
Usage usage_of(const json::value& object);
// Of all containers of a PodMetrics.
Usage pod_usage(const json::value& pod);

// Streams the PodMetrics of a namespace (empty: of all), or all NodeMetrics, each as JSON. `restart` forgets what came
// before. A cluster that measures nothing is not_found, one whose metrics server does not answer is server_error; both
// say what to install or to look at.
awaitable<Result<void>> read_pod_metrics(Call& call, std::string ns, std::string label_selector,
                                         std::function<void()> restart, std::function<void(const json::value&)> each);
awaitable<Result<void>> read_node_metrics(Call& call, std::string label_selector, std::function<void()> restart,
                                          std::function<void(const json::value&)> each);

// The same, summed up by "namespace/name" or by the node's name.
using UsageByName = std::unordered_map<std::string, Usage>;
awaitable<Result<UsageByName>> pods_usage(Call& call, std::string ns, std::string label_selector);
awaitable<Result<UsageByName>> nodes_usage(Call& call, std::string label_selector);
// Of one node.
awaitable<Result<Usage>> node_usage(Call& call, std::string name);

// For lists that show usage when it is asked for, by `usage` or by a column's name: the parameter, the two columns, and
// whether this call asks.
Parameter usage_parameter();
inline constexpr Column kCpuUsage{"cpu_usage", CellType::millicores, true, "Now; only when asked for"};
inline constexpr Column kMemoryUsage{"memory_usage", CellType::bytes, true, "Now; only when asked for"};
bool wants_usage(const Call& call);

// Whose usage that row is about: a key of UsageByName.
using UsageKey = std::function<std::string(const Rows&, std::size_t row)>;
// Awaits `reading`, which fills `rows`, and where the call asks for it `measuring` beside it: the rows then get the two
// cells. Whether they have them; a note says why not.
awaitable<Result<bool>> read_with_usage(Call& call, awaitable<Result<kube::ListMeta>> reading,
                                        awaitable<Result<UsageByName>> measuring, Rows& rows, UsageKey key,
                                        std::vector<std::string>& notes);
// Shows the two columns, which are the last ones, or takes them away where nothing was measured.
void settle_usage(Table& table, bool measured);
// Why there is no usage, as a note.
std::string no_usage(const Error& error);

}  // namespace fairlead::ops
