#include "sandbox/request.h"

#include <algorithm>

#include "base/text.h"

namespace fairlead::sandbox {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::optional<std::string> query_decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = net::percent_decode(spaced);
  if (!decoded) return std::nullopt;
  return std::move(*decoded);
}

}  // namespace

std::string_view Query::get(std::string_view name) const {
  for (const auto& [key, value] : entries) {
    if (key == name) return value;
  }
  return {};
}

bool Query::has(std::string_view name) const {
  return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == name; });
}

std::vector<std::string_view> Query::all(std::string_view name) const {
  std::vector<std::string_view> out;
  for (const auto& [key, value] : entries) {
    if (key == name) out.push_back(value);
  }
  return out;
}

bool Query::flag(std::string_view name) const {
  if (!has(name)) return false;
  std::string value = lower(get(name));
  return value != "false" && value != "0";
}

std::optional<Target> parse_target(std::string_view target) {
  Target out;
  std::size_t mark = target.find('?');
  auto path = net::percent_decode(target.substr(0, mark));
  if (!path || !is_valid_utf8(*path)) return std::nullopt;
  out.path = std::move(*path);
  if (mark == target.npos) return out;
  for (std::string_view part : split(target.substr(mark + 1), '&')) {
    if (part.empty()) continue;
    std::size_t equals = part.find('=');
    auto name = query_decode(part.substr(0, equals));
    auto value = query_decode(equals == part.npos ? std::string_view() : part.substr(equals + 1));
    if (!name || !value) continue;
    out.query.entries.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

ApiResult<ResourcePath> parse_resource_path(std::string_view path, const Resources& resources) {
  auto nowhere = [] { return refuse(StatusError{0, "", "", {}}); };
  if (path.ends_with('/')) path.remove_suffix(1);
  std::vector<std::string_view> parts = split(path, '/');  // the first is empty
  if (parts.size() >= 2 && parts[1] == "api" && parts.size() < 4) return refuse(no_such_resource());
  if (parts.size() >= 4 && parts.size() < 5 && parts[1] == "apis")
    parts.emplace_back();  // a version by itself: it is not served, or it would be discovered
  if (parts.size() < 4 || !parts[0].empty()) return nowhere();
  std::string_view group, version;
  std::size_t next = 0;
  if (parts[1] == "api") {
    version = parts[2];
    next = 3;
  } else if (parts[1] == "apis" && parts.size() >= 5) {
    group = parts[2];
    version = parts[3];
    if (group.empty()) return nowhere();
    next = 4;
  } else {
    return nowhere();
  }
  // Paths of a group of custom resources are nothing where no definition serves them.
  bool built_in = std::any_of(resources.all().begin(), resources.all().end(),
                              [&](const auto& r) { return !r->custom && r->group == group && r->version == version; });
  bool served = std::any_of(resources.all().begin(), resources.all().end(),
                            [&](const auto& r) { return r->group == group && r->version == version; });
  if (!served) {
    bool known = group.empty() || std::any_of(resources.all().begin(), resources.all().end(),
                                              [&](const auto& r) { return r->group == group; });
    return known ? refuse(no_such_resource()) : nowhere();
  }
  std::vector<std::string_view> rest(parts.begin() + static_cast<std::ptrdiff_t>(next), parts.end());
  if (std::any_of(rest.begin(), rest.end(), [](std::string_view part) { return part.empty(); }))
    return refuse(no_such_resource());
  ResourcePath out;
  if (rest.size() >= 3 && rest[0] == "namespaces" &&
      !(rest.size() == 3 && (rest[2] == "status" || rest[2] == "finalize"))) {
    out.namespace_name = rest[1];
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  out.resource = resources.find(group, version, rest[0]);
  if (!built_in && (!out.resource || rest.size() > 3)) return nowhere();
  if (!out.resource || rest.size() > 3) return refuse(no_such_resource());
  if (!out.namespace_name.empty() && !out.resource->namespaced) return refuse(no_such_resource());
  if (rest.size() > 1) out.name = rest[1];
  if (rest.size() > 2) out.subresource = rest[2];
  // A namespaced object has no path without its namespace.
  if (!out.name.empty() && out.resource->namespaced && out.namespace_name.empty()) return refuse(no_such_resource());
  if (!out.subresource.empty() && !out.resource->subresource(out.subresource)) {
    return refuse(out.resource->custom ? not_found(group, out.resource->plural, out.name) : no_such_resource());
  }
  return out;
}

bool take_watch_prefix(std::string* path) {
  for (std::size_t slashes = 0, at = 0; at < path->size(); ++at) {
    if ((*path)[at] != '/') continue;
    ++slashes;
    bool after_version = slashes == (path->starts_with("/api/") ? 3U : 4U);
    if (!after_version) continue;
    constexpr std::string_view prefix = "/watch/";
    if (path->compare(at, prefix.size(), prefix) != 0 || !(path->starts_with("/api/") || path->starts_with("/apis/")))
      return false;
    path->erase(at, prefix.size() - 1);
    return true;
  }
  return false;
}

std::string media_type(std::string_view header) { return lower(trim(header.substr(0, header.find(';')))); }

namespace {

std::optional<Format> format_of(std::string_view type) {
  if (type == "application/json" || type == "*/*") return Format::json;
  if (type == "application/yaml") return Format::yaml;
  if (type == "application/vnd.kubernetes.protobuf") return Format::protobuf;
  return std::nullopt;
}

}  // namespace

bool names_served_type(std::string_view accept) {
  for (std::string_view entry : split(accept, ',')) {
    if (format_of(media_type(entry))) return true;
  }
  return false;
}

std::optional<Representation> negotiate(std::string_view accept, bool tables, bool protobuf) {
  if (trim(accept).empty()) return Representation{};
  for (std::string_view entry : split(accept, ',')) {
    std::string type = media_type(entry);
    Representation out;
    std::string as, group, version;
    for (std::string_view parameter : split(entry, ';')) {
      std::size_t equals = parameter.find('=');
      if (equals == parameter.npos) continue;
      std::string name = lower(trim(parameter.substr(0, equals)));
      std::string value(trim(parameter.substr(equals + 1)));
      if (name == "as") as = value;
      if (name == "g") group = value;
      if (name == "v") version = value;
      if (name == "stream") out.watch_stream = value == "watch";
    }
    auto format = format_of(type);
    if (!format) continue;
    out.format = *format;
    if (as.empty() && *format == Format::protobuf && !protobuf) continue;
    if (!as.empty()) {
      if (!tables || group != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) continue;
      out.meta_version = version;
      if (as == "Table") {
        if (out.format == Format::protobuf) continue;
        out.shape = Shape::table;
      } else if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") {
        out.shape = Shape::partial;
        out.of_list = as.ends_with("List");
      } else {
        continue;
      }
    }
    return out;
  }
  return std::nullopt;
}

std::string_view content_type(const Representation& representation) {
  if (representation.watch_stream && representation.format == Format::protobuf)
    return "application/vnd.kubernetes.protobuf;stream=watch";
  switch (representation.format) {
    case Format::json: return "application/json";
    case Format::yaml: return "application/yaml";
    case Format::protobuf: return "application/vnd.kubernetes.protobuf";
  }
  return "application/json";
}

}  // namespace fairlead::sandbox
