#include "kube/discovery.h"

#include <algorithm>

namespace fairlead::kube {
namespace {

constexpr std::string_view kAccept =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

std::string text(const json::value& value, std::initializer_list<std::string_view> path) {
  return std::string(text_at(value, path));
}

std::vector<std::string> texts(const json::array& array) {
  std::vector<std::string> out;
  for (const auto& item : array)
    if (item.is_string()) out.emplace_back(item.get_string().data(), item.get_string().size());
  return out;
}

// What stands in a request's path: no server's answer leads it elsewhere.
bool is_path_word(std::string_view word) {
  return !word.empty() && word != "." && word != ".." && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

bool is_group_version(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash == std::string_view::npos ? is_path_word(text)
                                         : is_path_word(text.substr(0, slash)) && is_path_word(text.substr(slash + 1));
}

bool can_be_asked_for(const ApiResource& resource) {
  return (resource.group.empty() || is_path_word(resource.group)) && is_path_word(resource.version) &&
         is_path_word(resource.plural);
}

// The group/versions that an APIGroupList or APIVersions names, preferred ones first within each group.
std::vector<std::string> legacy_paths(const json::value& core, const json::value& groups) {
  std::vector<std::string> paths;
  for (const auto& version : array_at(core, {"versions"}))
    if (version.is_string() && is_path_word(std::string_view(version.get_string())))
      paths.push_back("/api/" + std::string(version.get_string()));
  for (const auto& group : array_at(groups, {"groups"})) {
    std::string preferred = text(group, {"preferredVersion", "groupVersion"});
    if (is_group_version(preferred)) paths.push_back("/apis/" + preferred);
    for (const auto& version : array_at(group, {"versions"})) {
      std::string other = text(version, {"groupVersion"});
      if (is_group_version(other) && other != preferred) paths.push_back("/apis/" + other);
    }
  }
  return paths;
}

}  // namespace

bool add_aggregated(const json::value& document, Discovery& discovery) {
  if (text_at(document, {"kind"}) != "APIGroupDiscoveryList") return false;
  for (const auto& group : array_at(document, {"items"})) {
    for (const auto& version : array_at(group, {"versions"})) {
      if (text_at(version, {"freshness"}) == "Stale")
        discovery.unavailable.push_back(text(group, {"metadata", "name"}) + "/" + text(version, {"version"}) +
                                        ": its server did not answer lately");
      for (const auto& resource : array_at(version, {"resources"})) {
        ApiResource entry;
        entry.group = text(group, {"metadata", "name"});
        entry.version = text(version, {"version"});
        entry.plural = text(resource, {"resource"});
        entry.singular = text(resource, {"singularResource"});
        entry.kind = text(resource, {"responseKind", "kind"});
        entry.namespaced = text_at(resource, {"scope"}) == "Namespaced";
        entry.verbs = texts(array_at(resource, {"verbs"}));
        entry.short_names = texts(array_at(resource, {"shortNames"}));
        if (can_be_asked_for(entry)) discovery.resources.push_back(std::move(entry));
      }
    }
  }
  return true;
}

bool add_resource_list(const json::value& document, Discovery& discovery) {
  if (text_at(document, {"kind"}) != "APIResourceList") return false;
  std::string group_version = text(document, {"groupVersion"});
  std::size_t slash = group_version.find('/');
  for (const auto& resource : array_at(document, {"resources"})) {
    ApiResource entry;
    entry.group = slash == std::string::npos ? "" : group_version.substr(0, slash);
    entry.version = slash == std::string::npos ? group_version : group_version.substr(slash + 1);
    entry.plural = text(resource, {"name"});
    entry.singular = text(resource, {"singularName"});
    entry.kind = text(resource, {"kind"});
    entry.namespaced = flag_at(resource, {"namespaced"});
    entry.verbs = texts(array_at(resource, {"verbs"}));
    entry.short_names = texts(array_at(resource, {"shortNames"}));
    // A subresource has a slash.
    if (can_be_asked_for(entry)) discovery.resources.push_back(std::move(entry));
  }
  return true;
}

awaitable<Result<Discovery>> discover(Client& client, Deadline deadline) {
  constexpr std::size_t most = 1000, at_once = 8;
  Discovery discovery;
  auto core = co_await client.get("/api", deadline, std::string(kAccept));
  if (!core) co_return fail(std::move(core.error()));
  auto groups = co_await client.get("/apis", deadline, std::string(kAccept));
  if (!groups) co_return fail(std::move(groups.error()));
  const bool core_done = add_aggregated(*core, discovery);
  const bool groups_done = add_aggregated(*groups, discovery);
  if (core_done && groups_done) co_return discovery;
  std::vector<std::string> paths = legacy_paths(*core, *groups);
  if (paths.empty() || paths.size() > most)
    co_return fail(ErrorCode::server_error, "discover the API",
                   paths.empty() ? "the answer names no API groups" : "the answer names more than 1000 API groups",
                   "Check that the address is that of a Kubernetes API server");
  std::function<awaitable<Result<json::value>>(std::size_t)> fetch = [&](std::size_t i) {
    return client.get(paths[i], deadline);
  };
  auto documents = co_await net::gather_bounded<json::value>(paths.size(), at_once, fetch);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (!documents[i] && documents[i].error().code == ErrorCode::cancelled)
      co_return fail(std::move(documents[i].error()));
    if (documents[i] && add_resource_list(*documents[i], discovery)) continue;
    discovery.unavailable.push_back(
        paths[i].substr(paths[i].find('/', 1) + 1) + ": " +
        (documents[i] ? "its answer is not an APIResourceList" : documents[i].error().cause));
  }
  co_return discovery;
}

awaitable<Result<LateDiscovery>> discover_lately(Client& client, Deadline deadline, bool anew) {
  constexpr Duration kept = std::chrono::seconds(30);
  const Client::KnownDiscovery known = client.known_discovery();
  if (!anew && known.discovery && !known.until.passed()) co_return LateDiscovery{known.discovery, false};
  forget_discovery(client);
  auto discovery = co_await discover(client, deadline);
  if (!discovery) co_return fail(std::move(discovery.error()));
  auto shared = std::make_shared<const Discovery>(std::move(*discovery));
  if (shared->unavailable.empty()) client.known_discovery() = {shared, Deadline::after(kept)};
  co_return LateDiscovery{std::move(shared), true};
}

void forget_discovery(Client& client) { client.known_discovery() = {}; }

}  // namespace fairlead::kube
