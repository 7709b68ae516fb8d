// The cluster itself: its version, health and API, and which clusters there are to ask.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "kube/discovery.h"
#include "kube/node_status.h"
#include "net/task.h"
#include "ops/catalog.h"
#include "ops/clip.h"
#include "ops/list.h"
#include "ops/read.h"

namespace fairlead::ops {
namespace {

constexpr std::size_t kWord = 128;  // of what the server says about itself
constexpr std::size_t kNamesShown = 20;

// The answer of a health check is a word or a short list of checks.
class ShortText final : public net::BodySink {
 public:
  Result<void> on_head(const net::HttpHead&) override {
    text_.clear();
    return {};
  }
  Result<net::Flow> on_body(std::string_view bytes) override {
    constexpr std::size_t most = 16 << 10;
    text_.append(bytes.substr(0, most - std::min(most, text_.size())));
    return text_.size() < most ? net::Flow::more : net::Flow::enough;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// "[-]etcd failed: reason withheld" -> etcd
json::array failed_checks(std::string_view text) {
  json::array out;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line);
    if (!line.starts_with("[-]")) continue;
    line.remove_prefix(3);
    out.emplace_back(clip(line.substr(0, line.find(' ')), kWord));
  }
  return out;
}

awaitable<Result<json::object>> read_health(Call& call) {
  for (std::string target : {"/readyz", "/healthz"}) {
    ShortText sink;
    std::string accept = "text/plain, */*";
    auto asked = co_await call.client.read(target, std::move(accept), sink, call.deadline);
    if (asked) {
      const bool ok = trim(sink.text()) == "ok";
      json::object health{{"ready", ok}};
      if (!ok) health["failed_checks"] = failed_checks(sink.text());
      co_return health;
    }
    const Error& error = asked.error();
    if (error.code == ErrorCode::not_found) continue;  // older than 1.16, or not told to us
    if (error.code != ErrorCode::server_error)
      co_return json::object{{"ready", nullptr}, {"why", to_string(error.code)}};
    co_return json::object{{"ready", false}, {"failed_checks", failed_checks(error.foreign)}};
  }
  co_return json::object{{"ready", nullptr}, {"why", to_string(ErrorCode::not_found)}};
}

struct Nodes {
  std::size_t total = 0;
  std::vector<std::string> not_ready;
};

awaitable<Result<Nodes>> count_nodes(Call& call) {
  Nodes nodes;
  auto each = [&nodes](const kube::NodeView& node) {
    ++nodes.total;
    const auto* ready = kube::find_condition(node.conditions, "Ready");
    if (!ready || ready->status != "True") nodes.not_ready.emplace_back(node.meta.name);
  };
  auto read = co_await read_objects<kube::NodeView>(
      call, "/api/v1/nodes", "NodeList", [&nodes] { nodes = {}; }, each);
  if (!read) co_return fail(std::move(read.error()));
  std::sort(nodes.not_ready.begin(), nodes.not_ready.end());
  co_return nodes;
}

json::array some_of(const std::vector<std::string>& names) {
  json::array out;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) out.emplace_back(names[i]);
  if (names.size() > kNamesShown) out.emplace_back(fmt::format("and {} more", names.size() - kNamesShown));
  return out;
}

std::string health_words(const json::object& health) {
  const json::value& ready = health.at("ready");
  if (ready.is_null()) return "unknown: " + std::string(health.at("why").get_string());
  if (ready.get_bool()) return "ready";
  std::string failed;
  for (const auto& check : health.at("failed_checks").get_array())
    failed += (failed.empty() ? ": " : ", ") + std::string(check.get_string());
  return "not ready" + failed;
}

// Distinct groups in the server's order, each with its versions: "apps/v1", "autoscaling/v2,v1".
std::vector<std::string> group_names(const kube::Discovery& discovery) {
  std::vector<std::string> groups, seen;
  for (const auto& resource : discovery.resources) {
    std::string version = resource.group_version();
    if (std::find(seen.begin(), seen.end(), version) != seen.end()) continue;
    seen.push_back(version);
    if (resource.group.empty()) continue;
    const std::string prefix = resource.group + "/";
    auto known =
        std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.starts_with(prefix); });
    known == groups.end() ? groups.push_back(std::move(version)) : void(*known += "," + resource.version);
  }
  return groups;
}

std::size_t count_kinds(const kube::Discovery& discovery) {
  std::vector<std::pair<std::string_view, std::string_view>> kinds;
  for (const auto& resource : discovery.resources) kinds.emplace_back(resource.group, resource.plural);
  std::sort(kinds.begin(), kinds.end());
  return static_cast<std::size_t>(std::unique(kinds.begin(), kinds.end()) - kinds.begin());
}

awaitable<Result<Reply>> get_cluster_info(Call& call) {
  auto version_and_health = net::both(call.client.get("/version", call.deadline), read_health(call));
  auto api_and_nodes = net::both(kube::discover(call.client, call.deadline), count_nodes(call));
  auto got = co_await net::both(std::move(version_and_health), std::move(api_and_nodes));
  auto& [version, health] = got.first;
  auto& [discovery, nodes] = got.second;
  if (!version) co_return fail(std::move(version.error()));
  if (!health) co_return fail(std::move(health.error()));
  Reply reply;
  const auto& connection = call.client.connection();
  json::object brief;
  brief["context"] = connection.context;
  brief["server"] = fmt::format("{}:{}", connection.server.host, connection.server.port);
  brief["version"] = clip(text_at(*version, {"gitVersion"}), kWord);
  brief["platform"] = clip(text_at(*version, {"platform"}), kWord);
  json::object whole = brief;
  brief["health"] = health_words(*health);
  whole["health"] = std::move(*health);
  if (nodes) {
    const std::size_t ready = nodes->total - nodes->not_ready.size();
    brief["nodes"] = fmt::format("{} of {} ready", ready, nodes->total);
    if (!nodes->not_ready.empty()) brief["not_ready"] = some_of(nodes->not_ready);
    json::array names(nodes->not_ready.begin(), nodes->not_ready.end());
    whole["nodes"] = json::object{{"total", nodes->total}, {"ready", ready}, {"not_ready", std::move(names)}};
  } else {
    whole["nodes"] = nullptr;
    reply.notes.push_back("its nodes could not be read: " + std::string(to_string(nodes.error().code)));
  }
  if (discovery) {
    const auto groups = group_names(*discovery);
    brief["kinds"] = whole["kinds"] = count_kinds(*discovery);
    brief["api_groups"] = groups.size();
    brief["groups"] = fmt::format("{}", fmt::join(groups, " "));
    whole["api_groups"] = json::array(groups.begin(), groups.end());
    json::array unavailable(discovery->unavailable.begin(), discovery->unavailable.end());
    if (!unavailable.empty()) brief["unavailable"] = unavailable;
    whole["unavailable"] = std::move(unavailable);
  } else {
    whole["kinds"] = whole["api_groups"] = whole["unavailable"] = nullptr;
    reply.notes.push_back("its API groups could not be read: " + std::string(to_string(discovery.error().code)));
  }
  reply.body = Document{std::move(whole), std::move(brief)};
  co_return reply;
}

}  // namespace

std::vector<Operation> cluster_operations() {
  auto parameters = list_parameters(false);
  std::erase_if(parameters, [](const Parameter& parameter) { return parameter.name.ends_with("_selector"); });
  return {
      {
          .name = "list_clusters",
          .family = "cluster",
          .summary = "List the clusters that can be asked here, the current one first: what `cluster` takes",
          .parameters = std::move(parameters),
          .access = {},
          .columns = {{"name", CellType::text, false, "Its id"},
                      {"server", CellType::text, false, "Host and port of its API server"},
                      {"current", CellType::flag, false, "Whether it is asked where none is named"}},
          .run = nullptr,
          .example = "",
      },
      {
          .name = "get_cluster_info",
          .family = "cluster",
          .summary = "Version, health and API groups of the cluster, and how many of its nodes are ready",
          .parameters = {format_parameter()},
          .access = {{"", "nodes", {"list"}, Reach::cluster, true}},
          .columns = {},
          .run = get_cluster_info,
          .example = "",
      },
  };
}

}  // namespace fairlead::ops
