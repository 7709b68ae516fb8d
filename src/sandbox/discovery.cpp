#include "sandbox/discovery.h"

#include <openssl/sha.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox/custom_kinds.h"
#include "sandbox/json_edit.h"
#include "sandbox/presentation.h"

namespace fairlead::sandbox {
namespace {

json::array strings(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& entry : list) out.emplace_back(entry);
  return out;
}

// Of the version that objects are kept in: those of events.k8s.io as core/v1.
std::string storage_version_hash(const Resource& resource) {
  const Resource& stored = *resource.storage;
  std::string text =
      stored.group + "/" + (resource.custom ? resource.custom->storage_version : stored.version) + "/" + stored.kind;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return base64_encode(std::string_view(reinterpret_cast<const char*>(digest), 8));
}

json::object group_object(const std::string& group, const Resources& resources) {
  json::array versions;
  for (const std::string& version : resources.versions(group)) {
    versions.push_back(json::object{{"groupVersion", group + "/" + version}, {"version", version}});
  }
  json::value preferred = versions.front();
  return {{"name", group}, {"versions", std::move(versions)}, {"preferredVersion", std::move(preferred)}};
}

json::object resource_list(std::string_view group, std::string_view version, const Resources& resources) {
  json::array list;
  for (const auto& resource : resources.all()) {
    if (resource->group != group || resource->version != version) continue;
    json::object entry{{"name", resource->plural},
                       {"singularName", resource->singular},
                       {"namespaced", resource->namespaced},
                       {"kind", resource->kind}};
    entry["verbs"] = strings(resource->verbs);
    if (!resource->short_names.empty()) entry["shortNames"] = strings(resource->short_names);
    if (!resource->categories.empty()) entry["categories"] = strings(resource->categories);
    if (resource->has_verb("list")) entry["storageVersionHash"] = storage_version_hash(*resource);
    list.push_back(std::move(entry));
    for (const Subresource& sub : resource->subresources) {
      json::object below{{"name", resource->plural + "/" + sub.name},
                         {"singularName", ""},
                         {"namespaced", resource->namespaced},
                         {"kind", sub.kind}};
      if (sub.group != resource->group) {
        below["group"] = sub.group;
        below["version"] = sub.version;
      }
      below["verbs"] = strings(sub.verbs);
      list.push_back(std::move(below));
    }
  }
  json::object out{{"kind", "APIResourceList"}};
  if (!group.empty()) out["apiVersion"] = "v1";
  out["groupVersion"] = group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
  out["resources"] = std::move(list);
  return out;
}

json::object aggregated_version(std::string_view group, std::string_view version, const Resources& resources) {
  auto kind_of = [](std::string_view g, std::string_view v, std::string_view k) {
    return json::object{{"group", g}, {"version", v}, {"kind", k}};
  };
  json::array list;
  for (const auto& resource : resources.all()) {
    if (resource->group != group || resource->version != version) continue;
    json::object entry{{"resource", resource->plural},
                       {"responseKind", kind_of(resource->group, resource->version, resource->kind)}};
    entry["scope"] = resource->namespaced ? "Namespaced" : "Cluster";
    entry["singularResource"] = resource->singular;
    entry["verbs"] = strings(resource->verbs);
    if (!resource->short_names.empty()) entry["shortNames"] = strings(resource->short_names);
    if (!resource->categories.empty()) entry["categories"] = strings(resource->categories);
    json::array below;
    for (const Subresource& sub : resource->subresources) {
      below.push_back(json::object{{"subresource", sub.name},
                                   {"responseKind", kind_of(sub.group, sub.version, sub.kind)},
                                   {"verbs", strings(sub.verbs)}});
    }
    if (!below.empty()) entry["subresources"] = std::move(below);
    list.push_back(std::move(entry));
  }
  return {{"version", version}, {"resources", std::move(list)}, {"freshness", "Current"}};
}

json::object aggregated_group(std::string_view group, const Resources& resources) {
  json::object metadata;
  if (!group.empty()) metadata["name"] = group;
  json::array versions;
  for (const std::string& version : resources.versions(group))
    versions.push_back(aggregated_version(group, version, resources));
  return {{"metadata", std::move(metadata)}, {"versions", std::move(versions)}};
}

json::array root_paths(const Resources& resources) {
  std::vector<std::string> out{"/api",        "/api/v1",     "/apis",   "/healthz", "/livez",
                               "/openapi/v2", "/openapi/v3", "/readyz", "/version"};
  for (const std::string& group : resources.groups()) {
    out.push_back("/apis/" + group);
    for (const std::string& version : resources.versions(group)) out.push_back("/apis/" + group + "/" + version);
  }
  std::sort(out.begin(), out.end());
  return strings(out);
}

// The version of apidiscovery.k8s.io that the first acceptable entry asks for.
std::string asked_version(std::string_view accept) {
  for (std::string_view entry : split(accept, ',')) {
    if (media_type(entry) != "application/json") continue;
    if (entry.find("as=APIGroupDiscoveryList") == entry.npos) return {};
    if (entry.find("v=v2beta1") != entry.npos) return "v2beta1";
    if (entry.find("v=v2") != entry.npos) return "v2";
  }
  return {};
}

}  // namespace

json::object version_info() {
  return {{"major", "1"},
          {"minor", "36"},
          {"gitVersion", "v1.36.0-fairlead.sandbox"},
          {"gitCommit", "0000000000000000000000000000000000000000"},
          {"gitTreeState", "clean"},
          {"buildDate", "2026-04-22T00:00:00Z"},
          {"goVersion", "none"},
          {"compiler", "gcc"},
          {"platform", "linux/amd64"},
          {"emulationMajor", "1"},
          {"emulationMinor", "36"},
          {"minCompatibilityMajor", "1"},
          {"minCompatibilityMinor", "35"}};
}

std::optional<DiscoveryAnswer> discover(std::string_view path, std::string_view accept, const Resources& resources,
                                        std::string_view server_address) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (std::count(path.begin(), path.end(), '/') > 3) return std::nullopt;  // deeper than /apis/GROUP/VERSION
  auto answer = [&](json::value value) {
    Representation how = negotiate(accept, false).value_or(Representation{});
    const Message* message = Schema::builtin().message(text_at(value, {"kind"}));
    if (how.format == Format::protobuf && !message) how.format = Format::json;
    if (how.format == Format::protobuf) set_default(value.get_object(), "apiVersion", "v1");
    return DiscoveryAnswer{std::string(content_type(how)), present_value(value.get_object(), how.format, message)};
  };
  if (path == "/") return answer(json::object{{"paths", root_paths(resources)}});
  if (path == "/version") return DiscoveryAnswer{"application/json", pretty(version_info()) + "\n"};
  if (path == "/api" || path == "/apis") {
    bool core = path == "/api";
    if (std::string version = asked_version(accept); !version.empty()) {
      json::array items;
      if (core) {
        items.push_back(aggregated_group("", resources));
      } else {
        for (const std::string& group : resources.groups()) items.push_back(aggregated_group(group, resources));
      }
      json::object list{{"kind", "APIGroupDiscoveryList"},
                        {"apiVersion", "apidiscovery.k8s.io/" + version},
                        {"metadata", json::object()},
                        {"items", std::move(items)}};
      return DiscoveryAnswer{"application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList",
                             compact(list) + "\n"};
    }
    if (core) {
      json::object address{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", server_address}};
      return answer(json::object{{"kind", "APIVersions"},
                                 {"versions", json::array{"v1"}},
                                 {"serverAddressByClientCIDRs", json::array{address}}});
    }
    json::array groups;
    for (const std::string& group : resources.groups()) groups.push_back(group_object(group, resources));
    return answer(json::object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(groups)}});
  }
  if (path == "/api/v1") return answer(resource_list("", "v1", resources));
  for (const std::string& group : resources.groups()) {
    std::string base = "/apis/" + group;
    if (path == base) {
      json::object out{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
      for (auto& member : group_object(group, resources)) out[member.key()] = member.value();
      return answer(out);
    }
    for (const std::string& version : resources.versions(group)) {
      if (path == base + "/" + version) return answer(resource_list(group, version, resources));
    }
  }
  return std::nullopt;
}

}  // namespace fairlead::sandbox
