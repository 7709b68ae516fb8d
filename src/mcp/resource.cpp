#include "mcp/resource.h"

namespace fairlead::mcp {

json::object to_json(const Resource& resource, std::string_view uri_member, Revision revision) {
  json::object out;
  out.emplace(uri_member, resource.uri);
  out.emplace("name", resource.name);
  if (!resource.title.empty() && revision >= Revision::v2025_06_18) out.emplace("title", resource.title);
  if (!resource.description.empty()) out.emplace("description", resource.description);
  if (!resource.mime_type.empty()) out.emplace("mimeType", resource.mime_type);
  return out;
}

json::object to_json(std::string_view uri, const ResourceText& read) {
  json::object contents;
  contents.emplace("uri", uri);
  if (!read.mime_type.empty()) contents.emplace("mimeType", read.mime_type);
  contents.emplace("text", read.text);
  json::object out;
  out.emplace("contents", json::array{std::move(contents)});
  return out;
}

}  // namespace fairlead::mcp
