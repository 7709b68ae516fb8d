#include "mcp/tool.h"

#include <algorithm>
#include <numeric>

#include "base/similar.h"

namespace fairlead::mcp {
namespace {

bool is_allowed_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

bool is_object_schema(const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  return type && type->is_string() && type->get_string() == "object";
}

json::object to_json(const ToolAnnotations& annotations) {
  json::object out;
  const auto add = [&](std::string_view key, std::optional<bool> hint) {
    if (hint) out.emplace(key, *hint);
  };
  add("readOnlyHint", annotations.read_only_hint);
  add("destructiveHint", annotations.destructive_hint);
  add("idempotentHint", annotations.idempotent_hint);
  add("openWorldHint", annotations.open_world_hint);
  return out;
}

}  // namespace

Result<ToolSet> ToolSet::make(std::vector<Tool> tools) {
  const auto refuse = [](const Tool& tool, std::string cause) {
    return fail(ErrorCode::internal, "declare the tool \"" + tool.name + "\"", std::move(cause));
  };
  for (const Tool& tool : tools) {
    if (!is_allowed_name(tool.name)) return refuse(tool, "its name is not 1 to 128 letters, digits, '_', '-' and '.'");
    if (!is_object_schema(tool.input_schema)) return refuse(tool, "its input schema has no \"type\": \"object\"");
    if (tool.output_schema && !is_object_schema(*tool.output_schema))
      return refuse(tool, "its output schema has no \"type\": \"object\"");
  }
  ToolSet set;
  set.tools_ = std::move(tools);
  set.by_name_.resize(set.tools_.size());
  std::iota(set.by_name_.begin(), set.by_name_.end(), 0U);
  const auto name = [&set](std::uint32_t index) -> const std::string& { return set.tools_[index].name; };
  std::sort(set.by_name_.begin(), set.by_name_.end(), [&](auto a, auto b) { return name(a) < name(b); });
  const auto twice =
      std::adjacent_find(set.by_name_.begin(), set.by_name_.end(), [&](auto a, auto b) { return name(a) == name(b); });
  if (twice != set.by_name_.end()) return refuse(set.tools_[*twice], "another tool has the same name");
  return set;
}

const Tool* ToolSet::find(std::string_view name) const {
  const auto found =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [this](std::uint32_t index, std::string_view n) { return tools_[index].name < n; });
  return found != by_name_.end() && tools_[*found].name == name ? &tools_[*found] : nullptr;
}

std::vector<std::string> ToolSet::similar_names(std::string_view name) const {
  std::vector<std::string> names;
  names.reserve(tools_.size());
  for (const Tool& tool : tools_) names.push_back(tool.name);
  return fairlead::similar_names(name, names);
}

json::object to_json(const Tool& tool, Revision revision) {
  json::object out;
  out.emplace("name", tool.name);
  if (!tool.title.empty() && revision >= Revision::v2025_06_18) out.emplace("title", tool.title);
  if (!tool.description.empty()) out.emplace("description", tool.description);
  out.emplace("inputSchema", tool.input_schema);
  if (tool.output_schema && revision >= Revision::v2025_06_18) out.emplace("outputSchema", *tool.output_schema);
  if (revision >= Revision::v2025_03_26) {
    json::object annotations = to_json(tool.annotations);
    if (!tool.title.empty() && revision == Revision::v2025_03_26) annotations.emplace("title", tool.title);
    if (!annotations.empty()) out.emplace("annotations", std::move(annotations));
  }
  return out;
}

json::object to_json(ToolResult result, Revision revision) {
  json::array content;
  content.reserve(result.content.size());
  for (const TextContent& block : result.content) {
    json::object item;
    item.emplace("type", "text");
    item.emplace("text", block.text);
    content.push_back(std::move(item));
  }
  json::object out;
  out.emplace("content", std::move(content));
  if (result.structured_content && revision >= Revision::v2025_06_18)
    out.emplace("structuredContent", std::move(*result.structured_content));
  if (result.is_error) out.emplace("isError", true);
  return out;
}

}  // namespace fairlead::mcp
